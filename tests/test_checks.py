"""What a check says of an answer."""

import decimal
import fractions
from typing import Any

import altair as alt
import ipywidgets as widgets
import numpy
import pandas as pd
import pytest

from helpers import Comparison, checks

PRICE = checks.number_seal("price", 615.82)
PRICES = pd.DataFrame({"country": ["Qatar", "Russia", "Nigeria"], "price": [275.0, 230.0, 200.0]})
COLUMNS = {"country": "text", "price": "number"}
TABLE = checks.table_seal("frame", PRICES, COLUMNS)
OPTIONS = ["growth", "fall", "neither"]
CHOICE = checks.make_seal("trend", "fall")
AGAINST = {
    base: checks.shown_seal("gaps", [price - there for price in PRICES["price"]])
    for base, there in [("Qatar", 275.0), ("Nigeria", 200.0)]
}


def number(answer: Any) -> None:
    hints = {checks.number_seal("price", 586.3): "That is the bill at Europe's price."}
    checks.number("price", answer, seal=PRICE, unit="million US dollars", hints=hints)


def choice(answer: Any) -> None:
    hints = {checks.make_seal("trend", "growth"): "Which of the two values is the later one?"}
    checks.choice("trend", answer, options=OPTIONS, seal=CHOICE, hints=hints)


def table(answer: Any) -> None:
    checks.table("frame", answer, columns=COLUMNS, seal=TABLE)


def comparison(answer: Any) -> None:
    options = list(PRICES["country"])
    checks.comparison("gaps", answer, control="baseline", options=options, column="Gap", seals=AGAINST)


def gaps(
    formula: str = "datum.price - base", title: str = "Gap", offered: Any = None, drawn: str = "gap:Q"
) -> Comparison:
    lookup = str(dict(zip(PRICES["country"], PRICES["price"], strict=True)))
    chart = (
        alt.Chart(PRICES, title="Gaps", description="Three bars.")
        .add_params(alt.param(name="baseline"))
        .transform_calculate(gap=formula.replace("base", f"({lookup})[baseline]"))
        .mark_bar()
        .encode(x=drawn, y="country:N", tooltip=["country:N", alt.Tooltip("gap:Q", title=title)])
    )
    options = offered or list(PRICES["country"])
    return Comparison(chart, baseline=widgets.Dropdown(options=options, description="Baseline"))


SLIDER = Comparison(
    alt.Chart(PRICES, title="Prices", description="Three bars.")
    .add_params(alt.param(name="baseline"))
    .transform_calculate(gap="datum.price - baseline")
    .mark_bar()
    .encode(x="gap:Q"),
    baseline=widgets.IntSlider(description="Baseline"),
)


