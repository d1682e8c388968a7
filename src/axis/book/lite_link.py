"""Open a notebook in the reader's browser, without installing anything.

BOOK_LITE names at build time the folder that `axis.lite` wrote. It then becomes part of the book,
and the pages link to it. Otherwise they have no such link, and nothing of it lies beside them.
"""

import os
import shutil
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


def lite_launch_url(app: Sphinx, up: str, notebook: str) -> str:
    """Give the relative address that opens a notebook in the browser, or "" where the book has none.

    Parameters
    ----------
    app
        Sphinx.
    up
        The way from the page to the root of the book, such as ``"../"``.
    notebook
        Where the site has the notebook, such as ``"chapters/3-2-energy.ipynb"``.
    """
    # The application for single notebooks: it fits a phone, which JupyterLab does not.
    return f"{up}lite/notebooks/index.html?path={quote(notebook)}" if app.config.book_lite else ""


def _copy_lite_site(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir) / "lite"
    shutil.rmtree(target, ignore_errors=True)
    if not app.config.book_lite:
        return
    site = Path(app.srcdir) / app.config.book_lite
    if (site / "notebooks/index.html").is_file():
        shutil.copytree(site, target)
    else:
        LOGGER.warning("BOOK_LITE: %s holds no notebooks for a browser; run make lite, or leave BOOK_LITE out.", site)


def setup(app: Sphinx) -> None:
    """Register the setting, by which pages are written anew, and the copying."""
    app.add_config_value("book_lite", os.environ.get("BOOK_LITE", "").strip(), "env", [str])
    app.connect("build-finished", _copy_lite_site)
