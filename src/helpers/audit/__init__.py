"""The audit: each finding of the table `audit`, recomputed from the other tables.

A finding names a move of `helpers.audit.moves` and its arguments. No verdict is stored: only
making the move tells whether a figure holds. `helpers.audit.formulas` reads ids and formulas.
"""

import functools
import inspect

import pandas as pd

from helpers.audit.formulas import find_record
from helpers.audit.moves import MOVES, AuditOutcome
from helpers.tables import load, load_statements

__all__ = [
    "MOVES",
    "AuditOutcome",
    "parse_arguments",
    "recompute_all_findings",
    "recompute_finding",
    "tested_statements",
]


def recompute_finding(finding: str) -> AuditOutcome:
    """Recompute one finding.

    Parameters
    ----------
    finding
        Its id, such as ``"A07"``.

    Returns
    -------
    AuditOutcome
        The numbers that were computed, the criterion, and whether the figure meets it.

    Raises
    ------
    ValueError
        If there is no such finding, or if its row in `audit.csv` cannot be computed.

    Examples
    --------
    >>> loan = recompute_finding("A69")
    >>> loan.computed
    {'implied rate': '6,857', 'known rates': '6.2 to 7'}
    >>> loan.verdict
    'fails'
    """
    table = load("audit")
    if finding not in set(table["id"]):
        raise ValueError(f'There is no finding "{finding}"; use an id of audit.csv.')
    return _run_audit_test(table[table["id"] == finding].iloc[0])


def recompute_all_findings() -> pd.DataFrame:
    """Return the table `audit` with the columns ``computed``, ``criterion``, ``verdict`` and ``sentence``."""
    return _computed_findings().copy()


@functools.cache
def _computed_findings() -> pd.DataFrame:
    table = load("audit")
    outcomes = [_run_audit_test(row) for _, row in table.iterrows()]
    return table.assign(
        computed=["; ".join(f"{name} {value}" for name, value in one.computed.items()) for one in outcomes],
        criterion=[one.criterion for one in outcomes],
        verdict=[one.verdict for one in outcomes],
        sentence=[one.sentence for one in outcomes],
    )


def tested_statements() -> pd.DataFrame:
    """Return what the audit found about every quantitative statement.

    Returns
    -------
    DataFrame
        The columns ``id``, ``section`` and ``found``. A statement is "at fault" if a finding about
        it fails because of an error or a translation, "unclear" if one fails because of an
        ambiguity, and otherwise "holds" or "not tested". Of several findings, the worst counts.
    """
    causes: dict[str, set[str]] = {}
    for _, row in load("audit").iterrows():
        for identifier in row["statements"].split("; "):
            causes.setdefault(identifier, set()).add(row["nature"])
    table = load_statements()[["id", "section"]]
    return table.assign(found=[_statement_status(causes.get(identifier, set())) for identifier in table["id"]])


def _statement_status(causes: set[str]) -> str:
    if causes & {"error", "translation"}:
        return "at fault"
    if "ambiguity" in causes:
        return "unclear"
    return "holds" if causes else "not tested"


def parse_arguments(text: str) -> dict[str, str]:
    """Read the arguments of a move from a cell of the column `arguments`, such as ``one=a; other=b``."""
    return dict(pair.split("=", 1) for pair in text.split("; "))


def _run_audit_test(row: pd.Series) -> AuditOutcome:
    for identifier in row["statements"].split("; "):
        find_record(identifier)
    if row["check"] not in MOVES:
        raise ValueError(f'audit.csv, {row["id"]}: there is no move "{row["check"]}"; use one of {", ".join(MOVES)}.')
    given = parse_arguments(row["arguments"])
    test = MOVES[row["check"]].test
    try:
        inspect.signature(test).bind(**given)
    except TypeError as error:
        message = f"audit.csv, {row['id']}: {row['check']} was given the wrong arguments ({error}); correct them."
        raise ValueError(message) from None
    return test(**given)
