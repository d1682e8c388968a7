"""The ipywidgets that a comparison may use, and the native HTML control of each."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

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


def validate_widget(name: str, widget: Any) -> None:
    """Make sure that a page without a kernel can show this widget.

    Parameters
    ----------
    name
        The keyword of the comparison, which is also the chart's parameter.
    widget
        What the chapter gave for it.

    Raises
    ------
    TypeError
        If the widget, or the kind of one of its options, is not supported.
    ValueError
        If its default is not among its options, or if it has no description.
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
            "the name that readers see and hear."
        )
    if hasattr(widget, "options"):
        _validate_options(name, widget)


def _validate_options(name: str, widget: Any) -> None:
    values = option_values(widget)
    for value in values:
        if not isinstance(value, str | int | float):
            raise TypeError(
                f"The option {value!r} of `{name}` is a {type(value).__name__}: "
                "a chart's parameter takes text, numbers or true and false."
            )
    chosen = widget.value if isinstance(widget, widgets.SelectMultiple) else [widget.value]
    missing = [value for value in chosen if value not in values]
    if missing:
        raise ValueError(
            f"The default {missing[0]!r} of `{name}` is not among its options: "
            f"give value= one of {', '.join(map(repr, values))}."
        )


def option_values(widget: Any) -> list[Any]:
    """Give the values of a widget's options, in order, without their labels."""
    return [value for _, value in _labelled_options(widget)]


def _labelled_options(widget: Any) -> list[tuple[str, Any]]:
    return list(zip(widget._options_labels, widget._options_values, strict=True))


def to_parameter_value(value: Any) -> Any:
    """Turn a widget's value into the value of a Vega parameter: a tuple becomes a list."""
    return list(value) if isinstance(value, tuple) else value


def describe_control(name: str, widget: Any) -> dict[str, Any]:
    """Describe a widget so that a template can write it and a script can bind it.

    Returns
    -------
    dict
        JSON-ready: ``name``, ``label``, ``kind``, and what that kind needs (``options``,
        ``min``, ``max``, ``step``, ``value``, ``text``).
    """
    kind = KINDS[type(widget)]
    extra: Callable[[Any], dict[str, Any]] = {
        "check": lambda w: {"value": w.value},
        "range": _range_settings,
        "number": lambda w: {"value": w.value, "step": w.step or "any"},
    }.get(kind, _option_settings)
    return {"name": name, "label": widget.description, "kind": kind, **extra(widget)}


def _range_settings(widget: Any) -> dict[str, Any]:
    digits = int("".join(filter(str.isdigit, widget.readout_format)) or 0)
    return {
        "min": widget.min,
        "max": widget.max,
        "step": widget.step,
        "value": widget.value,
        "digits": digits,
        "text": f"{widget.value:.{digits}f}",
    }


def _option_settings(widget: Any) -> dict[str, Any]:
    several = isinstance(widget, widgets.SelectMultiple)
    chosen = widget.value if several else (widget.value,)
    options = [
        {"label": label, "value": value, "selected": value in chosen} for label, value in _labelled_options(widget)
    ]
    position = next((i for i, option in enumerate(options) if option["selected"]), 0)
    return {"options": options, "position": position, "rows": min(len(options), 8)}
