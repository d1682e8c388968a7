"""What a page costs its reader: requests, bytes, elements and the time of a change, on every page."""

import json
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pages import CHAPTERS, PAGES, PHONE, opened, scroll_through
from static_host import Traffic

REQUESTS, FIRST_VIEW, SCROLLED, TEXT_PAGE, NODES = 30, 550_000, 900_000, 450_000, 4_000
FRAME = 16.7
#: Kilobytes that a chapter's first view has now, with room for text. A library more would show here.
OWN_FIRST_VIEW = 160_000


def nodes(page: Page) -> int:
    count: int = page.evaluate("document.querySelectorAll('*').length")
    return count


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_its_budget(browser: Browser, site: str, path: str, measured: Callable[[str], None]) -> None:
    with opened(browser, f"{site}/{path}", PHONE) as page:
        traffic = Traffic(page)
        page.reload(wait_until="networkidle")
        first, first_nodes, early = traffic.total(), nodes(page), traffic.names()
        scroll_through(page)
        scrolled, scrolled_nodes = traffic.total(), nodes(page)
    measured(
        f"{path}: first view {first[0]} requests, {first[1] / 1000:.0f} kB, {first_nodes} nodes; "
        f"scrolled {scrolled[0]} requests, {scrolled[1] / 1000:.0f} kB, {scrolled_nodes} nodes"
    )
    assert first[0] <= scrolled[0] <= REQUESTS
    assert first[1] <= (FIRST_VIEW if Path(path).stem in CHAPTERS else TEXT_PAGE)
    assert first[1] <= OWN_FIRST_VIEW
    assert scrolled[1] <= SCROLLED
    assert max(first_nodes, scrolled_nodes) < NODES
    # The index is for those who search, Vega for those who read on.
    assert ("searchindex.js" in early) == (path == "search.html")
    assert "vega.js" not in early


def test_the_book_carries_nothing_that_no_page_asks_for(book: Path) -> None:
    static = book / "_static"
    scripts = {file.name for file in static.rglob("*.js")}
    assert not scripts & {"bootstrap.js", "fontawesome.js", "all.min.js", "jquery.js", "require.js"}
    assert [file.name for kind in ("woff2", "woff", "ttf", "map") for file in static.rglob(f"*.{kind}")] == []
    for page in book.rglob("*.html"):
        assert "widget-state" not in page.read_text(encoding="utf-8"), page


REPAINT = """(figure) => {
  const times = [];
  const controls = [...figure.querySelectorAll('.controls :is(select, input)')];
  for (let round = 0; round < 60; round += 1) {
    const control = controls[round % controls.length];
    if (control.type === 'range') control.value = Number(control.min) + (round % 7) * Number(control.step);
    else if (control.type === 'radio') control.checked = true;
    else if (control.type === 'checkbox') control.checked = !control.checked;
    else if (control.type === 'number') control.value = 2 + round % 7;
    else control.selectedIndex = round % control.options.length;
    const start = performance.now();
    control.dispatchEvent(new Event('input', { bubbles: true }));
    figure.getBoundingClientRect();  // style and layout of what changed belong to the answer
    times.push(performance.now() - start);
  }
  return times;
}"""


@pytest.mark.alone
@pytest.mark.parametrize("chapter", CHAPTERS)
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
