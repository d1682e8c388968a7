"""Vega computes from the expressions of `helpers.expressions` what their names say, and draws what is uncertain."""

import re
from collections.abc import Iterator
from typing import Any, Literal

import altair as alt
import ipywidgets as widgets
import pandas as pd
import pytest

import helpers
from helpers import vega
from helpers.expressions import (
    choose,
    count_of,
    in_words,
    is_ticked,
    lookup,
    names_above_on_phone,
    parameters,
    scale_axis,
    scale_position,
    total_of,
)
from helpers.figures.picture import NARROW, WIDE, fit_to_width
from helpers.uncertain import open_ends

Value = str | float | bool | list[str]


def computed(expression: str, **state: Value) -> str:
    """Let Vega evaluate an expression of the parameters in `state`, and return the text that a chart would show."""
    chart = (
        alt.Chart(pd.DataFrame({"row": [1]}))
        .add_params(*(alt.param(name=name, value=value) for name, value in state.items()))
        .transform_calculate(found=f"'' + ({expression})")
        .mark_text()
        .encode(text="found:N", description="found:N")
    )
    return str(next(_texts(vega.scenegraph(chart.to_dict()))))


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "text" in node and node.get("description") == node["text"]:
            yield node["text"]
        for child in node.values():
            yield from _texts(child)
    elif isinstance(node, list):
        for child in node:
            yield from _texts(child)


PRICES = {"Qatar": 275, "Russia": 230}


@pytest.mark.parametrize(
    ("expression", "state", "expected"),
    [
        (lookup(PRICES, "who"), {"who": "Russia"}, "230"),
        (lookup(pd.Series(PRICES), "who"), {"who": "Qatar"}, "275"),
        (lookup({"a": "it’s"}, "who"), {"who": "a"}, "it’s"),
        (is_ticked("forms", "'pipe'"), {"forms": ["pipe"]}, "true"),
        (is_ticked("forms", "'pipe'"), {"forms": []}, "false"),
        (choose({"n > 9": "'many'", "n > 1": "'some'"}, "'few'"), {"n": 5}, "some"),
        (choose({"n > 9": "'many'"}, "'few'") + " + '!'", {"n": 5}, "few!"),
        (
            total_of({is_ticked("t", "'a'"): 2.5, is_ticked("t", "'b'"): 4, "x": 1}),
            {"t": ["a", "b"], "x": False},
            "6.5",
        ),
        (total_of({"x || y": 2}), {"x": False, "y": True}, "2"),
        (count_of("n", "year"), {"n": 1}, "1 year"),
        (count_of("n", "country", "countries"), {"n": 0}, "0 countries"),
        (in_words("n"), {"n": 12}, "twelve"),
        (in_words("n") + " + ' banks'", {"n": 13}, "13 banks"),
        (scale_position("v"), {"v": 1000, "scale": "linear"}, "1000"),
        ("round(1000 * " + scale_position("v", "kind") + ")", {"v": 1000, "kind": "logarithmic"}, "3000"),
    ],
)
def test_an_expression_computes_what_its_name_says(expression: str, state: dict[str, Value], expected: str) -> None:
    assert computed(expression, **state) == expected


@pytest.mark.parametrize(("scale", "label"), [("logarithmic", ">1,000<"), ("linear", ">3<")])
def test_a_logarithmic_axis_shows_values_and_a_linear_one_stays_as_it_is(scale: str, label: str) -> None:
    axis = alt.X("place:Q", scale=alt.Scale(domain=[0, 6]), axis=scale_axis(values=[3]))
    chart = alt.Chart(pd.DataFrame({"v": [5.0]})).transform_calculate(place=scale_position("datum.v")).mark_point()
    chart = chart.encode(x=axis).add_params(alt.param(name="scale", value=scale))
    assert label in vega.render_svg(chart.to_dict())


def test_parameters_are_declared_for_controls_and_computed_from_them() -> None:
    helpers.enable()
    chart = (
        alt.Chart(pd.DataFrame({"v": [1]}), title="T", description="D").mark_point().encode(x="v:Q", tooltip=["v:Q"])
    )
    chart = chart.add_params(*parameters("factor", twice="2 * factor")).properties(usermeta={"says": "'' + twice"})
    chart = chart.transform_calculate(v="datum.v * factor")
    assert helpers.Comparison(chart, factor=widgets.IntSlider(3, 1, 5, description="Factor")).says(factor=4) == "8"


@pytest.mark.parametrize("kind", ["linear", "log"])
def test_an_arrow_points_from_a_bound_to_where_the_truth_lies(kind: Literal["linear", "log"]) -> None:
    bounds = ["exact", "more than", "at most"]
    table = pd.DataFrame({"field": bounds, "value": [10, 10, 10], "qualifier": bounds})
    base = alt.Chart(table).encode(x=alt.X("value:Q", scale=alt.Scale(type=kind, domain=[1, 100])), y="field:N")
    scene = vega.scenegraph(open_ends(base, length=30).to_dict())

    def items(node: object) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(node, dict):
            if node.get("marktype") in ("rule", "symbol") and node.get("role") == "mark":
                yield from ((node["marktype"], item) for item in node["items"])
            for child in node.values():
                yield from items(child)
        elif isinstance(node, list):
            for child in node:
                yield from items(child)

    found = list(items(scene))
    lines = [item["x2"] - item["x"] for mark, item in found if mark == "rule"]
    heads = [item["shape"] for mark, item in found if mark == "symbol"]
    assert [round(line) for line in lines] == [30, -30]
    assert heads == ["triangle-right", "triangle-left"]


@pytest.mark.parametrize(("width", "anchor", "left"), [(WIDE, "end", 480), (NARROW, "start", 290)])
def test_names_leave_the_width_of_a_phone_to_the_marks(width: int, anchor: str, left: int) -> None:
    rows = pd.DataFrame({"trade": ["Russia to Europe by pipe", "Qatar"], "price": [143, 275]})
    chart = alt.Chart(rows, width=WIDE).mark_bar()
    chart = chart.encode(alt.X("price:Q"), alt.Y("trade:N", title=None, **names_above_on_phone()))
    svg = vega.render_svg(fit_to_width(chart.to_dict(), width))
    name = re.search(r'<text[^>]*text-anchor="(\w+)"[^>]*>Russia to Europe by pipe<', svg)
    plot = re.search(r'class="background"[^>]*d="M[\d.]+,[\d.]+h(\d+)', svg)
    assert name
    assert plot
    assert name[1] == anchor
    assert int(plot[1]) >= left