@pytest.mark.parametrize(
    "answer",
    [
        615.82,
        616,
        615.8,
        numpy.float32(615.82),
        numpy.array([615.82]),
        pd.Series([615.82]),
        fractions.Fraction(61582, 100),
    ],
    ids=str,
)
def test_a_right_number_passes_in_whatever_form(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    number(answer)
    assert capsys.readouterr().out == "Right: price.\n"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (..., "`price` is still `...`: write your answer in the cell above"),
        (None, "`price` is `None`: assign your answer to it"),
        ("615.8", "is text: write the number without quotation marks"),
        (True, "must be one number; it is a bool"),
        ([615.8], "must be one number; it is a list"),
        (pd.Series([1.0, 2.0]), "must be one number; it is a Series"),
        (decimal.Decimal("615.8"), "must be one number; it is a Decimal"),
        (float("nan"), "`price` is nan: look for a division by zero or a missing value"),
        (-615.82, "the sign is not"),
        (1 / 615.82, "upside down"),
        (61582, "100 times too large: does the question ask for a fraction?"),
        (6.1582, "100 times too small: does the question ask for a percentage?"),
        (615_820, "a thousand times too large: check the unit"),
        (0.61582, "a thousand times too small: check the unit"),
        (615.82e6, "a million times too large"),
        (615.82e-6, "a million times too small"),
        (615.82e9, "a billion times too large"),
        (586.3, "the bill at Europe's price"),
        (0, "the unit is million US dollars"),
        (1e-310, "the unit is million US dollars"),
        (1e308, "the unit is million US dollars"),
        (613, "the unit is million US dollars"),
        (620, "rounded too far: give three significant digits"),
        (600, "the unit is million US dollars"),
        (615, "very close: keep all digits on the way"),
        (617, "very close"),
        (586, "the bill at Europe's price"),
        (590, "the bill at Europe's price"),
        (-620, "the sign is not"),
        (0.00162, "upside down"),
        (0.62, "a thousand times too small"),
    ],
    ids=str,
)
def test_a_wrong_number_is_told_what_is_wrong_with_it(answer: Any, message: str) -> None:
    with pytest.raises(checks.WrongAnswerError) as refused:
        number(answer)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [PRICES, PRICES.iloc[::-1], PRICES.assign(unit="dollars"), PRICES.astype({"price": "int64"})],
    ids=["as asked", "another order", "one column more", "whole numbers"],
)
def test_a_right_table_passes_in_whatever_form(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    table(answer)
    assert capsys.readouterr().out == "Right: frame.\n"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (..., "is still `...`"),
        (PRICES["price"], "must be a DataFrame; it is a Series"),
        (PRICES[["price"]], "has no column 'country'"),
        (PRICES.astype({"price": "str"}), "The column 'price' of `frame` must contain only numbers"),
        (PRICES.assign(country=1), "The column 'country' of `frame` must contain only text"),
        (PRICES.head(2), "too few rows"),
        (PRICES.head(0), "too few rows"),
        (pd.concat([PRICES, PRICES]), "too many rows"),
        (pd.concat([PRICES] * 200), "too many rows"),
        (PRICES.assign(price=[275.0, 230.0, 1.0]), "wrong values in 'price'"),
        (PRICES.assign(price=[200.0, 230.0, 275.0]), "some are in the wrong row: keep each row together"),
    ],
)
def test_a_wrong_table_is_told_what_is_wrong_with_it(answer: Any, message: str) -> None:
    with pytest.raises(checks.WrongAnswerError) as refused:
        table(answer)
    assert message in str(refused.value)
    assert "3" not in str(refused.value)


def test_where_each_row_is_an_answer_the_check_counts_those_that_are_wrong() -> None:
    rows = ":".join(checks.row_seals("frame", PRICES, COLUMNS))
    wrong = PRICES.assign(price=[275.0, 1.0, 2.0])
    with pytest.raises(checks.WrongAnswerError, match=r"^2 of the 3 rows of `frame` are not right yet"):
        checks.table("frame", wrong, columns=COLUMNS, seal=TABLE, rows=rows)
    checks.table("frame", PRICES.iloc[::-1], columns=COLUMNS, seal=TABLE, rows=rows)


def test_a_choice_is_checked_and_a_wrong_one_gets_its_own_hint() -> None:
    choice("fall")
    with pytest.raises(checks.WrongAnswerError, match="the later one"):
        choice("growth")
    with pytest.raises(checks.WrongAnswerError, match="Another option fits"):
        choice("neither")
    with pytest.raises(checks.WrongAnswerError, match="must be one of: 'growth', 'fall', 'neither'"):
        choice(["fall"])


def test_a_free_text_is_checked_for_its_length_alone() -> None:
    checks.text("essay", "one two three", words=(3, 5))
    with pytest.raises(checks.WrongAnswerError, match="has 1 word: write 3 to 5 words"):
        checks.text("essay", "one", words=(3, 5))
    with pytest.raises(checks.WrongAnswerError, match="must be text in quotation marks; it is an int"):
        checks.text("essay", 3, words=(3, 5))


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ("The prices – of 2014 and 2020 – differ.", 9),
        ("Обе цены верны.", 3),
        ("两个价格都是对的，因为年份不同。", 14),
        ("価格はロシアのガス", 9),
        ("두 가격이 모두 맞다.", 4),
        ("السعران صحيحان معا", 3),
        ("The 价格 of gas", 5),
        ("ราคาทั้งสองถูกต้อง", 4),
        ("", 0),
    ],
)
def test_words_are_counted_in_any_script(answer: str, count: int) -> None:
    assert checks.count_words(answer) == count


