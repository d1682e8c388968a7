"""Put the parts of the site together, and have JupyterLite build it."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import altair as alt
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_KERNEL_PLUGIN_ID, PYODIDE_VERSION

from axis.book_identity import read_book_identity
from axis.errors import LiteError
from axis.lite import package_lock, pinned_packages, site_contents
from axis.portable.helpers_wheel import build_helpers_wheel, wheel_filename

#: Pyodide itself, which runs before any package is loaded.
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")

#: The packages, by their names in the lock, that a kernel loads at its start: it then asks no package index.
KERNEL = ("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython")

EXTENSIONS = Path(sys.prefix) / "share/jupyter/labextensions"

#: The kernel, and the front ends of ipywidgets and of Altair's live charts.
WANTED = ("@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager", "anywidget")


def build_lite_site(root: Path, folder: Path) -> Path:
    """Build the site.

    Parameters
    ----------
    root
        The folder of the book.
    folder
        The folder for built files. The site is written to its ``lite``; downloads are kept in its ``.lite``.

    Returns
    -------
    Path
        The folder of the site, which a static host can serve as it is.

    Raises
    ------
    LiteError
        If npm, uv or JupyterLite is missing or fails, or if a package has no wheel for a browser.
    """
    target = folder / "lite"
    with tempfile.TemporaryDirectory() as temporary:
        stage = Path(temporary)
        _write_pyodide_runtime(root, folder / ".lite", stage / "static/pyodide")
        site_contents.write_site_contents(root, stage / "files", str(urlsplit(PYODIDE_CDN_URL).hostname))
        _write_lite_settings(stage, read_book_identity(root).title)
        shutil.rmtree(target, ignore_errors=True)
        _run_jupyterlite_build(stage, target)
    return target


def _write_pyodide_runtime(root: Path, cache: Path, runtime: Path) -> None:
    """Put Pyodide, the wheels and the lock that names them into one folder."""
    runtime.mkdir(parents=True)
    archives = {
        name.rsplit("-", 1)[0]: pinned_packages.fetch_npm_package(name, cache / "npm")
        for name in pinned_packages.ARCHIVES
    }
    for name in CORE:
        shutil.copy(archives["pyodide"] / name, runtime)
    spec = package_lock.read_pyodide_lock(archives["pyodide"] / "pyodide-lock.json", PYODIDE_VERSION)
    files = {name: archives[name] / f"build/{name}.min.js" for name in ("vega", "vega-lite")}
    files["scrypt"] = archives["scrypt-js"] / "scrypt.js"
    scripts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    ours = runtime / wheel_filename()
    ours.write_bytes(build_helpers_wheel({**scripts, "chart": _altair_chart_script()}))
    wheels = [*pinned_packages.fetch_wheels(root, spec.info.python, cache / "wheels"), *_kernel_wheels()]
    local = [ours, *(Path(shutil.copy(path, runtime)) for path in wheels)]
    package_lock.merge_wheels(spec, PYODIDE_CDN_URL, local).to_json(runtime / "pyodide-lock.json")


def _altair_chart_script() -> str:
    """Return the script of Altair's live charts with everything that it imports, as vl-convert bundles it."""
    alt.JupyterChart.enable_offline()
    return str(alt.JupyterChart._esm)  # noqa: SLF001  see tests/test_private_apis.py


def _kernel_wheels() -> Iterable[Path]:
    """Return the newest version of each wheel that the kernel's extension brings."""
    found = sorted((EXTENSIONS / WANTED[0] / "static/pypi").glob("*.whl"))
    return {path.name.split("-")[0]: path for path in found}.values()


def _write_lite_settings(stage: Path, title: str) -> None:
    kernel = {"loadPyodideOptions": {"packages": list(KERNEL)}}
    page = {
        "appName": title,
        "appUrl": "./tree",
        "litePluginSettings": {PYODIDE_KERNEL_PLUGIN_ID: kernel},
    }
    _write_json(stage / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": page})
    building = {
        "apps": ["lab", "notebooks", "tree"],
        "federated_extensions": [str(EXTENSIONS / name) for name in WANTED],
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    _write_json(stage / "jupyter_lite_config.json", {"LiteBuildConfig": building})


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _run_jupyterlite_build(stage: Path, target: Path) -> None:
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", ".", "--contents", "files"]
    command += ["--output-dir", str(target)]
    done = subprocess.run(command, cwd=stage, capture_output=True, text=True, check=False)
    if done.returncode or not (target / "notebooks/index.html").is_file():
        raise LiteError(f"JupyterLite could not build the site: {(done.stderr or done.stdout).strip()[-2000:]}")
