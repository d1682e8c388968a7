"""Write what students need beside the notebooks, so that they can work without the book and without a network."""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from packaging.requirements import Requirement

from axis.exercises.release import ReleaseError, notebook_text, student_versions
from axis.portable.helpers_wheel import (
    DISTRIBUTION,
    build_helpers_wheel,
    package_files,
    table_files,
    wheel_filename,
)
from helpers.files import write_archive, write_atomically

#: What students need to open a notebook and to check it; each is pinned to the version that is installed here.
STUDENT_TOOLS = ("ipykernel", "jupyterlab", "nbval", "pytest")

#: What they may use beside what `helpers` needs: `axis grade` has it too, and the instructor's page lists it.
STUDENT_PACKAGES = ("matplotlib", "seaborn")

#: The file that lists what a handout wrote, with digests, so that a later one replaces these files and no others.
RECORD_FILE = ".handout.json"

STUDENT_README = """\
# Exercises

Each notebook in this folder is one exercise. The folder contains everything that the notebooks need, so you can work
without a network.

## Once: create an environment

You need Python 3.11, 3.12 or 3.13. Open a terminal in this folder. On Linux and macOS, run:

```
python3 -m venv .venv
.venv/bin/pip install -r requirements.txt
```

On Windows, run:

```
py -m venv .venv
.venv\\Scripts\\pip install -r requirements.txt
```

This step needs a network connection. The later steps do not.

## Open an exercise

On Linux and macOS, run:

```
.venv/bin/jupyter lab
```

On Windows, run `.venv\\Scripts\\jupyter lab`.

In Colab, Kaggle or an environment of your own, open the notebook there. Its first cell installs what it needs, from the
file that ends in `.whl` if that lies beside the notebook.

Replace the three dots in each answer cell with your answer and run the cell. Then run the check below it.

## Check a whole notebook

Save the notebook. Then run this command, with the name of the notebook in place of NAME:

```
.venv/bin/pytest --nbval-lax NAME.ipynb
```

On Windows, run `.venv\\Scripts\\pytest --nbval-lax NAME.ipynb`. Each check that does not pass yet tells you what to
look at.

## Hand in

Hand in only the notebook, and do not rename it. Your instructor already has `data`, `helpers` and the other files.

The tables in `data` are licensed under CC BY 4.0, the code in `helpers` under the BSD 3-Clause License.
"""


def release_handout(sources: Iterable[Path], target: Path) -> list[Path]:
    """Write the student versions of exercises, with what students need beside them.

    Parameters
    ----------
    sources
        The instructor's notebooks.
    target
        The folder to write to; it is made if it is missing.

    Returns
    -------
    list of Path
        The notebooks, in the order of the sources.

    Raises
    ------
    ReleaseError
        As in `release_all` and `write_handout`; in particular if somebody has worked in a notebook that would be
        replaced. Then nothing has been written.
    """
    versions = student_versions(sources, target)
    write_handout(target, {path.name: notebook_text(version).encode() for path, version in versions.items()})
    return list(versions)


def write_handout(target: Path, notebooks: Mapping[str, bytes] = MappingProxyType({})) -> list[Path]:
    """Write the tables, the package, the requirements and a guide beside the student versions.

    Parameters
    ----------
    target
        The folder with the student versions; it is made if it is missing.
    notebooks
        Student versions to write too, by the names of their files.

    Returns
    -------
    list of Path
        The files. They replace those of an earlier handout in the folder; other files stay, notebooks of earlier
        handouts among them.

    Raises
    ------
    ReleaseError
        If a file of the handout would replace one that no handout wrote or that has been changed since; then nothing
        has been written. Or if the folder cannot be written; then each file is complete or as it was before, and
        the same command writes the rest.
    """
    contents = {**notebooks, **_handout_contents()}
    try:
        earlier = _read_record(target)
        _refuse_overwriting(target, contents, earlier)
        # New files are recorded before they are written, so that after an interruption the next run replaces them.
        both = {name: [*earlier.get(name, []), _content_checksum(content)] for name, content in contents.items()}
        _write_record(target, {**earlier, **both})
        written = [write_atomically(target / name, content) for name, content in contents.items()]
        others = {name: digests for name, digests in earlier.items() if name not in contents}
        released = {name: digests for name, digests in others.items() if name.endswith(".ipynb")}
        for name, digests in others.items():
            if name not in released and _file_checksum(target / name) in digests:
                (target / name).unlink()
        now = {name: [_content_checksum(content)] for name, content in contents.items()}
        _write_record(target, {**released, **now})
    except OSError as error:
        raise ReleaseError(target, f"cannot be written ({error.strerror}); choose another folder.") from error
    return written


def write_handout_archive(notebooks: Iterable[Path], target: Path) -> Path:
    """Pack student versions, with what `write_handout` puts beside them, into one archive for readers of the page.

    Parameters
    ----------
    notebooks
        The student versions.
    target
        The archive to write; all it holds is in a folder of the same name.

    Raises
    ------
    ReleaseError
        If the package is not installed, so that its requirements are unknown.
    """
    contents = {path.name: path.read_bytes() for path in notebooks} | _handout_contents()
    write_archive(((f"{target.stem}/{name}", content) for name, content in contents.items()), target)
    return target


def installed_requirements() -> str:
    """Return a requirements file: what the package and the notebooks need, in the versions installed here.

    Raises
    ------
    ReleaseError
        If the package is not installed, so that its requirements are unknown.
    """
    try:
        needed = [Requirement(line) for line in importlib.metadata.requires(DISTRIBUTION) or []]
    except importlib.metadata.PackageNotFoundError as error:
        raise ReleaseError(DISTRIBUTION, "is not installed; run make env, and release from .venv.") from error
    names = {one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})}
    versions = {
        name: _installed_version(name) for name in sorted({*names, *STUDENT_TOOLS, *STUDENT_PACKAGES}, key=str.casefold)
    }
    return "".join(f"{name}=={version}\n" for name, version in versions.items() if version)


def _installed_version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _handout_contents() -> dict[str, bytes]:
    """Return the content of all files of the handout, by their names in the folder."""
    requirements = installed_requirements()
    return {
        **{f"data/{name}": content for name, content in table_files().items()},
        **{f"helpers/{name}": content for name, content in package_files().items()},
        wheel_filename(): build_helpers_wheel(),
        "requirements.txt": requirements.encode(),
        "README.md": STUDENT_README.encode(),
    }


def _refuse_overwriting(target: Path, contents: dict[str, bytes], earlier: dict[str, list[str]]) -> None:
    for name, content in contents.items():
        there = _file_checksum(target / name)
        if there and there not in {_content_checksum(content), *earlier.get(name, [])}:
            raise ReleaseError(
                target / name,
                "was not written by a release or has been changed since; move it away, or release to another folder.",
            )


def _content_checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file_checksum(path: Path) -> str:
    return _content_checksum(path.read_bytes()) if path.exists() else ""


def _read_record(target: Path) -> dict[str, list[str]]:
    """Return what an earlier handout wrote, with digests; a damaged record counts as none."""
    try:
        record = json.loads((target / RECORD_FILE).read_text(encoding="utf-8"))
        return {str(name): list(map(str, digests)) for name, digests in record.items() if _is_inside(target, name)}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}


def _is_inside(target: Path, name: str) -> bool:
    """Return whether a name leads to a file inside this folder: anybody may have written the record."""
    return (target / name).resolve().is_relative_to(target.resolve())


def _write_record(target: Path, digests: dict[str, list[str]]) -> None:
    write_atomically(target / RECORD_FILE, json.dumps(digests, indent=1) + "\n")
