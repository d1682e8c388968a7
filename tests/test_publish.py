"""How a page of the site becomes a still one: where its links lead, and what happens to its names."""

import datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from bs4.formatter import HTMLFormatter

from axis.editions import built_book
from axis.editions.built_book import Book, BookPage
from axis.editions.edition_links import relink_page
from axis.editions.static_page import make_page_static
from axis.errors import EditionError

SITE = "https://example.org/book/"


def _page(html: str, name: str = "one") -> BookPage:
    section = BeautifulSoup(f"<section><h1>One</h1>{html}</section>", "html.parser").section
    assert section
    return BookPage(name, "", "One", section)


def _led(html: str, site: str) -> str:
    page = _page(html)
    whole = Book("A book", "Us", "en", "", "", datetime.datetime(2026, 1, 1), site, [page, _page("", "two")])
    make_page_static(page, site, folds=False)
    relink_page(page, whole, lambda name, place: f"<{name}|{place}>")
    return page.body.decode(formatter=HTMLFormatter())


@pytest.mark.parametrize(
    ("address", "with_site", "without"),
    [
        ("two.html#place", "<two|place>", "<two|place>"),
        ("#here", "<one|here>", "<one|here>"),
        ("two.html#chart?baseline=Qatar%2C+LNG", "<two|chart>", "<two|chart>"),
        ("../data/prices.csv", f"{SITE}data/prices.csv", None),
        ("../search.html", f"{SITE}search.html", None),
        ("https://elsewhere.org/a", "https://elsewhere.org/a", "https://elsewhere.org/a"),
    ],
)
def test_a_link_leads_to_its_place_or_to_the_published_book(address: str, with_site: str, without: str | None) -> None:
    link = f'<p>See <a class="reference" href="{address}">that</a>.</p>'
    assert f'<a href="{with_site}">that</a>' in _led(link, SITE)
    expected = f'<a href="{without}">that</a>' if without else "<p>See that.</p>"
    assert expected in _led(link, "")


def test_a_download_is_named_only_where_it_can_be_had() -> None:
    link = '<p class="book-links"><a href="../notebooks/one.ipynb" download>Download the chapter</a></p>'
    assert f'<a href="{SITE}notebooks/one.ipynb">Download the chapter</a>' in _led(link, SITE)
    assert "Download" not in _led(link, "")


def test_a_figure_with_controls_names_the_place_where_they_move() -> None:
    figure = '<figure class="book-figure" id="chart"><fieldset class="controls"><input></fieldset></figure>'
    assert f'<a href="{SITE}chapters/one.html#chart">' in _led(figure, SITE)
    assert "chapters/one.html" not in _led(figure, "")
    assert "<input" not in _led(figure, SITE)


def test_two_places_of_one_name_become_one() -> None:
    assert _led('<section id="a"><p id="a">x</p></section>', "").count('id="a"') == 1


def test_a_page_that_is_not_built_is_named(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: A\nauthor: B\nsphinx: {config: {language: en}}\n")
    (tmp_path / "_toc.yml").write_text("root: chapters/index\nparts: []\n")
    with pytest.raises(EditionError, match=r"chapters/index\.html has not been built: run `make book` first\.$"):
        built_book.read_built_book(tmp_path, tmp_path)


def test_the_public_address_is_the_one_that_the_pages_give(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: A\nauthor: B\nsphinx: {config: {language: en}}\n")
    (tmp_path / "_toc.yml").write_text("root: chapters/index\nparts: []\n")
    (tmp_path / "chapters").mkdir()
    link = f'<link rel="canonical" href="{SITE}chapters/index.html" />'
    (tmp_path / "chapters/index.html").write_text(f"{link}<article><h1>A<a class=headerlink>#</a></h1></article>")
    found = built_book.read_built_book(tmp_path, tmp_path)
    assert (found.site_url, found.pages[0].title) == (SITE, "A")
