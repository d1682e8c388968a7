"""Keep executed chapters until something that they depend on changes, and execute several at a time."""

import logging
import shutil
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.application import Sphinx
from sphinx.config import Config

import helpers
from axis.book.checksums import files_checksum
from axis.book.downloads import repository_url
from axis.notebooks.plain_markdown import is_chapter

#: What chapters import. A change of the tools that build the book does not execute chapters again.
PACKAGE = Path(helpers.__file__).parent


def setup(app: Sphinx) -> None:
    """Register the choice of the cache's folder and the execution, and read all pages again for another repository."""
    app.add_config_value("book_repository", repository_url(Path(app.srcdir)) or "", "env", [str])
    app.connect("config-inited", _set_cache_folder)
    app.connect("env-before-read-docs", _execute_chapters)


def _set_cache_folder(app: Sphinx, config: Config) -> None:
    """Name the cache after what chapters depend on; Sphinx reads all pages again when the name changes."""
    caches = Path(app.outdir).parent / ".jupyter_cache"
    root = Path(app.srcdir)
    folder = caches / files_checksum(root / "data", root / "uv.lock", PACKAGE)
    if not folder.exists():
        shutil.rmtree(caches, ignore_errors=True)
        folder.mkdir(parents=True)
    config.nb_execution_cache_path = str(folder)


def _execute_chapters(app: Sphinx, _env: Any, names: list[str]) -> None:
    """Execute the chapters that are about to be read, several at a time; MyST-NB would execute one after another.

    A chapter that fails is not kept: it is executed again when it is read, and `build_rules` names the cell.
    """
    chapters = [str(source) for source in map(Path, map(app.env.doc2path, names)) if is_chapter(source)]
    if len(chapters) < 2:
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    for chapter in chapters:
        cache.add_nb_to_project(chapter, read_data={"name": "myst_nb_md", "type": "plugin"})
    quiet = logging.getLogger("axis.book.execution_cache")
    quiet.setLevel(logging.CRITICAL)
    executor = load_executor("local-parallel", cache, logger=quiet)
    executor.run_and_cache(filter_uris=chapters, timeout=app.config.nb_execution_timeout)
