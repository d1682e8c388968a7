"""What became of the report's claims: the rules that turn figures from after 2021 into verdicts.

`data/later_verdicts.csv` has the rules in words. Here they are code: a new figure can change a
verdict, and `tests/test_later.py` fails if a rule and the table disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.audit.formulas import first_day
from helpers.tables import load, table_names

HELD, OVERTAKEN, MIXED = "held", "overtaken", "mixed"

#: The day on which the report appeared.
REPORT_DATE = "2021-12-21"

#: Billion m³ of gas in one million tonnes of LNG, as the Energy Institute converts it.
GAS_IN_A_TONNE = 1.36

#: For each field of the relationship, one series whose source counts both before and after the report.
#: The yuan in Russia's reserves are none: their last figure is of 1 January 2022, so they were bought before.
FIELDS = [
    ("trade turnover", "Chinese customs"),
    ("pipeline gas to China", "Gazprom"),
    ("crude oil from Russia", "Chinese customs"),
    ("Chinese investment in a year", "BOFIT"),
    ("good attitude to China", "Levada Center"),
    ("relations called friendly", "VCIOM"),
    ("Chinese students in Russia", "Russian officials"),
    ("Russian students in China", "Chinese education ministry"),
]

#: By how many percent a figure must lie above all earlier ones to count as a new high. The verdict on the peak
#: hangs on it: at nine percent one field more would count, and three quarters of them would be new highs.
NEW_HIGH_MARGIN = 10


def later_table_names(folder: Path | None = None) -> list[str]:
    """Return the names of the tables of later figures."""
    others = ("later_verdicts", "later_events")
    return [name for name in table_names(folder) if name.startswith("later_") and name not in others]


def later_figures(folder: Path | None = None) -> pd.DataFrame:
    """Load all later figures and the last figures of the report itself, table by table.

    Returns
    -------
    DataFrame
        The columns that the tables share, the column ``table``, and ``year``: the middle of the
        period as a decimal year, for charts. A figure that the report does not date has the year
        of the report's own date.
    """
    frame = pd.concat([load(name, folder).assign(table=name) for name in later_table_names(folder)], ignore_index=True)
    return frame.assign(year=[period_middle(period or REPORT_DATE) for period in frame["period"]])


def period_middle(period: str) -> float:
    """Return the middle of an ISO 8601 period as a decimal year; the middle of a day is the day itself.

    Examples
    --------
    >>> period_middle("2024"), period_middle("2011/2018"), period_middle("2022-01-01")
    (2024.5, 2015.0, 2022.0)
    """
    start, end = period.partition("/")[0], period.rpartition("/")[2]
    return (_decimal_year(start) + _decimal_year(end) + _length_in_years(end)) / 2


def _decimal_year(text: str) -> float:
    day = first_day(text)
    return day.year + (day.month - 1) / 12 + (day.day - 1) / 365


def _length_in_years(text: str) -> float:
    if len(text) == len("2024-05-09"):
        return 0
    return 1 / 12 if len(text) == len("2024-05") else 1


@dataclass(frozen=True)
class SeriesLookup:
    """The later figures, looked up by series."""

    frame: pd.DataFrame

    def series_rows(self, series: str, basis: str = "", stage: str = "") -> pd.DataFrame:
        """Return the rows of a series, or of one basis or stage of it, in the order of their periods."""
        chosen = self.frame[self.frame["series"] == series]
        chosen = chosen[chosen["basis"] == basis] if basis else chosen
        chosen = chosen[chosen["stage"] == stage] if stage else chosen
        return chosen.sort_values("period")

    def series_values(self, series: str, basis: str = "", stage: str = "") -> list[float]:
        """Return the figures of these rows."""
        return self.series_rows(series, basis, stage)["value"].tolist()

    def last_after_report(self, series: str) -> float:
        """Return the last figure of a series after the report."""
        return self.series_values(series, stage="after")[-1]

    def values_by_period(self, series: str, basis: str = "") -> dict[str, float]:
        """Return the figures of a series from other sources than the report, by their periods."""
        rows = self.series_rows(series, basis)
        rows = rows[rows["stage"] != "report"]
        return dict(zip(rows["period"].tolist(), rows["value"].tolist(), strict=True))


def period_ratios(above: dict[str, float], below: dict[str, float]) -> list[float]:
    """Divide one series by another in each period that both have, in the order of the periods.

    Examples
    --------
    >>> period_ratios({"2022": 30.0, "2020": 10.0, "2019": 8.0}, {"2020": 5.0, "2022": 10.0})
    [2.0, 3.0]
    """
    return [above[period] / below[period] for period in sorted(set(above) & set(below))]


def percent_of_peak(figures: SeriesLookup, series: str, basis: str) -> float:
    """Return the highest figure after the report in percent of the highest before it."""
    after, before = (max(figures.series_values(series, basis, stage)) for stage in ("after", "before"))
    return 100 * after / before


def new_highs(figures: SeriesLookup, margin: float = NEW_HIGH_MARGIN) -> dict[str, bool]:
    """Return for each field whether its highest figure since the report is above all earlier ones by the margin."""
    return {series: percent_of_peak(figures, series, basis) > 100 + margin for series, basis in FIELDS}


def peak_verdict(figures: SeriesLookup) -> str:
    """Overtaken if three quarters of the fields reached a new high; held if at most a quarter did."""
    highs = list(new_highs(figures).values())
    share = sum(highs) / len(highs)
    return OVERTAKEN if share >= 0.75 else HELD if share <= 0.25 else MIXED


def trade_verdict(figures: SeriesLookup) -> str:
    """Overtaken if China's American trade fell to at most 3 times its Russian trade; held if it is at least 5 times."""
    multiple = period_ratios(
        figures.values_by_period("trade of China with the United States"), figures.values_by_period("trade turnover")
    )[-1]
    return OVERTAKEN if multiple <= 3 else HELD if multiple >= 5 else MIXED


