"""Tables that put findings side by side, and Vega expressions that count according to a reader's choice.

Chapters draw from these tables. Like the findings, each row is recomputed from the other tables.
"""

import itertools

import pandas as pd

from helpers.audit import parse_arguments, recompute_all_findings, recompute_finding, tested_statements
from helpers.audit.formulas import Range, evaluate_formula, figure_range
from helpers.tables import load

#: What `tested_statements` can say about a statement, from the best to the unknown.
FOUND = ["holds", "unclear", "at fault", "not tested"]

#: The name of all sections together, in a column that otherwise names one.
ALL = "all sections"

STANDARD_GAUGE_MM = 1435


def printed_value(identifier: str) -> float:
    """Return a figure as printed; of a range, the lower end."""
    return figure_range(identifier, rounded=False).low


def tally_statements() -> pd.DataFrame:
    """Count the statements of each section by what the audit found.

    Returns
    -------
    DataFrame
        One row for each section and one for all sections; the columns are ``section``, those of
        `FOUND`, and ``whole``, their sum.
    """
    tested = tested_statements()
    counts = pd.crosstab(tested["section"], tested["found"])[FOUND]
    counts = pd.concat([counts.sum().to_frame(ALL).T, counts])
    return counts.assign(whole=counts.sum(axis=1)).rename_axis("section").reset_index()


def count_findings_by_weight() -> pd.DataFrame:
    """Count the findings that fail, by what a correction would change and by their cause.

    Returns
    -------
    DataFrame
        The columns ``section``, ``certain`` (whether only findings of high confidence are counted),
        ``weight``, ``nature`` and ``findings``.
    """
    failing = recompute_all_findings().query("verdict == 'fails'")
    views = [failing.assign(certain=False), failing[failing["confidence"] == "high"].assign(certain=True)]
    views += [view.assign(section=ALL) for view in views]
    table = pd.concat(views)
    return table.groupby(["section", "certain", "weight", "nature"]).size().rename("findings").reset_index()


def figure_distances() -> pd.DataFrame:
    """Return how far apart two ways to compute the same figure are.

    Returns
    -------
    DataFrame
        The columns ``id``, ``section``, ``verdict``, ``found``, ``against`` and ``off``. The last is
        the distance between the nearer ends, in percent of the second and without rounding; the
        rows are sorted by it.
    """
    table = _findings_by_test("agrees", "verdict")
    ways = [[evaluate_formula(given[side], rounded=False) for side in ("one", "other")] for given in table["given"]]
    return (
        table.drop(columns="given")
        .assign(
            found=[str(one) for one, _ in ways],
            against=[str(other) for _, other in ways],
            off=[_percent_apart(one, other) for one, other in ways],
        )
        .sort_values("off")
    )


def _percent_apart(one: Range, other: Range) -> float:
    return round(100 * max(one.low / other.high - 1, 1 - one.high / other.low, 0), 6)


def source_lags() -> pd.DataFrame:
    """Return how long after the fact each dated source appeared.

    Returns
    -------
    DataFrame
        The columns ``id``, ``section``, ``verdict``, ``confidence``, ``source``, ``known`` (the day
        from which the fact could be known) and ``months`` (from that day to the source); the rows
        are sorted by the last.
    """
    table = _findings_by_test("comes_after", "verdict", "confidence").drop(columns="given")
    days = [recompute_finding(identifier).computed for identifier in table["id"]]
    table = table.assign(source=[one["source"] for one in days], known=[one["could know it from"] for one in days])
    gap = pd.to_datetime(table["source"]) - pd.to_datetime(table["known"])
    return table.assign(months=(gap.dt.days / 30.44).round(4)).sort_values("months")


def implied_rates() -> pd.DataFrame:
    """Return the exchange rate that each amount in two currencies implies.

    Returns
    -------
    DataFrame
        The columns ``id``, ``section``, ``rate``, and ``least`` and ``most``, the ends of the known
        rates; all as printed.
    """
    table = _findings_by_test("implied_rate")
    known = [[evaluate_formula(one, rounded=False) for one in given["rates"].split(", ")] for given in table["given"]]
    return table.assign(
        rate=[
            evaluate_formula(f"({given['amount']}) / ({given['paid']})", rounded=False).low for given in table["given"]
        ],
        least=[min(one.low for one in some) for some in known],
        most=[max(one.high for one in some) for some in known],
    ).drop(columns="given")


def stock_multiples() -> pd.DataFrame:
    """Return the two stocks that are printed together with a multiple of China's.

    Returns
    -------
    DataFrame
        The columns ``country``, ``times``, ``stock``, and ``least`` and ``most``, the stocks that
        rounding allows, in billion US dollars.
    """
    rows = [("Germany", "3.3-10", "3.3-11"), ("Cyprus", "3.3-12", "3.3-13")]
    found = [(name, printed_value(times), printed_value(stock), figure_range(stock)) for name, times, stock in rows]
    ends = [(name, times, stock, round(one.low, 6), round(one.high, 6)) for name, times, stock, one in found]
    return pd.DataFrame(ends, columns=["country", "times", "stock", "least", "most"])


def _findings_by_test(move: str, *columns: str) -> pd.DataFrame:
    table = recompute_all_findings()
    table = table[table["check"] == move][["id", "section", "arguments", *columns]]
    return table.assign(given=table["arguments"].map(parse_arguments)).drop(columns="arguments")


def route_gauges(without: tuple[str, ...] = ()) -> dict[str, dict[str, int]]:
    """Return the countries on each route from China to Europe, in order, with their gauges in mm."""
    legs = load("corridor_gauges").dropna(subset="gauge").sort_values(["corridor", "leg"])
    legs = legs[~legs["corridor"].isin(without)]
    return {
        str(name): dict(zip(one["country"], one["gauge"].astype(int), strict=True))
        for name, one in legs.groupby("corridor")
    }


def breaks_expression(stops: dict[str, int], parameter: str) -> str:
    """Write a Vega expression that counts the breaks of gauge on a route.

    Parameters
    ----------
    stops
        Countries with their gauges, as `route_gauges` returns them.
    parameter
        The parameter that lists the countries for which the reader assumes the standard gauge.
    """
    width = [f"(indexof({parameter}, '{name}') >= 0 ? {STANDARD_GAUGE_MM} : {gauge})" for name, gauge in stops.items()]
    return "(" + " + ".join(f"({one} != {other} ? 1 : 0)" for one, other in itertools.pairwise(width)) + ")"


def fewest_gauge_changes(stops: dict[str, int], rival: dict[str, int]) -> str:
    """Name the smallest set of countries whose change to the standard gauge would give a route fewer breaks."""
    wide = [name for name, gauge in stops.items() if gauge != STANDARD_GAUGE_MM]
    for number in range(len(wide) + 1):
        for some in itertools.combinations(wide, number):
            if _count_remaining_breaks(stops, some) < _count_remaining_breaks(rival, some):
                return " and ".join(some)
    return "no country on it"


def _count_remaining_breaks(stops: dict[str, int], standard: tuple[str, ...]) -> int:
    width = [STANDARD_GAUGE_MM if name in standard else gauge for name, gauge in stops.items()]
    return sum(one != other for one, other in itertools.pairwise(width))


def counting_expression(values: pd.Series, test: str) -> str:
    """Write a Vega expression that counts the values that pass a test.

    Examples
    --------
    >>> counting_expression(pd.Series([1.5, 2.0]), "<= tolerance")
    '((1.5 <= tolerance ? 1 : 0) + (2.0 <= tolerance ? 1 : 0))'
    """
    return "(" + " + ".join(f"({value} {test} ? 1 : 0)" for value in values) + ")"
