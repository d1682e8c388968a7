"""Write the book as an EPUB 3: one document for each page, with charts as described drawings."""

import uuid
from collections.abc import Iterator
from pathlib import Path

from axis.editions.built_book import Book, BookPage
from axis.editions.cover import render_cover_image
from axis.editions.edition_links import relink_page
from axis.editions.static_page import make_page_static
from helpers.files import write_archive
from helpers.templates import render
from helpers.theme import dark_screen_style

MIMETYPE = "mimetype"


def write_epub(book: Book, target: Path) -> None:
    """Write a book. This changes its pages.

    Parameters
    ----------
    book
        The book, as `axis.editions.built_book.read_built_book` returns it.
    target
        The file to write.
    """
    for page in book.pages:
        make_page_static(page, book.site_url, folds=True)
        relink_page(page, book, _document_href)
    files = ((name, text.encode()) for name, text in _epub_files(book))
    cover = ("EPUB/cover.png", render_cover_image(book.title))
    write_archive([*files, cover], target, stored=[MIMETYPE])


def _document_href(name: str, place: str) -> str:
    return f"{name}.xhtml#{place}" if place else f"{name}.xhtml"


def _epub_files(book: Book) -> Iterator[tuple[str, str]]:
    """Return each file of the EPUB; a reading device expects the first one in the first bytes."""
    yield MIMETYPE, "application/epub+zip"
    yield "META-INF/container.xml", _fill_template("container.xml")
    # The identifier stays the same, so that a newer file replaces an older one in a library.
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, book.site_url or book.title).urn
    yield "EPUB/package.opf", _fill_template("package.opf", book=book, identifier=identifier)
    yield "EPUB/nav.xhtml", _fill_template("contents.xhtml", book=book, title="Contents", parts=_group_by_part(book))
    yield "EPUB/static-page.css", _fill_template("static-page.css") + dark_screen_style(".picture")
    yield "EPUB/title.xhtml", _fill_template("title-page.xhtml", book=book, title=book.title)
    for page in book.pages:
        yield (
            f"EPUB/{page.name}.xhtml",
            _fill_template("chapter-page.xhtml", book=book, title=page.title, body=page.html),
        )


def _group_by_part(book: Book) -> list[tuple[str, list[BookPage]]]:
    """Group the pages by the part of the book that they belong to."""
    found: list[tuple[str, list[BookPage]]] = []
    for page in book.pages:
        if page.opens_part or not found:
            found.append((page.opens_part, []))
        found[-1][1].append(page)
    return found


def _fill_template(template: str, **values: object) -> str:
    return render("axis.editions", template, **values)
