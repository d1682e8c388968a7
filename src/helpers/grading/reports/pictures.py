"""Draw what the class report shows: each picture with its finding, a description, and its numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd
from markupsafe import Markup

from helpers.figures import picture
from helpers.grading.reports.text import percent, plural
from helpers.theme import COLOURS

#: Height of the pictures with a numeric axis upward, in pixels.
HEIGHT = 240


#: The axis of a share, in percent.
WHOLE = alt.Scale(domain=[0, 100])


@dataclass(frozen=True)
class Picture:
    """A chart as the page prints it: finding, description, two widths of SVG, numbers."""

    title: str
    description: str
    wide: Markup
    narrow: Markup
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


def distribution(counts: pd.DataFrame, percents: pd.Series, waiting: bool) -> Picture:
    """Show how the scores of one exercise are spread.

    Parameters
    ----------
    counts
        The rows of one exercise from `statistics.distribution`.
    percents
        The scores, in percent.
    waiting
        Whether free texts still wait, so that the scores are of the points marked so far.
    """
    unit = "percent of the points marked so far" if waiting else "percent of the points"
    high = alt.Y("students:Q", title="Students", axis=alt.Axis(tickMinStep=1, format="d"))
    base = alt.Chart(counts).encode(y=high)
    bars = base.mark_bar(stroke="transparent", strokeWidth=2).encode(
        x=alt.X("low:Q", title=f"Score, {unit}", scale=WHOLE, axis=alt.Axis(values=[*range(0, 101, 20)])),
        x2="high:Q",
    )
    labels = base.transform_filter("datum.students > 0").transform_calculate(middle="(datum.low + datum.high) / 2")
    labels = labels.mark_text(dy=-8).encode(x="middle:Q", text="students:Q")
    rows = [(f"{row['low']} to {row['high']}", str(row["students"])) for row in counts.to_dict("records")]
    said = "; ".join(f"{span} percent, {plural(int(count), 'student')}" for span, count in rows if count != "0")
    return _picture(
        alt.layer(bars, labels, height=HEIGHT),
        _spread(percents),
        f"Histogram of the scores: {said}.",
        (f"Score, {unit}", "Students"),
        rows,
    )


def difficulty(found: pd.DataFrame) -> Picture:
    """Show the mean share of its points that each check got, hardest first.

    Parameters
    ----------
    found
        The rows of one exercise from `statistics.checks` that have a difficulty, with a column
        ``label`` that names each.
    """
    ordered = found.sort_values(["difficulty", "label"])
    ordered = ordered.assign(percent=100 * ordered["difficulty"], text=[percent(x) for x in ordered["difficulty"]])
    base = alt.Chart(ordered).encode(
        y=alt.Y("label:N", sort=list(ordered["label"]), title=None),
        x=alt.X("percent:Q", title="Mean share of its points, percent", scale=WHOLE),
    )
    bars = base.mark_bar()
    labels = base.mark_text(align="left", dx=4).encode(text="text:N")
    rows = list(zip(ordered["label"], ordered["text"], map(str, ordered["students"]), strict=True))
    hardest, easiest = ordered.iloc[0], ordered.iloc[-1]
    if hardest["text"] == easiest["text"]:
        title = f"All checks are as hard as one another: {hardest['text']} of their points were earned"
    else:
        title = f"Hardest is “{hardest['label']}”: {hardest['text']} of its points were earned"
    said = "; ".join(f"{label}, {text}" for label, text, _ in rows)
    columns = "Check", "Mean share of its points", "Students"
    return _picture(alt.layer(bars, labels), title, f"Bars, hardest check first: {said}.", columns, rows)


def discrimination(found: pd.DataFrame) -> Picture:
    """Show which checks tell those who know more from those who know less.

    Parameters
    ----------
    found
        Rows as for `difficulty` whose discrimination is defined, with a column ``remark``.
    """
    points = found.assign(percent=100 * found["difficulty"], look=found["remark"] != "")
    low = min(0.0, math.floor(points["discrimination"].min() * 5) / 5)
    chart = alt.layer(
        alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(strokeDash=[4, 3]).encode(y="zero:Q"),
        _dots(points, low),
        *_names(points, low),
        height=HEIGHT,
    )
    rows = [
        (row["label"], percent(row["difficulty"]), f"{row['discrimination']:.2f}", row["remark"] or "–")
        for row in points.sort_values("discrimination").to_dict("records")
    ]
    negative = points[points["remark"].str.contains("negative")]
    weakest = points.sort_values("discrimination").iloc[0]
    if len(negative):
        title = f"Those who do well elsewhere do worse in {_listed(negative['label'])}"
    elif weakest["discrimination"] < 0:
        title = f"“{weakest['label']}” goes against the other checks, but with few students that is mostly chance"
    else:
        title = "Those who do well elsewhere do well in each check too"
    said = "; ".join(f"{label}, {share}, {value}" for label, share, value, _ in rows)
    columns = "Check", "Mean share of its points", "Discrimination", "Look at it"
    return _picture(chart, title, f"Each check by mean share of its points and discrimination: {said}.", columns, rows)


def _dots(points: pd.DataFrame, low: float) -> alt.Chart:
    looks = alt.Scale(domain=[False, True], range=[COLOURS["blue"], COLOURS["vermilion"]])
    shapes = alt.Scale(domain=[False, True], range=["circle", "diamond"])
    dots: alt.Chart = alt.Chart(points).mark_point(filled=True, size=90, opacity=1)
    return dots.encode(
        x=alt.X("percent:Q", title="Mean share of its points, percent (right is easy)", scale=WHOLE),
        y=alt.Y("discrimination:Q", title="Correlation with the rest", scale=alt.Scale(domain=[low, 1])),
        color=alt.Color("look:N", scale=looks, legend=None),
        shape=alt.Shape("look:N", scale=shapes, legend=None),
    )


def _names(points: pd.DataFrame, low: float) -> list[alt.Chart]:
    """Name the checks to look at, towards the middle, and keep the names off one another."""
    charts = []
    named = points[points["look"]].sort_values("discrimination")
    for right in (False, True):
        side = named[(named["percent"] > 50) == right]
        heights: list[float] = []
        step = 16 / HEIGHT * (1 - low)
        for value in side["discrimination"]:
            heights.append(max([value, *(height + step for height in heights[-1:])]))
        chart = alt.Chart(side.assign(at=heights)).mark_text(
            baseline="middle", limit=200, align="right" if right else "left", dx=-9 if right else 9
        )
        charts += [chart.encode(x="percent:Q", y="at:Q", text="label:N")] if len(side) else []
    return charts


def _picture(
    chart: alt.LayerChart | alt.FacetChart,
    title: str,
    description: str,
    columns: tuple[str, ...],
    rows: Sequence[Sequence[str]],
) -> Picture:
    spec = chart.to_dict()
    wide, narrow = (_inline(picture.svg(spec, width)) for width in (picture.WIDE, picture.NARROW))
    return Picture(title, description, wide, narrow, columns, rows)


def _inline(svg: str) -> Markup:
    """Let the picture scale with its box, and leave naming it to the box."""
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))


def _spread(percents: pd.Series) -> str:
    if len(percents) == 1:
        return f"The one submission got {percents.iloc[0]:.0f} percent"
    if len(percents) < 4:
        return f"{len(percents)} submissions got {percents.min():.0f} to {percents.max():.0f} percent"
    return f"Half of {plural(len(percents), 'student')} got {percents.median():.0f} percent or more"


def _listed(labels: pd.Series) -> str:
    *others, last = (f"“{label}”" for label in labels)
    return f"{', '.join(others)} and {last}" if others else last
