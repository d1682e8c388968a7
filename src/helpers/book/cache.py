"""Keep executed chapters until their code, the data or the package change."""

import hashlib
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

PACKAGE = Path(__file__).parent.parent


def setup(app: Sphinx) -> None:
    """Register the choice of the cache's folder."""
    app.connect("config-inited", _choose_folder)


def digest(*folders: Path) -> str:
    """Give a short digest of the names and contents of all files in some folders."""
    found = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(str(path.relative_to(folder)).encode())
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _choose_folder(app: Sphinx, config: Config) -> None:
    """Name the cache by what chapters depend on; Sphinx reads all pages anew when the name changes."""
    caches = Path(app.outdir).parent / ".jupyter_cache"
    folder = caches / digest(Path(app.srcdir) / "data", PACKAGE)
    if not folder.exists():
        shutil.rmtree(caches, ignore_errors=True)
        folder.mkdir(parents=True)
    config.nb_execution_cache_path = str(folder)
