"""Paint the picture that a link to a page shows elsewhere: its title over its first chart.

It is light, whatever the reader prefers: whoever shows it does not say what lies behind it.
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

#: What those who show links ask for, in pixels.
WIDTH, HEIGHT = 1200, 630
#: Where the chart begins and ends at most, and how wide it is.
LEFT, BOTTOM, ACROSS = 48, 548, 1104
#: The least and the greatest width at which a chart is painted before it is fitted in.
NARROWEST, WIDEST = 460, 1400
FOLDER = "previews"
#: The least part of its height that a chart keeps.
LOWEST = 0.7
#: The size of a picture as vl-convert writes it.
SIZE = r' width="[\d.]+" height="([\d.]+)"'
PAYLOAD = re.compile(r'<script type="application/json" class="figure-data">(.*?)</script>', re.DOTALL)


def first_figure(body: str) -> Figure | None:
    """Read the first figure of a page's HTML, or give None where the page has no figure."""
    found = PAYLOAD.search(body)
    return read_figure(json.loads(found.group(1))["spec"]) if found else None


def preview_path(page: str, figure: Figure | None) -> str:
    """Give where a page's picture lies in the site; pages without a chart share the book's own."""
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
    # The words are set from above: each line moves what comes below it.
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
    """Place a chart below the words: painted so wide that it fills the room, and no wider than needed."""
    room, spec, height = BOTTOM - top, figure.spec, _chart_height(figure.spec)
    reduced = _reduce_chart_height(spec, height - room * picture.WIDE / ACROSS)
    if reduced != spec:
        spec, height = reduced, _chart_height(reduced)
    width = min(max(round(height * ACROSS / room), NARROWEST), WIDEST)
    svg = picture.chart_svg(spec, width).replace("currentColor", picture.INK)
    box = f' x="{LEFT}" y="{top}" width="{ACROSS}" height="{room}"'
    return Markup(re.sub(SIZE, box, svg, count=1))


def _reduce_chart_height(spec: Spec, excess: float) -> Spec:
    """Copy a chart that is too high for large type with less height; one made of rows stays as it is."""
    height = spec.get("height")
    if excess <= 0 or not isinstance(height, int | float):
        return spec
    return {**spec, "height": max(height - excess, height * LOWEST)}


def _chart_height(spec: Spec) -> float:
    found = re.search(SIZE, picture.chart_svg(spec, picture.WIDE))
    return float(found.group(1)) if found else HEIGHT
