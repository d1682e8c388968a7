"""Write files whole or not at all."""

import tempfile
from pathlib import Path


def write_whole(target: Path, content: str | bytes) -> Path:
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
