"""Figures that travel: each alone in a frame of another page, as a file with its metadata, as a citation, as a link."""

import csv
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page

from pages import opened
from static_host import StaticHost, serving

ROOT = Path(__file__).parent.parent
CITED = yaml.safe_load((ROOT / "CITATION.cff").read_text())
STATE = "#gas-prices?baseline=Qatar%2C+LNG&measure=Ratio&alike=fuel"
TITLE = "China paid less for Russia's pipeline gas than for any other gas it bought on the list"


@pytest.fixture(scope="module")
def chapter(browser: Browser, site: str) -> Iterator[Page]:
    """Chapter 3.2 in a state that a link names."""
    with opened(browser, f"{site}/chapters/3-2-energy.html{STATE}", permissions=["clipboard-read"]) as page:
        page.locator("#gas-prices .picture.live svg").wait_for()
        yield page


def _field(page: Page, number: int) -> str:
    return page.locator(".book-share textarea").nth(number).input_value()


def test_every_figure_has_a_page_and_a_file_with_metadata(book: Path) -> None:
    names = [
        name
        for page in (book / "chapters").glob("*.html")
        for name in re.findall(r'<figure class="book-figure" id="([^"]+)"', page.read_text())
    ]
    folder = book / "figures"
    assert len(names) == len(set(names)) > 50
    assert {path.name for path in folder.glob("*.html")} == {f"{name}.html" for name in names}
    for name in names:
        data = (folder / f"{name}.csv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbf"), name
        heading, *rows = csv.reader(data.decode("utf-8-sig").splitlines())
        described = json.loads((folder / f"{name}.csv-metadata.json").read_text())
        assert described["url"] == f"{name}.csv"
        assert [column["titles"] for column in described["tableSchema"]["columns"]] == heading
        assert described["dc:title"]
        assert described["dc:license"]
        assert described["dc:isPartOf"].endswith(f"#{name}")
        assert described["dc:source"], name
        for row in rows:
            for value, column in zip(row, described["tableSchema"]["columns"], strict=True):
                assert column["datatype"] == "string" or re.fullmatch(r"-?\d+(\.\d+)?|", value), (name, value)
                assert not re.search(r"\d\.\d{7}", value), (name, value)


def test_no_page_carries_its_numbers_twice(book: Path) -> None:
    for page in (book / "chapters").glob("*.html"):
        assert "data:text/csv" not in page.read_text(), page


@pytest.mark.parametrize("width", [1280, 390])
def test_the_code_shows_the_state_in_a_foreign_page_and_fits_the_frame(
    chapter: Page, browser: Browser, tmp_path: Path, width: int
) -> None:
    chapter.locator("#gas-prices").get_by_role("button", name="Embed").click()
    code, script = _field(chapter, 0), _field(chapter, 1)
    chapter.keyboard.press("Escape")
    assert f'title="Figure: {TITLE}"' in code
    assert f"figures/gas-prices.html?edition={CITED['version']}#gas-prices?" in code
    around = "<p>Text of a course.</p>" * 60
    (tmp_path / "host.html").write_text(f"<!doctype html><title>Week 5</title>{around}{code}{around}{script}")
    (tmp_path / "favicon.ico").touch()
    with serving(partial(StaticHost, directory=str(tmp_path))) as host:
        page = browser.new_page(viewport={"width": width, "height": 844})
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(f"{host}/host.html")
        frame = page.frame_locator("iframe")
        page.locator("iframe").evaluate("frame => frame.loading = 'eager'")
        frame.locator(".picture.live svg").wait_for()
        assert page.evaluate("scrollY") == 0
        assert "Qatar" in frame.locator(".says").inner_text()
        assert not frame.locator(".edition-note").is_visible()
        assert f"Version {CITED['version']}" in frame.locator(".book-edition").inner_text()
        inner = frame.locator("html")
        # A browser lays out what a frame holds when a reader comes near it.
        page.locator("iframe").scroll_into_view_if_needed()
        page.frames[1].wait_for_function("document.documentElement.scrollHeight <= innerHeight + 1")
        assert inner.evaluate("e => e.scrollWidth <= innerWidth")
        # The table unfolds, and the frame grows with it.
        before = int(page.locator("iframe").get_attribute("height") or 0)
        frame.locator("summary").click()
        page.wait_for_function("before => Number(document.querySelector('iframe').height) > before", arg=before)
        assert faults == []
        page.close()


def test_a_frame_for_another_edition_says_so(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/figures/gas-prices.html?edition=0.0.1") as page:
        said = page.locator(".edition-note").inner_text()
        assert said == f"The page around this figure asks for version 0.0.1. This is version {CITED['version']}."


def test_a_figure_is_cited_with_its_state_its_source_and_the_edition(chapter: Page) -> None:
    chapter.locator("#gas-prices").get_by_role("button", name="Cite").click()
    text, entry = _field(chapter, 0), _field(chapter, 1)
    chapter.keyboard.press("Escape")
    year = str(CITED["date-released"])[:4]
    assert text.startswith(f"{CITED['authors'][0]['name']} ({year}). {TITLE} [figure]. In {CITED['title']}, version")
    assert "Data: Balzer (2021), section 3.2, note 53." in text
    assert text.endswith(STATE)
    assert entry.startswith("@misc{axis-gas-prices,\n")
    assert f"year = {{{year}}}" in entry
    assert f"{STATE}}}" in entry


def test_the_link_to_a_view_is_copied_and_the_page_says_so(chapter: Page) -> None:
    figure = chapter.locator("#gas-prices")
    figure.locator("a.state").click()
    figure.get_by_text("The link is copied.").wait_for()
    assert chapter.evaluate("navigator.clipboard.readText()").endswith(STATE)


def test_going_back_to_an_address_without_a_state_brings_back_the_first_one(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        menu = page.locator("#gas-prices [data-control=baseline] select")
        first = menu.evaluate("e => e.selectedIndex")
        page.evaluate("hash => { location.hash = hash; }", STATE)
        page.wait_for_function(
            "first => document.querySelector('#gas-prices select').selectedIndex !== first", arg=first
        )
        page.go_back()
        page.wait_for_function(
            "first => document.querySelector('#gas-prices select').selectedIndex === first", arg=first
        )
        page.locator("#gas-prices .says", has_text="pipeline gas from Russia").wait_for()
        assert menu.evaluate("e => e.selectedIndex") == first


def test_every_page_says_which_edition_it_is(book: Path) -> None:
    day = f"{CITED['date-released']:%-d %B %Y}"
    for page in [*(book / "chapters").glob("*.html"), *(book / "figures").glob("*.html"), book / "search.html"]:
        assert f">Version {CITED['version']}, {day}</p>" in page.read_text(), page
