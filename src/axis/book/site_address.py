"""The address at which the book is published, if it can be known.

It comes from BOOK_SITE_URL, from ``html.baseurl`` in ``_config.yml``, or from a repository on GitHub, whose pages
have a known address. If none is known, no page claims one: there is no canonical address, no ``og:url`` and no
site map, and pictures are named relative to their page.
"""

import os
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from axis.book.downloads import repository_url


def setup(app: Sphinx) -> None:
    """Register the choice of the address; Sphinx writes all pages again when it changes."""
    app.connect("config-inited", _set_base_url)


def published_url(root: Path, configured: str = "") -> str:
    """Return the address of the published book with a slash at its end, or "" if none is known.

    Parameters
    ----------
    root
        A folder inside the checkout.
    configured
        The address in the configuration, or "".

    Raises
    ------
    ConfigError
        If the stated address is not a web address.
    """
    stated = os.environ.get("BOOK_SITE_URL", "").strip() or configured or github_pages_url(repository_url(root) or "")
    if stated and not re.match(r"https?://[^/]", stated):
        raise ConfigError(
            f'The book\'s address "{stated}" is not a web address: BOOK_SITE_URL must start with https://.'
        )
    return stated and stated.rstrip("/") + "/"


def github_pages_url(repository: str) -> str:
    """Return the address of a repository's pages on GitHub, or "" for a repository elsewhere."""
    found = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", repository)
    if not found:
        return ""
    host = f"{found.group(1).lower()}.github.io"
    return f"https://{host}/" if found.group(2).lower() == host else f"https://{host}/{found.group(2)}/"


def absolute_url(app: Sphinx, place: str) -> str:
    """Return the published address of a file of the site, or "" if the book's own is unknown."""
    base: str = app.config.html_baseurl
    return base and base + place


def _set_base_url(app: Sphinx, config: Config) -> None:
    config.html_baseurl = published_url(Path(app.srcdir), config.html_baseurl)
