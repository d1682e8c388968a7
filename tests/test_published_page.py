"""What a student meets: the built pages in a real browser, no kernel, no other host."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator

from pages import CHAPTERS, DESKTOP, PHONE, SOURCES, opened, scroll_through


@pytest.fixture(params=CHAPTERS)
def chapter(request: pytest.FixtureRequest, site: str) -> str:
    return f"{site}/chapters/{request.param}.html"


def test_figures_stand_without_javascript(browser: Browser, chapter: str) -> None:
    with opened(browser, chapter, java_script_enabled=False) as page:
        figures = page.locator("figure.book-figure").all()
        name = chapter.rsplit("/", 1)[1].removesuffix(".html")
        assert len(figures) >= (SOURCES / f"{name}.md").read_text().count("= Comparison(") >= 1
        for figure in figures:
            picture = figure.locator(".picture.wide svg")
            assert picture.is_visible()
            assert picture.bounding_box()["height"] > 80
            assert figure.locator("td").count() > 0
        assert page.locator(".controls:not([disabled])").count() == 0
        assert page.locator("noscript p").first.is_visible()


def test_a_phone_gets_the_narrow_picture_without_javascript(browser: Browser, chapter: str) -> None:
    with opened(browser, chapter, PHONE, java_script_enabled=False) as page:
        assert page.locator(".picture.narrow svg").first.is_visible()
        assert not page.locator(".picture.wide svg").first.is_visible()


def _change(control: Locator) -> None:
    """Move a control to another value by the keys that its kind listens to."""
    inputs, menu = control.locator("input"), control.locator("select")
    if menu.count():
        menu.press("ArrowDown" if menu.evaluate("e => e.selectedIndex") == 0 else "ArrowUp")
    elif inputs.first.get_attribute("type") == "range":
        inputs.first.press("ArrowLeft")
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


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_every_control_moves_its_chart_by_keyboard(browser: Browser, chapter: str, width: int) -> None:
    with opened(browser, chapter, width) as page:
        scroll_through(page)
        controls = page.locator("figure.book-figure [data-control]").all()
        assert len(controls) >= 4
        for control in controls:
            figure = control.locator("xpath=ancestor::figure")
            chart, says = figure.locator(".picture.live svg"), figure.locator(".says")
            before = chart.inner_html(), says.inner_text()
            link = figure.locator("a.state").get_attribute("href")
            _change(control)
            name = control.get_attribute("data-control")
            assert chart.inner_html() != before[0], f"`{name}` leaves its chart as it was"
            assert says.inner_text() != before[1], f"`{name}` leaves the sentence as it was"
            assert figure.locator("a.state").get_attribute("href") != link
            control.evaluate(RESTORE)


def test_the_table_and_the_file_follow_the_controls(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        scroll_through(page)
        figure = page.locator("#gas-prices")
        figure.locator("summary").click()
        figure.locator("[data-control=baseline] select").select_option(label="Qatar, LNG")
        row = figure.locator("tbody tr", has_text="Myanmar")
        assert "65.00" in row.inner_text()
        assert "340,65" in figure.locator("a.csv").evaluate("a => decodeURIComponent(a.href)")


def test_a_link_brings_back_the_state(browser: Browser, site: str) -> None:
    link = f"{site}/chapters/3-2-energy.html#gas-prices?baseline=Qatar%2C+LNG&measure=Ratio&forms=LNG"
    with opened(browser, link) as page:
        figure = page.locator("#gas-prices")
        figure.locator(".picture.live svg").wait_for()
        assert "Qatar, LNG" in figure.locator(".says").inner_text()
        assert figure.locator("[data-control=measure] input:checked").evaluate("i => i.value") == "2"
        assert page.evaluate("window.scrollY") > 200


def test_a_link_with_an_impossible_state_keeps_the_default(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html#gas-prices?baseline=Atlantis") as page:
        figure = page.locator("#gas-prices")
        figure.locator(".picture.live svg").wait_for()
        assert figure.locator("[data-control=baseline] select").evaluate("s => s.selectedIndex") == 0


def test_nothing_jumps_when_a_figure_comes_alive(browser: Browser, chapter: str) -> None:
    with opened(browser, chapter, java_script_enabled=False) as page:
        still = [box.bounding_box()["height"] for box in page.locator(".book-figure .chart").all()]
    with opened(browser, chapter) as page:
        scroll_through(page)
        live = [box.bounding_box()["height"] for box in page.locator(".book-figure .chart").all()]
    assert live == pytest.approx(still, abs=12)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_figure_downloads_as_a_picture(browser: Browser, site: str, kind: str, tmp_path: Path) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        with page.expect_download() as download:
            page.locator(f"#gas-prices [data-save={kind}]").click()
        target = tmp_path / download.value.suggested_filename
        download.value.save_as(target)
        assert target.name == f"gas-prices.{kind}"
        start = target.read_bytes()[:8]
        assert start.startswith(b"\x89PNG" if kind == "png" else b"<svg")
