"""What WCAG 2.2 AA asks and axe cannot see, in a real browser; `test_every_page` asks axe of every page."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from page_scripts import FAINT_FOCUS, FAINT_MARKS
from pages import DESKTOP, PAGES, opened, scroll_through


def tab_stops(page: Page) -> Iterator[str]:
    """Press Tab until the page ends, and give each stop."""
    here = """() => {
      const e = document.activeElement;
      e.dataset.reached = '';
      const box = e.getBoundingClientRect();
      const seen = e === document.body || (box.bottom > 0 && box.top < innerHeight && e.checkVisibility());
      return seen ? e.outerHTML.slice(0, 100) : 'unseen: ' + e.outerHTML.slice(0, 100);
    }"""
    for _ in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(here)
        if stop.startswith("<body"):
            return
        yield stop
    pytest.fail("Tab never leaves the page")


@pytest.mark.parametrize("path", ["chapters/3-2-energy.html", "chapters/timeline.html"])
@pytest.mark.parametrize("width", [320, DESKTOP])
def test_tab_reaches_every_control_in_sight_and_leaves_the_page(
    browser: Browser, site: str, path: str, width: int
) -> None:
    with opened(browser, f"{site}/{path}", width) as page:
        scroll_through(page)
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        stops = list(tab_stops(page))
        assert "#main-content" in stops[0]
        assert [stop for stop in stops if stop.startswith("unseen")] == []
        missed = page.evaluate(
            """() => [...document.querySelectorAll('main :is(a[href], button, input, select, summary)')]
              .filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }))
              .filter((e) => !('reached' in e.dataset))
              .filter((e) => e.type !== 'radio')  // Tab visits one of a group, the arrows the others
              .map((e) => e.outerHTML.slice(0, 120))"""
        )
        assert missed == []


def test_the_skip_link_leads_past_the_contents(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to main content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_it_is(book: Path, path: str) -> None:
    text = (book / path).read_text(encoding="utf-8")
    assert re.search(r'<html lang="en"', text)
    assert len(re.findall(r"<main[ >]", text)) == 1
    assert 'href="#main-content"' in text
    twice = {name for name, count in Counter(re.findall(r'\sid="([^"]+)"', text)).items() if count > 1}
    # The theme has a search field in the page and another in the dialogue that its button opens.
    assert twice <= {"search-input"}
    article = text[text.index('<article class="bd-article"') :] if "<article" in text else text
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", article[: article.find("</article>")])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_no_two_pages_have_one_title(book: Path) -> None:
    titles = [
        re.search(r"<title>(.*?)</title>", (book / path).read_text(encoding="utf-8"), re.DOTALL) for path in PAGES
    ]
    assert all(titles)
    assert len({" ".join(title.group(1).split()) for title in titles if title}) == len(PAGES)


def test_a_screen_reader_meets_a_figure_like_this(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        scroll_through(page)
        figure = page.locator("#gas-prices")
        figure.locator("summary").press("Enter")
        expect(figure).to_match_aria_snapshot(
            """
            - figure /China paid less for Russia's pipeline gas than for any other gas it bought on the list/:
              - strong: China paid less for Russia's pipeline gas than for any other gas it bought on the list
              - group "Change what the chart compares":
                - combobox "Baseline":
                  - option "Russia, pipeline" [selected]
                - group "Measure":
                  - radio "Price"
                  - radio "Difference" [checked]
                  - radio "Ratio"
                - group "Alike in":
                  - checkbox "fuel"
                  - checkbox "buyer"
              - img /Dots on lines that start from a chosen price. .*Russia by pipeline 150.2 to China/
              - paragraph: "/Next to pipeline gas from Russia, at 150.2 US dollars/"
              - paragraph: /Source. Balzer \\(2021\\), section 3.2/
              - group:
                - region /Numbers. China paid less/:
                  - table:
                    - rowgroup:
                      - row /Supplier Form Price/
                    - rowgroup:
                      - row /^Russia, pipeline pipeline gas 150\\.2 0\\.00/
              - link /CSV of China paid less/
              - button /PNG of China paid less/
              - button /SVG of China paid less/
              - link /Link to this view of China paid less/
            """
        )


def test_a_change_is_announced_once_in_words(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        scroll_through(page)
        says = page.locator("#gas-prices .says")
        assert says.get_attribute("aria-live") == "polite"
        page.locator("#gas-prices [data-control=baseline] select").press("ArrowDown")
        expect(says).not_to_contain_text("Next to pipeline gas from Russia, at 150.2")
        drawing = page.locator("#gas-prices .picture.live svg")
        assert drawing.get_attribute("aria-hidden") == "true"


def test_nothing_moves_for_readers_who_ask_for_stillness(browser: Browser, site: str) -> None:
    moving = """() => [...document.querySelectorAll('*')].filter((e) => {
      const s = getComputedStyle(e);
      const long = (times) => times.split(',').some((time) => parseFloat(time) > 0.01);
      return long(s.animationDuration) && s.animationName !== 'none' || long(s.transitionDuration) ||
        s.scrollBehavior === 'smooth';
    }).map((e) => e.outerHTML.slice(0, 100))"""
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        scroll_through(page)
        assert page.evaluate(moving) == []


def test_colours_of_the_reader_s_own_leave_all_in_sight(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html", forced_colors="active") as page:
        scroll_through(page)
        chosen = page.locator("#gas-prices .toggle input:checked + span")
        other = page.locator("#gas-prices .toggle input:not(:checked) + span").first
        style = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color].join()"
        assert chosen.evaluate(style) != other.evaluate(style)
        icon = page.locator(".fa-bars")
        assert icon.evaluate("e => getComputedStyle(e).backgroundColor") != page.locator("body").evaluate(
            "e => getComputedStyle(e).backgroundColor"
        )
        assert page.evaluate(FAINT_MARKS) == []
        assert page.evaluate(FAINT_FOCUS) == []
