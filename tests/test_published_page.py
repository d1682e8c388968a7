"""What a student does with one figure of a built page: state links, tables, saved pictures, without a kernel."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pages import PHONE, opened, scroll_through


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
    link = f"{site}/chapters/3-2-energy.html#gas-prices?baseline=Qatar%2C+LNG&measure=Ratio&alike=fuel"
    with opened(browser, link) as page:
        figure = page.locator("#gas-prices")
        figure.locator(".picture.live svg").wait_for()
        assert "LNG from Qatar" in figure.locator(".says").inner_text()
        assert figure.locator("[data-control=measure] input:checked").evaluate("i => i.value") == "2"
        assert page.evaluate("window.scrollY") > 200


def test_a_link_with_an_impossible_state_keeps_the_default(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html#gas-prices?baseline=Atlantis") as page:
        figure = page.locator("#gas-prices")
        figure.locator(".picture.live svg").wait_for()
        assert figure.locator("[data-control=baseline] select").evaluate("s => s.selectedIndex") == 0


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


def test_a_finger_scrolls_over_a_slider_and_drags_it(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/7-after-2021.html", PHONE, has_touch=True) as page:
        figure = page.locator("#new-highs")
        slider, says = figure.locator("input[type=range]"), figure.locator(".says")
        slider.scroll_into_view_if_needed()
        figure.locator(".picture.live svg").wait_for()
        before = slider.input_value(), says.inner_text(), page.evaluate("scrollY")
        box = slider.bounding_box()
        start = (box["x"] + 30, box["y"] + box["height"] / 2)
        _swipe(page, start, (0, -20))
        page.wait_for_function("y => scrollY > y + 50", arg=before[2])
        assert (slider.input_value(), says.inner_text()) == before[:2]
        page.wait_for_timeout(500)  # the page goes on for a while after the finger has left
        page.evaluate("y => scrollTo(0, y)", before[2])
        box = slider.bounding_box()
        _swipe(page, (box["x"] + 30, box["y"] + box["height"] / 2), (8, 0))
        assert slider.input_value() != before[0]
        assert says.inner_text() != before[1]


def _swipe(page: Page, start: tuple[float, float], step: tuple[int, int]) -> None:
    """Move a finger in twelve steps."""
    device = page.context.new_cdp_session(page)
    for turn in range(12):
        place = {"x": start[0] + turn * step[0], "y": start[1] + turn * step[1]}
        kind = "touchMove" if turn else "touchStart"
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_pages_use_nothing_that_browsers_of_four_years_ago_lack(book: Path) -> None:
    """Safari reads look-behind since 16.4, of March 2023, and stops at a whole script that has one."""
    newer = re.compile(
        r"\(\?<[=!]|\.(?:toSorted|toReversed|toSpliced)\(|Object\.groupBy|Promise\.withResolvers|\.isSubsetOf\("
    )
    for path in [*book.glob("_static/**/*.js"), *book.glob("chapters/*.html")]:
        text = path.read_text(encoding="utf-8")
        programs = (
            [text] if path.suffix == ".js" else re.findall(r'class="figure-data">(.*?)</script>', text, re.DOTALL)
        )
        assert [found[0] for one in programs for found in newer.finditer(one)] == [], path


def test_the_code_of_a_figure_is_one_fold_that_has_its_name(browser: Browser, site: str) -> None:
    """Without scripts, too: the build joins the cells."""
    between = """figure => {
        const seen = [...document.querySelectorAll("details.above-input, figure.book-figure, .bd-article :is(h2, p)")]
            .filter(one => !one.closest("details.above-input > *, figure > *"));
        const before = seen.slice(0, seen.indexOf(figure));
        return before.slice(before.findLastIndex(one => one.tagName !== "DETAILS") + 1)
            .map(one => one.querySelector("summary").textContent.trim().split("\\n")[0]);
    }"""
    with opened(browser, f"{site}/chapters/3-2-energy.html", java_script_enabled=False) as page:
        figures = page.locator("figure.book-figure")
        titles = page.locator("figure.book-figure figcaption strong").all_inner_texts()
        assert [figure.evaluate(between) for figure in figures.all()] == [[f"Code of this figure: {t}"] for t in titles]
        fold = page.locator("details.above-input").last
        assert fold.locator("pre").count() > 1
        assert not fold.locator("pre").first.is_visible()
        fold.locator("summary").click()
        assert fold.locator("pre").last.is_visible()


def test_every_figure_has_at_most_one_fold_of_code(book: Path) -> None:
    for page in book.glob("chapters/*.html"):
        text = page.read_text(encoding="utf-8")
        folds = text.count("Code of this figure: ") // 2  # once to show, once to hide
        assert text.count("above-input") == folds + text.count("Code of this page: ") // 2
        assert folds <= text.count('class="book-figure"')
        assert text.count("Code of this page: ") <= 2, page


def test_a_lecturer_shows_one_figure_after_another(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        figures = page.locator("figure.book-figure")
        titles = figures.locator("figcaption strong").all_inner_texts()
        order = "() => [...document.querySelectorAll('figure.book-figure')].map(figure => figure.id)"
        before = page.evaluate(order)
        dialog = page.locator("dialog.book-projector")
        shown = dialog.locator("figcaption strong")
        figures.first.get_by_role("button", name="Project").click()
        dialog.locator(".chart[data-live]").wait_for()
        assert shown.all_inner_texts() == [titles[0]]
        assert dialog.locator("figure").bounding_box()["width"] > 0.8 * 700
        page.keyboard.press("ArrowRight")
        assert shown.all_inner_texts() == [titles[1]]
        dialog.get_by_role("button", name="Previous").click()
        assert shown.all_inner_texts() == [titles[0]]
        # While a control has the focus, the arrow keys move it.
        control = dialog.locator("select").first
        value = control.input_value()
        control.press("ArrowDown")
        assert shown.all_inner_texts() == [titles[0]]
        assert control.input_value() != value
        dialog.get_by_role("button", name="Previous").focus()
        page.keyboard.press("ArrowLeft")
        assert shown.all_inner_texts() == [titles[-1]]
        assert dialog.locator(".turn [role=status]").inner_text() == f"{len(titles)} of {len(titles)}"
        page.keyboard.press("Escape")
        assert not dialog.is_visible()
        assert page.evaluate(order) == before
        assert page.evaluate("document.activeElement.closest('figure').id") == before[-1]
