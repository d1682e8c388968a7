"""The ipywidgets that a comparison may use, and the native HTML control of each."""

from typing import NamedTuple, NotRequired, TypedDict

import ipywidgets as widgets

from helpers.figures.spec import OptionValue, ParameterValue

#: What a browser gets for each supported widget.
KINDS: dict[type[widgets.Widget], str] = {
    widgets.Dropdown: "select",
    widgets.Select: "list",
    widgets.RadioButtons: "radio",
    widgets.ToggleButtons: "toggle",
    widgets.SelectMultiple: "several",
    widgets.Checkbox: "check",
    widgets.IntSlider: "range",
    widgets.FloatSlider: "range",
    widgets.SelectionSlider: "choice",
    widgets.IntText: "number",
    widgets.FloatText: "number",
}


class Option(NamedTuple):
    """One option of a widget: what readers see, and what it stands for."""

    label: str
    value: OptionValue


class ControlOption(TypedDict):
    """One option of a control on a page."""

    label: str
    value: OptionValue
    selected: bool


class Control(TypedDict):
    """A control on a page, ready for JSON: a template writes it as HTML, and a script connects it to the chart."""

    #: The parameter that it sets.
    name: str
    #: What readers see and hear.
    label: str
    #: One of `KINDS`.
    kind: str
    #: Of the kinds check, range and number: its first value.
    value: NotRequired[bool | float]
    #: Of the kinds range and number.
    step: NotRequired[float | str]
    #: Of the kind range: its ends, the digits after the decimal point, and the first value as text.
    min: NotRequired[float]
    max: NotRequired[float]
    digits: NotRequired[int]
    text: NotRequired[str]
    #: Of all other kinds: the options, the position of the first selected one, and the rows of a list.
    options: NotRequired[list[ControlOption]]
    position: NotRequired[int]
    rows: NotRequired[int]


def validate_widget(name: str, widget: widgets.Widget) -> None:
    """Make sure that a page without a kernel can show a widget.

    Parameters
    ----------
    name
        The keyword of the comparison, which is also the chart's parameter.
    widget
        The widget that was passed for it.

    Raises
    ------
    TypeError
        If the widget is not supported, or one of its options is not text, a number or a bool.
    ValueError
        If the widget has no description, or its default is not among its options.
    """
    if type(widget) not in KINDS:
        supported = ", ".join(kind.__name__ for kind in KINDS)
        raise TypeError(
            f"Comparison got {type(widget).__name__} for `{name}`, which a page without a kernel "
            f"cannot show. Use one of: {supported}."
        )
    if not widget.description.strip():
        raise ValueError(
            f'The {type(widget).__name__} for `{name}` has no description: add description="…", '
            "the label that readers see and hear."
        )
    if hasattr(widget, "options"):
        _validate_options(name, widget)


def _validate_options(name: str, widget: widgets.Widget) -> None:
    values = option_values(widget)
    for value in values:
        if not isinstance(value, str | int | float):
            raise TypeError(
                f"The option {value!r} of `{name}` is a {type(value).__name__}: "
                "the parameter of a chart can only be text, a number, true or false."
            )
    chosen = widget.value if isinstance(widget, widgets.SelectMultiple) else [widget.value]
    missing = [value for value in chosen if value not in values]
    if missing:
        raise ValueError(
            f"The default {missing[0]!r} of `{name}` is not among its options: "
            f"set value= to one of {', '.join(map(repr, values))}."
        )


def widget_options(widget: widgets.Widget) -> list[Option]:
    """Return the options of a widget in order, however they were given; a slider or a checkbox has none.

    Examples
    --------
    >>> widget_options(widgets.Dropdown(options={"from Qatar": 275, "from Russia": 230}))
    [Option(label='from Qatar', value=275), Option(label='from Russia', value=230)]
    """
    if not hasattr(widget, "options"):
        return []
    # `options` is as the author wrote it: a list, pairs or a dictionary. These two always have the same form.
    return list(map(Option, widget._options_labels, widget._options_values))  # noqa: SLF001  see tests/test_private_apis.py


def option_values(widget: widgets.Widget) -> list[OptionValue]:
    """Return the values of a widget's options, in order, without their labels."""
    return [option.value for option in widget_options(widget)]


def to_parameter_value(value: ParameterValue) -> ParameterValue:
    """Return a widget's value as the value of a Vega parameter: a tuple becomes a list."""
    return list(value) if isinstance(value, tuple) else value


def describe_control(name: str, widget: widgets.Widget) -> Control:
    """Describe a widget as a control on a page."""
    control: Control = {"name": name, "label": widget.description, "kind": KINDS[type(widget)]}
    if control["kind"] == "check":
        return {**control, "value": widget.value}
    if control["kind"] == "number":
        return {**control, "value": widget.value, "step": widget.step or "any"}
    if control["kind"] == "range":
        return _describe_range(control, widget)
    return _describe_options(control, widget)


def _describe_range(control: Control, widget: widgets.Widget) -> Control:
    digits = int("".join(filter(str.isdigit, widget.readout_format)) or 0)
    return {
        **control,
        "min": widget.min,
        "max": widget.max,
        "step": widget.step,
        "value": widget.value,
        "digits": digits,
        "text": f"{widget.value:.{digits}f}",
    }


def _describe_options(control: Control, widget: widgets.Widget) -> Control:
    chosen = widget.value if isinstance(widget, widgets.SelectMultiple) else (widget.value,)
    options: list[ControlOption] = [
        {"label": label, "value": value, "selected": value in chosen} for label, value in widget_options(widget)
    ]
    position = next((i for i, option in enumerate(options) if option["selected"]), 0)
    return {**control, "options": options, "position": position, "rows": min(len(options), 8)}
