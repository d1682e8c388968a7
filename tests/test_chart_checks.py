"""What a check says of a chart that a student repairs or designs, and of an estimate with an interval."""

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd
import pytest

from helpers import chart_checks, checks, interval_checks

AMOUNTS = pd.DataFrame({"country": ["Russia", "Brazil", "Nigeria"], "amount": [24, 34, 31]})
POLLS = pd.DataFrame(
    {"date": pd.to_datetime(["2006-01", "2017-07", "2019-08"]), "share": [41, 15, 39], "by": list("aab")}
)
MARGIN = 1.96 * (20 * 80 / 1000) ** 0.5


def amounts(frame: pd.DataFrame = AMOUNTS) -> alt.Chart:
    return alt.Chart(frame, title="Amounts", description="Three bars.").mark_bar()


def bars(x: Any = None, y: Any = None) -> alt.Chart:
    named = alt.X("amount:Q", title="Billion US dollars")
    return amounts().encode(x=x or named, y=y or alt.Y("country:N", sort="-x"))


def points(**channels: Any) -> alt.Chart:
    chart = alt.Chart(POLLS, title="Polls", description="Three points.").mark_point()
    return chart.encode(**{"x": "date:T", "y": "share:Q", "color": "by:N", **channels})


def check_bars(answer: Any) -> None:
    seal = checks.shown_seal("chart", AMOUNTS["amount"])
    channels = {"x": "number", "y": "category"}
    chart_checks.chart(
        "chart", answer, ["bar"], channels, {"x": seal}, from_zero="x", sorted_by="x", named={"x": "billion"}
    )


def check_points(answer: Any) -> None:
    channels = {"x": "date", "y": "number", "color|shape": "category"}
    seal = checks.shown_seal("chart", POLLS["share"])
    chart_checks.chart("chart", answer, ["point", "circle"], channels, {"y": seal}, from_zero="y")


def check_interval(answer: Any) -> None:
    low, high = (checks.number_seal("share", end) for end in (20 - MARGIN, 20 + MARGIN))
    hints = {checks.number_seal("share", MARGIN): "That is the margin."}
    interval_checks.interval("share", answer, low, high, unit="percent", hints=hints)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (check_bars, bars()),
        (check_bars, bars(y=alt.Y("country:N", sort=["Brazil", "Nigeria", "Russia"]))),
        (check_bars, bars(x=alt.X("amount:Q").axis(title="billion dollars").scale(domain=[0, 40]))),
        (check_bars, bars(x=alt.X("sum(amount):Q", title=["Amount", "billion US dollars"]))),
        (
            check_bars,
            alt.layer(bars(), bars().mark_text().encode(text="amount:Q")).properties(title="T", description="D"),
        ),
        (check_points, points()),
        (check_points, points(shape="by:N", color=alt.value("black")).mark_circle()),
    ],
)
def test_a_right_chart_passes_however_it_is_written(
    check: Callable[[Any], None], answer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    check(answer)
    assert capsys.readouterr().out == "Right: chart.\n"


@pytest.mark.parametrize(
    ("check", "answer", "message"),
    [
        (check_bars, ..., "is still `...`"),
        (check_bars, None, "is `None`"),
        (check_bars, AMOUNTS, "must be a chart"),
        (check_bars, alt.Chart(AMOUNTS).mark_bar(), "has no title"),
        (check_bars, amounts().encode(x="nothing"), "Altair cannot write"),
        (check_bars, bars().mark_point(), "draws its numbers with mark_point"),
        (check_bars, amounts().encode(y="country:N"), "shows nothing by x"),
        (check_bars, bars(x="amount:N"), "does not treat what x shows as a number"),
        (check_bars, bars(x=alt.X("amount:Q").scale(domain=[20, 35])), "The x-axis of `chart` does not begin at zero"),
        (check_bars, bars(x=alt.X("amount:Q").scale(zero=False)), "does not begin at zero"),
        (check_bars, bars(x=alt.X("amount:Q").scale(domainMin=10)), "does not begin at zero"),
        (check_bars, bars(x=alt.X("amount:Q").scale(type="log")), "does not count in equal steps"),
        (check_bars, bars(x=alt.X("amount:Q", title="Amount")), "what is counted, and in which unit"),
        (check_bars, bars(y=alt.Y("country:N", sort=None)), "not in the order of their numbers: sort them along y"),
        (check_bars, bars().transform_filter("datum.amount > 30"), "do not show the right numbers by x"),
        (check_bars, bars().transform_filter("datum.amount > 90"), "draws no mark"),
        (check_bars, bars().transform_filter("datum.amount >"), "check the names of your fields"),
        (check_bars, bars(x=alt.X("other:Q", title="billion")), "check the names of your fields"),
        (check_points, points().mark_line(point=True), "draws its numbers with mark_line"),
        (check_points, points(x="date:O"), "does not treat what x shows as a date"),
        (check_points, points(color=alt.value("black")), "shows nothing by color or shape"),
    ],
)
def test_a_chart_that_misses_something_is_told_what(check: Callable[[Any], None], answer: Any, message: str) -> None:
    with pytest.raises(checks.WrongAnswerError) as refused:
        check(answer)
    assert message in str(refused.value)
    assert "34" not in str(refused.value)


@pytest.mark.parametrize("answer", [(20 - MARGIN, 20 + MARGIN), [17.52, 22.48], (17.5, 22.5)])
def test_an_interval_is_right_if_both_ends_are(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    check_interval(answer)
    assert capsys.readouterr().out == "Right: share.\n"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (..., "is still `...`"),
        (MARGIN, "must be a pair: share = (lower, upper)"),
        ((17.52, 20, 22.48), "must be a pair"),
        ("ab", "must be a pair"),
        ((17.52, "22.48"), "is text"),
        ((MARGIN, 22.48), "That is the margin"),
        ((22.48, 17.52), "the unit is percent"),
    ],
)
def test_an_interval_with_a_wrong_end_is_told_so(answer: Any, message: str) -> None:
    with pytest.raises(checks.WrongAnswerError) as refused:
        check_interval(answer)
    assert message in str(refused.value)
