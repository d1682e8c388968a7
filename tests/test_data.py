"""What the tables say: one unit to a measure, whole dates, doubts that the report's own arithmetic bears out."""

import re

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


def test_the_year_2020_is_stated_only_for_the_russian_price_to_china() -> None:
    doubts = load("gas_prices").set_index("id")["doubt"]
    assert doubts.index[doubts == ""].tolist() == ["3.2-09"]
    assert (
        doubts.drop(["3.2-09", "3.2-10"]).str.startswith("The year is stated only for the Russian price to China").all()
    )
    # The unit is printed with four of the prices: to China and to Europe, for Uzbek gas and for Russian LNG.
    carried = doubts.index[doubts.str.contains("the unit for the price before")]
    assert carried.tolist() == ["3.2-12", "3.2-13", "3.2-15", "3.2-16", "3.2-17"]


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


def test_the_fall_of_250_percent_is_one_of_the_stock_to_one_part_in_two_and_a_half() -> None:
    """The chapter on investment solves the puzzle so: the stock fell 2.5-fold, and the equity in it fivefold."""
    before = value_of("audit_facts", "measure.str.startswith('stock of Chinese direct investment in Russia before')")
    cyprus = load("fdi").query("entity == 'Cyprus'").set_index("kind")["value"]
    assert before / (cyprus["stock"] / cyprus["multiple"]) == pytest.approx(2.5, abs=0.005)
    equity = load("outside_figures").query("measure.str.startswith('equity in')")["value"].tolist()
    totals = load("investment").query("measure == 'total investment in businesses'").set_index("period")["value"]
    assert [totals["2014"], *equity, totals["2021"]] == [2.28, 1.93, 1.16, 0.48]


def test_what_the_press_calls_withdrawn_is_a_difference_of_two_stocks_in_a_year_of_a_falling_ruble() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    assert outside["3.3-x04"] + outside["3.3-x11"] == pytest.approx(outside["3.3-x10"], abs=0.05)
    assert outside["3.3-x04"] / (outside["3.3-x04"] + outside["3.3-x11"]) == pytest.approx(0.24, abs=0.005)
    lost = outside["3.3-x01"] - value_of("audit_facts", "id == 'f15'")
    assert outside["3.3-x01"] * outside["3.3-x12"] / 100 == pytest.approx(0.65 * lost, abs=0.01)


def test_by_one_count_of_projects_only_kazakhstan_had_more_chinese_investment_than_russia() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    assert outside["3.3-x14"] > outside["3.3-x13"] > outside["3.3-x15"]


def test_russian_gas_cost_china_more_than_europe_only_while_prices_fell() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    europe = [outside[name] for name in ("3.2-x02", "3.2-x15")]
    at_signing = [outside["3.2-x01"] / max(europe), outside["3.2-x54"] / min(europe)]
    assert at_signing == pytest.approx([0.92, 1.11], abs=0.005)
    assert outside["3.2-x03"] > max(outside["3.2-x05"], outside["3.2-x06"])
    assert outside["3.2-x07"] / outside["3.2-x29"] == pytest.approx(1.66, abs=0.005)
    start_of_2021 = [outside["3.2-x18"] / outside[name] for name in ("3.2-x13", "3.2-x30")]
    assert [1 - share for share in start_of_2021] == pytest.approx([0.29, 0.34], abs=0.005)
    # Another source, for the spring of 2020, has the suppliers in the order of the report's list.
    figures = load("outside_figures").query("counterpart == 'China' and period.str.startswith('2020-04')")
    spring = figures.set_index("entity")["value"]
    assert spring.sort_values().index.tolist() == ["Russia", "Kazakhstan", "Uzbekistan", "Turkmenistan", "Myanmar"]
    listed = load("gas_prices").query("form == 'pipeline gas' and counterpart == 'China'").set_index("entity")["value"]
    assert listed.sort_values().index.tolist() == spring.sort_values().drop("Kazakhstan").index.tolist()


def test_the_price_to_china_was_lowest_nine_months_after_the_price_of_oil() -> None:
    outside = load("outside_figures")
    russian = outside.query("entity == 'Russia' and measure == 'price of pipeline gas' and qualifier == 'exact'")
    recent = russian[russian["period"].str.match("2020-|2021-")].set_index("period")
    china = recent.query("counterpart == 'China'")["value"]
    oil = outside.query("measure == 'price of crude oil'").set_index("period")["value"]
    assert (oil.idxmin(), china.idxmin()) == ("2020-04/2020-06", "2021-01/2021-03")
    # Both rose after that, but the gas had fallen by less.
    assert oil["2020-07/2020-09"] > oil.min()
    assert china["2021-04/2021-06"] > china.min()
    assert china.min() / china["2020-01/2020-02"] > oil.min() / oil["2019-04/2019-06"]


