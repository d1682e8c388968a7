"""Every page of the book in a real browser: each is opened once, on a phone, and then asked everything."""

import re
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from page_scripts import CUT_STATES, FAINT_FOCUS, FAINT_MARKS, LOST, REPAINT, SPACING
from pages import CHAPTERS, DESKTOP, PAGES, PHONE, SOURCES, Mode, Visit, axe_violations, opened, visited

#: What a page may cost at first view and scrolled through; Vega is the one file that reading on asks for.
FIRST_VIEW, REQUESTS, SCROLLED, SCROLLED_REQUESTS, NODES = 100_000, 6, 430_000, 7, 4_000
#: Pixels that the marks of a chart keep on a phone of 390.
NARROWEST_PLOT = 240
#: Milliseconds between two pictures on a screen.
FRAME = 16.7

#: Faults of the stock theme that cannot be corrected from here, with the reason for each.
THEME_RULES: dict[str, str] = {}
#: Chapters first, so that pytest asks all tests of one page before it opens the next.
CHAPTER_PAGES = [f"chapters/{name}.html" for name in CHAPTERS]
ORDER = [*CHAPTER_PAGES, *(path for path in PAGES if path not in CHAPTER_PAGES)]
every_page = pytest.mark.parametrize("visit", ORDER, indirect=True)
every_chapter = pytest.mark.parametrize("visit", CHAPTER_PAGES, indirect=True)
every_still_chapter = pytest.mark.parametrize("still", CHAPTER_PAGES, indirect=True)
View = tuple[int, Mode]
PHONE_BY_DAY: View = (PHONE, "light")
PHONE_BY_NIGHT: View = (PHONE, "dark")
DESKTOP_BY_NIGHT: View = (DESKTOP, "dark")
DESKTOP_BY_DAY: View = (DESKTOP, "light")


def seen_at(*views: View) -> pytest.MarkDecorator:
    """Show the page in each of these views; pytest asks everything of one view before it turns to the next."""
    return pytest.mark.parametrize("view", views, indirect=True, ids=[f"{mode}-{width}" for width, mode in views])


