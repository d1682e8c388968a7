"""What the book costs beside the budget of each page: files that nobody asks for, and the time of a change."""

import json
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from page_scripts import REPAINT
from pages import opened, scroll_through

#: Milliseconds between two pictures on a screen.
FRAME = 16.7
#: The chapters whose charts have the most marks: each of the others is faster.
SLOWEST = ["3-5-transport", "6-audit", "7-after-2021"]


def test_the_book_carries_nothing_that_no_page_asks_for(book: Path) -> None:
    static = book / "_static"
    scripts = {file.name for file in static.rglob("*.js")}
    assert not scripts & {"bootstrap.js", "fontawesome.js", "all.min.js", "jquery.js", "require.js"}
    assert [file.name for kind in ("woff2", "woff", "ttf", "map") for file in static.rglob(f"*.{kind}")] == []
    for page in book.rglob("*.html"):
        assert "widget-state" not in page.read_text(encoding="utf-8"), page


@pytest.mark.alone
@pytest.mark.parametrize("chapter", SLOWEST)
def test_a_control_repaints_within_one_frame(
    browser: Browser, site: str, chapter: str, measured: Callable[[str], None]
) -> None:
    with opened(browser, f"{site}/chapters/{chapter}.html") as page:
        scroll_through(page)
        times: list[float] = []
        for figure in page.locator("figure.book-figure:has(.controls)").all():
            figure.evaluate(REPAINT)  # the first events pay for the browser's own compilation
            times += figure.evaluate(REPAINT)
    late = statistics.quantiles(times, n=20)[-1]
    measured(f"{chapter}: control to repaint, 95th percentile {late:.1f} ms")
    assert late < FRAME


def test_a_change_makes_the_browser_look_at_its_own_figure_only(browser: Browser, site: str) -> None:
    """Rules with `:has` once made it look at 180 elements of the page for each change of a chart."""
    with opened(browser, f"{site}/chapters/7-after-2021.html") as page:
        scroll_through(page)
        figure = page.locator("#four-counts")
        figure.evaluate(REPAINT)
        browser.start_tracing(page=page, categories=["devtools.timeline"])
        figure.evaluate(REPAINT)
        events = json.loads(browser.stop_tracing())["traceEvents"]
    looked_at = [event["args"]["elementCount"] for event in events if event["name"] == "UpdateLayoutTree"]
    assert len(looked_at) > 30
    assert statistics.median(looked_at) < 40
