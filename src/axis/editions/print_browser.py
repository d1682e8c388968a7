"""Find the browser that prints, and print a page of HTML with it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from axis.errors import EditionError

#: The first has the same engine without a window, and so opens a page with a fifth less work.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: Chromium's sandbox does not start in a container. We print only our own page, which loads nothing from the web.
SWITCHES = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
)


def find_browser() -> str | None:
    """Return the path of Chromium, or None if this machine has none. ``CHROMIUM`` in the environment comes first."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def open_print_page() -> Iterator[Page]:
    """Open a page in light mode, without a network.

    Raises
    ------
    EditionError
        If there is no browser.
    """
    executable = find_browser()
    if executable is None:
        raise EditionError("Printing the book needs a browser: install chromium, or set CHROMIUM=/path/to/chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        page = browser.new_context(offline=True, color_scheme="light").new_page()
        yield page
        browser.close()


def print_to_pdf(page: Page, source: Path, *, draft: bool = False) -> bytes:
    """Print an HTML file as a tagged PDF with bookmarks; its own style sets the paper size and the page numbers.

    A draft has neither tags nor bookmarks, and takes a third of the time.
    """
    page.goto(source.as_uri(), wait_until="load")
    return page.pdf(prefer_css_page_size=True, print_background=True, tagged=not draft, outline=not draft)
