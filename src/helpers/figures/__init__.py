"""Turn an Altair chart into an accessible figure, in whatever form a front end can show.

`spec` checks what a chart must have, `second_channel` makes its series differ by more than colour,
`evaluate` asks Vega what it shows, `picture` draws it, `controls` describes its controls,
`figure_html` writes it as HTML, and `live_figure` makes the face that a kernel redraws. This module
puts the forms together.
"""

import base64
import os
from collections.abc import Callable, Sequence

import altair as alt
import ipywidgets as widgets

from helpers.figures import figure_html, live_figure, picture, second_channel
from helpers.figures.controls import Control
from helpers.figures.spec import Figure, Spec, read_figure

__all__ = ["Figure", "MimeBundle", "enable_renderer", "mime_bundle", "prepare_figure"]

#: One output for each kind of front end, by its MIME type.
MimeBundle = dict[str, str]


def enable_renderer() -> None:
    """Make Altair show every chart as a figure of the book."""
    alt.renderers.register("book", _render_chart)
    alt.renderers.enable("book")


def prepare_figure(spec: Spec) -> Figure:
    """Make the series of a chart differ by more than colour, then read the chart as a figure.

    Parameters
    ----------
    spec
        A top-level Vega-Lite specification, which is changed in place.

    Raises
    ------
    ValueError
        If the chart has no title or no description, or if points differ by colour alone.
    """
    second_channel.add_redundant_encoding(spec)
    return read_figure(spec)


def mime_bundle(
    figure: Figure, controls: Sequence[Control], live_parts: Callable[[], Sequence[widgets.Widget]]
) -> MimeBundle:
    """Write a figure in every form that stays; a front end shows the richest that it can.

    Where a kernel can redraw the figure, this displays the live one before it.

    Parameters
    ----------
    figure
        The chart, as `spec.read_figure` returns it.
    controls
        Its controls, as `helpers.figures.controls.describe_control` returns them.
    live_parts
        Builds the live figure, from top to bottom; its last part is the panel of numbers. It is not called while
        pages are being built, where HELPERS_OUTPUT is ``page``: nothing could redraw the figure there.
    """
    png = picture.chart_png(figure.spec)
    if os.environ.get("HELPERS_OUTPUT") == "page":
        html = figure_html.figure_html(figure, controls)
    else:
        mark = live_figure.display_live(figure, live_parts())
        html = figure_html.saved_figure_html(figure, png, mark, has_controls=bool(controls))
    painted = {"image/png": base64.b64encode(png).decode()} if png else {}
    return {"text/html": html, "text/plain": f"{figure.title}. {figure.description}", **painted}


def _render_chart(spec: Spec, **_: object) -> MimeBundle:
    figure = prepare_figure(spec)

    def live_parts() -> list[widgets.Widget]:
        return [live_figure.live_chart(spec), live_figure.numbers_panel(figure, dict, ())]

    return mime_bundle(figure, (), live_parts)
