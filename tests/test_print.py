"""A single page on paper: what can be read is there, what can only be pressed is not."""

import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from pages import axe_violations

#: The width of A4 paper between margins of 15 mm, in pixels.
PAPER = 680


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": PAPER, "height": 1000}, color_scheme=request.param)
    yield page
    page.close()


def _open(page: Page, address: str) -> None:
    page.goto(address, wait_until="networkidle")
    page.emulate_media(media="print")


def test_nothing_that_can_only_be_pressed_is_printed(page: Page, site: str) -> None:
    _open(page, f"{site}/chapters/3-2-energy.html")
    pressed = (
        ".bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article, .prev-next-footer, .book-links, "
        ".book-figure .controls, .book-figure .tools, button, select, .bd-search, summary, .headerlink, #jb-print-toc"
    )
    assert [
        one.evaluate("e => e.outerHTML.slice(0, 90)") for one in page.locator(pressed).all() if one.is_visible()
    ] == []
    assert page.locator("h1").locator("visible=true").count() == 1


def test_figures_stay_whole_and_questions_keep_their_options(page: Page, site: str) -> None:
    _open(page, f"{site}/chapters/3-2-energy.html")
    for figure in page.locator("figure.book-figure").all():
        assert figure.evaluate("f => getComputedStyle(f).breakInside") == "avoid"
        assert figure.locator("svg:visible").count() == 1
        assert figure.locator("svg:visible").bounding_box()["width"] <= PAPER
    options = page.locator(".book-question .option").all()
    assert len(options) >= 9
    assert all(option.is_visible() for option in options)


def test_code_is_printed_only_if_it_is_unfolded(page: Page, site: str) -> None:
    page.goto(f"{site}/chapters/3-2-energy.html")
    code = page.locator("details.hide pre")
    page.locator("details.hide summary").nth(1).click()
    page.emulate_media(media="print")
    assert not code.nth(0).is_visible()
    assert code.nth(1).is_visible()


@pytest.mark.parametrize("name", ["3-2-energy", "data-dictionary", "marking"])
def test_paper_is_white_and_every_text_on_it_dark(page: Page, site: str, name: str) -> None:
    _open(page, f"{site}/chapters/{name}.html")
    page.emulate_media(reduced_motion="reduce")  # code that is unfolded appears by and by
    page.locator("html[data-theme=light]").wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
    assert axe_violations(page, structure=False) == []
    colours = "e => [getComputedStyle(e).color, getComputedStyle(document.body).backgroundColor]"
    for place in ("h1", "article p", "article :is(code, pre)"):
        ink, paper = page.locator(place).first.evaluate(colours)
        assert sum(map(int, ink.removeprefix("rgb(").removesuffix(")").split(","))) < 330, place
        assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


def test_the_screen_is_dark_again_after_printing(browser: Browser, site: str) -> None:
    page = browser.new_page(color_scheme="dark")
    _open(page, f"{site}/chapters/glossary.html")
    page.locator("html[data-theme=light]").wait_for()
    page.emulate_media(media="screen")
    page.locator("html[data-theme=dark]").wait_for()
    page.close()


@pytest.mark.parametrize("name", ["statements", "timeline", "later-figures", "bibliography", "data-dictionary"])
def test_a_long_table_fits_the_paper(browser: Browser, site: str, name: str) -> None:
    page = browser.new_page(viewport={"width": PAPER, "height": 1000})
    _open(page, f"{site}/chapters/{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER
    for table in page.locator("table").all():
        box = table.bounding_box()  # none for the numbers of a figure, which are folded
        assert box is None or box["x"] + box["width"] <= PAPER
    page.close()


def test_a_link_to_another_host_is_followed_by_its_address(page: Page, site: str) -> None:
    _open(page, f"{site}/chapters/marking.html")
    link = page.locator("article a.reference.external").first
    shown = link.evaluate("e => getComputedStyle(e, '::after').content")
    assert "attr(href)" in shown or link.get_attribute("href") in shown


def test_a_chapter_takes_few_sheets(page: Page, site: str) -> None:
    page.goto(f"{site}/chapters/3-2-energy.html", wait_until="networkidle")
    printed = page.pdf(format="A4", margin={"top": "15mm", "right": "15mm", "bottom": "15mm", "left": "15mm"})
    sheets = PdfReader(io.BytesIO(printed)).pages
    assert len(sheets) <= 8
    text = " ".join(sheet.extract_text() for sheet in sheets)
    assert "Further reading" in text
    assert "Show the code" not in text
