"""Paint the first chart of each chapter in small, for its card on the first page.

A picture that stands in an ``img`` does not see the page around it, but browsers tell it the page's ``color-scheme``.
So one file is right in light and in dark.
"""

import re
from pathlib import Path, PurePath
from typing import Any

from sphinx.application import Sphinx

from axis.book.head.preview import first_figure
from helpers.figures import picture
from helpers.figures.compact_svg import simplify_svg
from helpers.files import write_atomically
from helpers.theme import dark_screen_style

FOLDER = "_images/cards"
#: The text around a chart, which the picture cannot take from the page.
STYLE = (
    f"<style>svg {{ color: {picture.INK}; }}\n{dark_screen_style('svg')}"
    "@media screen and (prefers-color-scheme: dark) { svg { color: #ced6dd; } }</style>"
)
#: What a label may need on the left if the reader's font is wider than the one that it was measured in.
MARGIN = 24
#: The size of a picture as Vega writes it.
SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)" viewBox="0 0 [\d.]+ [\d.]+"')


def setup(app: Sphinx) -> None:
    """Register the painting."""
    app.connect("html-page-context", _paint_chapter)


def picture_path(chapter: str) -> str:
    """Return the path of a chapter's small picture in the site."""
    return f"{FOLDER}/{chapter}.svg"


def _paint_chapter(app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    if app.builder.format != "html" or not (figure := first_figure(context.get("body", ""))):
        return
    chart = SIZE.sub(_leave_margin, simplify_svg(picture.chart_svg(figure.spec, picture.NARROW)), count=1)
    start = chart.index(">") + 1
    write_atomically(Path(app.outdir) / picture_path(PurePath(page).name), chart[:start] + STYLE + chart[start:])


def _leave_margin(size: re.Match[str]) -> str:
    """Leave room for labels that are longer in the reader's font: what lies outside a picture is cut off."""
    width = float(size[1]) + MARGIN
    return f'width="{width:g}" height="{size[2]}" viewBox="-{MARGIN} 0 {width:g} {size[2]}"'
