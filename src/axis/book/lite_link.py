"""Open a notebook in the reader's browser, without installing anything.

If BOOK_LITE names the folder that `axis.lite` wrote, a build copies it into the book, and the pages link to it.
Otherwise they have no such link.
"""

import os
import shutil
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


def lite_launch_url(app: Sphinx, up: str, notebook: str) -> str:
    """Return the relative address that opens a notebook in the browser, or "" if the book has no such site.

    Parameters
    ----------
    app
        Sphinx.
    up
        The path from the page to the root of the book, such as ``"../"``.
    notebook
        The notebook's path in the site, such as ``"chapters/3-2-energy.ipynb"``.
    """
    # The application for single notebooks fits on a phone, unlike JupyterLab.
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
        message = "BOOK_LITE names %s, which has no notebooks for a browser: run make lite, or unset BOOK_LITE."
        LOGGER.warning(message, site)


def setup(app: Sphinx) -> None:
    """Register the setting, which makes Sphinx read all pages again when it changes, and the copying."""
    app.add_config_value("book_lite", os.environ.get("BOOK_LITE", "").strip(), "env", [str])
    app.connect("build-finished", _copy_lite_site)
