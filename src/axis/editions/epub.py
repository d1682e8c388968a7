"""Write the book as an EPUB 3: one document for each page, charts as drawings with their description."""

import uuid
from collections.abc import Iterator
from pathlib import Path

from axis.editions.built_book import Book, Page
from axis.editions.cover import paint
from axis.editions.edition_links import lead
from axis.editions.static_page import make_still
from helpers.files import write_archive
from helpers.templates import render

MIMETYPE = "mimetype"


def write(book: Book, target: Path) -> None:
    """Write a book; its pages change on the way.

    Parameters
    ----------
    book
        The book, as `axis.editions.built_book.read` gives it.
    target
        The file to write.
    """
    for page in book.pages:
        make_still(page, book.site, folds=True)
        lead(page, book, _place)
    files = ((name, text.encode()) for name, text in _files(book))
    cover = ("EPUB/cover.png", paint(book.title))
    write_archive([*files, cover], target, stored=[MIMETYPE])


def _place(name: str, place: str) -> str:
    return f"{name}.xhtml#{place}" if place else f"{name}.xhtml"


def _files(book: Book) -> Iterator[tuple[str, str]]:
    """Give each file of the EPUB; a reading device wants the first in the first bytes."""
    yield MIMETYPE, "application/epub+zip"
    yield "META-INF/container.xml", _fill("container.xml")
    # The same book keeps its name, so that a newer file replaces it on a shelf.
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, book.site or book.title).urn
    yield "EPUB/package.opf", _fill("package.opf", book=book, identifier=identifier)
    yield "EPUB/nav.xhtml", _fill("nav.xhtml", book=book, title="Contents", parts=_parts(book))
    yield "EPUB/still.css", _fill("still.css")
    yield "EPUB/title.xhtml", _fill("title.xhtml", book=book, title=book.title)
    for page in book.pages:
        yield f"EPUB/{page.name}.xhtml", _fill("page.xhtml", book=book, title=page.title, body=page.html)


def _parts(book: Book) -> list[tuple[str, list[Page]]]:
    """Group pages by the part that they stand in."""
    found: list[tuple[str, list[Page]]] = []
    for page in book.pages:
        if page.begins or not found:
            found.append((page.begins, []))
        found[-1][1].append(page)
    return found


def _fill(template: str, **values: object) -> str:
    return render("axis.editions", template, **values)
