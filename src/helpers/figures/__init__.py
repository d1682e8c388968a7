"""How one Altair chart becomes an accessible figure in each medium.

`spec` says what a chart must bring, `second_channel` tells its series apart without colour,
`evaluate` asks Vega what it shows, `picture` paints it, `page` writes it as HTML; this module chooses the faces that
a front end gets.
"""

import base64
import os
from collections.abc import Callable, Sequence

import altair as alt
import ipywidgets as widgets

from helpers import vega
from helpers.figures import figure_html, picture, second_channel
from helpers.figures.controls import Control
from helpers.figures.spec import Figure, Spec, read_figure

__all__ = ["Figure", "MimeBundle", "enable_renderer", "live_chart", "mime_bundle", "prepare_figure"]

#: One output for each kind of front end, by its MIME type; a widget is named by the id of its model.
MimeBundle = dict[str, str | dict[str, str | int]]

WIDGET_MIME_TYPE = "application/vnd.jupyter.widget-view+json"


def enable_renderer() -> None:
    """Make Altair show every chart as a figure of the book."""
    alt.renderers.register("book", _render_chart)
    alt.renderers.enable("book")


def prepare_figure(spec: Spec) -> Figure:
    """Make a figure of a chart: signs beside its colours, then all that `spec.read_figure` asks.

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


def mime_bundle(figure: Figure, controls: Sequence[Control], widget: Callable[[], widgets.Widget]) -> MimeBundle:
    """Give one figure in every medium; the front end takes the first that it can show.

    Parameters
    ----------
    figure
        The chart, as `spec.read_figure` gives it.
    controls
        Native controls, as `helpers.figures.controls.describe_control` gives them.
    widget
        Builds the live face. It is not called while a static page is being built, where
        HELPERS_OUTPUT is ``page``: there the widget would only add megabytes of state.
    """
    faces: MimeBundle = {
        "text/html": figure_html.figure_html(figure, controls),
        "text/plain": f"{figure.title}. {figure.description}",
    }
    if painted := picture.chart_png(figure.spec):
        faces["image/png"] = base64.b64encode(painted).decode()
    if os.environ.get("HELPERS_OUTPUT") != "page":
        faces[WIDGET_MIME_TYPE] = {"version_major": 2, "version_minor": 0, "model_id": widget().model_id}
    return faces


def live_chart(spec: Spec) -> alt.JupyterChart:
    """Make the chart that a kernel drives; its JavaScript does not come from a CDN."""
    vega.enable_offline_charts()
    chart = alt.Chart.from_dict(picture.fit_to_width(spec, picture.WIDE))
    return alt.JupyterChart(chart, embed_options={"renderer": "svg", "actions": False})


def _render_chart(spec: Spec, **_: object) -> MimeBundle:
    return mime_bundle(prepare_figure(spec), (), widget=lambda: live_chart(spec))
