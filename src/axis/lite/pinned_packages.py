"""Download what the site needs from npm and PyPI, pinned by checksum, and keep it for the next time."""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from packaging.markers import Marker

from axis.errors import LiteError

#: Packages of npm and their SHA-512: Pyodide in the version that jupyterlite-pyodide-kernel names, Vega and
#: Vega-Lite in those of vl-convert, scrypt for the seals of answers.
ARCHIVES = {
    "pyodide-314.0.6": "BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ==",
    "scrypt-js-3.0.1": "cdwTTnqPu0Hyvf5in5asVdZocVDTNRmR7XEcJuIzMjJeSHybHl7vpB66AzwTaIg6CLSbtjcxc8fqcySfnTkccA==",
    "vega-6.2.0": "BIwalIcEGysJdQDjeVUmMWB3e50jPDNAMfLJscjEvpunU9bSt7X1OYnQxkg3uBwuRRI4nWfFZO9uIW910nLeGw==",
    "vega-lite-6.4.1": "KO3ybHNouRK4A0al/+2fN9UqgTEfxrd/ntGLY933Hg5UOYotDVQdshR3zn7OfXwQ7uj0W96Vfa5R+QxO8am3IQ==",
}

#: Parts of JupyterLab and Jupyter Notebook that the site has as its own extensions.
FRONT_ENDS = {"jupyterlab-widgets", "widgetsnbextension"}

PIP = "pip==25.3"


def fetch_npm_package(name: str, cache: Path) -> Path:
    """Return the folder of one unpacked npm package, such as ``"vega-6.2.0"``.

    Raises
    ------
    LiteError
        If npm is missing or fails, or if the archive is not the pinned one.
    """
    folder = cache / name
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=_ensure_folder(cache)) as temporary:
            packed = _download_npm_package(name, Path(temporary))
            with tarfile.open(packed) as content:
                # Python before 3.11.4 has no filter; the archive is pinned by its checksum in any case.
                if hasattr(tarfile, "data_filter"):
                    content.extraction_filter = tarfile.data_filter
                content.extractall(temporary)  # noqa: S202  see above
            (Path(temporary) / "package").rename(folder)
    return folder


def _download_npm_package(name: str, folder: Path) -> Path:
    npm = shutil.which("npm")
    if not npm:
        raise LiteError("Pyodide comes from npm, which is missing: install it, for example with apt install npm.")
    run_command([npm, "pack", "--silent", "@".join(name.rsplit("-", 1))], folder)
    packed = folder / f"{name}.tgz"
    found = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if found != ARCHIVES[name]:
        raise LiteError(
            f"The {name} from npm is not the pinned one: compare its checksum with ARCHIVES in "
            "src/axis/lite/pinned_packages.py."
        )
    return packed


def fetch_wheels(root: Path, python: str, cache: Path) -> list[Path]:
    """Return the pure Python wheels that ``uv.lock`` pins for the book and its kernel in a browser.

    Parameters
    ----------
    root
        The folder that holds ``uv.lock``.
    python
        The version of Pyodide's Python, such as ``"3.14.2"``.
    cache
        The folder for downloads; it is made if it is missing.

    Raises
    ------
    LiteError
        If uv cannot read the lock, or if pip cannot download a wheel.
    """
    command = ["export", "--frozen", "--no-emit-project", "--no-default-groups", "--group", "browser"]
    exported = run_command([find_uv(), *command, "--format", "pylock.toml"], root)
    lines = sorted(_pinned_requirements(tomllib.loads(exported)["packages"], python))
    folder = cache / hashlib.sha256("".join(lines).encode()).hexdigest()[:16]
    if not folder.exists():
        _download_wheels(lines, python, folder)
    return sorted(folder.glob("*.whl"))


def _pinned_requirements(packages: Sequence[dict[str, Any]], python: str) -> Iterator[str]:
    """Return each package that has a pure Python wheel, as a line of a requirements file."""
    minor = ".".join(python.split(".")[:2])
    browser = {"sys_platform": "emscripten", "python_full_version": python, "python_version": minor}
    for package in packages:
        pure = [wheel for wheel in package.get("wheels", []) if wheel["url"].endswith("-none-any.whl")]
        if (
            pure
            and package["name"] not in FRONT_ENDS
            and Marker(package.get("marker", "extra == ''")).evaluate({**browser, "extra": ""})
        ):
            yield f"{package['name']}=={package['version']} --hash=sha256:{pure[0]['hashes']['sha256']}\n"


def _download_wheels(lines: Sequence[str], python: str, folder: Path) -> None:
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    with tempfile.TemporaryDirectory(dir=_ensure_folder(folder.parent)) as temporary:
        (Path(temporary) / "requirements.txt").write_text("".join(lines), encoding="utf-8")
        command = [find_uv(), "tool", "run", "--from", PIP, "pip", "download", *options, "--python-version", python]
        run_command([*command, "-r", "requirements.txt", "-d", "wheels"], Path(temporary))
        (Path(temporary) / "wheels").rename(folder)


def find_uv() -> str:
    """Return the path of uv: from the variable UV, from the search path, or where make installs it."""
    found = os.environ.get("UV") or shutil.which("uv") or shutil.which(".uv/bin/uv")
    if not found:
        raise LiteError("Reading uv.lock needs uv, which is missing: run make lite, which installs it.")
    return str(Path(found).resolve())


def run_command(command: Sequence[str], folder: Path) -> str:
    """Run a command in a folder, and return what it prints; a LiteError quotes its error message."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LiteError(f"{Path(command[0]).name} {command[1]} failed in {folder}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def _ensure_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
