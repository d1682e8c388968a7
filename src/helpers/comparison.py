"""`Comparison`: a chart with controls, written once and shown in a notebook, on a page and in print."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd
import traitlets

from helpers import figures
from helpers.figures import controls as _controls
from helpers.figures import evaluate, figure_html, live_figure
from helpers.figures.spec import ParameterValue, Spec, is_variable, read_figure
from helpers.vega import Drawable


class Comparison:
    """A chart whose parameters the reader sets.

    Parameters
    ----------
    chart
        An Altair chart with a title and a description. It declares a parameter for each keyword
        below, such as ``alt.param(name="baseline")``, and uses it in a transform, a filter or an
        encoding. With ``usermeta={"says": "…"}`` it may have a Vega expression of the
        parameters: the sentence that says what the chart shows.
    **controls
        One ipywidget for each parameter. Its value is the parameter's value.

    Raises
    ------
    TypeError
        If a page without a kernel cannot show one of the widgets.
    ValueError
        If the chart does not declare a keyword as a parameter or does not use it, if a default is
        not among the options, or if the chart has no title or description.

    Examples
    --------
    >>> import altair as alt
    >>> prices = pd.DataFrame({"supplier": ["Qatar", "Russia"], "price": [275.0, 230.0]})
    >>> chart = (
    ...     alt.Chart(prices, title="Qatar charges more", description="Two bars.")
    ...     .properties(usermeta={"says": "'Each price is multiplied by ' + factor + '.'"})
    ...     .add_params(alt.param(name="factor"))
    ...     .transform_calculate(shown="datum.price * factor")
    ...     .mark_bar()
    ...     .encode(x="shown:Q", y="supplier:N", tooltip=["supplier:N", "shown:Q"])
    ... )
    >>> doubled = Comparison(chart, factor=widgets.IntSlider(2, 1, 3, description="Factor"))
    >>> doubled.table()
      supplier  shown
    0    Qatar  550.0
    1   Russia  460.0
    >>> doubled.table(factor=3)["shown"].tolist(), doubled.says(factor=3)
    ([825.0, 690.0], 'Each price is multiplied by 3.')
    """

    def __init__(self, chart: Drawable, **controls: widgets.Widget) -> None:
        if not controls:
            raise ValueError("A comparison needs at least one control: Comparison(chart, baseline=Dropdown(…)).")
        spec = chart.to_dict()
        for name, widget in controls.items():
            _validate_parameter(spec, name)
            _controls.validate_widget(name, widget)
        self.chart = chart
        self.controls = controls
        self._figure = figures.prepare_figure(_add_default_sentence(evaluate.with_state(spec, self.state), controls))

    @property
    def state(self) -> dict[str, ParameterValue]:
        """The current value of each parameter, from its widget."""
        return {name: _controls.to_parameter_value(w.value) for name, w in self.controls.items()}

    @property
    def description(self) -> str:
        """The text that stands in for the chart where it cannot be seen."""
        return self._figure.description

    def table(self, **state: ParameterValue) -> pd.DataFrame:
        """Return the numbers that the chart shows when the parameters are set to `state`.

        Parameters
        ----------
        **state
            The value of each parameter; those left out have the value of their widget.

        Returns
        -------
        DataFrame
            One row for each mark and one column for each tooltip, named by the tooltip's title.

        Raises
        ------
        ValueError
            If a keyword is not one of the controls.
        """
        rows = evaluate.evaluate_table(self._figure, self._complete_state(state))
        names = [column.title for column in self._figure.columns]
        return pd.DataFrame([[cell.value for cell in row] for row in rows], columns=names)

    def says(self, **state: ParameterValue) -> str:
        """Return the sentence that says what the chart shows when the parameters are set to `state`."""
        return evaluate.evaluate_sentence(self._figure, self._complete_state(state))

    def _complete_state(self, state: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
        unknown = [name for name in state if name not in self.controls]
        if unknown:
            known = ", ".join(self.controls)
            raise ValueError(f"This comparison has no control `{unknown[0]}`: use one of {known}.")
        return {**self.state, **{name: _controls.to_parameter_value(value) for name, value in state.items()}}

    def to_html(self) -> str:
        """Write the comparison as a figure of a page, with the controls as the widgets are set."""
        return figure_html.figure_html(*self._described())

    def _repr_mimebundle_(self, **_: object) -> figures.MimeBundle:
        return figures.mime_bundle(*self._described(), live_parts=self._live_parts)

    def _described(self) -> tuple[figures.Figure, list[_controls.Control]]:
        controls = [_controls.describe_control(name, widget) for name, widget in self.controls.items()]
        return read_figure(evaluate.with_state(self._figure.spec, self.state)), controls

    def _live_parts(self) -> list[widgets.Widget]:
        """Build the row of ipywidgets, the chart, each linked to the other, the sentence and the panel of numbers."""
        sentence = {"name": "_says", "expr": self._figure.says}
        spec = evaluate.with_state(self._figure.spec, self.state)
        spec["params"] = [*spec["params"], sentence]
        chart = live_figure.live_chart(spec)
        for name, widget in self.controls.items():
            _show_whole_labels(widget)
            traitlets.link((widget, "value"), (chart.params, name), transform=_value_transforms(widget))
        says = widgets.HTML(self.says())
        # None until a front end has drawn the chart: until then, the sentence that Python computed stays.
        traitlets.dlink((chart.params, "_says"), (says, "value"), lambda text: text or says.value)
        own = list(self.controls.values())
        row = widgets.HBox(own, layout=widgets.Layout(flex_flow="row wrap"))
        return [row, chart, says, live_figure.numbers_panel(self._figure, lambda: self.state, own)]


def _show_whole_labels(widget: widgets.Widget) -> None:
    """Make room for the description of a widget, which JupyterLab cuts off after about ten letters."""
    widget.style.description_width = "initial"
    if isinstance(widget, widgets.ToggleButtons):
        # Each button is as wide as its label and the row as wide as the page; otherwise they stand in a pile.
        widget.style.button_width = "auto"
        widget.layout.width = widget.layout.width or "auto"
    else:
        widget.layout.width = widget.layout.width or f"{0.55 * len(widget.description) + 16:.0f}em"


def _value_transforms(widget: widgets.Widget) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the functions from a widget's value to the trait of the chart's parameter, and back.

    The trait keeps every number and bool as a float, so the way back restores the type.
    """
    if isinstance(widget, widgets.SelectMultiple):
        return list, tuple
    if hasattr(widget, "options"):
        values = _controls.option_values(widget)
        return _controls.to_parameter_value, lambda value: values[values.index(value)]
    return _controls.to_parameter_value, type(widget.value)


