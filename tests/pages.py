"""How tests open the built pages: which there are, in a browser that notes every fault."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page

from page_scripts import CONTRAST_BY_KIND
from static_host import Traffic

SOURCES = Path(__file__).parent.parent / "chapters"
#: Every page of the book by its address, the page of the search included.
PAGES = [*(f"chapters/{path.stem}.html" for path in sorted(SOURCES.glob("*.md"))), "search.html"]
#: The pages with a comparison, by the name of the chapter.
CHAPTERS = [path.stem for path in sorted(SOURCES.glob("*.md")) if "Comparison(" in path.read_text()]
PHONE, DESKTOP = 390, 1280

#: What axe leaves off unless asked, beside all that it knows of WCAG 2.2 AA and good practice.
EXTRA_RULES = ("target-size", "label-content-name-mismatch", "td-has-header")
#: What depends on colours alone.
COLOUR_RULES = ("color-contrast", "link-in-text-block")

Mode = Literal["light", "dark"]


@contextmanager
def opened(
    browser: Browser,
    address: str,
    width: int = DESKTOP,
    mode: Mode = "light",
    watch: Callable[[Page], object] = bool,
    **options: Any,
) -> Iterator[Page]:
    """Open a page and fail if it asks another host or writes a warning or an error to the console.

    `watch` is called with the page before it asks for anything.
    """
    view = {"viewport": {"width": width, "height": 844}, "color_scheme": mode, "reduced_motion": "reduce"}
    context = browser.new_context(**{**view, **options})
    page = context.new_page()
    faults: list[str] = []
    host = "/".join(address.split("/")[:3])
    page.on("request", lambda r: None if r.url.startswith((host, "data:", "blob:")) else faults.append(r.url))
    page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    watch(page)
    try:
        page.goto(address, wait_until="networkidle")
        yield page
    finally:
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


@dataclass
class Visit:
    """A page that a reader has opened on a phone and read to its end.

    Attributes
    ----------
    first, scrolled
        Requests, encoded bytes and elements at first view and at the end.
    early
        The files that were fetched for the first view.
    mode
        The mode in which it is looked at now.
    """

    path: str
    page: Page
    device: CDPSession
    first: tuple[int, int, int]
    scrolled: tuple[int, int, int]
    early: set[str]
    mode: Mode = "light"

    def look(self, width: int, mode: Mode, scale: float = 1) -> None:
        """Give the page another window and another mode, and wait until the charts have followed."""
        self.mode = mode
        metrics = {"width": width, "height": 844, "deviceScaleFactor": scale, "mobile": False}
        self.device.send("Emulation.setDeviceMetricsOverride", metrics)
        self.page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
        self.page.wait_for_function("mode => document.documentElement.dataset.theme === mode", arg=mode)
        self.page.evaluate("scrollTo(0, 0)")  # the bar at the top covers nothing there
        self.page.wait_for_timeout(60)
        settled(self.page)
        # The theme lets the keyboard scroll a box of code a moment after it has become too narrow.
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('pre')].every(p => p.tabIndex === 0 || p.scrollWidth <= p.clientWidth)"
        )


@contextmanager
def visited(browser: Browser, site: str, path: str) -> Iterator[Visit]:
    """Open a page on a phone and read it to its end, counting what it costs."""
    traffic: list[Traffic] = []
    watch = partial(_watch_traffic, traffic)
    with opened(browser, f"{site}/{path}", PHONE, watch=watch) as page:
        count = "document.querySelectorAll('*').length"
        first, early = (*traffic[0].total(), page.evaluate(count)), traffic[0].names()
        scroll_through(page)
        scrolled = (*traffic[0].total(), page.evaluate(count))
        yield Visit(path, page, page.context.new_cdp_session(page), first, scrolled, early)


def _watch_traffic(found: list[Traffic], page: Page) -> None:
    found.append(Traffic(page))


def axe_violations(page: Page, *, structure: bool = True) -> list[tuple[str, str]]:
    """Return what axe has against a page as it is now: the rule, and the element that breaks it.

    `structure` asks for the rules that colours do not matter to, too.
    """
    # Once for each page: the browser takes half a second to read axe.
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(CONTRAST_BY_KIND, {"runOnly": list(COLOUR_RULES), "resultTypes": ["violations"]})
    if structure:
        switched = {name: {"enabled": name in EXTRA_RULES} for name in (*EXTRA_RULES, *COLOUR_RULES)}
        rules = {"rules": switched, "resultTypes": ["violations"]}
        found += page.evaluate("(rules) => axe.run(document, rules)", rules)["violations"]
    return [(rule["id"], node["html"][:160]) for rule in found for node in rule["nodes"]]
