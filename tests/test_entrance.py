"""The first page: its comparison is the report's own arithmetic, its tally and its cards are computed."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from axis.book.entrance.opening_figure import opening_comparison
from helpers.audit.moves import MOVES
from helpers.audit.summaries import FOUND, tally_statements
from helpers.tables import load
from helpers.theme import COLOURS, DARK_COLOURS
from pages import DESKTOP, PHONE, Mode, opened

#: The colours of the pixels of a picture, as in "#0e4aa1".
COLOURS_OF_PICTURE = """async (address) => {
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, picture.width, picture.height);
  const found = new Set();
  for (let i = 0; i < data.length; i += 4)
    found.add("#" + [0, 1, 2].map((k) => data[i + k].toString(16).padStart(2, "0")).join(""));
  return [...found];
}"""


def test_the_first_setting_is_the_report_s_and_makes_the_point() -> None:
    opening = opening_comparison()
    amounts = opening.table().set_index("Origin")["Billion US dollars"]
    assert amounts["printed in the list"] == 0.48
    assert amounts["computed from it"].round(2).tolist() == [1.81, 1.84]
    assert "1.84 billion: 3.8 times the 480 million" in opening.says()


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (2, "17.3 times the 480"),
        (35, "has 0.47 billion: close to the 480 million"),
        (40, "0.42 billion: less than the 480"),
    ],
)
def test_a_reader_finds_the_multiple_at_which_the_two_lines_agree(times: int, expected: str) -> None:
    assert expected in opening_comparison().says(times=times)


def test_the_page_counts_every_figure_once(book: Path) -> None:
    text = (book / "chapters/index.html").read_text(encoding="utf-8")
    tallies = re.findall(r"<p>(\d+) figures in (?:this chapter|these chapters): ([^<]*)\.</p>", text)
    counts = tally_statements().set_index("section").loc["all sections"]
    assert sum(int(number) for number, _ in tallies) == counts[FOUND].sum()
    for name in FOUND:
        said = re.findall(rf"(\d+) {name.replace('holds', 'holds?')}", "; ".join(parts for _, parts in tallies))
        assert sum(map(int, said)) == counts[name]


def test_the_page_on_method_lists_every_test_once(book: Path) -> None:
    card = (book / "chapters/method.html").read_text(encoding="utf-8").split('class="tests-card"')[1].split("</dl>")[0]
    assert re.findall(r"<dt>(.*?)</dt>", card) == [name.replace("_", " ") for name in MOVES]


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_each_chapter_has_a_card_whose_picture_waits_until_it_is_near(browser: Browser, site: str, width: int) -> None:
    chapters = [*dict.fromkeys(load("sections")["chapter"]), "6-audit", "7-after-2021"]
    with opened(browser, f"{site}/chapters/index.html", width) as page:
        cards = page.locator(".chapter-cards a")
        assert [card.get_attribute("href") for card in cards.all()] == [f"{name}.html" for name in chapters]
        assert not page.locator(".chapter-cards img").last.evaluate("picture => picture.complete")
        for card in cards.all():
            card.scroll_into_view_if_needed()
            size = card.locator("img").evaluate("async one => [await one.decode(), one.naturalWidth, one.offsetWidth]")
            assert min(size[1:]) > 150


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_pictures_follow_the_page_and_not_the_system(browser: Browser, site: str, mode: str, system: Mode) -> None:
    with opened(browser, f"{site}/chapters/index.html", mode=system) as page:
        page.evaluate("mode => { document.documentElement.dataset.theme = mode; }", mode)
        card = page.locator(".chapter-cards .frame").first
        card.scroll_into_view_if_needed()
        card.locator("img").evaluate("picture => picture.decode()")
        bars = base64.b64encode(card.screenshot()).decode()
        colours = page.evaluate(COLOURS_OF_PICTURE, f"data:image/png;base64,{bars}")
        shades = DARK_COLOURS if mode == "dark" else COLOURS
        assert set(shades.values()) & set(colours)
