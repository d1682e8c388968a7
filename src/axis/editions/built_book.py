"""Read the built book: its pages in order, each as a tree of its text without the navigation around it."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString
from bs4.filter import SoupStrainer
from markupsafe import Markup

from axis.book_identity import edition_words, read_book_identity, read_citation_file
from axis.editions.markup import require_one
from axis.errors import EditionError
from helpers.figures.figure_html import HIDDEN_SVG

PICTURE = re.compile(r"<svg .*?</svg>", re.DOTALL)
PLACE = "picture-place"


class InlineSvg(PreformattedString):
    """A picture as the chart's painter wrote it. An HTML parser would change the case of its names."""

    PREFIX = SUFFIX = ""

    def with_description(self, description: str) -> "InlineSvg":
        """Return a copy that has the description itself, instead of the box around it."""
        names = Markup('<svg role="img" aria-label="{}"').format(description)
        return InlineSvg(self.replace(HIDDEN_SVG, names, 1))


@dataclass(frozen=True)
class BookPage:
    """One page: the name of its file without suffix, the part of the book that it opens, its title, its text."""

    name: str
    opens_part: str
    title: str
    body: Tag

    @property
    def html(self) -> Markup:
        """The text as HTML that is XML as well."""
        return Markup(self.body.decode())


@dataclass(frozen=True)
class Book:
    """The book: its title, author and language, its edition, when it was built, where it is published, and its pages.

    `edition` is the version and the date that ``CITATION.cff`` names, in words, and `released` the date alone; both
    are empty without that file. `site_url` is the public address of the folder that holds ``index.html``, with a
    slash at its end, or empty if none is known.
    """

    title: str
    author: str
    language: str
    edition: str
    released: str
    build_time: datetime.datetime
    site_url: str
    pages: list[BookPage]


def read_built_book(root: Path, html: Path) -> Book:
    """Read a built book.

    Parameters
    ----------
    root
        The folder of ``_config.yml`` and ``_toc.yml``.
    html
        The folder of the built pages.

    Raises
    ------
    EditionError
        If a page that ``_toc.yml`` names is not built.
    """
    identity, citation = read_book_identity(root), read_citation_file(root)
    toc = list(_toc_entries(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))))
    files = [html / f"{place}.html" for place, _ in toc]
    if missing := [file for file in files if not file.is_file()]:
        raise EditionError(f"{missing[0]} has not been built: run `make book` first.")
    newest = max(file.stat().st_mtime for file in files)
    return Book(
        title=identity.title,
        author=identity.author,
        language=identity.language,
        edition=edition_words(citation),
        released=str(citation.get("date-released", "")),
        build_time=datetime.datetime.fromtimestamp(int(newest), tz=datetime.UTC),
        site_url=_canonical_site_url(files[0].read_text(encoding="utf-8"), toc[0][0]),
        pages=[_read_page(file, part) for file, (_, part) in zip(files, toc, strict=True)],
    )


def _toc_entries(toc: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return each page of the table of contents, and the part of the book that begins with it."""
    yield toc["root"], ""
    for part in toc["parts"]:
        for index, chapter in enumerate(part["chapters"]):
            yield chapter["file"], "" if index else part["caption"]


def _canonical_site_url(page: str, place: str) -> str:
    """Return the public address of the site, from the canonical address of a page."""
    found = re.search(rf'<link rel="canonical" href="(https?://[^"]*/){re.escape(place)}\.html"', page)
    return found[1] if found else ""


def _read_page(file: Path, opens_part: str) -> BookPage:
    body = _parse_article(file.read_text(encoding="utf-8"), file.stem)
    title = require_one(body, "h1")
    for mark in title.select(".headerlink"):
        mark.decompose()
    return BookPage(file.stem, opens_part, title.get_text().strip(), body)


def _parse_article(text: str, name: str) -> Tag:
    """Parse the text of a page; its pictures stay as they are, with ids that no other page has."""
    pictures: list[str] = []

    def keep(found: re.Match[str]) -> str:
        # Two charts of one page may both call a shape "clip1".
        pictures.append(re.sub(r'(\bid="|url\(#)', rf"\g<1>{name}-picture-{len(pictures)}-", found[0]))
        return f'<{PLACE} data-number="{len(pictures) - 1}"></{PLACE}>'

    soup = BeautifulSoup(PICTURE.sub(keep, text), "html.parser", parse_only=SoupStrainer("article"))
    for place in soup.find_all(PLACE):
        place.replace_with(InlineSvg(pictures[int(str(place["data-number"]))]))
    article = require_one(soup, "article")
    article.name, article.attrs = "section", {"class": "page"}
    return article
