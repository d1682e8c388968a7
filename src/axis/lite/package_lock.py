"""Tell Pyodide where each package lies: on this site, or on Pyodide's own host."""

import json
from collections.abc import Sequence
from pathlib import Path

from pyodide_lock.spec import PackageSpec, PyodideLockSpec
from pyodide_lock.utils import add_wheels_to_spec

from axis.errors import LiteError
from axis.lite.pinned_packages import FRONT_ENDS


def read_pyodide_lock(path: Path, version: str) -> PyodideLockSpec:
    """Read the lock of a release of Pyodide; since release 314 it leaves out its own `version`."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["info"].setdefault("version", version)
    return PyodideLockSpec(**content)


def merge_wheels(spec: PyodideLockSpec, host: str, wheels: Sequence[Path]) -> PyodideLockSpec:
    """Add wheels to a lock, beside Pyodide's own packages or in their place.

    Parameters
    ----------
    spec
        Pyodide's lock.
    host
        The address of the folder that holds the packages of the lock.
    wheels
        Wheels that lie in the folder of the new lock.

    Raises
    ------
    LiteError
        If a wheel needs a package that neither has.
    """
    for package in spec.packages.values():
        package.file_name = f"{host}/{package.file_name}"
    merged = add_wheels_to_spec(spec, list(wheels), ignore_missing_dependencies=True)
    for package in merged.packages.values():
        if not package.file_name.startswith(host):
            _resolve_dependencies(package, merged)
    return merged


def _resolve_dependencies(package: PackageSpec, spec: PyodideLockSpec) -> None:
    """Keep the dependencies of a package, and refuse those that a browser cannot get."""
    package.depends = [name for name in package.depends if name in spec.packages or name not in FRONT_ENDS]
    missing = ", ".join(name for name in package.depends if name not in spec.packages)
    if missing:
        raise LiteError(
            f"{package.name} needs {missing}, which neither Pyodide nor uv.lock has for a browser: "
            "add it to the group browser in pyproject.toml, or exclude it there with a marker for emscripten."
        )
