"""Write files and archives whole or not at all."""

import io
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path


def write_atomically(target: Path, content: str | bytes) -> Path:
    """Write a file beside its place, and move it there when it is complete.

    Parameters
    ----------
    target
        The file; its folder is made where it is missing.
    content
        Text, written as UTF-8, or bytes.

    Raises
    ------
    OSError
        If the place cannot be written; what stood there before still stands.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
        half = Path(folder) / target.name
        half.write_bytes(data)
        half.replace(target)
    return target


def write_archive(entries: Iterable[tuple[str, bytes]], target: Path, *, stored: Iterable[str] = ()) -> None:
    """Write files into one zip that is the same, byte for byte, for the same files in the same order.

    Parameters
    ----------
    entries
        The name and the content of each file.
    target
        The archive.
    stored
        Names of files that must not be compressed.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in entries:
            entry = zipfile.ZipInfo(name)  # of 1 January 1980
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, wherever it is written
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, kind, 9 if kind == zipfile.ZIP_DEFLATED else None)
    write_atomically(target, content.getvalue())
