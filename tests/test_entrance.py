"""The first page: its comparison is the report's own arithmetic, its tally and its cards are computed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from axis.book.entrance.opening_figure import opening_comparison
from helpers.audit.moves import MOVES
from helpers.audit.summaries import FOUND, tally_statements
from helpers.tables import load
from pages import DESKTOP, PHONE, Mode, opened


def test_the_first_setting_is_the_report_s_and_makes_the_point() -> None:
    opening = opening_comparison()
    amounts = opening.table().set_index("Origin")["Billion US dollars"]
    assert amounts["printed in the list"] == 0.48
    assert amounts["computed from it"].round(2).tolist() == [1.81, 1.84]
    assert "1.84 billion: 3.8 times the 480 million" in opening.says()


@pytest.mark.parametrize(
    ("times", "expected"),
    [(2, "17.3 times the 480"), (35, "has 0.47 billion: the 480 million"), (40, "0.42 billion: less than the 480")],
)
def test_a_reader_finds_the_multiple_at_which_the_two_lines_agree(times: int, expected: str) -> None:
    assert expected in opening_comparison().says(times=times)


def test_the_page_counts_every_figure_once(book: Path) -> None:
    text = (book / "chapters/index.html").read_text(encoding="utf-8")
    tallies = re.findall(r"<p>(\d+) figures(?: in these chapters)?: ([^<]*)\.</p>", text)
    *steps, (whole, parts) = tallies
    assert sum(int(number) for number, _ in steps) == int(whole)
    counts = tally_statements().set_index("section").loc["all sections"]
    assert [int(number) for number in re.findall(r"\d+", parts)] == [counts[name] for name in FOUND]
    assert len(re.findall(r"<dt>", text)) == len(MOVES)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_each_chapter_has_a_card_with_its_picture_which_waits_until_it_is_near(
    browser: Browser, site: str, width: int, mode: Mode
) -> None:
    chapters = [*dict.fromkeys(load("sections")["chapter"]), "6-audit", "7-after-2021"]
    with opened(browser, f"{site}/chapters/index.html", width, mode) as page:
        cards = page.locator(".chapter-cards a")
        assert [card.get_attribute("href") for card in cards.all()] == [f"{name}.html" for name in chapters]
        for card in cards.all():
            picture = card.locator("img:visible")
            assert picture.count() == 1
            assert str(picture.get_attribute("src")).endswith(f"-{mode}.svg")
            picture.scroll_into_view_if_needed()
            picture.evaluate("picture => picture.decode()")
            assert picture.evaluate("picture => picture.naturalWidth") > 0
        hidden = page.locator(f".chapter-cards .only-{'dark' if mode == 'light' else 'light'}")
        assert not any(picture.evaluate("picture => picture.complete") for picture in hidden.all())