def test_the_price_to_china_follows_the_average_of_oil_and_not_its_price_nine_months_ago() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    oil = [outside[f"3.2-x{number}"] for number in (33, 34, 35, 36, 37, 38, 39)]
    oil.insert(2, 4 * outside["3.2-x48"] - outside["3.2-x49"] - sum(oil[:2]))
    assert oil[2] == pytest.approx(62.8, abs=0.05)
    gas = [outside[name] for name in ("3.2-x03", "3.2-x07", "3.2-x16", "3.2-x17", "3.2-x18", "3.2-x19")]
    by_average = [price / (sum(oil[start : start + 3]) / 3) for start, price in enumerate(gas)]
    by_delay = [price / oil[start] for start, price in enumerate(gas)]
    assert (min(by_average), max(by_average)) == pytest.approx((3.0, 3.14), abs=0.01)
    assert max(by_delay) / min(by_delay) > 1.75


def test_china_paid_more_than_europe_until_september_2020_and_less_after() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    assert outside["3.2-x16"] > max(outside[name] for name in ("3.2-x23", "3.2-x24", "3.2-x25"))
    assert outside["3.2-x17"] < min(outside[name] for name in ("3.2-x26", "3.2-x27"))
    forecasts = [("3.2-x42", "3.2-x43"), ("3.2-x44", "3.2-x45"), ("3.2-x46", "3.2-x47")]
    shares = [outside[china] / outside[europe] for china, europe in forecasts]
    assert shares == pytest.approx([0.59, 0.56, 0.80], abs=0.005)
    # "Slightly higher" is partly an average by volume: more than half of the year's gas came in the second half.
    delivered = 4.1
    assert outside["3.2-x40"] < outside["3.2-x41"] < delivered
    assert outside["3.2-x40"] < delivered / 2


def test_most_of_slightly_higher_comes_from_another_base_for_europe() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    first, spring, summer, autumn = (outside[name] for name in ("3.2-x03", "3.2-x07", "3.2-x16", "3.2-x17"))
    half, august, delivered, china, europe = outside["3.2-x40"], outside["3.2-x41"], 4.1, 150.2, 143
    months = [outside[f"3.2-x{number:02}"] for number in (5, 6, 20, 29, 29, 29, 23, 24, 25, 26, 27, 28)]
    west = sum(months) / 12
    plain = (first + spring + summer + autumn) / 4
    later = (summer + 3 * autumn) / 4 * (delivered - august)
    weighted = ((first + spring) / 2 * half + summer * (august - half) + later) / delivered
    steps = [plain - weighted, weighted - china, europe - west]
    shares = [step / (plain - west - (china - europe)) for step in steps]
    assert shares == pytest.approx([0.24, 0.22, 0.53], abs=0.01)


def test_china_counts_more_of_its_investment_in_russia_and_no_fall_to_two_fifths() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    before, later, latest = (outside[name] for name in ("3.3-x17", "3.3-x18", "3.3-x19"))
    assert before < latest < later
    assert later / outside["3.3-x01"] == pytest.approx(3.9, abs=0.05)


def test_the_list_that_has_china_s_228_supercomputers_has_three_of_russia_s() -> None:
    lists = load("outside_figures").query("measure == 'systems in the list of the 500 fastest'")
    by_list = lists.pivot_table(index="period", columns="entity", values="value")
    ratios = (by_list["China"] / by_list["Russia"]).dropna().round().to_dict()
    assert ratios == {"2018-11": 76, "2019-06": 110, "2019-11": 76, "2020-06": 113}
    assert by_list.loc["2019-11", "China"] == value_of("supercomputers", "entity == 'China'") == 228
    assert value_of("supercomputers", "entity == 'Russia'") not in by_list["Russia"].tolist()


def test_the_fivefold_drop_is_a_rounding() -> None:
    totals = load("investment").query("measure == 'total investment in businesses'").set_index("period")["value"]
    assert totals["2014"] / totals["2021"] == pytest.approx(4.75)


