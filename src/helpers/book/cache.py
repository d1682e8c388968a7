"""Keep what a build made until something that it depends on changes."""

import hashlib
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from helpers.book.links import repository

PACKAGE = Path(__file__).parent.parent


def setup(app: Sphinx) -> None:
    """Register the choice of the cache's folder, and read all pages anew for another repository."""
    app.add_config_value("book_repository", repository(Path(app.srcdir)) or "", "env", [str])
    app.connect("config-inited", _choose_folder)


def digest(*places: Path) -> str:
    """Give a short digest of the names and contents of some files and of all files in some folders."""
    found = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(str(path.relative_to(place.parent)).encode())
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _choose_folder(app: Sphinx, config: Config) -> None:
    """Name the cache by what chapters depend on; Sphinx reads all pages anew when the name changes."""
    caches = Path(app.outdir).parent / ".jupyter_cache"
    root = Path(app.srcdir)
    folder = caches / digest(root / "data", root / "uv.lock", PACKAGE)
    if not folder.exists():
        shutil.rmtree(caches, ignore_errors=True)
        folder.mkdir(parents=True)
    config.nb_execution_cache_path = str(folder)
