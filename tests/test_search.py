"""The search finds words and numbers, in pages from a folder too, and gives away no answer."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from axis.book.search.page_sections import PageSection, split_page_sections
from pages import opened
from static_host import Traffic

#: What a search costs at most, the text of the whole book included.
SEARCH = 260_000

BODY = """\
<section id="one"><h1>1 One<a class="headerlink" href="#one">#</a></h1>
<p>China held
<em>1,251</em> billion.</p>
<figure class="book-figure" id="chart"><figcaption><strong>A title</strong> <span>below</span></figcaption>
<svg><text>painted</text></svg><p class="says">It shows 2.</p><div class="tools">CSV</div></figure>
<fieldset class="book-question"><legend>How many?</legend><div class="option">Seven</div></fieldset>
<div class="book-prediction" id="p" data-answer="9.5"><p>Guess.</p><details class="reveal">9.5 it is.</details></div>
<table><tbody><tr id="A1"><th>A1</th><td>4.1 percent</td><td></td><td>held</td></tr></tbody></table>
<dl><dt id="term-stock">stock</dt><dd><p>An amount.</p></dd></dl></section>
"""


def test_a_page_is_split_where_it_has_addresses_and_leaves_out_answers() -> None:
    assert split_page_sections(BODY) == [
        PageSection("one", "1 One", "China held 1,251 billion.\nHow many?\nGuess."),
        PageSection("chart", "A title", "below\nIt shows 2."),
        PageSection("A1", "", "A1 · 4.1 percent · held"),
        PageSection("term-stock", "stock", "An amount."),
    ]


@pytest.fixture(scope="module")
def searching(browser: Browser) -> Iterator[Page]:
    """A page for searches in files."""
    page = browser.new_page()
    yield page
    page.close()


def _search(page: Page, book: Path, asked: str) -> list[str]:
    page.goto(f"{(book / 'search.html').as_uri()}?q={quote(asked)}")
    page.wait_for_function("/all of: /.test(document.querySelector('#search-results [role=status]')?.textContent)")
    return page.locator("#search-results li > a").all_inner_texts()


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("1,251", "3.6 The dollar"),
        ("1251", "3.6 The dollar"),
        ("250 percent", "3.3 Investment"),
        ("250%", "3.3 Investment"),
        ("1.2 billion", "3.3 Investment"),
        ("Boulegue", "1 The top-down"),
        ("Boulègue", "1 The top-down"),
        ("glossary", "Glossary"),
    ],
)
def test_a_search_leads_to_the_page_that_says_it(searching: Page, book: Path, asked: str, first: str) -> None:
    assert _search(searching, book, asked)[0].startswith(first)


def test_a_number_is_no_part_of_another_and_every_word_counts(searching: Page, book: Path) -> None:
    pages = _search(searching, book, "4.1")
    assert {"3.2 Energy", "Every statement"} <= {page.split(":")[0] for page in pages}
    context = searching.locator("#search-results .context").all_inner_texts()
    assert [line for line in context if not re.search(r"(?<![\d.,])4\.1(?![\d]|[.,]\d)", line)] == []
    assert set(_search(searching, book, "1.2 billion")) < set(_search(searching, book, "billion"))
    assert _search(searching, book, "Qatar zeppelin") == []
    assert searching.locator("#search-results [role=status]").inner_text().startswith("No page has all of: Qatar")


def test_a_result_shows_one_sentence_and_leads_to_its_place(searching: Page, book: Path) -> None:
    _search(searching, book, "250 percent")
    result = searching.locator("#search-results li").first
    assert {"250", "percent"} == set(result.locator(".context").first.locator("mark").all_inner_texts())
    assert len(result.locator(".context").first.inner_text()) < 300
    result.locator(".where a").first.click()
    assert re.search(r"3-3-investment\.html#[\w-]+$", searching.url)
    place = searching.url.split("#")[1]
    searching.locator(f"[id='{place}']").wait_for(state="attached")


def test_a_result_gives_away_no_answer(searching: Page, book: Path) -> None:
    """3.2 asks for the price of the gas that cost most, which is 340 dollars."""
    _search(searching, book, "Myanmar gas")
    energy = searching.locator("#search-results li", has_text="3.2 Energy")
    assert energy.count() == 1
    assert not re.search(r"\b340\b", energy.inner_text())
    assert not re.search("Show the answer|Not quite|✓ Right", searching.locator("#search-results").inner_text())


def test_the_text_of_the_book_is_fetched_by_a_search_alone(browser: Browser, site: str) -> None:
    traffic: list[Traffic] = []
    with opened(browser, f"{site}/search.html?q=Xi", watch=lambda page: traffic.append(Traffic(page))) as page:
        assert page.locator("#search-results li").count() > 5
        assert "search-texts.js" in traffic[0].names()
        assert traffic[0].total()[1] < SEARCH