def _validate_parameter(spec: Spec, name: str) -> None:
    parameters = {p["name"]: p for p in spec.get("params", []) if is_variable(p)}
    if name not in parameters:
        known = ", ".join(parameters) or "none"
        raise ValueError(
            f'The chart has no parameter `{name}` (it has: {known}): add .add_params(alt.param(name="{name}")).'
        )
    if "bind" in parameters[name]:
        raise ValueError(f"The parameter `{name}` has a binding: leave out bind=, because the widget sets it.")
    others = [p for p in spec["params"] if p["name"] != name]
    hidden = {"params", "datasets", "usermeta", "config"}
    visible = {key: value for key, value in spec.items() if key not in hidden}
    if not re.search(rf"\b{re.escape(name)}\b", _expression_text([visible, others])):
        raise ValueError(
            f"The chart declares the parameter `{name}` but does not use it, so its control would change nothing: "
            "use it in a transform, a filter or an encoding."
        )


def _expression_text(node: object) -> str:
    """Collect all text in which Vega may evaluate an expression; titles and descriptions are left out."""
    if isinstance(node, dict):
        return " ".join(_expression_text(v) for k, v in node.items() if k not in ("title", "description", "data"))
    if isinstance(node, list):
        return " ".join(map(_expression_text, node))
    return node if isinstance(node, str) else ""


def _add_default_sentence(spec: Spec, controls: Mapping[str, widgets.Widget]) -> Spec:
    """Where the chart has no sentence of its own, add one that lists the values of the controls."""
    extra = spec.setdefault("usermeta", {})
    if not extra.get("says"):
        parts = [f"{json.dumps(w.description + ': ')} + {name}" for name, w in controls.items()]
        extra["says"] = " + '; ' + ".join(parts) + " + '.'"
    return spec
