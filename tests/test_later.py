"""What happened after the report: whole sources, one unit in a series, visible seams, and verdicts that follow."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers import load
from helpers.audit import verdicts as rules
from helpers.audit.verdicts import SeriesLookup, later_figures
from helpers.tables import load_statements, table_names

PERIOD = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?")
SOURCE = ["source_title", "publisher", "address", "source_date"]
CHAPTER = (Path(__file__).parent.parent / "chapters" / "7-after-2021.md").read_text(encoding="utf-8")
COMPUTED = re.compile(r"Computed: ([\d. /*+-]+)\.(?: |$)")


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return later_figures()


@pytest.fixture(scope="module")
def verdicts() -> pd.DataFrame:
    return load("later_verdicts")


def rows(table: pd.DataFrame) -> Iterable[Any]:
    """The rows with their cells as attributes, which are whatever the columns hold."""
    return table.itertuples()


def earliest_end(period: str) -> str:
    """Return the last day of a period as text that sorts like a date."""
    end = period.rpartition("/")[2]
    return {4: f"{end}-12-31", 7: f"{end}-28", 10: end}[len(end)]


def test_there_are_several_tables_each_of_one_kind() -> None:
    assert len(rules.later_table_names()) == 7
    columns = {tuple(load(name).columns) for name in rules.later_table_names()}
    assert len(columns) == 1


@pytest.mark.parametrize("name", [*rules.later_table_names(), "later_events"])
def test_every_later_figure_and_event_has_a_complete_source(name: str) -> None:
    table = load(name)
    for column in SOURCE:
        assert (table[column].str.len() > 3).all(), column
    assert table["address"].str.match(r"https?://[^/\s]+/\S*$").all()
    for text in table["source_date"]:
        assert date.fromisoformat(f"{text}-01-01"[:10]) <= date(2026, 12, 31)


def test_a_source_is_not_older_than_what_it_reports(figures: pd.DataFrame) -> None:
    told = figures[(figures["stage"] != "report") & ~figures["qualifier"].eq("about")]
    # A year may be counted before its last day, as a total to a given month; a figure from the future is an error.
    late = told[[row.source_date[:4] < row.period.split("/")[-1][:4] for row in rows(told)]]
    assert late["id"].tolist() == []


def test_a_series_keeps_one_unit_one_measure_and_one_pair(figures: pd.DataFrame) -> None:
    for column in ("unit", "currency", "measure", "entity", "counterpart", "table"):
        assert figures.groupby("series")[column].nunique().max() == 1, column


def test_money_has_its_currency(figures: pd.DataFrame) -> None:
    assert figures.loc[figures["unit"].str.contains("US dollars"), "currency"].eq("USD").all()
    assert figures.loc[figures["unit"].str.contains("yuan"), "currency"].eq("CNY").all()
    assert figures.loc[~figures["unit"].str.contains("dollars|yuan"), "currency"].eq("").all()


def test_one_basis_has_one_figure_for_a_period_in_order_of_time(figures: pd.DataFrame) -> None:
    for (series, basis, _), group in figures.groupby(["series", "basis", "stage"]):
        if basis == "the report" and series == "national currencies in the trade":
            continue  # The report prints two figures for one year, 3 and 25 percent: that is its point.
        assert group["period"].is_unique, (series, basis)
    for (series, basis), group in figures.groupby(["series", "basis"]):
        assert group["period"].is_monotonic_increasing, (series, basis)
    assert not figures.duplicated(["series", "basis", "period", "value"]).any()


def test_the_reports_own_points_stand_on_a_basis_of_their_own(figures: pd.DataFrame) -> None:
    assert figures["basis"].eq("the report").equals(figures["stage"].eq("report"))
    assert figures["statement"].ne("").equals(figures["stage"].eq("report"))


def test_the_reports_own_points_are_those_of_its_tables(figures: pd.DataFrame) -> None:
    printed = load_statements().set_index("id")
    for row in rows(figures[figures["stage"] == "report"]):
        statement = printed.loc[row.statement]
        assert (row.value, row.qualifier, row.period) == tuple(statement[["value", "qualifier", "period"]]), row.id
        assert row.unit == statement["unit"] or statement["unit"] in ("organisations", "percent"), row.id


def test_periods_are_iso_and_a_figure_says_on_which_side_of_the_report_it_lies(figures: pd.DataFrame) -> None:
    for row in rows(figures):
        if not row.period:
            assert row.stage == "report", row.id
            continue
        assert PERIOD.fullmatch(row.period), row.id
        if row.stage != "report":
            assert row.stage == ("before" if earliest_end(row.period) < rules.REPORT_DATE else "after"), row.id


def test_what_we_computed_follows_from_the_note(figures: pd.DataFrame) -> None:
    computed = figures[figures["note"].str.contains("Computed")]
    assert len(computed) >= 8
    for row in rows(computed):
        (sum_,) = COMPUTED.findall(row.note)
        digits = len(f"{row.value:.10g}".partition(".")[2])
        result = eval(sum_)  # noqa: S307  digits and signs alone, by the pattern
        assert round(result, digits) == row.value, row.id
        assert row.qualifier == "about", row.id


def test_the_extracts_are_small(figures: pd.DataFrame) -> None:
    # A few figures of a data set may be cited; a whole table of it may not be copied.
    from_review = figures["publisher"].str.contains("Energy Institute")
    assert from_review.sum() <= 12


def test_the_verdict_on_every_claim_follows_from_its_rule(figures: pd.DataFrame, verdicts: pd.DataFrame) -> None:
    found = {name: rule(SeriesLookup(figures)) for name, rule in rules.VERDICT_RULES.items()}
    assert found == verdicts.set_index("id")["verdict"][list(found)].to_dict()
    by_events = verdicts[~verdicts["id"].isin(list(found))]
    assert by_events["criterion"].str.startswith("No number decides").all()
    named = {name for cell in load("later_events")["verdicts"] for name in cell.split("; ")}
    assert set(by_events["id"]) <= named <= set(verdicts["id"])


@pytest.mark.parametrize(
    ("verdict", "series", "factor"),
    [
        ("7-v01", "trade turnover", None),
        ("7-v02", "trade of China with the United States", 3),
        ("7-v04", "price of pipeline gas to China", 10),
        ("7-v05", "LNG from Russia", 10),
        ("7-v06", "crude oil from Russia", 3),
        ("7-v08", "national currencies in the trade", 0.05),
        ("7-v09", "yuan in Russian export payments", 0.1),
        ("7-v15", "Chinese investment in a year", 10),
        ("7-v16", "payments to China sent back", 0.1),
        ("7-v17", "good attitude to China", 1.2),
        ("7-v18", "China to Europe containers through Russia", "fell"),
        ("7-v19", "Chinese students in Russia", 2),
        ("7-v21", "LNG from Russia", "fell"),
    ],
)
def test_another_figure_would_give_another_verdict(
    figures: pd.DataFrame, verdict: str, series: str, factor: float | str | None
) -> None:
    changed = figures.copy()
    after = changed["stage"] == "after"
    if factor is None:
        changed.loc[after, "value"] = 0.0
    elif factor == "fell":
        changed.loc[(changed["series"] == series) & (changed["period"] == "2024"), "value"] = 1.0
    else:
        last = changed[(changed["series"] == series) & after].index
        changed.loc[last, "value"] *= factor
    rule = rules.VERDICT_RULES[verdict]
    assert rule(SeriesLookup(changed)) != rule(SeriesLookup(figures))


def test_a_verdict_rests_on_rows_and_says_where_its_figures_end(figures: pd.DataFrame, verdicts: pd.DataFrame) -> None:
    for row in rows(verdicts):
        series = row.series.split("; ")
        assert set(series) <= set(figures["series"]), row.id
        told = figures[figures["series"].isin(series) & (figures["stage"] != "report")]
        assert row.data_end == max(period.split("/")[-1] for period in told["period"]), row.id
        assert len(row.reason) > 40, row.id
    assert 12 <= len(verdicts) <= 24


def test_a_verdict_names_claims_of_the_report(verdicts: pd.DataFrame) -> None:
    tables = [load(name) for name in table_names() if not name.startswith("later_")]
    known = {id_ for table in tables if "id" in table for id_ in table["id"]}
    named = {id_ for cell in verdicts["statements"] if cell for id_ in cell.split("; ")}
    assert named <= known


def test_what_could_be_known_was_in_print_when_the_report_appeared(
    figures: pd.DataFrame, verdicts: pd.DataFrame
) -> None:
    printed = pd.concat([figures, load("outside_figures")]).set_index("id")["source_date"]
    for row in rows(verdicts):
        ids = [id_ for id_ in row.known.split("; ") if id_]
        assert all(printed[id_] < rules.REPORT_DATE for id_ in ids), row.id
        if row.foresight == "contradicted in print":
            assert ids, row.id
        assert bool(row.knowable) or not ids, row.id


def test_the_seam_between_two_editions_is_not_hidden(figures: pd.DataFrame) -> None:
    gas = figures[(figures["series"] == "pipeline gas to Europe") & (figures["period"] == "2021")]
    assert sorted(gas["value"]) == [166.75, 167.86]
    assert gas["basis"].nunique() == 2


def test_the_middle_of_a_period_can_be_drawn() -> None:
    assert rules.period_middle("2024") == 2024.5
    assert rules.period_middle("2022-07") == pytest.approx(2022 + 6.5 / 12)
    assert rules.period_middle("2021-01/2021-06") == pytest.approx(2021.25)
    assert rules.period_middle("2022-01-01") == 2022
    assert rules.period_middle("2011/2018") == 2015


def test_the_peak_hangs_on_the_margin_as_the_text_says(figures: pd.DataFrame, verdicts: pd.DataFrame) -> None:
    told = SeriesLookup(figures)
    assert rules.peak_verdict(told) == "mixed"
    counts = {margin: sum(rules.new_highs(told, margin).values()) for margin in (0, 7, 8, 9, 10)}
    assert counts == {0: 7, 7: 7, 8: 6, 9: 6, 10: 5}
    assert len(rules.FIELDS) == 8
    criterion = verdicts.set_index("id")["criterion"]["7-v01"]
    assert rules.NEW_HIGH_MARGIN == 10
    assert "ten percent" in criterion
    assert "margin=widgets.IntSlider(value=NEW_HIGH_MARGIN" in CHAPTER
    assert "Five of eight fields" in CHAPTER


def test_another_choice_of_fields_would_change_the_verdict_as_the_text_says(figures: pd.DataFrame) -> None:
    told = SeriesLookup(figures)
    highs = rules.new_highs(told)
    assert sum(highs.values()) == 5
    assert not highs["Chinese investment in a year"]
    assert rules.percent_of_peak(told, "LNG from Russia", "Chinese customs") > 110
    # "Leave out investment, and it is five of seven ... put LNG in its place, and it is six of eight"
    assert 0.25 < 5 / 7 < 0.75 <= 6 / 8


def test_the_sheet_offers_an_answer_for_every_claim(verdicts: pd.DataFrame) -> None:
    assert set(verdicts["verdict"]) == {rules.HELD, rules.MIXED, rules.OVERTAKEN}
    assert verdicts["knowable"].ne("").all()


def test_a_rule_says_what_each_verdict_would_take(verdicts: pd.DataFrame) -> None:
    for word in ("held", "overtaken"):
        assert verdicts["criterion"].str.lower().str.contains(word).all()


@pytest.mark.parametrize(
    ("series", "basis", "peak"),
    [
        ("good attitude to China", "Levada Center", 80),  # January 2015; not the 75 of 2018 and 2021
        ("Russian students in China", "Chinese education ministry", 19239),  # 2018; not the 17,000 of 2016
        ("Chinese students in Russia", "Russian officials", 25000),  # 2016, on a page that the table had cited already
        ("trade turnover", "Chinese customs", 110.75),
    ],
)
def test_the_peak_before_the_report_is_the_highest_figure_and_not_the_nearest(
    figures: pd.DataFrame, series: str, basis: str, peak: float
) -> None:
    assert max(SeriesLookup(figures).series_values(series, basis, "before")) == peak


def test_what_was_bought_before_the_report_is_no_sign_of_what_came_after() -> None:
    assert "yuan in the reserves" not in {series for series, _ in rules.FIELDS}


def test_a_claim_is_judged_and_a_dated_fact_is_not(verdicts: pd.DataFrame) -> None:
    # Gas in 2020, the yuan in Moscow about 2010 and Russia's US debt in 2019 cannot be overtaken by anything later.
    # The report gives the yuan in the reserves, the rank of China's US debt and the size of SPFS for a day, too.
    assert set(verdicts["id"]).isdisjoint({"7-v03", "7-v10", "7-v11", "7-v12", "7-v13", "7-v14"})
    assert not verdicts["claim"].str.contains(r"\b(?:20[012]\d|brought|bought)\b").any()


def test_the_euro_was_the_main_substitute_in_print(figures: pd.DataFrame, verdicts: pd.DataFrame) -> None:
    euro = SeriesLookup(figures).values_by_period("euro in Chinese payments for Russian exports")
    assert (euro["2018"], euro["2020"], euro["2020-10/2020-12"]) == (12, 65.3, 83.3)
    assert "supported in print" in verdicts.set_index("id")["knowable"]["7-v09"]


def test_the_report_is_not_said_to_have_missed_a_poll_that_it_cites(verdicts: pd.DataFrame) -> None:
    opinion = verdicts.set_index("id").loc["7-v17"]
    assert opinion["foresight"] == "open"
    assert "The report itself says" in opinion["knowable"]


def test_the_two_counts_of_gas_differ_by_a_twentieth_except_in_2021(figures: pd.DataFrame) -> None:
    told = SeriesLookup(figures)
    gazprom = told.values_by_period("pipeline gas to China", "Gazprom")
    institute = told.values_by_period("pipeline gas to China", "Energy Institute, 2023 edition")
    institute |= told.values_by_period("pipeline gas to China", "Energy Institute, 2024 edition")
    ratios = {year: round(institute[year] / gazprom[year], 2) for year in sorted(institute)}
    assert ratios == {"2020": 0.95, "2021": 0.73, "2022": 0.95, "2023": 0.94}
    # Customs had 4.73 million tonnes by August 2021: in m³ that is 85 percent of the institute's whole year.
    (by_august,) = told.series_values("pipeline gas from Russia, in tonnes")
    assert by_august * rules.GAS_IN_A_TONNE / institute["2021"] == pytest.approx(0.85, abs=0.01)


def test_by_ship_came_more_than_by_pipe_in_the_year_of_the_report(figures: pd.DataFrame) -> None:
    told = SeriesLookup(figures)
    ship = told.values_by_period("LNG from Russia")["2020"] * rules.GAS_IN_A_TONNE
    assert ship > told.values_by_period("pipeline gas to China", "Gazprom")["2020"]
    (july_ship,), (july_pipe,) = (
        told.series_values(f"gas from Russia by {way}, July 2020") for way in ("ship", "pipe")
    )
    assert july_ship > july_pipe
