"""Paint the picture that other sites show with a link to a page: the page's title above its first chart.

It is light whatever the reader prefers, since the page that embeds it has an unknown background.
"""

import functools
import json
import re
import textwrap
from pathlib import PurePath

from markupsafe import Markup

from helpers.figures import picture
from helpers.figures.spec import Figure, Spec, read_figure
from helpers.templates import render
from helpers.theme import FONT
from helpers.vega.native import svg_to_png

#: The size, in pixels, that sites which show such pictures ask for.
WIDTH, HEIGHT = 1200, 630
#: The left and the lowest edge of the chart, and its width.
LEFT, BOTTOM, ACROSS = 48, 548, 1104
#: The smallest and the largest width at which a chart is painted before it is scaled.
NARROWEST, WIDEST = 460, 1400
FOLDER = "previews"
#: A chart keeps at least this part of its height.
LOWEST = 0.7
#: How vl-convert writes the size of a picture.
SIZE = r' width="[\d.]+" height="([\d.]+)"'
PAYLOAD = re.compile(r'<script type="application/json" class="figure-data">(.*?)</script>', re.DOTALL)


def first_figure(body: str) -> Figure | None:
    """Read the first figure from a page's HTML, or return None if the page has no figure."""
    found = PAYLOAD.search(body)
    return read_figure(json.loads(found.group(1))["spec"]) if found else None


def preview_path(page: str, figure: Figure | None) -> str:
    """Return the path of a page's picture in the site; pages without a chart share the book's own."""
    return f"{FOLDER}/{PurePath(page).name if figure else 'book'}.png"


def render_preview_image(title: str, book: str, figure: Figure | None) -> bytes:
    """Paint a page's picture as PNG.

    Parameters
    ----------
    title
        The page's title; for the book's own picture, the sentence below the book's title.
    book
        The book's title.
    figure
        The page's first figure; None for the book's own picture.
    """
    # Everything is placed from the top: each line of text moves what comes below it.
    heading = textwrap.wrap(title if figure else book, 44)
    finding = textwrap.wrap(figure.title if figure else title, 82)
    start = 40 + 54 * len(heading) + 36 * len(finding)
    values = {"left": LEFT, "width": WIDTH, "height": HEIGHT, "font": FONT, "ink": picture.INK, "paper": picture.PAPER}
    chart = _fit_chart(figure, start + 24) if figure else ""
    words = {"heading": heading, "finding": finding, "book": book, "chart": chart}
    return svg_to_png(render("axis.book", "preview-image.svg", **values, **words))


@functools.lru_cache(maxsize=1)
def render_book_image(sentence: str, book: str) -> bytes:
    """Paint the book's own picture, which all pages without a figure share, once for all of them."""
    return render_preview_image(sentence, book, None)


def _fit_chart(figure: Figure, top: int) -> Markup:
    """Place a chart below the text, painted as wide as it has to be to fill the space."""
    room, spec, height = BOTTOM - top, figure.spec, _chart_height(figure.spec)
    reduced = _reduce_chart_height(spec, height - room * picture.WIDE / ACROSS)
    if reduced != spec:
        spec, height = reduced, _chart_height(reduced)
    width = min(max(round(height * ACROSS / room), NARROWEST), WIDEST)
    svg = picture.chart_svg(spec, width).replace("currentColor", picture.INK)
    box = f' x="{LEFT}" y="{top}" width="{ACROSS}" height="{room}"'
    return Markup(re.sub(SIZE, box, svg, count=1))


def _reduce_chart_height(spec: Spec, excess: float) -> Spec:
    """Return a copy with less height if a chart is too high for large type; one made of rows stays as it is."""
    height = spec.get("height")
    if excess <= 0 or not isinstance(height, int | float):
        return spec
    return {**spec, "height": max(height - excess, height * LOWEST)}


def _chart_height(spec: Spec) -> float:
    found = re.search(SIZE, picture.chart_svg(spec, picture.WIDE))
    return float(found.group(1)) if found else HEIGHT
