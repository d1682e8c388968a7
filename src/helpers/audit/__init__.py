"""The audit: each finding of the table `audit`, recomputed from the other tables.

A finding names a move of `helpers.audit.moves` and its arguments. No verdict is stored: whether a
figure holds comes out when the move is made. `helpers.audit.figures` reads ids and formulas.
"""

import pandas as pd

from helpers.audit.figures import record
from helpers.audit.moves import MOVES, Outcome
from helpers.tables import load, load_statements

__all__ = ["MOVES", "Outcome", "audit", "findings", "tested_statements"]


def audit(finding: str) -> Outcome:
    """Recompute one finding.

    Parameters
    ----------
    finding
        Its id, such as ``"A07"``.

    Returns
    -------
    Outcome
        The numbers computed, the criterion, and whether the figure holds.
    """
    table = load("audit")
    return _run(table[table["id"] == finding].iloc[0])


def findings() -> pd.DataFrame:
    """Recompute every finding: the table `audit` with the columns ``computed``, ``criterion`` and ``verdict``."""
    table = load("audit")
    outcomes = [_run(row) for _, row in table.iterrows()]
    return table.assign(
        computed=["; ".join(f"{name} {value}" for name, value in one.computed.items()) for one in outcomes],
        criterion=[one.criterion for one in outcomes],
        verdict=[one.verdict for one in outcomes],
    )


def tested_statements() -> pd.DataFrame:
    """Say of every quantitative statement what the audit found.

    Returns
    -------
    DataFrame
        Columns ``id``, ``section`` and ``found``: at fault, where a finding on arithmetic, unit, date or
        attribution fails; unclear, where one on definition or reference fails; holds; or not tested.
    """
    named: dict[str, set[str]] = {}
    for _, row in load("audit").iterrows():
        for identifier in row["statements"].split("; "):
            named.setdefault(identifier, set()).add(row["kind"])
    table = load_statements()[["id", "section"]]
    return table.assign(found=[_found(named.get(identifier, set())) for identifier in table["id"]])


def _found(kinds: set[str]) -> str:
    if kinds & {"arithmetic", "unit", "date", "attribution"}:
        return "at fault"
    return "unclear" if kinds & {"definition", "reference"} else "holds" if kinds else "not tested"


def _run(row: pd.Series) -> Outcome:
    for identifier in row["statements"].split("; "):
        record(identifier)
    given = dict(pair.split("=", 1) for pair in row["arguments"].split("; "))
    return MOVES[row["check"]].test(**given)
