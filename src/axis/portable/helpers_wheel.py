"""Pack the package `helpers` with its tables as a wheel, which any Python can install."""

import importlib.metadata
import logging
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from wheel.wheelfile import WheelFile

import helpers
from axis.errors import BookError
from helpers.files import write_archive
from helpers.tables import data_folder

DISTRIBUTION = "axis-of-collusion-book"

# It tells of every file, which would fill the log of a build.
logging.getLogger("wheel").setLevel(logging.WARNING)

#: What the wheel states of itself, as the project does; the project's commands and extras belong to `axis`.
STATED = ("Name", "Version", "Summary", "License-Expression", "Requires-Python")
WHEEL = "Wheel-Version: 1.0\nGenerator: axis\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_filename() -> str:
    """Return the name of the wheel, which says its version.

    Raises
    ------
    BookError
        If the project is not installed, so that its version is unknown.
    """
    return f"{_release_name()}-py3-none-any.whl"


def build_helpers_wheel(scripts: Mapping[str, str] | None = None) -> bytes:
    """Build the wheel; the same package and tables give the same bytes.

    Parameters
    ----------
    scripts
        JavaScript for a browser's kernel, by the names under which `helpers.vega.pyodide_engine` reads it.

    Raises
    ------
    BookError
        If the project is not installed, so that what it needs is unknown, or if the tables are missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        packed, undated = Path(folder, wheel_filename()), Path(folder, "undated.zip")
        with WheelFile(str(packed), "w") as archive:
            for name, content in sorted(_wheel_contents(scripts or {}).items()):
                archive.writestr(name, content)
        # `wheel` dates the list of the files by the clock.
        with zipfile.ZipFile(packed) as archive:
            write_archive([(name, archive.read(name)) for name in archive.namelist()], undated)
        return undated.read_bytes()


def package_files() -> dict[str, bytes]:
    """Return the modules, templates and scripts of `helpers`, by their places in it, without the tables."""
    package = Path(helpers.__file__).parent
    places = {path.relative_to(package): path for path in sorted(package.rglob("*")) if path.is_file()}
    # An installed package contains the tables; elsewhere they are beside it.
    kept = {place: path for place, path in places.items() if place.parts[0] != "data"}
    return {place.as_posix(): path.read_bytes() for place, path in kept.items() if "__pycache__" not in place.parts}


def table_files() -> dict[str, bytes]:
    """Return the tables and their description, by name.

    Raises
    ------
    BookError
        If the description is missing where the package looks for its tables.
    """
    data = data_folder()
    description = data / "datapackage.json"
    if not description.is_file():
        raise BookError(f"{description} is missing: put it back, with the tables of the book beside it.")
    return {path.name: path.read_bytes() for path in [*sorted(data.glob("*.csv")), description]}


def _wheel_contents(scripts: Mapping[str, str]) -> dict[str, bytes]:
    metadata = f"{_release_name()}.dist-info"
    return {
        **{f"helpers/{name}": content for name, content in package_files().items()},
        **{f"helpers/data/{name}": content for name, content in table_files().items()},
        **{f"helpers/vega/{name}.js": script.encode() for name, script in scripts.items()},
        f"{metadata}/METADATA": "".join(_metadata_lines()).encode(),
        f"{metadata}/WHEEL": WHEEL.encode(),
    }


def _metadata_lines() -> Iterator[str]:
    """Yield what the installed project states, but for what only its tools need."""
    stated = _installed_distribution().metadata
    yield "Metadata-Version: 2.4\n"
    for name in STATED:
        if name in stated:
            yield f"{name}: {stated[name]}\n"
    for line in _installed_distribution().requires or []:
        if "extra ==" not in line:
            yield f"Requires-Dist: {line}\n"


def _release_name() -> str:
    return f"{DISTRIBUTION.replace('-', '_')}-{_installed_distribution().version}"


def _installed_distribution() -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise BookError(f"{DISTRIBUTION} is not installed: run make env, and work from .venv.") from error