@pytest.mark.parametrize(
    "answer",
    [
        gaps(),
        gaps("round(datum.price) - base"),
        gaps(offered=["Nigeria", "Russia", "Qatar"]),
        gaps(offered=[("from Qatar", "Qatar"), ("from Russia", "Russia"), ("from Nigeria", "Nigeria")]),
        gaps(offered={"from Qatar": "Qatar", "from Russia": "Russia", "from Nigeria": "Nigeria"}),
    ],
    ids=["as asked", "another formula", "another order", "with labels", "from a dictionary"],
)
def test_a_right_comparison_passes(answer: Comparison, capsys: pytest.CaptureFixture[str]) -> None:
    comparison(answer)
    assert capsys.readouterr().out == "Right: gaps.\n"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (3, "must be a Comparison; it is an int"),
        (SLIDER, "must offer these and nothing else: Qatar, Russia, Nigeria"),
        (gaps(offered=["Qatar", "Russia"]), "must offer these and nothing else: Qatar, Russia, Nigeria"),
        (gaps(title="Price"), "no tooltip titled 'Gap'"),
        (gaps("base - datum.price"), "The numbers of 'Gap' in `gaps` have the wrong sign"),
        (gaps("datum.price / base"), "does not show the right numbers when baseline is 'Qatar'"),
        (gaps("datum.price - 275 + 0 * base"), "right numbers when baseline is 'Nigeria'"),
        (gaps("datum.price minus base"), "cannot be drawn when baseline is 'Qatar' (Unexpect"),
        (gaps("format(datum.price - base, '.1f')"), "does not have a number for every mark when baseline is 'Qatar'"),
    ],
)
def test_a_wrong_comparison_is_told_what_is_wrong_with_it(answer: Any, message: str) -> None:
    with pytest.raises(checks.WrongAnswerError) as refused:
        comparison(answer)
    assert message in str(refused.value)


def test_what_lies_between_two_roundings_is_right_either_way() -> None:
    seal = checks.number_seal("share", 16.65)
    for answer in (16.65, 16.6, 16.7):
        checks.number("share", answer, seal, unit="percent")


def test_a_mistake_is_named_even_where_it_rounds_to_what_the_right_answer_almost_is() -> None:
    """Growth is 111.68 percent; whoever starts from the report's 107 and not from the customs' figure gets 113.18."""
    seal, trap = checks.number_seal("growth", 111.68), checks.number_seal("growth", 113.18)
    for answer in (113, 113.18):
        with pytest.raises(checks.WrongAnswerError, match="base"):
            checks.number("growth", answer, seal, unit="percent", hints={trap: "Which base?"})


def test_a_number_without_a_unit_is_told_no_unit() -> None:
    with pytest.raises(checks.WrongAnswerError, match=r"Read the question again\.$"):
        checks.number("skill", 0.123, checks.number_seal("skill", 0.456), unit="")


def test_a_comparison_whose_marks_stay_where_they_are_is_not_right() -> None:
    with pytest.raises(checks.WrongAnswerError, match="the marks do not move with them"):
        comparison(gaps(drawn="price:Q"))


def test_a_hint_is_shown_without_the_way_through_the_package() -> None:
    assert checks.WrongAnswerError("Check the unit.")._render_traceback_() == ["Not yet: Check the unit."]


def test_a_seal_holds_neither_the_answer_nor_the_seal_of_another_question() -> None:
    assert "615" not in PRICE
    assert checks.number_seal("price", 615.82) == PRICE
    assert checks.number_seal("cost", 615.82) != PRICE
