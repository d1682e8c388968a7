"""Tables that put findings side by side, and Vega expressions that count according to a reader's choice.

Chapters draw from these tables. Like the findings, each row is recomputed from the other tables.
"""

import pandas as pd

from helpers.audit import parse_arguments, recompute_all_findings, recompute_finding, tested_statements
from helpers.audit.formulas import Range, evaluate_formula, figure_range
from helpers.tables import load, load_statements

#: What `tested_statements` can say about a statement, from the best to the unknown.
FOUND = ["holds", "unclear", "at fault", "not tested"]

#: The name of all sections together, in a column that otherwise names one.
ALL = "all sections"


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


def statements_found() -> pd.DataFrame:
    """Return every quantitative statement with what the audit found about it, to be drawn mark by mark.

    Returns
    -------
    DataFrame
        The columns ``section``, ``id``, ``measure``, ``found``, and ``turn``, the place of the section in the report.
        In each section, the rows go from what holds to what was not tested.
    """
    turns = {section: turn for turn, section in enumerate(load("sections")["section"])}
    table = tested_statements().merge(load_statements()[["id", "measure"]], on="id")
    table = table.assign(turn=table["section"].map(turns), order=table["found"].map(FOUND.index))
    return table.sort_values(["turn", "order"], kind="stable")[["section", "id", "measure", "found", "turn"]]


def weigh_findings() -> pd.DataFrame:
    """Return the findings that fail and weigh something, with the side that each speaks for as printed.

    Returns
    -------
    DataFrame
        The table `audit` with ``verdict`` and the like.
    """
    return recompute_all_findings().query("verdict == 'fails' and weight != 'nothing'")


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
    """Return how long after the fact each source appeared that a note gives for it.

    Returns
    -------
    DataFrame
        The columns ``id``, ``section``, ``verdict``, ``confidence``, ``source`` and ``known`` (the days on which the
        source appeared and the fact could be known) and ``months`` (from the second to the first); the rows are
        sorted by the last.
    """
    table = _findings_by_test("comes_after", "verdict", "confidence")
    # The note n000 is the report itself.
    cited = [given["later"].startswith("n") and given["later"] != "n000" for given in table["given"]]
    table = table[cited].drop(columns="given")
    days = [recompute_finding(identifier).computed for identifier in table["id"]]
    table = table.assign(source=[one["source"] for one in days], known=[one["could know it from"] for one in days])
    gap = pd.to_datetime(table["source"]) - pd.to_datetime(table["known"])
    return table.assign(months=(gap.dt.days / 30.44).round(4)).sort_values("months")


def _findings_by_test(move: str, *columns: str) -> pd.DataFrame:
    table = recompute_all_findings()
    table = table[table["check"] == move][["id", "section", "arguments", *columns]]
    return table.assign(given=table["arguments"].map(parse_arguments)).drop(columns="arguments")


def counting_expression(values: pd.Series, test: str) -> str:
    """Write a Vega expression that counts the values that pass a test.

    Examples
    --------
    >>> counting_expression(pd.Series([1.5, 2.0]), "<= tolerance")
    '((1.5 <= tolerance ? 1 : 0) + (2.0 <= tolerance ? 1 : 0))'
    """
    return "(" + " + ".join(f"({value} {test} ? 1 : 0)" for value in values) + ")"
