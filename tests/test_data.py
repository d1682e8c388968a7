"""What the tables say: one unit to a measure, whole dates, doubts that the report's own arithmetic bears out."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import load
from helpers.tables import load_statements, statement_tables, table_names

DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@pytest.fixture(scope="module")
def every_statement() -> pd.DataFrame:
    return load_statements()


def value_of(table: str, where: str) -> float:
    """Return the one figure that a query finds."""
    (value,) = load(table).query(where)["value"]
    return float(value)


def test_one_measure_has_one_unit(every_statement: pd.DataFrame) -> None:
    units = every_statement.groupby("measure")["unit"].nunique()
    assert units[units > 1].empty


@pytest.mark.parametrize("name", [*statement_tables(), "events"])
def test_numbers_rise_from_row_to_row(name: str) -> None:
    ids = load(name)["id"]
    assert ids.is_monotonic_increasing
    assert ids.str.split("-").str[0].eq(load(name)["section"]).all()


def test_events_stand_in_the_order_of_their_dates() -> None:
    for _, group in load("events").groupby("section"):
        years = group["date"].str[:4].astype(int)
        assert years.is_monotonic_increasing


def test_periods_and_dates_are_real_days_and_intervals_run_forwards(every_statement: pd.DataFrame) -> None:
    spans = pd.concat([every_statement["period"], load("events")["date"]])
    for span in spans[spans != ""]:
        ends = span.split("/")
        assert all(DATE.fullmatch(end) for end in ends), span
        moments = [pd.Timestamp(end) for end in ends]
        assert moments == sorted(moments), span


def test_a_suppliers_form_is_stated_only_where_the_report_states_it() -> None:
    prices = load("gas_prices")
    assert prices.query("form_basis == 'stated'")["entity"].unique().tolist() == ["Russia"]
    assert prices.groupby("form").size().to_dict() == {"pipeline gas": 5, "LNG": 4}


def test_the_two_multiples_agree_with_each_other_and_not_with_the_printed_total() -> None:
    implied = [
        value_of("fdi", f"entity == '{country}' and kind == 'stock'")
        / value_of("fdi", f"entity == '{country}' and kind == 'multiple'")
        for country in ("Germany", "Cyprus")
    ]
    printed = value_of("investment", "measure == 'total investment in businesses' and period == '2021'")
    assert implied == pytest.approx([1.84, 1.81], abs=0.01)
    assert min(implied) > 3.7 * printed


def test_the_fivefold_drop_is_a_rounding() -> None:
    totals = load("investment").query("measure == 'total investment in businesses'").set_index("period")["value"]
    assert totals["2014"] / totals["2021"] == pytest.approx(4.75)


@pytest.mark.parametrize(
    ("table", "where", "words"),
    [
        ("investment", "value == 250", "cannot exceed 100 percent"),
        ("investment", "measure == 'fall of total investment in businesses'", "4.75"),
        ("fdi", "kind == 'multiple'", "only when read as times as large"),
        ("statements", "measure == 'years of limited cooperation'", "end in 2007"),
        ("statements", "entity == 'Energy and agriculture'", "no values in the text"),
        ("events", "kind == 'refusal' and date == '2021' and section == '3.3'", "end of 2018"),
    ],
)
def test_a_doubtful_figure_says_why(table: str, where: str, words: str) -> None:
    doubts = load(table).query(where)["doubt"]
    assert len(doubts) > 0
    assert doubts.str.contains(words, regex=False).all()


OUTSIDE = ["outside_figures", "corridor_gauges", "economic_corridors"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_figure_from_outside_the_report_names_its_source(name: str) -> None:
    table = load(name)
    for column in ("source_title", "publisher"):
        assert (table[column].str.len() > 2).all(), column
    assert table["address"].str.match(r"https?://\S+$").all()
    # A page without a date says so.
    assert table.loc[table["source_date"] == "", "doubt"].str.contains("no date").all()


def spherical_area(longitude: np.ndarray, latitude: np.ndarray) -> float:
    """Return the area of an outline on a sphere of 6,371 km in km², by the spherical excess of its slices."""
    east, north = np.radians(longitude), np.radians(latitude)
    step = np.roll(east, -1) - east
    return float(abs(np.sum(step * (np.sin(north) + np.sin(np.roll(north, -1))))) / 2 * 6371**2)


def test_the_areas_that_the_chapter_on_elites_states_follow_from_the_outlines() -> None:
    ceded = load("ceded_areas")
    sizes = {
        area: spherical_area(outline["longitude"].to_numpy(), outline["latitude"].to_numpy()) / 1e6
        for area, outline in ceded.sort_values("order").groupby("area")
    }
    assert sizes == pytest.approx({"Aigun 1858": 0.670, "Peking 1860": 0.310}, abs=0.005)
    demanded = value_of("statements", "id == '2.1-01'")
    assert sum(sizes.values()) / demanded == pytest.approx(0.65, abs=0.01)


def test_traced_points_say_that_they_are_schematic() -> None:
    basis = load("ceded_areas")["basis"]
    assert set(basis) == {"Natural Earth 1:50m", "traced by us, schematic"}
    assert load("map_outlines")["source"].str.contains("Natural Earth").all()


@pytest.fixture(scope="module")
def every_id() -> set[str]:
    """The identifier of every row that a scoreboard may point to."""
    tables = [load(name) for name in table_names() if name not in ("outcomes", "recommendations")]
    return {id_ for table in tables if "id" in table for id_ in table["id"]}


def test_the_scoreboard_rests_on_rows_of_other_tables(every_id: set[str]) -> None:
    outcomes = load("outcomes")
    for _, row in outcomes.iterrows():
        assert set(row["evidence"].split("; ")) <= every_id, row["id"]
        assert row["reason"], row["id"]
    assert {"kept", "no visible result", "refused or withdrawn"} <= set(outcomes["verdict"])


def test_a_refusal_lies_with_whoever_had_to_act() -> None:
    outcomes = load("outcomes").set_index("id")
    refused = outcomes[outcomes["verdict"] == "refused or withdrawn"]
    assert len(refused) == 7
    # The buyer of the stake in Rosneft was a private company, and its sellers ended the deal.
    assert refused.index[refused["who_can"] == "many firms"].tolist() == ["o08"]
    assert "Six of the seven refusals" in (Path(__file__).parent.parent / "chapters" / "4-conclusion.md").read_text(
        encoding="utf-8"
    )


def test_each_recommendation_rests_on_rows_of_other_tables(every_id: set[str]) -> None:
    evidence = load("recommendation_evidence")
    assert set(evidence["evidence"]) <= every_id
    assert set(evidence["recommendation"]) <= set(load("recommendations")["id"])
    unsupported = set(load("recommendations")["id"]) - set(evidence["recommendation"])
    support = load("recommendations").set_index("id")["support"]
    assert all(support[id_] in ("asserted", "outside the report") for id_ in unsupported)
