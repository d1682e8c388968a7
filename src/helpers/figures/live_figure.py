"""The face of a figure that a kernel redraws: the chart in a box of ipywidgets, with its source and its numbers."""

from collections.abc import Callable, Mapping, Sequence

import altair as alt
import ipywidgets as widgets
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from markupsafe import escape

from helpers import vega
from helpers.figures import figure_html, picture
from helpers.figures.spec import Figure, ParameterValue, Spec
from helpers.theme import dark_style

#: JupyterLab's mark of a dark theme, around a live chart.
DARK_LAB = '[data-jp-theme-light="false"] .vega-embed'

WIDGET_MIME_TYPE = "application/vnd.jupyter.widget-view+json"


def live_chart(spec: Spec) -> alt.JupyterChart:
    """Make the chart that a kernel redraws, without its title, with JavaScript that does not come from a CDN."""
    vega.enable_offline_charts()
    alt.JupyterChart._css = dark_style(DARK_LAB)  # noqa: SLF001  see tests/test_private_apis.py
    chart = alt.Chart.from_dict(picture.fit_to_width(picture.without_title(spec), picture.WIDE))
    return alt.JupyterChart(chart, embed_options={"renderer": "svg", "actions": False})


def numbers_panel(
    figure: Figure, state: Callable[[], Mapping[str, ParameterValue]], controls: Sequence[widgets.Widget]
) -> widgets.Accordion:
    """Make a panel that opens to the numbers of the figure; they follow the controls while it is open.

    Parameters
    ----------
    figure
        The chart, as `spec.read_figure` returns it.
    state
        Returns the current value of each parameter.
    controls
        The widgets that change the state.
    """
    table = widgets.HTML()
    panel = widgets.Accordion(children=[table], selected_index=None)
    panel.set_title(0, "Numbers in this figure")

    def show_numbers(_: object) -> None:
        if panel.selected_index is not None:
            table.value = figure_html.numbers_html(figure, state())

    panel.observe(show_numbers, "selected_index")
    for control in controls:
        control.observe(show_numbers, "value")
    return panel


def display_live(figure: Figure, parts: Sequence[widgets.Widget]) -> str:
    """Show the parts of a live figure as an output of their own, before the figure that a notebook keeps.

    JupyterLab shows "model not found" in the place of a widget whose kernel is gone, whatever else the same output
    holds. So the figure that stays is another output, and the live one hides it while it is there.

    Returns
    -------
    str
        The class by which the live figure hides the other one.
    """
    box = widgets.VBox([])
    mark = f"saved-{box.model_id}"
    # A front end's own fonts may be wider than those of a picture, which would cut off a title.
    title = widgets.HTML(f"<strong>{escape(figure.title)}</strong> {escape(figure.subtitle)}")
    source = f"<p>Source: {escape(figure.source)}</p>" if figure.source else ""
    hiding = widgets.HTML(f"<style>.{mark} {{ display: none; }}</style>{source}")
    *above, numbers = parts
    box.children = [title, *above, hiding, numbers]
    if InteractiveShell.initialized():
        reference = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
        # What cannot show the live figure shows nothing in its place, and says nothing about it.
        display({WIDGET_MIME_TYPE: reference, "text/html": ""}, raw=True)
    return mark
