"""Turn an Altair chart into an accessible figure, in whatever form a front end can show.

`spec` checks what a chart must have, `second_channel` makes its series differ by more than colour,
`evaluate` asks Vega what it shows, `picture` draws it, `controls` describes its controls, and
`figure_html` writes it as HTML. This module puts the forms together.
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
from helpers.theme import dark_style

__all__ = ["Figure", "MimeBundle", "enable_renderer", "live_chart", "mime_bundle", "prepare_figure"]

#: One output for each kind of front end, by its MIME type; a widget is named by the id of its model.
MimeBundle = dict[str, str | dict[str, str | int]]

#: JupyterLab's mark of a dark theme, around a live chart.
DARK_LAB = '[data-jp-theme-light="false"] .vega-embed'

WIDGET_MIME_TYPE = "application/vnd.jupyter.widget-view+json"


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


def mime_bundle(figure: Figure, controls: Sequence[Control], widget: Callable[[], widgets.Widget]) -> MimeBundle:
    """Write a figure in every form; a front end shows the richest that it can.

    Parameters
    ----------
    figure
        The chart, as `spec.read_figure` returns it.
    controls
        Its controls, as `helpers.figures.controls.describe_control` returns them.
    widget
        Builds the live chart. It is not called while pages are being built, where HELPERS_OUTPUT
        is ``page``: there the widget would only add megabytes of state.
    """
    outputs: MimeBundle = {
        "text/html": figure_html.figure_html(figure, controls),
        "text/plain": f"{figure.title}. {figure.description}",
    }
    if painted := picture.chart_png(figure.spec):
        outputs["image/png"] = base64.b64encode(painted).decode()
    if os.environ.get("HELPERS_OUTPUT") != "page":
        outputs[WIDGET_MIME_TYPE] = {"version_major": 2, "version_minor": 0, "model_id": widget().model_id}
    return outputs


def live_chart(spec: Spec) -> alt.JupyterChart:
    """Make the chart that a kernel redraws, with JavaScript that does not come from a CDN."""
    vega.enable_offline_charts()
    alt.JupyterChart._css = dark_style(DARK_LAB)  # noqa: SLF001  see tests/test_private_apis.py
    chart = alt.Chart.from_dict(picture.fit_to_width(spec, picture.WIDE))
    return alt.JupyterChart(chart, embed_options={"renderer": "svg", "actions": False})


def _render_chart(spec: Spec, **_: object) -> MimeBundle:
    return mime_bundle(prepare_figure(spec), (), widget=lambda: live_chart(spec))
