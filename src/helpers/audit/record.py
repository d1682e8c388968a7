"""The record of each finding: when it was checked, what was replied, whether it was withdrawn, which way it leans."""

from pathlib import Path

import pandas as pd

from helpers.audit import recompute_all_findings
from helpers.audit.formulas import DateSpan, first_day
from helpers.audit.wording import span_words
from helpers.tables import last_checked, load, table_names, title_and_description

#: What can have become of a finding, as a reader is told it.
UNANSWERED, ANSWERED, DISPUTED, WITHDRAWN = "no reply so far", "answered", "disputed", "withdrawn"

#: The weight of a finding that could change the argument of the report.
WEIGHTY = "a step of the argument"


def day_words(first: str, last: str = "") -> str:
    """Write a day, or the days from one to another, as a reader would.

    Examples
    --------
    >>> day_words("2026-11-30"), day_words("2026-11-24", "2026-11-30")
    ('30 November 2026', '24 to 30 November 2026')
    """
    return span_words(DateSpan(first_day(first), first_day(last or first)))


def finding_state(finding: pd.Series) -> str:
    """Return what has become of a finding: one of the states of this module, but for the last."""
    if finding["reply_stance"] == "disputes" or finding["second_opinion"] == "differs":
        return DISPUTED
    return ANSWERED if finding["reply"] or finding["second_opinion"] else UNANSWERED


def finding_status(finding: pd.Series) -> str:
    """Say when a finding was last checked, who answered it, and whether it is disputed.

    Parameters
    ----------
    finding
        A row of the table `audit`.

    Returns
    -------
    str
        A sentence, such as ``"Checked 30 November 2026; no reply so far."``.
    """
    parts = [f"checked {day_words(finding['checked'])}"]
    if finding["reply"]:
        parts.append(f"{finding['reply_by']} {finding['reply_stance']} it, {day_words(finding['reply_date'])}")
    if finding["second_opinion"]:
        parts.append(f"a second auditor, {finding['second_opinion_by']}, {finding['second_opinion']}")
    state = finding_state(finding)
    parts += [UNANSWERED] if state == UNANSWERED else []
    words = "; ".join([DISPUTED, *parts] if state == DISPUTED else parts)
    return f"{words[0].upper()}{words[1:]}."


def incomplete_replies() -> list[str]:
    """Name each finding whose reply or second opinion lacks a part, so that no reply is printed without its author.

    Returns
    -------
    list of str
        Sentences for whoever entered the reply; none if all is complete.
    """
    parts = ["reply", "reply_stance", "reply_by", "reply_date", "reply_address"]
    faults = []
    for _, finding in load("audit").iterrows():
        for names in (parts, ["second_opinion", "second_opinion_by"]):
            empty = [name for name in names if not finding[name]]
            if empty and len(empty) < len(names):
                faults.append(
                    f"audit.csv, {finding['id']}: {', '.join(empty)} is empty; fill it in, or empty the rest."
                )
    return faults


def weighty_leanings() -> pd.Series:
    """Count the weighty findings that fail by the side that the figures as printed speak for."""
    table = recompute_all_findings()
    failing = table[(table["weight"] == WEIGHTY) & (table["verdict"] == "fails")]
    return failing["leans"].value_counts()


def leaning_sentence() -> str:
    """Say which way the weighty findings that fail lean."""
    sides = weighty_leanings()
    return (
        f"{sides.sum()} findings fail and would change a step of the argument. In {sides.get('for the thesis', 0)} of "
        f"them the figure as printed speaks for the thesis of the report, in {sides.get('against the thesis', 0)} "
        "against it."
    )


def checking_sentence(folder: Path | None = None) -> str:
    """Say when each table of later figures was last compared with its sources."""
    days: dict[str, list[str]] = {}
    for name in table_names(folder):
        if name.startswith("later_"):
            title = title_and_description(name, folder)[0].removeprefix("After 2021: ")
            days.setdefault(last_checked(name, folder), []).append(title)
    parts = [f"{_listed(titles)} on {day_words(day)}" for day, titles in sorted(days.items())]
    return f"Last compared with their sources: {'; '.join(parts)}."


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
