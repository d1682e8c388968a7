"""What a reader does with the pages, in Chromium and in Firefox: each does it in its own way."""

import os
import re
import shutil
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Download, FrameLocator, Page, Playwright, Route

from pages import DESKTOP, PHONE
from static_host import StaticHost, serving

BRIDGE = Path(__file__).parent / "firefox_bridge.py"
#: Firefox forgets a page that is left, as it does when memory is short: "back" then restores a form and no more.
FIREFOX_SETTINGS: dict[str, str | float | bool] = {"browser.sessionhistory.max_total_viewers": 0}
#: Playwright would ask Firefox to imitate these, which Debian's cannot.
AS_IT_IS: dict[str, Any] = {
    "color_scheme": "null",
    "reduced_motion": "null",
    "forced_colors": "null",
    "contrast": "null",
}
#: What a careful host allows: no script and no style but the site's own, and no code made of text.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'"
)

#: Milliseconds after which something will not come any more.
WAIT = 12_000

ENERGY = "chapters/3-2-energy.html"
SAYS, RUSSIA, QATAR = "#gas-prices .says", "150.2", "275.0"
CHOSEN = "gas-prices?baseline=Qatar%2C+LNG&measure=Ratio&alike=fuel"

# One session of each browser, in one worker, for all of these tests.
pytestmark = pytest.mark.xdist_group("every browser")


