"""The audit of the report's figures: every finding follows from the tables, and could have come out otherwise."""

import inspect
import math
import random
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pybtex.database import parse_file

from helpers import load
from helpers.audit import MOVES, AuditOutcome, formulas, moves, recompute_all_findings, recompute_finding
from helpers.audit import tested_statements as all_statements
from helpers.audit.formulas import DateSpan, Range, cell_text, date_span, evaluate_formula, figure_range, find_record
from helpers.tables import data_folder, load_statements, table_names

AUDIT = load("audit")
#: The two kinds of finding in which nothing is wrong, and the nature of each.
HOLDING = {"looks wrong but holds": "only apparent", "confirmed from outside": "confirmed"}
SOURCE = ["source_title", "publisher", "address", "source_date"]
#: Moves that read a whole table from elsewhere, and not rows that their arguments name.
FROM_TABLES = {
    "counts": "economic_corridors",
    "fewer_breaks": "corridor_gauges",
    "breaks_as_printed": "corridor_gauges",
}

Given = Callable[..., None]


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    return recompute_all_findings().set_index("id", drop=False)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Put rows into the tables, or other values into rows that are there."""

    def put(rows: dict[str, dict[str, object]]) -> None:
        known = formulas._records_by_id()
        changed = {name: {**known.get(name, {}), **row} for name, row in rows.items()}
        monkeypatch.setattr(formulas, "_records_by_id", lambda: {**known, **changed})

    return put


def arguments(finding: pd.Series) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in finding["arguments"].split("; "))


def rows_named(finding: pd.Series) -> set[str]:
    """Return the ids that the arguments of a finding name, wherever they are in a formula."""
    words = re.split(r"[ ,~:()]+", " ".join(arguments(finding).values()))
    return {word for word in words if word in formulas._records_by_id() and not word.isdigit()}


def is_outside(identifier: str) -> bool:
    row = find_record(identifier)
    return row.get("kind") == "outside" or bool(re.match(r"7-|\d(\.\d)?-x", identifier))


# Every finding


@pytest.mark.parametrize("name", AUDIT["id"])
def test_a_finding_fails_its_test_unless_it_only_looks_wrong_or_is_confirmed(name: str, results: pd.DataFrame) -> None:
    finding = results.loc[name]
    assert (finding["verdict"] == "holds") == (finding["kind"] in HOLDING)
    assert finding["computed"]
    assert finding["criterion"]


def test_no_verdict_is_stored() -> None:
    # As words: the figure 1 would be equal to True.
    stored = {str(value) for table in ("audit", "audit_facts") for value in load(table).to_numpy().ravel()}
    assert not stored & {"holds", "fails", "True", "False"}
    # Nor do the moves know which finding calls them, or of what kind it is.
    for move in MOVES.values():
        assert not set(inspect.signature(move.test).parameters) & {"id", "kind", "nature", "finding"}


def test_one_finding_alone_comes_out_as_in_the_list(results: pd.DataFrame) -> None:
    for name in ("A32", "A69", "A106", "A175"):
        assert recompute_finding(name).verdict == results.loc[name, "verdict"]


def test_a_kind_is_one_that_its_move_can_show() -> None:
    for _, finding in AUDIT.iterrows():
        assert finding["kind"] in MOVES[finding["check"]].kinds | set(HOLDING), finding["id"]


def test_every_move_is_used_and_every_kind_and_nature_occurs() -> None:
    assert set(AUDIT["check"]) == set(MOVES)
    assert set(AUDIT["kind"]) == {"arithmetic", "unit", "date", "definition", "attribution", "reference", *HOLDING}
    assert set(AUDIT["nature"]) == {"error", "ambiguity", "translation", *HOLDING.values()}


def test_only_what_holds_is_apparent_or_confirmed_and_nothing_else_is_likely_meant() -> None:
    for kind, nature in HOLDING.items():
        assert (AUDIT["nature"] == nature).equals(AUDIT["kind"] == kind)
        assert (AUDIT[AUDIT["kind"] == kind]["likely"] == "").all()
    assert (AUDIT.query("nature in ['error', 'translation']")["likely"] != "").all()


def test_ids_are_unique_and_in_order_and_the_first_99_follow_the_report() -> None:
    numbers = [int(name.removeprefix("A")) for name in AUDIT["id"]]
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"A\d\d|A[12]\d\d", name) for name in AUDIT["id"])
    assert AUDIT["section"][[number <= 99 for number in numbers]].is_monotonic_increasing


def test_what_is_confirmed_from_outside_rests_on_a_source_from_outside() -> None:
    assert (AUDIT.query("nature == 'confirmed'")["address"] != "").all()


def test_a_number_is_never_given_again_and_leads_to_a_finding_that_stands() -> None:
    retired, standing = load("audit_withdrawn"), set(AUDIT["id"])
    assert not standing & set(retired["id"])
    assert set(retired["included_in"]) - {""} <= standing
    chapters = (Path(__file__).parent.parent / "chapters").glob("*.md")
    linked = set(re.findall(r"findings\.md#(A\d+)", " ".join(page.read_text(encoding="utf-8") for page in chapters)))
    assert linked <= standing | set(retired[retired["included_in"] != ""]["id"])


def test_a_finding_is_about_rows_that_exist_and_stands_in_the_section_of_one() -> None:
    for _, finding in AUDIT.iterrows():
        rows = [find_record(name) for name in finding["statements"].split("; ")]
        sections = {str(row["section"]) for row in rows}
        assert finding["section"] in sections, finding["id"]


def test_the_amounts_that_a_finding_is_about_take_part_in_its_test() -> None:
    # A rank or a multiple can stand in words alone, and a date is tested by its source's.
    units = load_statements().set_index("id")["unit"]
    amounts = set(units[~units.isin(["rank", "times"])].index)
    for _, finding in AUDIT[[MOVES[name].kinds != {"date"} for name in AUDIT["check"]]].iterrows():
        about = amounts & set(finding["statements"].split("; "))
        from_tables = finding["check"] in {*FROM_TABLES, "covers"}
        assert from_tables or not about or about & rows_named(finding), finding["id"]


def test_a_reader_finds_sentences_in_the_columns_of_text() -> None:
    for _, finding in AUDIT.iterrows():
        assert re.fullmatch(r"[A-Z\d].*[.?]", finding["printed"]), finding["id"]
        assert re.fullmatch(r"[A-Z].*\?.*", finding["test"]), finding["id"]
        assert re.fullmatch(r"([A-Z\d].*\.)?", finding["likely"]), finding["id"]
        text = f"{finding['printed']} {finding['test']} {finding['likely']}"
        assert not re.search(r"\b\d(\.\d)?-[a-z]?\d\d\b|  |\bf\d\d\b", text), finding["id"]


# Sources from elsewhere


@pytest.mark.parametrize("name", AUDIT["id"])
def test_a_finding_that_uses_a_figure_from_elsewhere_names_the_source_of_one(name: str) -> None:
    finding = AUDIT.set_index("id").loc[name]
    assert isinstance(finding, pd.Series), "two findings have one number"
    named = tuple(finding[SOURCE])
    if finding["check"] in FROM_TABLES:
        table = load(FROM_TABLES[finding["check"]])
        sources = set(table[SOURCE].itertuples(index=False, name=None))
    else:
        sources = {
            tuple(find_record(row)[column] for column in SOURCE) for row in rows_named(finding) if is_outside(row)
        }
    assert named in (sources or {("", "", "", "")})


def test_every_source_from_elsewhere_is_complete() -> None:
    for table in (AUDIT[AUDIT["address"] != ""], load("audit_facts")):
        for column in SOURCE:
            assert (table[column].str.len() > 2).all(), column
        assert table["address"].str.match(r"https?://[^/\s]+/\S*$").all()
        for text in table["source_date"]:
            assert date(1997, 1, 1) < date.fromisoformat(f"{text}-01-01"[:10]) < date(2027, 1, 1)


def test_a_fact_has_one_of_a_figure_a_date_or_a_word_and_the_printed_ones_are_the_reports() -> None:
    facts = load("audit_facts")
    for _, fact in facts.iterrows():
        assert fact["date"] or fact["says"] or not math.isnan(fact["value"]), fact["id"]
        assert math.isnan(fact["value"]) == (fact["unit"] == ""), fact["id"]
    printed = facts["kind"] != "outside"
    assert set(facts[printed]["publisher"]) == {"Atlantic Council"}
    assert "Atlantic Council" not in set(facts[~printed]["publisher"])
    assert printed.equals(facts["id"].str[0] != "f")


def test_the_printed_date_of_a_notes_source_is_that_of_the_bibliography() -> None:
    works = parse_file(str(data_folder() / "references.bib")).entries
    dates = load("audit_facts").query("kind == 'date of a source' and id != 'n000'")
    notes = load("notes").set_index("note")["keys"]
    for _, fact in dates.iterrows():
        known = [printed_date(works[key].fields) for key in notes[int(fact["id"][1:])].split("; ")]
        assert any(fact["date"].startswith(text) or text.startswith(fact["date"]) for text in known), fact["id"]


def printed_date(fields: dict[str, str]) -> str:
    months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    text = fields["year"]
    if "month" in fields:
        text += f"-{months.index(fields['month'][:3].lower()) + 1:02}"
    return f"{text}-{int(fields['day']):02}" if "day" in fields else text


# Nothing is left out


def test_every_statement_is_tested_or_left_out_with_a_reason() -> None:
    left_out = load("audit_untested")
    statements = all_statements()
    untested = statements[statements["found"] == "not tested"]["id"].tolist()
    assert left_out["statement"].tolist() == untested
    assert left_out["reason"].nunique() == 5


def test_what_stands_only_in_a_title_is_left_out_for_that_reason() -> None:
    reasons = load("audit_untested").set_index("statement")["reason"]
    for name in reasons[reasons == "a figure of a title only"].index:
        assert "title" in find_record(name)["doubt"], name


def test_a_statement_has_the_worst_of_what_was_found(results: pd.DataFrame) -> None:
    found = all_statements().set_index("id")["found"]
    assert set(found) == {"at fault", "unclear", "holds", "not tested"}
    causes = AUDIT.assign(statement=AUDIT["statements"].str.split("; ")).explode("statement")
    for name, group in causes[causes["statement"].isin(found.index)].groupby("statement"):
        natures = set(group["nature"])
        worst = "at fault" if natures & {"error", "translation"} else "unclear"
        assert found[name] == (worst if natures - set(HOLDING.values()) else "holds")
        failing = (results.loc[group["id"], "verdict"] == "fails").any()
        assert failing == (found[name] != "holds")


# Each finding could have come out otherwise


TURNS: list[tuple[str, dict[str, dict[str, object]]]] = [
    ("A01", {"n004": {"date": "2017-05-20"}}),
    ("A03", {"f02": {"date": "2017-07-27"}}),
    ("A06", {"f05": {"date": "2021-11-07"}}),
    ("A11", {"f07": {"value": 82.0}}),
    ("A13", {"2.1-x05": {"value": 400.0}}),
    ("A14", {"f10": {"value": 120.0}}),
    ("A18", {name: {"period": "2018", "pollster": "Levada"} for name in ("2.2-01", "2.2-02")}),
    ("A19", {"p04": {"says": "Chuvashia"}}),
    ("A20", {"f11": {"date": "2014"}}),
    ("A23", {"3.1-08": {"base": "technology"}}),
    ("A25", {"f12": {"value": 219.0}}),
    ("A27", {"3.2-10": {"value": 160.0}}),
    ("A32", {"3.3-04": {"value": 60.0}}),
    ("A33", {"f14": {"value": 3.12}}),
    ("A36", {"3.3-12": {"value": 58.0}}),
    ("A37", {"3.3-13": {"value": 115.0}}),
    ("A38", {"3.3-06": {"value": 1.8}}),
    ("A39", {"3.3-08": {"value": 0.3}}),
    ("A40", {"f15": {"value": 1.5}}),
    ("A42", {"f17": {"value": 100.0}}),
    ("A43", {"f17": {"value": 5.0}}),
    ("A44", {"3.3-05": {"value": 5.0}}),
    ("A46", {"3.3-17": {"value": 22.0}}),
    ("A49", {"3.3-e08": {"date": "2018-12"}}),
    ("A50", {"f20": {"value": 0.0}}),
    (
        "A51",
        {
            "note-65": {"keys": "turitsyn2021rossiisko"},
            "note-116": {"note": "117"},
            "p10": {"says": "environmental activism"},
        },
    ),
    ("A52", {"3.4-10": {"value": 7.0}}),
    ("A57", {"3.2-02": {"value": 19.0}}),
    ("A58", {"f21": {"says": "Chinese"}}),
    ("A63", {"3.5-09": {"value": 4.0}}),
    ("A64", {"f26": {"value": 1435.0}}),
    ("A66", {"n090": {"date": "2020-09-16"}}),
    ("A68", {"3.6-03": {"value": 13.0}}),
    ("A69", {"3.6-09": {"value": 1750.0}}),
    ("A70", {"n096": {"date": "2019-10-09"}}),
    ("A72", {"3.6-10": {"period": "2017-07/2017-09"}}),
    ("A74", {"3.6-12": {"value": 21.0}}),
    ("A75", {"3.6-13": {"value": 34.0}}),
    ("A76", {"3.6-13": {"value": 11.0}}),
    ("A77", {"3.6-x06": {"value": 7.0}}),
    ("A78", {"3.6-x03": {"value": 12.2}}),
    ("A80", {"3.6-19": {"value": 9.5}}),
    ("A82", {"3.6-21": {"value": 1072.0}}),
    ("A83", {"3.6-x16": {"value": 1300.0}}),
    ("A84", {"3.6-29": {"value": 26.0}}),
    ("A85", {"3.6-x11": {"value": 3.0}}),
    ("A88", {name: {"printed_as": "$1", "unit": "US dollars per ruble"} for name in ("3.6-33", "3.6-34")}),
    ("A90", {"7-p37": {"value": 450.0}}),
    ("A91", {"3.7-x02": {"value": 12.0}}),
    ("A92", {"3.7-11": {"unit": "million messages"}}),
    ("A93", {"3.7-12": {"value": 2700.0}}),
    ("A97", {"4-e03": {"date": "2021-03"}}),
    ("A106", {"3.2-08": {"value": 5.0}}),
    ("A107", {"f71": {"says": "the FSB"}}),
    ("A120", {"n049": {"date": "2020-07-04"}}),
    ("A121", {"f41": {"says": "China"}}),
    ("A122", {"f42": {"value": 43.0}}),
    ("A123", {"f42": {"value": 0.43}}),
    ("A124", {"3.6-03": {"value": 0.13}}),
    ("A160", {"f80": {"date": "2019-06-05"}}),
    ("A250", {"f95": {"says": "a military alliance"}}),
    ("A140", {"3.6-x10": {"value": 14.0}}),
    ("A141", {"n096": {"date": "2019-09-09"}}),
    ("A142", {"3.6-x24": {"value": 87.8}}),
    ("A144", {"3.4-x01": {"value": 91.0}}),
    ("A145", {"3.5-x02": {"value": 300.0}}),
    ("A147", {"f92": {"says": "Roma and Chinese"}}),
    ("A170", {"f80": {"date": "2014-06-06"}}),
    ("A171", {"1-x02": {"value": 300000.0}}),
    ("A172", {"f116": {"value": 7000.0}}),
    ("A173", {"f115": {"value": 4.0}}),
    ("A174", {"f117": {"says": "China"}}),
    ("A175", {"f118": {"value": 700.0}}),
    ("A176", {"f119": {"says": "none"}}),
    ("A178", {"f101": {"date": "2013-06-22"}}),
    ("A179", {"f102": {"date": "2021-07-16"}}),
    ("A180", {"f103": {"date": "2017-07-08"}}),
    ("A181", {"f104": {"value": 20.0}}),
    ("A182", {"f106": {"value": 800.0}}),
    ("A183", {"f107": {"value": 3.0}}),
    ("A184", {"f109": {"value": 31.0}}),
    ("A185", {"f110": {"date": "2014-11-20"}}),
    ("A186", {"f112": {"says": "SWIFT"}}),
    ("A187", {"f111": {"date": "2018-03"}}),
    ("A188", {"f113": {"date": "1998-06-29"}}),
]


@pytest.mark.parametrize(("name", "rows"), TURNS, ids=[name for name, _ in TURNS])
def test_other_rows_turn_the_verdict(name: str, rows: dict[str, dict[str, object]], given: Given) -> None:
    before = recompute_finding(name).holds
    given(rows)
    assert recompute_finding(name).holds is not before


def test_each_move_is_shown_to_turn() -> None:
    by_rows = set(AUDIT[AUDIT["id"].isin([name for name, _ in TURNS])]["check"])
    assert set(MOVES) - by_rows == {"counts", "fewer_breaks", "covers"}


@pytest.mark.parametrize(
    ("name", "table", "change"),
    [
        ("A60", "economic_corridors", lambda t: t.assign(leads_to="Europe")),
        ("A61", "economic_corridors", lambda t: t.assign(crosses_russia=t["russia_in_name"])),
        (
            "A62",
            "corridor_gauges",
            lambda t: t.assign(gauge=t["gauge"].where(t["corridor"] != "Iran and Turkey", 1435)),
        ),
        ("A63", "corridor_gauges", lambda t: t.assign(gauge=t["gauge"].where(t["country"] != "Poland", 1520))),
        ("A10", "ceded_areas", lambda t: t.assign(longitude=t["longitude"] * 2)),
    ],
)
def test_another_table_turns_the_verdict(
    name: str, table: str, change: Callable[[pd.DataFrame], pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = recompute_finding(name).holds
    changed = change(load(table))
    monkeypatch.setattr(moves, "load", lambda asked: changed if asked == table else load(asked))
    assert recompute_finding(name).holds is not before


# The moves, one by one


def number(value: float, unit: str = "tonnes", qualifier: str = "exact", **more: object) -> dict[str, object]:
    return {"value": value, "value_high": math.nan, "qualifier": qualifier, "unit": unit, **more}


def run(move: str, **given: str) -> AuditOutcome:
    return MOVES[move].test(**given)


@pytest.mark.parametrize(
    ("move", "rows", "call", "holds"),
    [
        ("agrees", {"a": number(3.3), "b": number(3.28)}, {"one": "a", "other": "b"}, True),
        ("agrees", {"a": number(3.3), "b": number(3.5)}, {"one": "a", "other": "b"}, False),
        ("agrees", {"a": number(92), "b": number(100, qualifier="about")}, {"one": "a", "other": "b"}, True),
        ("adds_up", {"a": number(40.2), "b": number(59.7), "c": number(100)}, {"parts": "a, b", "whole": "c"}, True),
        (
            "adds_up",
            {"a": number(2, "banks"), "b": number(8, "banks"), "c": number(9, "banks")},
            {"parts": "a, b", "whole": "c"},
            False,
        ),
        ("at_most", {"a": number(100.3)}, {"small": "a", "large": "100"}, False),
        ("at_most", {"a": number(5.4), "b": number(5)}, {"small": "a", "large": "b"}, True),
        ("surely_at_most", {"a": number(5.4), "b": number(5)}, {"small": "a", "large": "b"}, False),
        ("surely_at_most", {"a": number(4), "b": number(5)}, {"small": "a", "large": "b"}, True),
        (
            "surely_at_most",
            {"a": number(4), "b": number(5, qualifier="less than")},
            {"small": "a", "large": "b"},
            False,
        ),
        (
            "implied_rate",
            {"a": number(80), "b": number(10), "r": number(8)},
            {"amount": "a", "paid": "b", "rates": "r"},
            True,
        ),
        (
            "implied_rate",
            {"a": number(81), "b": number(2), "r": number(8)},
            {"amount": "a", "paid": "b", "rates": "r"},
            False,
        ),
        ("sign_fits", {"r": {"printed_as": "¥7", "unit": "yuan per US dollar"}}, {"rates": "r"}, True),
        ("sign_fits", {"r": {"printed_as": "$7", "unit": "yuan per US dollar"}}, {"rates": "r"}, False),
        ("same_word", {"a": {"says": "gas"}, "b": {"says": "gas"}}, {"one": "a says", "other": "b says"}, True),
        ("same_word", {"a": {"says": "gas"}, "b": {"says": "oil"}}, {"one": "a says", "other": "b says"}, False),
        (
            "same_thing",
            {"a": number(40, "firms"), "b": number(40, "firms")},
            {"figures": "a, b", "things": "a unit, b unit"},
            True,
        ),
        (
            "same_thing",
            {"a": number(40, "firms"), "b": number(40, "parts")},
            {"figures": "a, b", "things": "a unit, b unit"},
            False,
        ),
        (
            "same_thing",
            {"a": number(41, "firms"), "b": number(43, "parts")},
            {"figures": "a, b", "things": "a unit, b unit"},
            True,
        ),
        ("stated", {"a": {"period": "2014"}, "b": {"period": "2015"}}, {"rows": "a, b", "columns": "period"}, True),
        ("stated", {"a": {"period": "2014"}, "b": {"period": ""}}, {"rows": "a, b", "columns": "period"}, False),
        ("nearer", {"a": number(6), "b": number(7), "c": number(9)}, {"printed": "a", "own": "b", "other": "c"}, True),
        ("nearer", {"a": number(9), "b": number(7), "c": number(9)}, {"printed": "a", "own": "b", "other": "c"}, False),
        (
            "same_word",
            {"a": {"says": "gas"}, "b": {"says": "oil"}},
            {"one": "a says, b says", "other": "a says, a says"},
            False,
        ),
    ],
)
def test_a_move_on_figures_and_words(
    move: str, rows: dict[str, dict[str, object]], call: dict[str, str], holds: bool, given: Given
) -> None:
    given(rows)
    assert run(move, **call).holds is holds


@pytest.mark.parametrize(
    ("move", "one", "other", "options", "holds"),
    [
        ("comes_after", "2019-01-09", "2019", {}, True),
        ("comes_after", "2019-01-09", "2019", {"whole": "yes"}, False),
        ("comes_after", "2019", "2019-12-31", {}, True),
        ("comes_after", "2018-12-31", "2019", {}, False),
        ("comes_after", "2019-07-01", "2018-10/2018-12", {"whole": "yes", "lag": "6"}, True),
        ("comes_after", "2019-06-30", "2018-10/2018-12", {"whole": "yes", "lag": "6"}, False),
        ("same_time", "2021-03", "2021-03-22/2021-03-23", {}, True),
        ("same_time", "2021-04", "2021-03-22/2021-03-23", {}, False),
        ("same_time", "2021-04", "2021-03-22/2021-03-23", {"within": "9"}, True),
        ("up_to_date", "2018-09-16", "2021-12-21", {}, False),
        ("up_to_date", "2018-09-16", "2021-12-21", {"years": "4"}, True),
    ],
)
def test_a_move_on_dates(move: str, one: str, other: str, options: dict[str, str], holds: bool, given: Given) -> None:
    given({"a": {"date": one}, "b": {"date": other}})
    first, second, *_ = inspect.signature(MOVES[move].test).parameters
    assert run(move, **{first: "a", second: "b"}, **options).holds is holds


def test_a_lag_keeps_the_end_of_a_month(given: Given) -> None:
    given({"a": {"date": "2018-02"}, "b": {"date": "2018-08-31"}})
    outcome = run("comes_after", later="b", earlier="a", whole="yes", lag="6")
    assert outcome.computed["could know it from"] == "2018-08-31"
    assert not outcome.holds


def test_counting_takes_the_printed_number_as_it_is(monkeypatch: pytest.MonkeyPatch, given: Given) -> None:
    monkeypatch.setattr(moves, "load", lambda _: pd.DataFrame({"leads_to": ["north", "north", "south"]}))
    given({"two": number(2, "corridors"), "several": number(1, "corridors", "more than")})
    call = {"table": "routes", "column": "leads_to"}
    assert run("counts", **call, values="north", printed="two").holds
    assert not run("counts", **call, values="north, south", printed="two").holds
    assert run("counts", **call, values="north", printed="several").holds


def test_breaks_of_gauge_are_counted_in_the_order_of_the_legs(monkeypatch: pytest.MonkeyPatch, given: Given) -> None:
    legs = [("x", 2, 1520), ("x", 1, 1435), ("x", 3, 1435), ("y", 1, 1435), ("y", 2, math.nan), ("y", 3, 1435)]
    monkeypatch.setattr(moves, "load", lambda _: pd.DataFrame(legs, columns=["corridor", "leg", "gauge"]))
    given({"two": number(2, "transfers")})
    assert run("breaks_as_printed", corridor="x", printed="two").holds
    assert not run("breaks_as_printed", corridor="y", printed="two").holds
    assert run("fewer_breaks", one="x", other="y").holds
    assert not run("fewer_breaks", one="y", other="x").holds


def test_an_area_on_the_globe_is_measured_right(monkeypatch: pytest.MonkeyPatch, given: Given) -> None:
    # A strip of one degree of longitude from the equator to 30 degrees north is 1/720 of the earth's surface.
    corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 30.0), (0.0, 30.0)]
    table = pd.DataFrame(
        [("strip", i, *c) for i, c in enumerate(corners)], columns=["area", "order", "longitude", "latitude"]
    )
    monkeypatch.setattr(moves, "load", lambda _: table)
    assert moves._spherical_area("strip") == pytest.approx(4 * math.pi * 6371**2 / 1440 / 1e6, rel=1e-6)
    given({"claim": number(0.35, "million km²"), "more": number(0.5, "million km²")})
    assert run("covers", areas="strip", claim="claim").holds
    assert not run("covers", areas="strip", claim="more").holds


def test_an_outcome_says_its_verdict_in_a_word() -> None:
    assert AuditOutcome({}, "criterion", holds=True).verdict == "holds"
    assert AuditOutcome({}, "criterion", holds=False).verdict == "fails"


# What a printed figure may mean


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (3.3, 3.25, 3.35),
        (107, 106.5, 107.5),
        (480, 475, 485),
        (7, 6.5, 7.5),
        (1251.3, 1251.25, 1251.35),
        (0, -0.5, 0.5),
    ],
)
def test_an_exact_figure_may_be_rounded_in_its_last_digit(value: float, low: float, high: float, given: Given) -> None:
    given({"a": number(value)})
    assert (figure_range("a").low, figure_range("a").high) == pytest.approx((low, high))
    assert figure_range("a", rounded=False) == Range(value, value)


@pytest.mark.parametrize(
    ("qualifier", "expected"),
    [
        ("about", Range(180, 220)),
        ("more than", Range(200, math.inf)),
        ("at least", Range(200, math.inf)),
        ("less than", Range(0, 200)),
        ("at most", Range(0, 200)),
    ],
)
def test_a_qualifier_opens_the_range(qualifier: str, expected: Range, given: Given) -> None:
    given({"a": number(200, qualifier=qualifier)})
    assert figure_range("a") == expected


def test_a_printed_range_keeps_both_ends_and_what_is_counted_is_not_rounded(given: Given) -> None:
    given({"a": {**number(70), "value_high": 75.0}, "b": number(20, "projects")})
    assert figure_range("a") == Range(65, 75.5)
    assert evaluate_formula("printed:a") == Range(70, 75)
    assert figure_range("b") == Range(20, 20)


def test_whatever_rounds_to_a_figure_lies_in_its_range(given: Given) -> None:
    dice = random.Random(6)
    for _ in range(500):
        true, digits = dice.uniform(0.01, 5000), dice.randint(1, 5)
        given({"a": number(float(f"{true:.{digits}g}"))})
        assert figure_range("a").overlaps(Range(true, true))


def test_a_sum_a_product_and_a_quotient_of_true_values_lie_in_the_range_of_the_formula(given: Given) -> None:
    dice = random.Random(7)
    for _ in range(300):
        a, b, c = (dice.uniform(1, 900) for _ in range(3))
        given({name: number(float(f"{true:.3g}")) for name, true in (("a", a), ("b", b), ("c", c))})
        for sign, true in (("+", a + b), ("-", a - b), ("*", a * b), ("/", a / b)):
            assert evaluate_formula(f"a {sign} b").overlaps(Range(true, true))
        assert evaluate_formula("a + b / c").overlaps(Range(a + b / c, a + b / c))
        assert evaluate_formula("(a + b) / c").overlaps(Range((a + b) / c, (a + b) / c))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100", 100),
        ("a + b * 100", 302),
        ("(a + b) * 100", 500),
        ("a - b - 1", -2),
        ("a - (b - 1)", 0),
        ("a * b / 100", 0.06),
        ("((a - b) / a) * 100", -50),
        ("2 * (a + (b - 1)) - 1", 7),
    ],
)
def test_a_formula_has_brackets_and_the_precedence_of_a_textbook(text: str, expected: float, given: Given) -> None:
    given({"a": number(2), "b": number(3)})
    assert evaluate_formula(text, rounded=False).low == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a / b * 100", "divides and then goes on without brackets, which can be read in two ways"),
        ("a / b / 100", "divides and then goes on without brackets, which can be read in two ways"),
        ("(a + b", "opens a bracket that it does not close"),
        ("a + b)", 'has ")" where one of + - * / is expected'),
        ("a b", 'has "b" where one of + - * / is expected'),
        ("a ^ b", 'has "^" where one of + - * / is expected'),
        ("a +", "lacks a term"),
        ("a + * b", "lacks a term"),
        ("()", "lacks a term"),
        ("", "lacks a term"),
    ],
)
def test_a_formula_that_is_ambiguous_or_incomplete_is_refused(text: str, fault: str, given: Given) -> None:
    given({"a": number(2), "b": number(3)})
    message = f'The formula "{text}" {fault}; correct it in audit.csv.'
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        evaluate_formula(text)


def test_an_open_end_stays_open(given: Given) -> None:
    given({"a": number(4), "more": number(2, qualifier="more than"), "less": number(2, qualifier="less than")})
    assert evaluate_formula("a * more", rounded=False) == Range(8, math.inf)
    assert evaluate_formula("a / less", rounded=False) == Range(2, math.inf)
    assert str(evaluate_formula("a / less", rounded=False)) == "more than 2"


def test_ranges_are_written_for_readers() -> None:
    assert str(Range(1072.3, 1072.3)) == "1,072"
    assert str(Range(6.2, 6.4)) == "6.2 to 6.4"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2014", "2014-01-01", "2014-12-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2019-12", "2019-12-01", "2019-12-31"),
        ("2019-01-09", "2019-01-09", "2019-01-09"),
        ("2018-10/2018-12", "2018-10-01", "2018-12-31"),
        ("1858/1860", "1858-01-01", "1860-12-31"),
    ],
)
def test_a_date_is_its_first_and_its_last_day(text: str, first: str, last: str, given: Given) -> None:
    expected = DateSpan(date.fromisoformat(first), date.fromisoformat(last))
    given({"a": {"date": text}, "b": {"period": text}, "c": {"date": "", "period": text}})
    assert date_span("a") == date_span("b") == date_span("c") == expected


def test_every_date_of_the_tables_is_read_and_does_not_run_backwards() -> None:
    for name in [*load("events")["id"], *(n for n in load_statements()["id"] if find_record(n)["period"])]:
        span = date_span(name)
        assert span.first <= span.last


def test_the_time_between_two_dates_is_a_range(given: Given) -> None:
    given({"a": {"date": "2010"}, "b": {"date": "2020-01-01"}, "c": {"period": "2014/2018"}})
    assert evaluate_formula("days:a~b") == Range(3288, 3652)
    assert evaluate_formula("a~b").high == pytest.approx(10, abs=0.01)
    assert evaluate_formula("years:c") == Range(5, 5)


# What is wrong with a row is said in one sentence


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: recompute_finding("A999"), 'There is no finding "A999"; use an id of audit.csv.'),
        (lambda: find_record("9-99"), 'No table has a row with the id "9-99"; correct it in audit.csv.'),
        (lambda: cell_text("3.1-07 size"), 'The row "3.1-07" has no column "size"; correct it in audit.csv.'),
        (lambda: figure_range("p03"), 'The row "p03" has no figure; name another row in audit.csv.'),
        (lambda: figure_range("note-65"), 'The row "note-65" has no figure; name another row in audit.csv.'),
        (lambda: date_span("3.1-07"), 'The row "3.1-07" has no date; name another row in audit.csv.'),
        (
            lambda: evaluate_formula("3.6-08 x 2"),
            'The formula "3.6-08 x 2" has "x" where one of + - * / is expected; correct it in audit.csv.',
        ),
    ],
)
def test_a_row_that_is_not_there_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"check": "guess"}, 'audit.csv, A32: there is no move "guess"; use one of '),
        (
            {"arguments": "small=3.3-04"},
            "audit.csv, A32: at_most was given the wrong arguments (missing a required argument: 'large')",
        ),
        ({"arguments": "small=9-99; large=100"}, 'No table has a row with the id "9-99"; correct it in audit.csv.'),
        ({"statements": "9-99"}, 'No table has a row with the id "9-99"; correct it in audit.csv.'),
    ],
)
def test_a_finding_that_cannot_be_computed_is_named(
    change: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = AUDIT[AUDIT["id"] == "A32"].assign(**change)
    monkeypatch.setattr("helpers.audit.load", lambda _: broken)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        recompute_finding("A32")


def test_an_id_names_one_row_of_the_whole_package() -> None:
    ids = [name for table in table_names() if "id" in (rows := load(table)) for name in rows["id"]]
    assert len(ids) == len(set(ids))


def test_two_dates_that_differ_are_printed_and_not_the_days_between_them(results: pd.DataFrame) -> None:
    assert results.loc["A100", "computed"] == "first 2021; second 2020"
