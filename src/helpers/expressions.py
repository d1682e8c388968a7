"""Vega expressions that many figures need, under names that say what they ask or count.

A Vega expression is text, in which ``datum.price`` is a column of the chart's table and ``baseline`` a parameter
that the reader sets. Each function takes such texts and returns one, in brackets where it has more than one part, so
that the results can be joined: ``is_ticked("forms", "datum.form") + " && datum.year > since"``.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import altair as alt

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ON_PHONE",
    "choose",
    "count_of",
    "in_words",
    "is_ticked",
    "lookup",
    "names_above_on_phone",
    "parameters",
    "scale_axis",
    "scale_position",
    "total_of",
]

#: Whether a chart is drawn as narrow as for a phone: 340 pixels with its axes, and not 680.
ON_PHONE = "(width < 345)"
NUMBER_WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def parameters(names: str = "", **derived: str) -> list[alt.Parameter]:
    """Declare what the reader sets, and what follows from it.

    Parameters
    ----------
    names
        The parameters that a `Comparison` has controls for, with spaces between them.
    **derived
        The expression of each parameter that is computed from the others.

    Examples
    --------
    ``chart.add_params(*parameters("base measure", rate="lookup_table[base]"))``

    >>> [parameter.name for parameter in parameters("base measure", twice="2 * base")]
    ['base', 'measure', 'twice']
    """
    computed = [alt.param(name=name, expr=text) for name, text in derived.items()]
    return [*(alt.param(name=name) for name in names.split()), *computed]


def lookup(table: "Mapping[Any, Any] | pd.Series[Any]", key: str) -> str:
    """Take from a table the value that belongs to what the reader chose.

    Parameters
    ----------
    table
        The value of each option: a dictionary, or a column of pandas with the options as its index.
    key
        The expression of the option.

    Examples
    --------
    >>> lookup({"Qatar": 275, "Russia": 230}, "baseline")
    '({"Qatar": 275, "Russia": 230}[baseline])'
    """
    plain = {str(name): value.item() if hasattr(value, "item") else value for name, value in table.items()}
    return f"({json.dumps(plain, ensure_ascii=False)}[{key}])"


def is_ticked(ticked: str, option: str) -> str:
    """Ask whether an option is among those that the reader ticked in a list.

    Examples
    --------
    >>> is_ticked("forms", "datum.form")
    '(indexof(forms, datum.form) >= 0)'
    """
    return f"(indexof({ticked}, {option}) >= 0)"


def choose(cases: Mapping[str, str], otherwise: str) -> str:
    """Take the result of the first condition that holds.

    Examples
    --------
    >>> choose({"rank == 1": "'first'", "rank == other": "'yours'"}, "'another'")
    "(rank == 1 ? 'first' : rank == other ? 'yours' : 'another')"
    """
    return "(" + "".join(f"{condition} ? {result} : " for condition, result in cases.items()) + f"{otherwise})"


def total_of(amounts: Mapping[str, float]) -> str:
    """Add up the amounts whose conditions hold.

    Examples
    --------
    >>> total_of({is_ticked("ticked", "'gold'"): 12.5, "extra": 3})
    "(((indexof(ticked, 'gold') >= 0) ? 12.5 : 0) + (extra ? 3 : 0))"
    """
    return "(" + " + ".join(f"({condition} ? {amount} : 0)" for condition, amount in amounts.items()) + ")"


def count_of(number: str, one: str, many: str = "") -> str:
    """Write a number with its noun, in the singular only for one.

    Parameters
    ----------
    number
        The expression of the number.
    one, many
        The noun in the singular and in the plural, which by default ends in "s".

    Examples
    --------
    >>> count_of("years", "year")
    "(years + (years == 1 ? ' year' : ' years'))"
    """
    return f"({number} + ({number} == 1 ? ' {one}' : ' {many or one + 's'}'))"


def in_words(number: str) -> str:
    """Write a whole number in words up to twelve, as in a sentence, and in figures above.

    Examples
    --------
    >>> in_words("banks").replace(str(NUMBER_WORDS), "[…]")
    "(banks <= 12 ? […][banks] : '' + banks)"
    """
    return f"({number} <= 12 ? {NUMBER_WORDS}[{number}] : '' + {number})"


def scale_position(value: str, scale: str = "scale", logarithmic: str = "logarithmic") -> str:
    """Place a value on a scale of which the reader chooses whether it is linear or logarithmic.

    Parameters
    ----------
    value
        The expression of the value, which is above zero.
    scale
        The parameter that chooses the scale; `scale_axis` writes the labels.
    logarithmic
        Its value for the logarithmic scale.

    Examples
    --------
    >>> scale_position("datum.shown")
    "(scale == 'logarithmic' ? log(datum.shown) / LN10 : datum.shown)"
    """
    return f"({scale} == '{logarithmic}' ? log({value}) / LN10 : {value})"


def scale_axis(
    scale: str = "scale", number_format: str = ",.3~r", logarithmic: str = "logarithmic", **options: Any
) -> alt.Axis:
    """Label the axis of `scale_position` with values, not with their logarithms.

    Parameters
    ----------
    scale
        The parameter that chooses the scale.
    number_format
        How d3 writes a value on the logarithmic scale.
    logarithmic
        The value of the parameter for the logarithmic scale.
    **options
        What else the axis has.

    Examples
    --------
    >>> scale_axis(tickCount=3).to_dict()["labelExpr"]
    "scale == 'logarithmic' ? format(pow(10, datum.value), ',.3~r') : datum.label"
    """
    label = f"{scale} == '{logarithmic}' ? format(pow(10, datum.value), '{number_format}') : datum.label"
    return alt.Axis(labelExpr=label, **options)


def names_above_on_phone(half_mark: float = 0, *, points_only: bool = False, **options: Any) -> dict[str, Any]:
    """Write the names of a vertical scale beside the plot, or above each mark where the chart is as narrow as a phone.

    A name beside the plot would leave less than half of a phone's width to the marks. Bars need a step of about
    36 pixels, small points one of 24.

    Parameters
    ----------
    half_mark
        Half the height of a point, in pixels; bars know theirs.
    points_only
        Whether all marks are points or texts: their rows have no inner padding.
    **options
        What else the axis has.

    Returns
    -------
    dict
        The ``axis`` and the ``scale`` of an `altair.Y` whose values are names.

    Examples
    --------
    >>> sorted(names_above_on_phone())
    ['axis', 'scale']
    """
    axis = alt.Axis(
        labelAlign=alt.expr(f"{ON_PHONE} ? 'left' : 'right'"),
        labelPadding=alt.expr(f"{ON_PHONE} ? -2 : 4"),
        labelOffset=alt.expr(f"{ON_PHONE} ? -max(bandwidth('y') / 2, {half_mark}) - 8 : 0"),
        ticks=False,
        domain=False,
        **options,
    )
    padding = {"paddingInner": ("0.55", "0.25"), "paddingOuter": ("0.8", "0.5") if half_mark else ("0.4", "0.15")}
    if points_only:
        del padding["paddingInner"]
    scale = {name: alt.expr(f"{ON_PHONE} ? {narrow} : {wide}") for name, (narrow, wide) in padding.items()}
    return {"axis": axis, "scale": alt.Scale(**scale)}