@pytest.fixture(scope="module")
def visit(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    with visited(browser, site, request.param) as found:
        yield found


@pytest.fixture(scope="module")
def view(request: pytest.FixtureRequest, visit: Visit) -> Visit:
    """The page that is visited, in the width and the mode that a test asks for."""
    visit.look(*request.param)
    return visit


@pytest.fixture(scope="module")
def still(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """A chapter without JavaScript."""
    with opened(browser, f"{site}/{request.param}", java_script_enabled=False) as page:
        yield page


@every_page
def test_a_page_keeps_its_budget(visit: Visit, measured: Callable[[str], None]) -> None:
    (first, scrolled) = (visit.first, visit.scrolled)
    measured(
        f"{visit.path}: first view {first[0]} requests, {first[1] / 1000:.0f} kB, {first[2]} nodes; "
        f"scrolled {scrolled[0]} requests, {scrolled[1] / 1000:.0f} kB, {scrolled[2]} nodes"
    )
    assert first[0] <= REQUESTS
    assert scrolled[0] <= SCROLLED_REQUESTS
    assert first[1] <= FIRST_VIEW
    assert scrolled[1] <= SCROLLED
    assert max(first[2], scrolled[2]) < NODES
    # What searches is for the page of the search, and the text of the book for a search; Vega is for those who read on.
    assert ("search.js" in visit.early) == (visit.path == "search.html")
    assert "search-texts.js" not in visit.early
    assert "vega.js" not in visit.early


@pytest.mark.parametrize(("visit", "still"), [(path, path) for path in CHAPTER_PAGES], indirect=True)
def test_nothing_jumped_when_the_figures_came_alive(visit: Visit, still: Page) -> None:
    visit.look(DESKTOP, "light")
    live, painted = (
        [box.bounding_box()["height"] for box in page.locator(".book-figure .chart").all()]
        for page in (visit.page, still)
    )
    assert live == pytest.approx(painted, abs=12)


@every_page
@seen_at(PHONE_BY_DAY, PHONE_BY_NIGHT, DESKTOP_BY_NIGHT, DESKTOP_BY_DAY)
def test_a_page_passes_axe_and_loses_nothing(view: Visit) -> None:
    # A mode changes colours and nothing else, which `test_a_mode_changes_colours_alone` holds.
    found = axe_violations(view.page, structure=view.mode == "light")
    assert [fault for fault in found if fault[0] not in THEME_RULES] == []
    assert view.page.evaluate(FAINT_MARKS) == []
    assert view.page.evaluate(LOST) == []


@pytest.mark.parametrize("visit", ["chapters/statements.html"], indirect=True)
@pytest.mark.parametrize(
    ("what", "style"),
    [
        ("td a", "color: #999"),
        ("td:nth-child(2)", "color: #999"),
        ("td:nth-child(2)", "background: #777"),
        ("tr", "opacity: 0.4"),
    ],
)
def test_one_faint_text_among_thousands_is_found(visit: Visit, what: str, style: str) -> None:
    """Asking once for each kind of text finds what asking of every text would."""
    visit.look(DESKTOP, "light")
    one = visit.page.locator(f"tbody {what}").nth(40)
    one.evaluate("(e, style) => e.setAttribute('style', style)", style)
    found = axe_violations(visit.page, structure=False)
    one.evaluate("e => e.removeAttribute('style')")
    assert "color-contrast" in {rule for rule, _ in found}


@every_page
def test_zoom_narrow_windows_and_wider_spacing_lose_nothing(visit: Visit) -> None:
    # 200 percent of a window of 1280 pixels is one of 640 whose pixels are two wide.
    visit.look(640, "light", scale=2)
    assert visit.page.evaluate(LOST) == [], "at 200 percent"
    visit.look(320, "light")
    assert visit.page.evaluate(LOST) == [], "at 320 pixels"
    style = visit.page.add_style_tag(content=SPACING)
    assert visit.page.evaluate(LOST) == [], "at 320 pixels with wider spacing"
    visit.look(DESKTOP, "light")
    assert visit.page.evaluate(LOST) == [], "with wider spacing"
    style.evaluate("e => e.remove()")


@every_page
@seen_at(DESKTOP_BY_NIGHT, DESKTOP_BY_DAY)
def test_the_focus_is_seen_wherever_it_goes(view: Visit) -> None:
    opened_now = view.page.evaluate_handle(
        "() => [...document.querySelectorAll('details:not([open])')].map((one) => ((one.open = true), one))"
    )
    view.page.keyboard.press("Tab")  # from here on, the browser shows the focus as for a keyboard
    assert view.page.evaluate(FAINT_FOCUS) == []
    opened_now.evaluate("all => all.forEach((one) => (one.open = false))")


@every_page
def test_a_mode_changes_colours_alone(visit: Visit) -> None:
    """What axe finds beside contrast is then the same in both modes."""
    layout = """() => [...document.querySelectorAll('main *')].map((e) => {
      const [box, style] = [e.getBoundingClientRect(), getComputedStyle(e)];
      return [e.tagName, e.getAttribute('role'), style.display, style.visibility, Math.round(box.width)].join();
    })"""
    visit.look(DESKTOP, "light")
    light = visit.page.evaluate(layout)
    visit.look(DESKTOP, "dark")
    assert visit.page.evaluate(layout) == light


def _press(control: Locator) -> None:
    """Move a control to another value by the keys that its kind listens to."""
    inputs, menu = control.locator("input"), control.locator("select")
    if menu.count():
        menu.press("ArrowDown" if menu.evaluate("e => e.selectedIndex") == 0 else "ArrowUp")
    elif inputs.first.get_attribute("type") == "range":
        inputs.first.press("ArrowRight" if inputs.first.evaluate("e => e.value === e.min") else "ArrowLeft")
    elif inputs.first.get_attribute("type") == "number":
        inputs.first.press("Control+a")
        inputs.first.press("2")
    elif inputs.first.get_attribute("type") == "radio":
        control.locator("input:checked").press("ArrowRight")
    else:
        inputs.first.press("Space")


#: Brings one control back, so that each is tried from the figure's first setting.
RESTORE = """(box) => {
  for (const input of box.querySelectorAll('input')) {
    input.checked = input.defaultChecked;
    input.value = input.defaultValue;
  }
  for (const option of box.querySelectorAll('option')) option.selected = option.defaultSelected;
  box.dispatchEvent(new Event('input', { bubbles: true }));
}"""


#: How wide a chart's plot is, without its axes and legends.
PLOT_WIDTH = "svg => svg.querySelector('.mark-group.role-frame .background').getBBox().width"


@every_chapter
@seen_at(PHONE_BY_DAY, DESKTOP_BY_DAY)
def test_every_control_moves_its_chart_by_keyboard(view: Visit) -> None:
    controls = view.page.locator("figure.book-figure [data-control]").all()
    assert controls
    for control in controls:
        figure = control.locator("xpath=ancestor::figure")
        chart, says = figure.locator(".picture.live svg"), figure.locator(".says")
        before = chart.inner_html(), says.inner_text()
        link = figure.locator("a.state").get_attribute("href")
        first_width = chart.evaluate(PLOT_WIDTH)
        _press(control)
        name = control.get_attribute("data-control")
        assert chart.inner_html() != before[0], f"`{name}` leaves its chart as it was"
        assert says.inner_text() != before[1], f"`{name}` leaves the sentence as it was"
        assert figure.locator("a.state").get_attribute("href") != link
        control.evaluate(RESTORE)
        assert chart.evaluate(PLOT_WIDTH) == pytest.approx(first_width, abs=1), f"`{name}` and back takes width"


@every_chapter
@seen_at(PHONE_BY_DAY, DESKTOP_BY_DAY)
def test_no_state_of_a_chart_cuts_a_label_or_crushes_the_plot(view: Visit) -> None:
    assert view.page.evaluate(CUT_STATES, NARROWEST_PLOT) == []


@every_still_chapter
def test_figures_stand_without_javascript(still: Page) -> None:
    figures = still.locator("figure.book-figure").all()
    name = Path(still.url).stem
    assert len(figures) >= (SOURCES / f"{name}.md").read_text().count("= Comparison(") >= 1
    assert still.locator("figure.book-figure:has(.controls)").count() >= 1
    for figure in figures:
        picture = figure.locator(".picture.wide svg")
        assert picture.is_visible()
        assert picture.bounding_box()["height"] > 80
        assert figure.locator("td").count() > 0
        assert figure.locator(".source").count() == 1, figure.get_attribute("id")
    assert still.locator(".controls:not([disabled])").count() == 0
    assert still.locator("noscript p").first.is_visible()


@every_still_chapter
def test_every_figure_says_what_it_shows_and_has_its_numbers(still: Page) -> None:
    for figure in still.locator("figure.book-figure").all():
        title = figure.locator("figcaption strong").inner_text()
        description = figure.get_by_role("img").get_attribute("aria-label") or ""
        assert len(description) > 60, title
        assert len(description.split()) >= 8, title
        assert description not in title
        assert re.search(r"\d|one|two|three|four|five|six|ten", description), f"{title}: no number"
        assert figure.locator("thead th[scope=col]").count() >= 2, title
        assert figure.locator("tbody tr").count() >= 1, title
        for control in figure.locator(".controls :is(input, select)").all():
            assert control.evaluate("e => e.labels.length || e.getAttribute('aria-label')"), title


@every_still_chapter
def test_a_phone_gets_the_narrow_picture_without_javascript(still: Page) -> None:
    still.set_viewport_size({"width": PHONE, "height": 844})
    assert still.locator(".picture.narrow svg").first.is_visible()
    assert not still.locator(".picture.wide svg").first.is_visible()
    still.set_viewport_size({"width": DESKTOP, "height": 844})


@every_chapter
def test_a_control_repaints_within_one_frame_as_a_rule(visit: Visit) -> None:
    """Even beside other work; `test_weight` measures the slow ones on a machine that does nothing else.

    It leaves the controls where they are, and so comes last.
    """
    visit.look(DESKTOP, "light")
    times: list[float] = []
    for figure in visit.page.locator("figure.book-figure:has(.controls)").all():
        times += figure.evaluate(REPAINT)
    assert statistics.median(times) < FRAME
