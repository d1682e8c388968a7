"""Draw the charts of the class report, each with its finding, a description and its numbers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd
from markupsafe import Markup

from axis.grading.reports.report_text import format_count, format_percent
from helpers import theme
from helpers.figures import picture
from helpers.theme import COLOURS

#: Height of the histogram, in pixels.
HEIGHT = 240

#: Pixels of a chart's width that the name of a check leaves free.
MARGIN = 40

#: What `alt.layer` gives.
Chart = alt.LayerChart | alt.FacetChart

#: The axis of a share, in percent.
PERCENT_SCALE = alt.Scale(domain=[0, 100])
PERCENT_AXIS = alt.Axis(values=[*range(0, 101, 20)], tickCount=6)


@dataclass(frozen=True)
class ReportChart:
    """A chart as the page shows it: its finding, a description, SVG in two widths, and its numbers."""

    title: str
    description: str
    wide: Markup
    narrow: Markup
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


def distribution_chart(counts: pd.DataFrame, percents: pd.Series, waiting: bool) -> ReportChart:
    """Draw how the scores of one exercise are distributed.

    Parameters
    ----------
    counts
        The rows of one exercise from `class_statistics.score_distribution`.
    percents
        The scores, in percent.
    waiting
        Whether free texts still wait, so that the scores refer to the points marked so far.
    """
    unit = "percent of the points marked so far" if waiting else "percent of the points"
    # The label of the highest bar needs room above it.
    most = int(counts["students"].max())
    step = next(10**tens * step for tens in range(9) for step in (1, 2, 5) if most <= 10**tens * step * 5)
    whole = alt.Axis(values=[*range(0, most + 1, step)], tickCount=6)
    upward = alt.Scale(domain=[0, 1.12 * most], nice=False)
    high = alt.Y("students:Q", title="Students", scale=upward, axis=whole)
    base = alt.Chart(counts).encode(y=high)
    bars = base.mark_bar(stroke="transparent", strokeWidth=2).encode(
        x=alt.X("low:Q", bin="binned", title=f"Score, {unit}", scale=PERCENT_SCALE, axis=PERCENT_AXIS),
        x2="high:Q",
    )
    labels = base.transform_filter("datum.students > 0").transform_calculate(middle="(datum.low + datum.high) / 2")
    labels = labels.mark_text(dy=-8).encode(x=alt.X("middle:Q", axis=PERCENT_AXIS), text="students:Q")
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
    """Draw how hard each check was: the mean share of its points, lowest first.

    Parameters
    ----------
    found
        The rows of one exercise from `class_statistics.analyse_checks` that have a difficulty, with
        a column ``label`` that names each check.
    """
    ordered = found.sort_values(["difficulty", "label"])
    ordered = ordered.assign(
        value=100 * ordered["difficulty"], text=[format_percent(x) for x in ordered["difficulty"]], look=False
    )
    rows = list(zip(ordered["label"], ordered["text"], map(str, ordered["students"]), strict=True))
    hardest, easiest = ordered.iloc[0], ordered.iloc[-1]
    if hardest["text"] == easiest["text"]:
        title = f"All checks are equally hard: {hardest['text']} of their points were earned"
    else:
        title = _hardest_title(ordered["label"][ordered["text"] == hardest["text"]], hardest["text"])
    said = "; ".join(f"{label}, {text}" for label, text, _ in rows)
    columns = "Check", "Mean share of points", "Students"
    return _render_both_widths(
        lambda width: _ranked_bars(ordered, "Mean share of points, percent", PERCENT_SCALE, width),
        title,
        f"Bars, hardest check first: {said}.",
        columns,
        rows,
    )


def discrimination_chart(found: pd.DataFrame) -> ReportChart:
    """Draw which checks distinguish students who know more from those who know less, worst first.

    Parameters
    ----------
    found
        Rows as for `difficulty_chart` whose discrimination is defined, with a column ``remark``.
    """
    ordered = found.sort_values(["discrimination", "label"])
    ordered = ordered.assign(
        value=ordered["discrimination"],
        text=[f"{value:.2f}".replace("-", "−") for value in ordered["discrimination"]],
        look=ordered["remark"].str.contains("negative"),
    )
    shares = [format_percent(share) for share in ordered["difficulty"]]
    rows = list(zip(ordered["label"], shares, ordered["text"], ordered["remark"].replace("", "–"), strict=True))
    weakest = ordered.iloc[0]
    if ordered["look"].any():
        title = f"Students who do well elsewhere do worse in {_join_labels(ordered['label'][ordered['look']])}"
    elif weakest["value"] < 0:
        title = "There is no check in which students who do well elsewhere clearly do worse"
    else:
        title = "Students who do well elsewhere do no worse in any check"
    said = "; ".join(f"{label}, {text}" for label, _, text, _ in rows)
    scale = alt.Scale(domain=[min(0.0, math.floor(weakest["value"] * 5) / 5), 1])
    return _render_both_widths(
        lambda width: _ranked_bars(ordered, "Discrimination, from −1 to 1", scale, width),
        title,
        f"Bars from zero, lowest discrimination first: {said}.",
        ("Check", "Mean share of points", "Discrimination", "Remark"),
        rows,
    )


def _ranked_bars(bars: pd.DataFrame, axis_title: str, scale: alt.Scale, width: int) -> Chart:
    """Draw a bar from zero for each row, with ``label`` above it and ``text`` at its end; red if ``look`` is true."""
    base = alt.Chart(bars).encode(
        y=alt.Y("label:N", sort=list(bars["label"]), axis=None),
        x=alt.X("value:Q", title=axis_title, scale=scale, axis=alt.Axis(grid=False)),
    )
    # A name stands above its bar: beside it, names would leave a phone no room for bars. The zero line is drawn
    # bar by bar, so that it strikes no name.
    names = base.mark_text(align="left", dy=-11, limit=width - MARGIN).encode(x=alt.value(0), text="label:N")
    colours = alt.Scale(domain=[False, True], range=[COLOURS["blue"], COLOURS["vermilion"]])
    marks = base.mark_bar(height=14, yOffset=8).encode(color=alt.Color("look:N", scale=colours, legend=None))
    zero = base.mark_tick(size=18, thickness=1, yOffset=8, color="currentColor").encode(x=alt.datum(0))
    texts = base.transform_calculate(end="max(datum.value, 0)").mark_text(align="left", dx=4, dy=8)
    return alt.layer(names, marks, zero, texts.encode(x="end:Q", text="text:N"), height={"step": 44})


def _render_both_widths(
    draw: Callable[[int], Chart], title: str, description: str, columns: tuple[str, ...], rows: Sequence[Sequence[str]]
) -> ReportChart:
    theme.enable_theme()
    specs = {width: draw(width).to_dict(validate=False) for width in (picture.WIDE, picture.NARROW)}
    wide, narrow = (_decorative_svg(picture.chart_svg(spec, width)) for width, spec in specs.items())
    return ReportChart(title, description, wide, narrow, columns, rows)


def _decorative_svg(svg: str) -> Markup:
    """Hide the drawing from screen readers, which read the description of the box around it."""
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))


def _distribution_title(percents: pd.Series) -> str:
    if len(percents) == 1:
        return f"The one submission got {percents.iloc[0]:.0f} percent"
    if len(percents) < 4:
        return f"{len(percents)} submissions got {percents.min():.0f} to {percents.max():.0f} percent"
    if percents.median() >= 100:
        perfect = int((percents >= 100).sum())
        return f"{perfect} of the {len(percents)} submissions got all the points"
    return f"Half of the {len(percents)} submissions got {percents.median():.0f} percent or more"


def _hardest_title(labels: pd.Series, earned: str) -> str:
    if len(labels) == 1:
        return f"The hardest check is {_join_labels(labels)}: {earned} of its points were earned"
    if len(labels) == 2:
        return f"The hardest checks are {_join_labels(labels)}: {earned} of their points were earned"
    return f"{len(labels)} checks are the hardest: {earned} of their points were earned"


def _join_labels(labels: pd.Series) -> str:
    *others, last = (f"“{label}”" for label in labels)
    return f"{', '.join(others)} and {last}" if others else last