@pytest.mark.parametrize(
    ("table", "where", "words"),
    [
        ("investment", "value == 250", "a gross amount cannot fall by more than 100 percent; a net flow can."),
        ("investment", "measure == 'fall of total investment in businesses'", "4.75"),
        ("fdi", "kind == 'multiple'", "only when read as times as large"),
        ("statements", "measure == 'years of limited cooperation'", "end in 2007"),
        ("statements", "entity == 'Energy and agriculture'", "a picture, which we have not reproduced"),
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
    island = load("map_outlines").query("name == 'Sakhalin'").sort_values("order")
    sakhalin = spherical_area(island["longitude"].to_numpy(), island["latitude"].to_numpy()) / 1e6
    assert sakhalin == pytest.approx(0.076, abs=0.001)
    # With the island, which a Chinese page counts in, the area of 1860 is within ten percent of that page's.
    assert (sizes["Peking 1860"] + sakhalin) / 0.4 == pytest.approx(0.97, abs=0.01)
    demanded = value_of("statements", "id == '2.1-01'")
    assert sum(sizes.values()) / demanded == pytest.approx(0.65, abs=0.01)


def test_the_areas_of_four_treaties_come_to_the_demand_by_chinese_accounts() -> None:
    ceded = load("outside_figures").query("section == '2.1' and unit == 'million km²'")["value"]
    assert ceded.sum() == pytest.approx(1.51)
    assert len(ceded) == 4


def test_six_times_fits_one_of_the_years_that_a_speaker_of_2020_could_mean() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    with_russia = (
        load("later_trade")
        .query("series == 'trade turnover' and basis == 'Chinese customs'")
        .set_index("period")["value"]
    )
    facts = load("audit_facts").set_index("id")["value"]
    american = {"2018": 2 * outside["2.1-x05"] - outside["2.1-x06"], "2020": facts["f08"] + facts["f09"]}
    american["2019"] = american["2018"] * (1 - outside["2.1-x07"] / 100)
    american["2017"] = outside["2.1-x09"]
    multiples = {year: american[year] / with_russia[year] for year in american}
    assert multiples == pytest.approx({"2017": 6.94, "2018": 5.92, "2019": 4.89, "2020": 5.44}, abs=0.01)


def test_the_two_shares_of_one_trade_that_the_chapter_on_imbalances_states() -> None:
    outside, trade = load("outside_figures").set_index("id")["value"], value_of("trade_and_loans", "id == '3.6-28'")
    shares = [100 * trade / outside[name] for name in ("3-x02", "3-x01")]
    assert shares == pytest.approx([18.8, 2.3], abs=0.05)
    assert outside["3-x01"] / outside["3-x02"] == pytest.approx(8.2, abs=0.05)
    # Trade that doubles is part of both totals, and grows the smaller one by more.
    assert (outside["3-x01"] + trade) / (outside["3-x02"] + trade) == pytest.approx(7.0, abs=0.05)


def test_the_answers_that_make_two_points_stand_out_and_the_limits_of_the_happy_who_would_pay() -> None:
    polls = load("opinion_polls").set_index("id")["value"]
    first, last = polls["3.4-01"], polls["3.4-03"]
    needed = 1.96**2 * (first * (100 - first) + last * (100 - last)) / (first - last) ** 2
    assert needed == pytest.approx(4608, abs=0.5)
    happy, willing = load("outside_figures").set_index("id").at["2.2-x02", "value"], polls["2.2-01"]
    limits = [100 * max(0, willing + happy - 100) / happy, 100 * min(willing, happy) / happy]
    assert limits == pytest.approx([7.0, 23.3], abs=0.05)


def test_the_margin_of_two_points_that_the_chapter_on_publics_states() -> None:
    polls = load("opinion_polls").set_index("id")["value"]
    variances = [polls[name] * (100 - polls[name]) / 1600 for name in ("3.4-01", "3.4-03")]
    assert 1.96 * sum(variances) ** 0.5 == pytest.approx(3.4, abs=0.05)


def test_the_answers_on_the_cost_of_crimea_leave_room_for_those_in_part() -> None:
    """The page says that a third would bear part of the cost in August 2014; with the firmer answers that is a half."""
    outside = load("outside_figures").set_index("id")["value"]
    rest = 100 - outside[["2.2-x04", "2.2-x05", "2.2-x06"]].sum()
    assert rest > 100 / 3
    assert outside["2.2-x04"] + outside["2.2-x05"] + 100 / 3 == pytest.approx(50, abs=0.5)


def test_crude_oil_is_less_unequal_than_all_goods() -> None:
    outside, oil = load("outside_figures").set_index("id")["value"], value_of("later_energy", "id == '7-g40'")
    shares = [100 * oil / outside[total] for total in ("3-x08", "3-x06")]
    assert shares == pytest.approx([35.9, 15.4], abs=0.05)
    assert outside["3-x06"] / outside["3-x08"] < outside["3-x01"] / outside["3-x02"]


def test_china_is_first_among_single_states_and_behind_the_union_as_one() -> None:
    partners = load("outside_figures").query("measure == 'trade in goods with Russia'").set_index("entity")["value"]
    outside = load("outside_figures").set_index("id")["value"]
    shares = 100 * partners / outside["3-x14"]
    assert shares.idxmax() == "China"
    assert shares["China"] > 2 * shares["Germany"]
    for end in ("3-x03", "3-x19"):
        assert outside[end] / shares["China"] == pytest.approx(2.1, abs=0.05)


def test_the_meeting_of_june_2019_is_four_entries_of_the_list() -> None:
    """The chapter on the top-down partnership counts these four as one occasion."""
    events = load("events").query("section == '1' and date >= '2019-06' and date < '2019-07'")
    assert events["id"].tolist() == ["1-e14", "1-e15", "1-e16", "1-e17"]


def test_a_poll_on_crimea_has_as_many_willing_as_the_cut_lets_in() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    assert outside["2.2-x04"] + outside["2.2-x05"] == 17
    assert outside["2.2-x07"] + outside["2.2-x08"] == 26
    assert outside["2.2-x18"] + outside["2.2-x19"] == 16
    # With the 17 percent who thought that ordinary people would not pay, and 5 who could not say, all have answered.
    assert outside[["2.2-x18", "2.2-x19", "2.2-x20", "2.2-x21"]].sum() + 17 + 5 == 100


def test_traced_points_say_that_they_are_schematic() -> None:
    basis = load("ceded_areas")["basis"]
    assert set(basis) == {"Natural Earth 1:50m", "traced by us, schematic"}
    outlines = load("map_outlines")
    towns = outlines["kind"] == "town"
    assert outlines.loc[~towns, "source"].str.contains("Natural Earth").all()
    assert outlines.loc[towns, "source"].str.contains("GeoNames, CC BY 4.0").all()


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
    # A count of refusals says nothing without the number of announcements behind it.
    state = outcomes["who_can"] != "many firms"
    assert (int(state[refused.index].sum()), state.sum(), int((~state)[refused.index].sum()), (~state).sum()) == (
        6,
        19,
        1,
        9,
    )


def test_each_recommendation_rests_on_rows_of_other_tables(every_id: set[str]) -> None:
    evidence = load("recommendation_evidence")
    assert set(evidence["evidence"]) <= every_id
    assert set(evidence["recommendation"]) <= set(load("recommendations")["id"])
    unsupported = set(load("recommendations")["id"]) - set(evidence["recommendation"])
    support = load("recommendations").set_index("id")["support"]
    assert all(support[id_] in ("asserted", "outside the report") for id_ in unsupported)


def test_the_polls_between_those_of_the_report_show_a_peak_before_the_turn_to_asia() -> None:
    outside = load("outside_figures").query("entity == 'Chinese' and measure == 'for limiting their number'")
    printed = load("opinion_polls").query("section == '3.4' and notes == '69'")
    polls = pd.concat([outside, printed]).set_index("period")["value"]
    assert len(polls) == 13
    assert polls.idxmax() == "2013"
    assert polls[[year for year in polls.index if year < "2014"]].between(30, 45).all()
    assert polls["2018-07"] - polls["2017-07"] == 16


def test_the_wish_to_limit_a_group_grew_for_every_group_and_most_for_chinese() -> None:
    asked = load("outside_figures").query("measure == 'for limiting their number'")
    shares = asked.pivot_table(index="entity", columns="period", values="value")
    rises = (shares["2019-08"] - shares["2017-07"]).dropna()
    assert rises.to_dict() == {
        "Jews": 13,
        "People from Central Asia": 13,
        "People from the Caucasus": 9,
        "Roma": 23,
        "Ukrainians": 10,
    }
    printed = load("opinion_polls").set_index("id")["value"]
    assert printed["3.4-03"] - printed["3.4-02"] > rises.max()


def test_chinese_sources_had_far_more_investment_in_russia_than_its_central_bank() -> None:
    outside = load("outside_figures").set_index("id")["value"]
    assert outside["3.3-x07"] > 4 * outside["3.3-x06"]
    # Russia and Belarus together had an eleventh of what Kazakhstan had.
    assert outside["3.3-x08"] / (outside["3.3-x09"] - outside["3.3-x08"]) == pytest.approx(10.7, abs=0.1)
