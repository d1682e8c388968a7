"""The Sphinx extension of the book.

`assets` brings scripts and styles, `bundle` joins those that every page needs, `trim` takes away what
the stock theme loads in vain, `cache` keeps executed chapters until data or code change, `rules` fails
a build that readers should not get;
`address` knows where the book is published, and `metadata`, `sitemap` and `entrance` let it be found;
`questions`, `forecasts`, `notebooks`, `links` and `browser` are what chapters show, `listing`,
`dictionary` and `references` what the pages after them show.
"""

import os
from typing import Any

from sphinx.application import Sphinx

from helpers.book import (
    address,
    assets,
    browser,
    bundle,
    cache,
    dictionary,
    entrance,
    forecasts,
    links,
    listing,
    metadata,
    questions,
    references,
    rules,
    sitemap,
    trim,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the book's own parts to Sphinx."""
    # The kernels inherit this: a built page has no kernel, so its figures need no widget.
    os.environ["HELPERS_OUTPUT"] = "page"
    shown = (questions, forecasts, links, listing, dictionary, references)
    for part in (assets, bundle, browser, trim, cache, address, *shown, metadata, sitemap, entrance, rules):
        part.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
