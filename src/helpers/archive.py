"""Write an archive that is the same, byte for byte, for the same files."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from helpers.files import write_whole


def write_archive(entries: Iterable[tuple[str, bytes]], target: Path, *, stored: Iterable[str] = ()) -> None:
    """Write files into one zip, in the order in which they come, without their times.

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
    write_whole(target, content.getvalue())
