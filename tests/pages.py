"""How tests open the built pages: which there are, in a browser that notes every fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

SOURCES = Path(__file__).parent.parent / "chapters"
#: Every page of the book by its address, the page of the search included.
PAGES = [*(f"chapters/{path.stem}.html" for path in sorted(SOURCES.glob("*.md"))), "search.html"]
#: The pages with a comparison, by the name of the chapter.
CHAPTERS = [path.stem for path in sorted(SOURCES.glob("*.md")) if "Comparison(" in path.read_text()]
PHONE, DESKTOP = 390, 1280


@contextmanager
def opened(browser: Browser, address: str, width: int = DESKTOP, mode: str = "light", **options: Any) -> Iterator[Page]:
    """Open a page and fail if it asks another host or writes an error to the console."""
    view = {"viewport": {"width": width, "height": 844}, "color_scheme": mode, "reduced_motion": "reduce"}
    context = browser.new_context(**{**view, **options})
    page = context.new_page()
    faults: list[str] = []
    host = "/".join(address.split("/")[:3])
    page.on("request", lambda r: None if r.url.startswith((host, "data:", "blob:")) else faults.append(r.url))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address, wait_until="networkidle")
    yield page
    context.close()
    assert faults == [], faults


def settled(page: Page) -> None:
    """Wait until every figure is live, in the width that the page has now."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('figure.book-figure .chart')].every(c => 'live' in c.dataset)"
    )
    page.wait_for_load_state("networkidle")


def scroll_through(page: Page) -> None:
    """Read the page from top to bottom, so that every figure comes alive."""
    page.mouse.move(200, 200)
    for figure in page.locator("figure.book-figure").all():
        figure.scroll_into_view_if_needed()
    settled(page)