def pipeline_price_verdict(figures: SeriesLookup) -> str:
    """Held if China paid less than Europe in every later year that has both prices; mixed if in some."""
    china, europe = (figures.values_by_period(f"price of pipeline gas to {buyer}") for buyer in ("China", "Europe"))
    below = [ratio < 1 for ratio in period_ratios(china, europe)]
    return HELD if all(below) else MIXED if any(below) else OVERTAKEN


def lng_verdict(figures: SeriesLookup) -> str:
    """Held if LNG grew and was more than the pipeline's gas in m³; mixed if one is true; overtaken if neither."""
    liquefied = figures.values_by_period("LNG from Russia")
    piped = figures.values_by_period("pipeline gas to China", "Gazprom")
    end = max(set(liquefied) & set(piped))
    signs = [liquefied[end] > liquefied[min(liquefied)], liquefied[end] * GAS_IN_A_TONNE > piped[end]]
    return HELD if all(signs) else MIXED if any(signs) else OVERTAKEN


def oil_supplier_verdict(figures: SeriesLookup) -> str:
    """Overtaken if Russia's share of the oil is more than a third; held if it rose by at most one point."""
    russian, imported = (figures.values_by_period(f"crude oil from {source}") for source in ("Russia", "all countries"))
    shares = period_ratios(russian, imported)
    rise = 100 * (shares[-1] - shares[0])
    return OVERTAKEN if shares[-1] > 1 / 3 else HELD if rise <= 1 else MIXED


def own_currency_verdict(figures: SeriesLookup) -> str:
    """Overtaken if the last later share is at least 50 percent; held if it is at most 10."""
    share = figures.last_after_report("national currencies in the trade")
    return OVERTAKEN if share >= 50 else HELD if share <= 10 else MIXED


def export_currency_verdict(figures: SeriesLookup) -> str:
    """Overtaken if dollar and euro together fell and the yuan is at least 25 percent; held if it is below 10."""
    yuan, both = (figures.series_values(f"{name} in Russian export payments") for name in ("yuan", "dollar and euro"))
    return OVERTAKEN if both[-1] < both[0] and yuan[-1] >= 25 else HELD if yuan[-1] < 10 else MIXED


def investment_verdict(figures: SeriesLookup) -> str:
    """Held if the yearly flow fell and no year has more than one large deal; mixed if one is true."""
    flow = figures.series_values("Chinese investment in a year")
    signs = [flow[-1] < flow[0], max(figures.series_values("Belt and Road deals")) <= 1]
    return HELD if all(signs) else MIXED if any(signs) else OVERTAKEN


def payment_refusal_verdict(figures: SeriesLookup) -> str:
    """Held if banks sent back at least half of the payments and trade fell that year; mixed if trade still grew."""
    trade_by_year = figures.values_by_period("trade turnover")
    refused = figures.last_after_report("payments to China sent back") >= 50
    grew = trade_by_year["2024"] > trade_by_year["2023"]
    return MIXED if refused and grew else HELD if refused else OVERTAKEN


def opinion_verdict(figures: SeriesLookup) -> str:
    """Overtaken if both polls end above half and above all earlier ones by the margin; held if both are under half."""
    polls = ("good attitude to China", "relations called friendly")
    ends = {poll: figures.last_after_report(poll) for poll in polls}
    needed = {poll: (1 + NEW_HIGH_MARGIN / 100) * max(figures.series_values(poll, stage="before")) for poll in polls}
    if all(end < 50 for end in ends.values()):
        return HELD
    return OVERTAKEN if all(end > max(50, needed[poll]) for poll, end in ends.items()) else MIXED


def rail_verdict(figures: SeriesLookup) -> str:
    """Overtaken if more containers go from China to Europe through Russia than in 2021; held if under half as many."""
    carried = figures.values_by_period("China to Europe containers through Russia")
    left = carried[max(carried)] / carried["2021"]
    return OVERTAKEN if left > 1 else HELD if left < 0.5 else MIXED


def students_verdict(figures: SeriesLookup) -> str:
    """Held if under a tenth of the Chinese students abroad are in Russia; overtaken from a quarter on."""
    abroad = figures.series_values("Chinese students abroad")[-1]
    share = figures.last_after_report("Chinese students in Russia") / abroad
    return HELD if share < 0.1 else OVERTAKEN if share >= 0.25 else MIXED


def novatek_verdict(figures: SeriesLookup) -> str:
    """Held if China's LNG from Russia fell in the year after the sanctions of 2023; mixed if it grew."""
    bought = figures.values_by_period("LNG from Russia")
    return HELD if bought["2024"] < bought["2023"] else MIXED


#: The rule for each claim in `later_verdicts` that numbers decide, or could decide.
VERDICT_RULES: dict[str, Callable[[SeriesLookup], str]] = {
    "7-v01": peak_verdict,
    "7-v02": trade_verdict,
    "7-v04": pipeline_price_verdict,
    "7-v05": lng_verdict,
    "7-v06": oil_supplier_verdict,
    "7-v08": own_currency_verdict,
    "7-v09": export_currency_verdict,
    "7-v15": investment_verdict,
    "7-v16": payment_refusal_verdict,
    "7-v17": opinion_verdict,
    "7-v18": rail_verdict,
    "7-v19": students_verdict,
    "7-v21": novatek_verdict,
}