class StrictHost(StaticHost):
    """A host that sends a policy with each page."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@pytest.fixture(scope="module")
def strict_site(book: Path) -> Iterator[str]:
    with serving(partial(StrictHost, directory=str(book))) as address:
        yield address


def _find_firefox() -> str:
    found = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    if not found:
        pytest.fail("No Firefox: install firefox-esr, or set FIREFOX=/path/to/firefox.", pytrace=False)
    return found


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(
    request: pytest.FixtureRequest, browser: Browser, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """The Chromium of all tests, and then a Firefox."""
    if request.param == "chromium":
        yield browser
        return
    program = tmp_path_factory.mktemp("firefox") / "firefox"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{BRIDGE}" "$@"\n')
    program.chmod(stat.S_IRWXU)
    firefox = playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=program,
        env={**os.environ, "FIREFOX": _find_firefox()},
        firefox_user_prefs=FIREFOX_SETTINGS,
    )
    yield firefox
    firefox.close()


@contextmanager
def reading(browser: Browser, address: str = "", width: int = DESKTOP, noted: str = "^$") -> Iterator[Page]:
    """Open a page whose console has no warning and no error but those that match `noted`."""
    context = browser.new_context(**AS_IT_IS, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.set_default_timeout(WAIT)
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    try:
        if address:
            page.goto(address)
        yield page
    finally:
        context.close()
    assert [fault for fault in faults if not re.search(noted, fault)] == []


def _expect(page: Page | FrameLocator, place: str, pattern: str) -> None:
    """Wait until the text of a place is as expected."""
    page.locator(place, has_text=re.compile(pattern)).first.wait_for()


def _choose_qatar(page: Page) -> None:
    """Compare with the price of gas from Qatar, which only a live chart can name."""
    page.locator("#gas-prices select").select_option(label="Qatar, LNG")
    _expect(page, SAYS, QATAR)


def test_every_control_moves_its_figure(browser: Browser, site: str) -> None:
    with reading(browser, f"{site}/{ENERGY}") as page:
        page.mouse.move(200, 200)
        for control in page.locator("[data-control]").all():
            figure = control.locator("xpath=ancestor::figure")
            before = figure.locator(".says").inner_text()
            menu, inputs = control.locator("select"), control.locator("input")
            if menu.count():
                menu.select_option(index=2)
            elif inputs.first.get_attribute("type") == "range":
                inputs.first.press("ArrowLeft")
            else:
                control.locator("label").last.click()
            figure.locator(".picture.live svg").wait_for()
            _expect(page, f"#{figure.get_attribute('id')} .says", f"^(?!{re.escape(before)}$)")


def test_controls_picture_sentence_and_link_agree_after_back_and_reload(browser: Browser, site: str) -> None:
    with reading(browser, f"{site}/{ENERGY}") as page:
        _choose_qatar(page)
        page.goto(f"{site}/chapters/3-1-technology.html")
        page.go_back()
        for _ in ("back", "reload"):
            # A browser restores a form at its own time, or not at all.
            page.wait_for_timeout(300)
            control = page.locator("#gas-prices select").evaluate("menu => menu.selectedOptions[0].textContent")
            _expect(page, SAYS, QATAR if control == "Qatar, LNG" else RUSSIA)
            if control == "Qatar, LNG":
                page.locator("#gas-prices .picture.live svg").wait_for()
                assert "baseline=Qatar" in (page.locator("#gas-prices a.state").get_attribute("href") or "")
            page.reload()


@pytest.mark.parametrize(
    ("path", "state"),
    [
        (ENERGY, CHOSEN),
        ("chapters/7-after-2021.html", "four-counts?picked="),
        ("chapters/7-after-2021.html", "verdicts?search=gas"),
    ],
)
def test_a_link_to_a_state_lands_on_its_place(browser: Browser, site: str, path: str, state: str) -> None:
    with reading(browser, f"{site}/{path}#{state}") as page:
        place = page.locator(f"#{state.split('?', maxsplit=1)[0]}")
        if state == CHOSEN:
            _expect(page, SAYS, QATAR)
        page.wait_for_timeout(300)  # a smooth scroll would still be under way
        top = place.evaluate("place => place.getBoundingClientRect().top")
        assert 0 <= top < 120


def test_a_picture_saved_on_a_phone_in_the_dark_is_the_whole_figure(browser: Browser, site: str) -> None:
    with reading(browser, f"{site}/{ENERGY}", PHONE) as page:
        page.locator(".theme-switch-button:visible").first.click()
        _choose_qatar(page)
        title = page.locator("#gas-prices figcaption strong").inner_text()
        svg = _save(page, "svg").path().read_text(encoding="utf-8")
        png = _save(page, "png").path().read_bytes()
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    words = " ".join(texts).replace("&amp;", "&")
    assert title in words
    for part in (
        QATAR,
        "Source: Balzer (2021)",
        "Axis of collusion: test the numbers",
        "CC BY 4.0",
        "#gas-prices?baseline=",
    ):
        assert part in words
    assert "currentColor" not in svg
    assert ' fill="#ffffff"' in svg
    (plot,) = re.findall(r'class="mark-group role-frame root".*?<path class="background"[^>]* d="M0[^h]*h(\d+)', svg)[
        :1
    ]
    assert int(plot) > 400
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", png[16:24])
    assert (wide, high) == tuple(
        2 * int(side) for side in re.match(r'<svg [^>]*width="(\d+)" height="(\d+)"', svg).groups()
    )
    assert wide == 1440
    assert len(png) > 20_000


def _save(page: Page, kind: str) -> Download:
    with page.expect_download() as download:
        page.locator(f"#gas-prices [data-save={kind}]").click()
    assert download.value.suggested_filename == f"gas-prices.{kind}"
    return download.value


def test_a_question_answers_and_a_prediction_is_remembered(browser: Browser, site: str) -> None:
    with reading(browser, f"{site}/{ENERGY}") as page:
        question = page.locator(".book-question").first
        question.locator("label").nth(1).click()
        question.locator(".feedback.right").wait_for()
        prediction = page.locator(".book-prediction").first
        prediction.locator("input").first.fill("200")
        prediction.locator("button").first.click()
        page.reload()
        assert page.locator(".book-prediction input").first.input_value() == "200"
        assert page.locator(".book-prediction details").first.get_attribute("open") is not None


def test_the_search_finds_and_the_mode_stays(browser: Browser, site: str) -> None:
    with reading(browser, f"{site}/search.html?q=Myanmar") as page:
        page.locator("#search-results a[href*='3-2-energy']").first.wait_for()
        page.locator(".theme-switch-button:visible").first.click()
        mode = page.evaluate("document.documentElement.dataset.mode")
        page.goto(f"{site}/{ENERGY}")
        assert page.evaluate("document.documentElement.dataset.mode") == mode


def test_figures_live_in_a_page_that_is_opened_as_a_file(browser: Browser, book: Path) -> None:
    with reading(browser, (book / ENERGY).as_uri()) as page:
        _choose_qatar(page)
        page.locator("#gas-prices .picture.live svg").wait_for()


@pytest.mark.parametrize("tail", ["#gas-prices?baseline=100%", "#%E0%A4%A"])
def test_a_malformed_address_does_no_harm(browser: Browser, site: str, tail: str) -> None:
    with reading(browser, f"{site}/{ENERGY}{tail}") as page:
        assert RUSSIA in page.locator(SAYS).inner_text()
        _choose_qatar(page)


def test_a_strict_host_keeps_every_control_alive(browser: Browser, strict_site: str) -> None:
    # Whether it may make code of text is asked once.
    with reading(browser, f"{strict_site}/{ENERGY}", noted="eval|^ Note that 'script-src'") as page:
        _choose_qatar(page)
        _save(page, "png")
        page.locator(".search-button-field:visible, .search-button:visible").first.click()
        page.locator("dialog[open] input, .search-button__search-container input").first.wait_for()
        page.keyboard.press("Escape")
        before = page.evaluate("document.documentElement.dataset.mode")
        page.locator(".theme-switch-button:visible").first.click()
        assert page.evaluate("document.documentElement.dataset.mode") != before


def test_where_storage_is_refused_the_page_works(browser: Browser, site: str) -> None:
    """In the frame of another site that allows nothing but scripts, as in a course's page."""
    with reading(browser, width=PHONE) as page:
        frame = (
            f'<iframe sandbox="allow-scripts" src="{site}/{ENERGY}#{escape(CHOSEN)}" width="380" height="800"></iframe>'
        )
        page.set_content(f"<p style='height: 1500px'>A course</p>{frame}")
        inside = page.frame_locator("iframe")
        # The link leads to its figure, and does not scroll the page around the frame.
        _expect(inside, SAYS, QATAR)
        assert page.evaluate("scrollY") == 0
        page.locator("iframe").scroll_into_view_if_needed()
        # Playwright's pointer misses what lies in a frame of another site in Firefox.
        inside.locator(".theme-switch-button").last.dispatch_event("click")
        inside.locator("html:not([data-mode=auto]) body").wait_for()
        inside.locator("button.primary-toggle").dispatch_event("click")
        inside.locator(".bd-sidebar-primary a").first.wait_for()


