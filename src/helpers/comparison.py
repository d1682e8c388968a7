"""`Comparison`: controls and a chart, written once, shown in every medium."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd
import traitlets

from helpers import figures
from helpers.figures import controls as _controls
from helpers.figures import evaluate
from helpers.figures.spec import ParameterValue, Spec, is_variable, read_figure
from helpers.vega import Drawable


class Comparison:
    """A chart whose parameters the reader sets.

    Parameters
    ----------
    chart
        An Altair chart. It declares each keyword below as a parameter,
        ``alt.param(name="baseline")``, and uses it in a transform, a filter or an encoding.
        It has a title and a description; ``usermeta={"says": "…"}`` may hold a Vega expression
        of the parameters that says in a sentence what the chart shows.
    **controls
        One ipywidget for each parameter. Its value is the parameter's value.

    Raises
    ------
    TypeError
        If a widget is of a kind that a page without a kernel cannot show.
    ValueError
        If a keyword is no parameter of the chart or the chart does not use it, if a default is
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
            raise ValueError("A comparison needs a control: Comparison(chart, baseline=Dropdown(…)).")
        spec = chart.to_dict()
        for name, widget in controls.items():
            _validate_parameter(spec, name)
            _controls.validate_widget(name, widget)
        self.chart = chart
        self.controls = controls
        self._figure = figures.prepare_figure(_add_default_sentence(evaluate.with_state(spec, self.state), controls))

    @property
    def state(self) -> dict[str, ParameterValue]:
        """The value of each parameter as its widget has it now."""
        return {name: _controls.to_parameter_value(w.value) for name, w in self.controls.items()}

    @property
    def description(self) -> str:
        """The text alternative of the chart."""
        return self._figure.description

    def table(self, **state: ParameterValue) -> pd.DataFrame:
        """Give the numbers that the chart shows, with the parameters set to `state`.

        Returns
        -------
        DataFrame
            One row for each mark, one column for each tooltip, named by its title. Parameters
            that `state` leaves out have the value of their widget.
        """
        rows = evaluate.evaluate_table(self._figure, self._complete_state(state))
        names = [column.title for column in self._figure.columns]
        return pd.DataFrame([[cell.value for cell in row] for row in rows], columns=names)

    def says(self, **state: ParameterValue) -> str:
        """Give the sentence that tells what the chart shows, with the parameters set to `state`."""
        return evaluate.evaluate_sentence(self._figure, self._complete_state(state))

    def _complete_state(self, state: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
        unknown = [name for name in state if name not in self.controls]
        if unknown:
            known = ", ".join(self.controls)
            raise ValueError(f"`{unknown[0]}` is no control of this comparison: it has {known}.")
        return {**self.state, **{name: _controls.to_parameter_value(value) for name, value in state.items()}}

    def _repr_mimebundle_(self, **_: object) -> figures.MimeBundle:
        described = [_controls.describe_control(name, widget) for name, widget in self.controls.items()]
        figure = read_figure(evaluate.with_state(self._figure.spec, self.state))
        return figures.mime_bundle(figure, described, widget=self._live_widget)

    def _live_widget(self) -> widgets.Widget:
        """Build the box of real ipywidgets, linked both ways with the chart."""
        sentence = {"name": "_says", "expr": self._figure.says}
        spec = evaluate.with_state(self._figure.spec, self.state)
        spec["params"] = [*spec["params"], sentence]
        chart = figures.live_chart(spec)
        for name, widget in self.controls.items():
            _show_whole_label(widget)
            traitlets.link((widget, "value"), (chart.params, name), transform=_value_transforms(widget))
        says = widgets.HTML(self.says())
        traitlets.dlink((chart.params, "_says"), (says, "value"), lambda text: text or says.value)
        row = widgets.HBox(list(self.controls.values()), layout=widgets.Layout(flex_flow="row wrap"))
        return widgets.VBox([row, chart, says])


def _show_whole_label(widget: widgets.Widget) -> None:
    """Give a widget room for its description, which JupyterLab cuts after some ten letters."""
    widget.style.description_width = "initial"
    widget.layout.width = widget.layout.width or f"{0.55 * len(widget.description) + 16:.0f}em"


def _value_transforms(widget: widgets.Widget) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Give the two ways between a widget's value and the trait of the chart's parameter.

    The trait keeps every number and truth value as a float, so the way back restores the kind.
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
        raise ValueError(f"The parameter `{name}` has a binding: leave bind= out, the widget sets it.")
    others = [p for p in spec["params"] if p["name"] != name]
    hidden = {"params", "datasets", "usermeta", "config"}
    visible = {key: value for key, value in spec.items() if key not in hidden}
    if not re.search(rf"\b{re.escape(name)}\b", _expression_text([visible, others])):
        raise ValueError(
            f"The chart declares the parameter `{name}` but does not use it: its control would move nothing."
        )


def _expression_text(node: object) -> str:
    """Collect the text that Vega would evaluate; titles and descriptions only name things."""
    if isinstance(node, dict):
        return " ".join(_expression_text(v) for k, v in node.items() if k not in ("title", "description", "data"))
    if isinstance(node, list):
        return " ".join(map(_expression_text, node))
    return node if isinstance(node, str) else ""


def _add_default_sentence(spec: Spec, controls: Mapping[str, widgets.Widget]) -> Spec:
    """Say at least how the controls stand, where the chart brings no sentence of its own."""
    extra = spec.setdefault("usermeta", {})
    if not extra.get("says"):
        parts = [f"{json.dumps(w.description + ': ')} + {name}" for name, w in controls.items()]
        extra["says"] = " + '; ' + ".join(parts) + " + '.'"
    return spec
