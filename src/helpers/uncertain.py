"""Marks for what a source leaves open: "more than" as an arrow, and a year as a span and not its first day."""

import altair as alt
import pandas as pd

#: Which way the truth lies from the printed number.
UPWARD = ["more than", "at least"]
DOWNWARD = ["less than", "at most"]


def open_ends(
    base: alt.Chart, qualifier: str = "qualifier", length: int = 26, offset: int = 0, colour: str = "currentColor"
) -> alt.LayerChart:
    """Draw an arrow from each value that is only a bound, towards where the truth may lie.

    Parameters
    ----------
    base
        The chart with its table and its ``x``, as the other marks have it.
    qualifier
        The column that says "more than" or "less than".
    length
        The length of an arrow in pixels, the same on every scale.
    offset
        The pixels between the value and the arrow, for points that have a size.
    colour
        The colour of the arrows.

    Examples
    --------
    >>> shares = pd.DataFrame({"field": ["chips"], "value": [90], "qualifier": ["more than"]})
    >>> base = alt.Chart(shares).encode(x="value:Q", y="field:N")
    >>> chart = alt.layer(base.mark_bar(), open_ends(base))
    """
    # `x2` is the same value: only the pixels of the offset draw the line.
    where = base.mark_point().to_dict()["encoding"]["x"]
    end = alt.X2(where["field"]) if "field" in where else alt.X2Datum(where["datum"])
    layers = []
    for words, sign, shape in ((UPWARD, 1, "triangle-right"), (DOWNWARD, -1, "triangle-left")):
        bounds = base.transform_filter(alt.FieldOneOfPredicate(field=qualifier, oneOf=words))
        near, far = sign * offset, sign * (offset + length)
        layers.append(bounds.mark_rule(strokeWidth=2, xOffset=near, x2Offset=far, color=colour).encode(x2=end))
        layers.append(bounds.mark_point(shape=shape, xOffset=far, size=60, filled=True, color=colour))
    return alt.LayerChart(layer=layers)


def with_year_span(table: pd.DataFrame, column: str = "period") -> pd.DataFrame:
    """Add where a period begins and ends, in years: 2014 runs from 2014 to 2015, May 2014 takes a twelfth of it.

    Parameters
    ----------
    table
        A table of the book.
    column
        Its column of periods: a year, a month, a day, or two of them with ``/`` between.

    Returns
    -------
    DataFrame
        The table with the columns ``start`` and ``end``; both are missing where there is no date.

    Examples
    --------
    >>> periods = pd.DataFrame({"period": ["2014", "2014-07", "2014/2018", ""]})
    >>> with_year_span(periods)["start"].tolist()
    [2014.0, 2014.5, 2014.0, nan]
    >>> with_year_span(periods)["end"].round(3).tolist()
    [2015.0, 2014.583, 2019.0, nan]
    """
    ends = table[column].fillna("").str.split("/")
    return table.assign(start=ends.str[0].map(_first_moment), end=ends.str[-1].map(_last_moment))


def _first_moment(date: str) -> float:
    if not date:
        return float("nan")
    year, month, day = (*map(int, date.split("-")), 1, 1)[:3]
    return year + (month - 1) / 12 + (day - 1) / 365


def _last_moment(date: str) -> float:
    lengths = {4: 1, 7: 1 / 12, 10: 1 / 365}
    return _first_moment(date) + (lengths[len(date)] if date else 0)
