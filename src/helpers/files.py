"""Write files and archives completely or not at all."""

import io
import tempfile
import zipfile
from collections.abc import Container, Iterable
from pathlib import Path


def write_atomically(target: Path, content: str | bytes) -> Path:
    """Write a file next to its target, and move it there when it is complete.

    Parameters
    ----------
    target
        The file to write; its folder is made if it is missing.
    content
        Text, which is written as UTF-8, or bytes.

    Raises
    ------
    OSError
        If the file cannot be written; an earlier version of it is then unchanged.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
        half = Path(folder) / target.name
        half.write_bytes(data)
        half.replace(target)
    return target


def write_archive(entries: Iterable[tuple[str, bytes]], target: Path, *, stored: Container[str] = ()) -> None:
    """Write files into a zip archive; the same files in the same order give the same bytes.

    Parameters
    ----------
    entries
        The name and the content of each file.
    target
        The archive to write.
    stored
        The names of files that must not be compressed.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in entries:
            entry = zipfile.ZipInfo(name)  # dated 1 January 1980
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, on whatever system it is written
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, kind, 9 if kind == zipfile.ZIP_DEFLATED else None)
    write_atomically(target, content.getvalue())
