"""Use checksums to find out what a build has to make again."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from sphinx.application import Sphinx


def files_checksum(*places: Path) -> str:
    """Return a short checksum of the names and contents of some files, and of all files in some folders."""
    found = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(str(path.relative_to(place.parent)).encode())
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


def make_if_changed(
    app: Sphinx, folder: Path, sources: Iterable[Path], settings: object, make: Callable[[], Iterable[Path]]
) -> None:
    """Make the files of a folder again, unless they are all there and nothing that they are made from has changed.

    Parameters
    ----------
    app
        The running build. A record is kept beside the files that Sphinx keeps for itself.
    folder
        The folder to write to. It must hold nothing else, because it is removed first.
    sources
        The files and folders that its contents are made from.
    settings
        Whatever else the contents depend on; its ``repr`` is compared.
    make
        Makes the files and returns their paths. If it raises an error, the next build tries again.
    """
    record = Path(app.doctreedir) / f"{folder.name}.made"
    checksum = f"{files_checksum(*sources)} {settings!r}"
    if record.is_file():
        earlier, *names = record.read_text(encoding="utf-8").split("\n")
        if earlier == checksum and all((folder / name).is_file() for name in names):
            return
    record.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    made = list(make())
    record.write_text("\n".join([checksum, *(path.name for path in made)]), encoding="utf-8")
