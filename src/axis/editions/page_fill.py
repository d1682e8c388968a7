"""Keep sheets from standing half empty before a figure that does not fit on them.

Marks before and after each figure tell where a browser has put it. A figure that began a new sheet, and left much of
the one before it white, is drawn so much smaller that it fits there, unless its words could then not be read.
"""

import io
import re
from dataclasses import dataclass

from bs4 import Tag
from pypdf import PdfReader

from axis.editions.built_book import Book, InlineSvg
from axis.editions.markup import tag_from_html

#: In points: the height of the text on an upright sheet, as in print-sheets.css.
TEXT_HEIGHT = 717.0
#: The widest and the highest drawing, in millimetres, as in print-sheets.css.
WIDEST, HIGHEST = 150.0, 190.0
#: How many points are a millimetre.
POINTS = 72 / 25.4
#: How much of a sheet may stay white, and how small a drawing may become.
WHITE, SMALLEST = 1 / 3, 0.55
#: Room for what the figure's margins and the rounding of a browser take, in points.
SPARE = 14
BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True)
class Place:
    """Where a mark has come to stand: the index of its sheet, and its height in points, from wherever it is counted."""

    sheet: int
    height: float


def mark_figures(book: Book) -> None:
    """Put a mark before and after each figure of the book, with links to them, so that a PDF has their places."""
    for figure in [figure for page in book.pages for figure in page.body.select("figure.book-figure[id]")]:
        block = figure
        while block.parent is not None and block.parent.name != "section":
            block = block.parent
        before = block.find_previous_sibling()
        # A heading goes along with the figure that it stands above.
        first = before if before is not None and before.name in ("h2", "h3") else block
        first.insert_before(tag_from_html('<span id="before-{}"></span>', figure["id"]))
        block.insert_after(tag_from_html('<span id="after-{}"></span>', figure["id"]))
        for mark in ("before", "after"):
            figure.append(tag_from_html('<a href="#{}-{}"></a>', mark, figure["id"]))


def shrink_pushed_figures(book: Book, content: bytes) -> bool:
    """Make figures smaller that left a sheet before them too empty, and tell whether there was one.

    Parameters
    ----------
    book
        The book, with the marks of `mark_figures`.
    content
        The book as a browser has printed it.
    """
    reader = PdfReader(io.BytesIO(content))
    places = {
        str(name).removeprefix("/"): Place(number, float(place.top))
        for name, place in reader.named_destinations.items()
        if (number := reader.get_destination_page_number(place)) is not None and place.top is not None
    }
    found = False
    for page in book.pages:
        # Every page of the book begins at the top of a sheet. Lists lie on their side, and have other heights.
        top = places[page.name]
        sheet = reader.pages[top.sheet].mediabox
        for figure in page.body.select("figure.book-figure[id]") if sheet.width < sheet.height else []:
            before, after = (places.get(f"{mark}-{figure['id']}") for mark in ("before", "after"))
            if before and after and (scale := _fitting_scale(figure, top.height, before, after)) < 1:
                found = True
                _scale_picture(figure, scale)
    return found


def _fitting_scale(figure: Tag, top: float, before: Place, after: Place) -> float:
    """Return how much smaller the drawing has to be to fit on the sheet before; 1 if it need not or cannot be.

    `top` is the height of the first line of a sheet.
    """
    white = TEXT_HEIGHT - (top - before.height)
    if after.sheet != before.sheet + 1 or white < WHITE * TEXT_HEIGHT:
        return 1
    needed = top - after.height
    drawing = _drawing_height(figure) * POINTS
    scale = (drawing - (needed - white) - SPARE) / drawing
    return scale if scale >= SMALLEST else 1


def _drawing_height(figure: Tag) -> float:
    """Return the height of a drawing in millimetres, as it is drawn now."""
    width, height = _drawing_size(figure)
    return height * _drawing_width(figure) / width


def _drawing_width(figure: Tag) -> float:
    width, height = _drawing_size(figure)
    return float(str(figure.get("data-drawn", f"{min(WIDEST, HIGHEST * width / height):.2f}")))


def _drawing_size(figure: Tag) -> tuple[float, float]:
    svg = figure.find(string=lambda text: isinstance(text, InlineSvg))
    found = BOX.search(str(svg))
    return (float(found[1]), float(found[2])) if found else (WIDEST, HIGHEST)


def _scale_picture(figure: Tag, scale: float) -> None:
    width = _drawing_width(figure) * scale
    figure["data-drawn"] = f"{width:.2f}"
    for picture in figure.select(".picture"):
        picture["style"] = f"max-width: {width:.2f}mm"
