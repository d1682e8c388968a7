"""Write what lies beside the student versions, so that a student can work without the book and offline."""

import hashlib
import importlib.metadata
import json
from pathlib import Path

from packaging.requirements import Requirement

import helpers
from axis.exercises.release import ReleaseError
from helpers.files import write_atomically
from helpers.tables import data_folder

PACKAGE = Path(helpers.__file__).parent

DISTRIBUTION = "axis-of-collusion-book"

#: To open a notebook and to check it; each is pinned where the instructor has it.
STUDENT_TOOLS = ("ipykernel", "jupyterlab", "nbval", "pytest")

#: Names what an earlier handout wrote, with its digests, so that a later one replaces that and nothing else.
RECORD_FILE = ".handout.json"

STUDENT_README = """\
# Exercises

Each notebook in this folder is one exercise. Everything that it needs lies here: you can work without a network.

## Once: make an environment

You need Python 3.11, 3.12 or 3.13. Open a terminal in this folder. On Linux and macOS:

```
python3 -m venv .venv
.venv/bin/pip install -r requirements.txt
```

On Windows:

```
py -m venv .venv
.venv\\Scripts\\pip install -r requirements.txt
```

This step needs the network. The later ones do not.

## Open

```
.venv/bin/jupyter lab
```

On Windows: `.venv\\Scripts\\jupyter lab`.

Replace the three dots in each answer cell, run it, then run the check below it.

## Check a whole notebook

Save the notebook, and run this with its name in place of NAME:

```
.venv/bin/pytest --nbval-lax NAME.ipynb
```

On Windows: `.venv\\Scripts\\pytest --nbval-lax NAME.ipynb`. Each check that does not pass yet says what to look at.

## Hand in

Hand in the notebook, and keep its name. Your instructor has `data`, `helpers` and the other files.

The tables in `data` are under CC BY 4.0, the code in `helpers` under the BSD 3-Clause Licence.
"""


def write_handout(target: Path) -> list[Path]:
    """Write the tables, the package, the requirements and a guide beside the student versions.

    Parameters
    ----------
    target
        The folder with the student versions; it is made where it is missing.

    Returns
    -------
    list of Path
        The files of the handout. An earlier handout in the folder is replaced; files of anyone
        else stay.

    Raises
    ------
    ReleaseError
        If a file of the handout would take the place of one that no handout wrote, or that was
        changed since; or if the folder cannot be written. Then nothing was written, or each file
        is whole and the same command completes the rest.
    """
    contents = _handout_contents()
    try:
        earlier = _read_record(target)
        _refuse_overwriting(target, contents, earlier)
        # What is about to be written is recorded first: after an interruption it still counts as ours.
        both = {name: [*earlier.get(name, []), _content_checksum(content)] for name, content in contents.items()}
        _write_record(target, {**earlier, **both})
        written = [write_atomically(target / name, content) for name, content in contents.items()]
        for name, digests in earlier.items():
            if name not in contents and _file_checksum(target / name) in digests:
                (target / name).unlink()
        _write_record(target, {name: [_content_checksum(content)] for name, content in contents.items()})
    except OSError as error:
        raise ReleaseError(target, f"cannot be written ({error.strerror}); choose another folder.") from error
    return written


def installed_requirements() -> str:
    """Write a requirements file: what the package and the notebooks need, in the versions installed here.

    Raises
    ------
    ReleaseError
        If the package is not installed, and so nothing tells what it needs.
    """
    try:
        needed = [Requirement(line) for line in importlib.metadata.requires(DISTRIBUTION) or []]
    except importlib.metadata.PackageNotFoundError as error:
        raise ReleaseError(DISTRIBUTION, "is not installed; run make env, and release from .venv.") from error
    names = {one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})}
    versions = {name: _installed_version(name) for name in sorted({*names, *STUDENT_TOOLS}, key=str.casefold)}
    return "".join(f"{name}=={version}\n" for name, version in versions.items() if version)


def _installed_version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _handout_contents() -> dict[str, bytes]:
    """Read the whole handout, by its name in the folder, before anything is written."""
    data = data_folder()
    tables = [*sorted(data.glob("*.csv")), data / "datapackage.json"]
    modules = [path for path in sorted(PACKAGE.rglob("*")) if _is_needed(path)]
    return {
        **{f"data/{path.name}": path.read_bytes() for path in tables},
        **{f"helpers/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes() for path in modules},
        "requirements.txt": installed_requirements().encode(),
        "README.md": STUDENT_README.encode(),
    }


def _is_needed(path: Path) -> bool:
    parts = path.relative_to(PACKAGE).parts
    # An installed package holds the tables; a student's folder has them beside it.
    return path.is_file() and parts[0] != "data" and "__pycache__" not in parts


def _refuse_overwriting(target: Path, contents: dict[str, bytes], earlier: dict[str, list[str]]) -> None:
    for name, content in contents.items():
        there = _file_checksum(target / name)
        if there and there not in {_content_checksum(content), *earlier.get(name, [])}:
            raise ReleaseError(
                target / name,
                "was not written by a release, or was changed since; move it away, or release to another folder.",
            )


def _content_checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file_checksum(path: Path) -> str:
    return _content_checksum(path.read_bytes()) if path.exists() else ""


def _read_record(target: Path) -> dict[str, list[str]]:
    """Read what an earlier handout wrote; a record that is broken counts as none."""
    try:
        record = json.loads((target / RECORD_FILE).read_text(encoding="utf-8"))
        return {str(name): list(map(str, digests)) for name, digests in record.items() if _is_inside(target, name)}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}


def _is_inside(target: Path, name: str) -> bool:
    """Tell whether a name leads to a file of this folder: a record comes with the folder, from whoever gave it."""
    return (target / name).resolve().is_relative_to(target.resolve())


def _write_record(target: Path, digests: dict[str, list[str]]) -> None:
    write_atomically(target / RECORD_FILE, json.dumps(digests, indent=1) + "\n")
