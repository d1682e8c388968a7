"""Draw what the class report shows: each picture with its finding, a description, and its numbers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd
from markupsafe import Markup

from axis.grading.reports import label_placement
from axis.grading.reports.report_text import format_count, format_percent
from helpers import theme
from helpers.figures import picture
from helpers.theme import COLOURS

#: Height of the pictures with a numeric axis upward, in pixels.
HEIGHT = 240

#: Pixels that axis and margin take beside such a picture.
AROUND = 90

#: What `alt.layer` gives.
Chart = alt.LayerChart | alt.FacetChart


#: The axis of a share, in percent.
WHOLE = alt.Scale(domain=[0, 100])
TWENTIES = alt.Axis(values=[*range(0, 101, 20)], tickCount=6)


@dataclass(frozen=True)
class ReportChart:
    """A chart as the page prints it: finding, description, two widths of SVG, numbers."""

    title: str
    description: str
    wide: Markup
    narrow: Markup
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


def distribution_chart(counts: pd.DataFrame, percents: pd.Series, waiting: bool) -> ReportChart:
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
    # The label of the longest bar needs room above it.
    most = int(counts["students"].max())
    step = next(10**tens * step for tens in range(9) for step in (1, 2, 5) if most <= 10**tens * step * 5)
    whole = alt.Axis(values=[*range(0, most + 1, step)], tickCount=6)
    upward = alt.Scale(domain=[0, 1.12 * most], nice=False)
    high = alt.Y("students:Q", title="Students", scale=upward, axis=whole)
    base = alt.Chart(counts).encode(y=high)
    bars = base.mark_bar(stroke="transparent", strokeWidth=2).encode(
        x=alt.X("low:Q", bin="binned", title=f"Score, {unit}", scale=WHOLE, axis=TWENTIES),
        x2="high:Q",
    )
    labels = base.transform_filter("datum.students > 0").transform_calculate(middle="(datum.low + datum.high) / 2")
    labels = labels.mark_text(dy=-8).encode(x=alt.X("middle:Q", axis=TWENTIES), text="students:Q")
    rows = [(f"{row['low']} to {row['high']}", str(row["students"])) for row in counts.to_dict("records")]
    said = "; ".join(f"{span} percent, {format_count(int(count), 'student')}" for span, count in rows if count != "0")
    return _render_both_widths(
        lambda _: alt.layer(bars, labels, height=HEIGHT),
        _distribution_title(percents),
        f"Histogram of the scores: {said}.",
        (f"Score, {unit}", "Students"),
        rows,
    )


def difficulty_chart(found: pd.DataFrame) -> ReportChart:
    """Show the mean share of its points that each check got, hardest first.

    Parameters
    ----------
    found
        The rows of one exercise from `statistics.checks` that have a difficulty, with a column
        ``label`` that names each.
    """
    ordered = found.sort_values(["difficulty", "label"])
    ordered = ordered.assign(
        percent=100 * ordered["difficulty"], text=[format_percent(x) for x in ordered["difficulty"]]
    )
    base = alt.Chart(ordered).encode(
        y=alt.Y("label:N", sort=list(ordered["label"]), axis=None),
        x=alt.X("percent:Q", title="Mean share of its points, percent", scale=WHOLE, axis=alt.Axis(grid=False)),
    )
    # A name stands above its bar: beside it, names would leave a phone no room for bars.
    names = base.mark_text(align="left", dy=-11).encode(x=alt.value(0), text="label:N")
    bars = base.mark_bar(height=14, yOffset=8)
    labels = base.mark_text(align="left", dx=4, dy=8).encode(text="text:N")
    chart = alt.layer(names, bars, labels, height={"step": 44})
    rows = list(zip(ordered["label"], ordered["text"], map(str, ordered["students"]), strict=True))
    hardest, easiest = ordered.iloc[0], ordered.iloc[-1]
    if hardest["text"] == easiest["text"]:
        title = f"All checks are as hard as one another: {hardest['text']} of their points were earned"
    else:
        title = _hardest_title(ordered["label"][ordered["text"] == hardest["text"]], hardest["text"])
    said = "; ".join(f"{label}, {text}" for label, text, _ in rows)
    columns = "Check", "Mean share of its points", "Students"
    return _render_both_widths(lambda _: chart, title, f"Bars, hardest check first: {said}.", columns, rows)


def discrimination_chart(found: pd.DataFrame) -> ReportChart:
    """Show which checks tell those who know more from those who know less.

    Parameters
    ----------
    found
        Rows as for `difficulty_chart` whose discrimination is defined, with a column ``remark``.
    """
    points = found.assign(percent=100 * found["difficulty"], look=found["remark"] != "")
    low = min(0.0, math.floor(points["discrimination"].min() * 5) / 5)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(strokeDash=[4, 3]).encode(y="zero:Q")
    rows = [
        (row["label"], format_percent(row["difficulty"]), f"{row['discrimination']:.2f}", row["remark"] or "–")
        for row in points.sort_values("discrimination").to_dict("records")
    ]
    negative = points[points["remark"].str.contains("negative")]
    weakest = points.sort_values("discrimination").iloc[0]
    if len(negative):
        title = f"Those who do well elsewhere do worse in {_join_labels(negative['label'])}"
    elif weakest["discrimination"] < 0:
        title = f"“{weakest['label']}” goes against the other checks, but with few students that is mostly chance"
    else:
        title = "Those who do well elsewhere do well in each check too"
    said = "; ".join(f"{label}, {share}, {value}" for label, share, value, _ in rows)
    columns = "Check", "Mean share of its points", "Discrimination", "Look at it"
    description = f"Each check by mean share of its points and discrimination: {said}."

    def draw(width: int) -> Chart:
        return alt.layer(zero, _point_layer(points, low), _label_layer(points, low, width), height=HEIGHT)

    return _render_both_widths(draw, title, description, columns, rows)


def _point_layer(points: pd.DataFrame, low: float) -> alt.Chart:
    looks = alt.Scale(domain=[False, True], range=[COLOURS["blue"], COLOURS["vermilion"]])
    shapes = alt.Scale(domain=[False, True], range=["circle", "diamond"])
    dots: alt.Chart = alt.Chart(points).mark_point(filled=True, size=90, opacity=1)
    return dots.encode(
        x=alt.X("percent:Q", title="Mean share of its points, percent (right is easy)", scale=WHOLE),
        y=alt.Y("discrimination:Q", title="Discrimination, from −1 to 1", scale=alt.Scale(domain=[low, 1])),
        color=alt.Color("look:N", scale=looks, legend=None),
        shape=alt.Shape("look:N", scale=shapes, legend=None),
    )


def _label_layer(points: pd.DataFrame, low: float, width: int) -> Chart:
    """Name the checks to look at, where there is room in a picture of this width."""
    size = float(width - AROUND), float(HEIGHT)
    spots = [
        (size[0] * row["difficulty"], size[1] * (1 - row["discrimination"]) / (1 - low))
        for row in points.to_dict("records")
    ]
    scale = (1 - low) / size[1]
    zero = label_placement.Box(0, 1 / scale - 1, size[0], 1 / scale + 1)
    chosen = label_placement.place_labels(spots, list(points["label"].where(points["look"], "")), size, [zero])
    placed = points.assign(side=[side for side, _ in chosen], at=points["discrimination"])
    placed["at"] -= [scale * below for _, below in chosen]
    named = alt.Chart(placed[placed["look"]]).encode(x="percent:Q", y="at:Q", text="label:N")
    right, left = (named.transform_filter(f"datum.side == '{side}'") for side in ("right", "left"))
    return alt.layer(
        right.mark_text(baseline="middle", align="left", dx=9), left.mark_text(baseline="middle", align="right", dx=-9)
    )


def _render_both_widths(
    draw: Callable[[int], Chart], title: str, description: str, columns: tuple[str, ...], rows: Sequence[Sequence[str]]
) -> ReportChart:
    theme.enable_theme()
    specs = {width: draw(width).to_dict(validate=False) for width in (picture.WIDE, picture.NARROW)}
    wide, narrow = (_decorative_svg(picture.chart_svg(spec, width)) for width, spec in specs.items())
    return ReportChart(title, description, wide, narrow, columns, rows)


def _decorative_svg(svg: str) -> Markup:
    """Let the picture scale with its box, and leave naming it to the box."""
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))


def _distribution_title(percents: pd.Series) -> str:
    if len(percents) == 1:
        return f"The one submission got {percents.iloc[0]:.0f} percent"
    if len(percents) < 4:
        return f"{len(percents)} submissions got {percents.min():.0f} to {percents.max():.0f} percent"
    return f"Half of {format_count(len(percents), 'student')} got {percents.median():.0f} percent or more"


def _hardest_title(labels: pd.Series, earned: str) -> str:
    if len(labels) == 1:
        return f"Hardest is {_join_labels(labels)}: {earned} of its points were earned"
    names = _join_labels(labels) if len(labels) == 2 else f"{len(labels)} checks"
    return f"Hardest are {names}: {earned} of their points were earned"


def _join_labels(labels: pd.Series) -> str:
    *others, last = (f"“{label}”" for label in labels)
    return f"{', '.join(others)} and {last}" if others else last