def test_a_lost_request_is_told_and_tried_again(browser: Browser, site: str) -> None:
    context = browser.new_context(**AS_IT_IS)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    asked: list[str] = []

    def lose_first(route: Route) -> None:
        asked.append(route.request.url)
        route.abort() if len(asked) == 1 else route.continue_()

    page.route("**/vega.js", lose_first)
    page.goto(f"{site}/{ENERGY}")
    page.locator("#gas-prices select").select_option(label="Qatar, LNG")
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    _expect(page, SAYS, QATAR)
    assert len(asked) == 2
    assert page.get_by_role("alert").count() == 0
    assert page.locator("#gas-prices").get_attribute("aria-busy") is None
    context.close()


def test_one_figure_that_fails_leaves_the_others_alive(browser: Browser, site: str) -> None:
    context = browser.new_context(**AS_IT_IS)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.route(f"**/{ENERGY}", _break_first_figure)
    page.goto(f"{site}/{ENERGY}")
    first, second = page.locator("figure.book-figure:has(.controls)").all()[:2]
    first.locator(".controls[disabled]").wait_for()
    before = second.locator(".says").inner_text()
    second.locator("select").first.select_option(index=1)
    _expect(page, f"#{second.get_attribute('id')} .says", f"^(?!{re.escape(before)}$)")
    context.close()


def _break_first_figure(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('class="figure-data">{', 'class="figure-data">', 1))


def test_a_name_beside_the_pointer_stays_in_the_window(browser: Browser, site: str) -> None:
    with reading(browser, f"{site}/{ENERGY}", PHONE) as page:
        figure = page.locator("#gas-prices")
        figure.scroll_into_view_if_needed()
        page.mouse.move(200, 300)
        figure.locator(".picture.live svg").wait_for()
        marks = figure.locator(".mark-symbol path")
        for mark in (marks.first, marks.last):
            mark.scroll_into_view_if_needed()
            box = mark.bounding_box()
            page.mouse.click(box["x"] + box["width"] / 2 + 6, box["y"] + box["height"] / 2)
            tip = page.locator(".figure-tip")
            tip.wait_for()
            edges = tip.bounding_box()
            assert edges["x"] >= 0
            assert edges["x"] + edges["width"] <= PHONE
        page.keyboard.press("Escape")
        assert tip.count() == 0
