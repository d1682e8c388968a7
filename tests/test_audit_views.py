"""What chapter 6 draws: each table agrees with the findings, and each expression with a count by hand."""

from pathlib import Path

import pandas as pd
import pytest

from helpers import audit
from helpers.audit import recompute_all_findings, summaries
from helpers.audit.formulas import evaluate_formula, find_record
from helpers.audit.record import weighty_leanings
from helpers.tables import load_statements

CHAPTER = (Path(__file__).parent.parent / "chapters" / "6-audit.md").read_text(encoding="utf-8")


def test_the_tally_counts_every_statement_once() -> None:
    table = summaries.tally_statements().set_index("section")
    assert table.loc[summaries.ALL, "whole"] == len(load_statements())
    assert table.loc[summaries.ALL, "holds"] == (audit.tested_statements()["found"] == "holds").sum()
    assert (table.drop(summaries.ALL).sum() == table.loc[summaries.ALL]).all()


def test_the_weights_count_every_finding_that_fails_and_fewer_that_are_sure() -> None:
    table = summaries.count_findings_by_weight()
    failing = recompute_all_findings().query("verdict == 'fails'")
    whole = table[table["section"] == summaries.ALL].groupby("certain")["findings"].sum()
    assert whole[False] == len(failing)
    assert whole[True] == (failing["confidence"] == "high").sum() < len(failing)
    parts = table[(table["section"] != summaries.ALL) & ~table["certain"]].groupby("section")["findings"].sum()
    assert parts.to_dict() == failing.groupby("section").size().to_dict()


def test_a_source_lags_behind_its_fact_where_the_finding_holds() -> None:
    table = summaries.source_lags()
    assert ((table["months"] >= 0) == (table["verdict"] == "holds")).all()
    assert table["months"].is_monotonic_increasing
    purchase = table.set_index("id").loc["A71"]
    assert (purchase["source"], purchase["known"]) == (find_record("n096")["date"], "2020-03-01")


def test_two_ways_that_overlap_are_not_apart() -> None:
    table = summaries.figure_distances().set_index("id")
    assert table.loc["A77", "off"] == 0
    assert table.loc["A86", "off"] == pytest.approx(100 * (3.3 / 107 * 100 / 3 - 1), abs=1e-4)
    assert (table[table["off"] == 0]["verdict"] == "holds").all()


def test_the_rates_are_those_of_the_findings() -> None:
    table = summaries.implied_rates().set_index("id")
    within = (table["rate"] >= table["least"]) & (table["rate"] <= table["most"])
    verdicts = recompute_all_findings().set_index("id")["verdict"]
    assert (within == (verdicts[table.index] == "holds")).all()
    assert table.loc["A69", "rate"] == pytest.approx(12_000 / 1.75)


def test_the_multiples_are_printed_and_their_stocks_rounded() -> None:
    table = summaries.stock_multiples().set_index("country")
    assert table["times"].to_dict() == {"Germany": 9, "Cyprus": 68}
    assert ((table["least"] < table["stock"]) & (table["stock"] < table["most"])).all()


ROUTE = {"China": 1435, "Kazakhstan": 1520, "Russia": 1520, "Poland": 1435}


def test_breaks_are_counted_between_neighbours() -> None:
    text = summaries.breaks_expression(ROUTE, "standard")
    assert text.count("!=") == len(ROUTE) - 1
    assert "(indexof(standard, 'Russia') >= 0 ? 1435 : 1520)" in text


def test_the_fewest_changes_win_a_route_its_advantage() -> None:
    around = {"China": 1435, "Kazakhstan": 1520, "Turkmenistan": 1520, "Iran": 1435}
    assert summaries.fewest_gauge_changes(around, ROUTE) == "Kazakhstan and Turkmenistan"
    assert summaries.fewest_gauge_changes({"China": 1435, "Iran": 1435}, ROUTE) == ""
    assert summaries.fewest_gauge_changes(ROUTE, ROUTE) == "no country on it"
    routes = summaries.route_gauges(without=("Helsinki line",))
    assert routes["Kazakhstan and Russia"]["Russia"] == 1520
    assert "Helsinki line" not in routes


def test_a_count_names_each_value_once() -> None:
    assert (
        summaries.counting_expression(pd.Series([1.5, 2.0]), "<= limit")
        == "((1.5 <= limit ? 1 : 0) + (2.0 <= limit ? 1 : 0))"
    )


def test_the_chapter_names_every_finding_that_carries_weight() -> None:
    heavy = recompute_all_findings().query("verdict == 'fails' and weight == 'a step of the argument'")["id"]
    assert [name for name in heavy if f"(findings.md#{name})" not in CHAPTER] == []
    assert len(heavy) == 9  # the chapter says of nine what they concern: three, four, one and one


def test_the_chapter_says_which_way_the_findings_that_carry_weight_lean() -> None:
    heavy = recompute_all_findings().query("verdict == 'fails' and weight == 'a step of the argument'")["id"]
    favouring = weighty_leanings()["for the thesis"]
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    lean = f"{words[favouring].capitalize()} of the {words[len(heavy)]} favour the thesis of the report"
    assert lean in CHAPTER


def test_the_numbers_of_the_chapters_prose_are_those_computed() -> None:
    loan = summaries.implied_rates().set_index("id").loc["A69"]
    assert f"between {loan['rate'] / loan['most']:,.0f} and {loan['rate'] / loan['least']:,.0f}" in CHAPTER
    three, four = "3.6-10 + 3.6-11 + 3.6-12", "3.6-10 + 3.6-11 + 3.6-12 + 3.6-13"
    for sums, reserves in ((three, "3.6-x01"), (four, "3.6-x02")):
        assert (
            f"{evaluate_formula(sums, rounded=False).low:g} against about {summaries.printed_value(reserves):g}"
            in CHAPTER.replace(" billion dollars", "")
        )
    verdicts = recompute_all_findings().query("check == 'implied_rate'")["verdict"].value_counts()
    assert verdicts.to_dict() == {"holds": 2, "fails": 1}  # "Two of three pairs hide a rate that existed"
    table = summaries.tally_statements().set_index("section").drop(summaries.ALL)
    assert table["at fault"].idxmax() == table["holds"].idxmax() == "3.6"
    weights = recompute_all_findings().query("verdict == 'fails'")["weight"]
    assert (weights == "a step of the argument").mean() < 0.25  # the answer of a prediction
