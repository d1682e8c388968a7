"""The Sphinx extension of the book.

`assets` brings scripts and styles, `summary` says what a page is about, `trim` takes away what the
stock theme loads in vain, `cache` keeps executed chapters until data or code change, `rules` fails
a build that readers should not get; `questions`, `notebooks`, `links` and `browser` are what chapters show,
`listing`, `dictionary` and `references` what the pages after them show.
"""

import os
from typing import Any

from sphinx.application import Sphinx

from helpers.book import (
    assets,
    browser,
    cache,
    dictionary,
    links,
    listing,
    questions,
    references,
    rules,
    summary,
    trim,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the book's own parts to Sphinx."""
    # The kernels inherit this: a built page has no kernel, so its figures need no widget.
    os.environ["HELPERS_OUTPUT"] = "page"
    for part in (assets, browser, summary, trim, cache, questions, links, listing, dictionary, references, rules):
        part.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
