"""Paint the cover that an e-book library shows."""

import textwrap

from helpers.templates import render
from helpers.theme import FONT
from helpers.vega.native import svg_to_png

#: In pixels: the proportions and about the size that e-book shops ask for.
WIDTH, HEIGHT = 1600, 2560
#: How many letters of the title fit on one line.
LETTERS = 16


def render_cover_image(title: str) -> bytes:
    """Paint the cover as PNG.

    Parameters
    ----------
    title
        The book's title. What follows its first colon is set smaller.
    """
    main, _, second = title.partition(": ")
    svg = render(
        "axis.editions",
        "cover.svg",
        width=WIDTH,
        height=HEIGHT,
        font=FONT,
        heading=textwrap.wrap(main, LETTERS),
        second=second,
    )
    return svg_to_png(svg)
