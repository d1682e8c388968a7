"""Tell by a checksum whether files have changed."""

import hashlib
from pathlib import Path


def files_checksum(*places: Path) -> str:
    """Return a short checksum of the names and contents of some files, and of all files in some folders."""
    found = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(str(path.relative_to(place.parent)).encode())
                found.update(path.read_bytes())
    return found.hexdigest()[:16]
