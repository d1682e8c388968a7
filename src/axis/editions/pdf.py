"""Print the whole book as one PDF, with contents, bookmarks and links that lead inside it."""

import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import Tag
from markupsafe import Markup
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

from axis.editions.built_book import Book
from axis.editions.edition_links import relink_page
from axis.editions.page_fill import mark_figures, shrink_pushed_figures
from axis.editions.print_browser import open_print_page, print_to_pdf
from axis.editions.static_page import make_page_static
from axis.errors import EditionError
from helpers.files import write_atomically
from helpers.templates import render

#: How often figures may be made smaller; each time can move those behind them.
DRAFTS = 4


def write_pdf(book: Book, target: Path) -> None:
    """Print a book. This changes its pages.

    A browser does not say on which sheet a part of a page will be printed. So the book is printed in draft first, to
    learn the page numbers and which figures leave the sheet before them empty, and then with the numbers in the table
    of contents.

    Raises
    ------
    EditionError
        If there is no browser, or if a chapter cannot be found in the printed file.
    """
    for page in book.pages:
        make_page_static(page, book.site_url, folds=False)
        relink_page(page, book, _fragment_href)
        _make_ids_unique(page.name, page.body)
    mark_figures(book)
    with tempfile.TemporaryDirectory() as folder, open_print_page() as browser:
        source = Path(folder) / "print-book.html"
        for _ in range(DRAFTS):
            source.write_text(_render_print_html(book, {}), encoding="utf-8")
            draft = print_to_pdf(browser, source, draft=True)
            numbers = _page_numbers(book, draft)
            if not shrink_pushed_figures(book, draft):
                break
        source.write_text(_render_print_html(book, numbers), encoding="utf-8")
        content = print_to_pdf(browser, source)
    if _page_numbers(book, content) != numbers:
        raise EditionError("The page numbers in the contents moved the pages that they count: shorten chapter titles.")
    _write_final_pdf(book, content, target)


def _fragment_href(name: str, place: str) -> str:
    return f"#{name}--{place}" if place else f"#{name}"


def _make_ids_unique(name: str, body: Tag) -> None:
    """Make every id of a page different from those of other pages."""
    for element in body.select("[id]"):
        element["id"] = f"{name}--{element['id']}"
    body["id"] = name


def _render_print_html(book: Book, numbers: dict[str, int]) -> str:
    running_title = _css_string(f"{book.title}. {book.edition}" if book.edition else book.title)
    return render("axis.editions", "print-book.html", book=book, numbers=numbers, running_title=running_title)


def _css_string(text: str) -> Markup:
    """Write a text as a string of CSS that is safe inside an element of HTML."""
    return Markup('"' + re.sub(r'["\\<\n]', lambda sign: f"\\{ord(sign[0]):x} ", text) + '"')


def _page_numbers(book: Book, content: bytes) -> dict[str, int]:
    """Return the number of the sheet on which each page of the book begins."""
    reader = PdfReader(io.BytesIO(content))
    places = reader.named_destinations
    found = {page.name: places.get(f"/{page.name}", places.get(page.name)) for page in book.pages}
    if lost := [name for name, place in found.items() if place is None]:
        raise EditionError(f"The browser's PDF has no link target for {lost[0]}: use a newer chromium.")
    return {name: (reader.get_destination_page_number(place) or 0) + 1 for name, place in found.items() if place}


def _write_final_pdf(book: Book, content: bytes, target: Path) -> None:
    """Write the file with the metadata that library catalogues ask for; it opens with its bookmarks shown."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.add_metadata({"/Title": book.title, "/Author": book.author, "/Subject": book.edition})
    _fix_bookmark_titles(
        writer, [heading.get_text() for page in book.pages for heading in page.body.select("h1, h2, h3")]
    )
    writer.page_mode = "/UseOutlines"
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    file = io.BytesIO()
    writer.write(file)
    write_atomically(target, file.getvalue())


def _fix_bookmark_titles(writer: PdfWriter, headings: list[str]) -> None:
    """Restore the space that the browser drops from a bookmark at each line break of its heading."""
    known = {"".join(heading.split()): " ".join(heading.split()) for heading in headings}
    for bookmark in _walk_bookmarks(writer.root_object["/Outlines"]):
        title = known.get("".join(str(bookmark["/Title"]).split()))
        if title:
            bookmark[NameObject("/Title")] = TextStringObject(title)


def _walk_bookmarks(parent: Any) -> Iterator[Any]:
    """Go through all bookmarks below another, at every level."""
    child = parent.get("/First")
    while child is not None:
        bookmark = child.get_object()
        yield bookmark
        yield from _walk_bookmarks(bookmark)
        child = bookmark.get("/Next")
