"""Ten findings for a class to audit anew, and how far two auditors agree.

Two students fill in the same sheet without seeing each other's answers or ours. `agreement` compares the sheets.
"""

import csv
import math
from pathlib import Path

import pandas as pd

from helpers.audit import recompute_all_findings

#: Ten findings, of eight sections, that a reader can judge with the report and a calculator at hand. Some hold, some
#: fail by an error, some by an ambiguity and one by a slip of translation.
SHEET_FINDINGS = ("A01", "A18", "A22", "A27", "A32", "A36", "A52", "A65", "A69", "A183")

#: What an auditor writes into each column of the sheet.
CHOICES = {
    "verdict": ("holds", "fails", "cannot tell"),
    "cause": ("error", "ambiguity", "translation", "only apparent", "confirmed", "cannot tell"),
    "confidence": ("high", "medium", "low"),
    "weight": ("nothing", "a detail", "a step of the argument", "cannot tell"),
}

#: What the sheet states of each finding.
STATED = ("finding", "section", "printed", "question")


class SheetError(ValueError):
    """A sheet cannot be read; the message names the file, the line and the remedy."""


def audit_sheet() -> pd.DataFrame:
    """Return the sheet for a class: ten findings without our answers.

    Returns
    -------
    DataFrame
        The columns ``finding``, ``section``, ``printed`` and ``question``, and those of `CHOICES` and ``reason``,
        which are empty.
    """
    table = recompute_all_findings().set_index("id", drop=False).loc[list(SHEET_FINDINGS)]
    sheet = table.rename(columns={"id": "finding", "test": "question"})[list(STATED)].reset_index(drop=True)
    return sheet.assign(**dict.fromkeys([*CHOICES, "reason"], ""))


def our_sheet() -> pd.DataFrame:
    """Return the sheet as we filled it in, to compare with after the class has finished."""
    table = recompute_all_findings().set_index("id").loc[list(SHEET_FINDINGS)].rename_axis("finding").reset_index()
    return table.rename(columns={"nature": "cause"})[["finding", *CHOICES]]


def read_sheet(path: Path | str) -> pd.DataFrame:
    """Read a sheet that an auditor has filled in.

    Parameters
    ----------
    path
        A CSV file with the columns ``finding`` and those of `CHOICES`; commas or semicolons separate its cells.

    Returns
    -------
    DataFrame
        The columns of `CHOICES`, by finding.

    Raises
    ------
    SheetError
        If the file cannot be read, lacks a column, names a finding twice, or has an answer that is none of the choices.
    """
    path = Path(path)
    lines = _read_lines(path)
    answers: dict[str, dict[str, str]] = {}
    for number, row in lines:
        name = row["finding"]
        if name in answers:
            raise SheetError(f"{path}, line {number}: finding {name} stands here a second time; delete one of the two.")
        answers[name] = {column: _checked_answer(path, number, column, row[column]) for column in CHOICES}
    if not answers:
        raise SheetError(
            f"{path}: there is no finding in it; fill in the sheet that the book offers, and save it as CSV."
        )
    return pd.DataFrame.from_dict(answers, orient="index").rename_axis("finding")


def _read_lines(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return each line that names a finding, with its number in the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SheetError(f"{path}: there is no such file; check its name and its folder.") from None
    except UnicodeDecodeError:
        raise SheetError(
            f"{path}: this is not text in UTF-8; save the sheet as CSV (UTF-8), not as a workbook."
        ) from None
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=separator, restval="")
    header = [(name or "").strip().lower() for name in reader.fieldnames or []]
    if missing := [name for name in ("finding", *CHOICES) if name not in header]:
        raise SheetError(
            f"{path}, line 1: the column {', '.join(missing)} is missing; keep the first line of the sheet."
        )
    reader.fieldnames = header
    rows = [(reader.line_num, {name: str(cell).strip() for name, cell in row.items()}) for row in reader]
    return [(number, row) for number, row in rows if row["finding"]]


def _checked_answer(path: Path, number: int, column: str, answer: str) -> str:
    if answer.lower() in CHOICES[column]:
        return answer.lower()
    said = f'"{answer}" is no answer' if answer else "the cell is empty"
    raise SheetError(f"{path}, line {number}, {column}: {said}; write one of: {', '.join(CHOICES[column])}.")


def agreement(first: Path | str | pd.DataFrame, second: Path | str | pd.DataFrame) -> pd.DataFrame:
    """Compare the answers of two auditors, column by column.

    Parameters
    ----------
    first, second
        The two sheets, as files or as `read_sheet` returns them.

    Returns
    -------
    DataFrame
        One row for each column of `CHOICES`: ``findings``, how many both have judged; ``agree``, on how many of
        these they agree; ``share``, the same in percent; and ``kappa``, Cohen's kappa.

    Raises
    ------
    SheetError
        If a sheet cannot be read, or one has a finding that the other lacks.

    Notes
    -----
    Cohen's kappa compares the agreement with what two auditors would reach by chance who give each answer as often
    as these two did: 1 is full agreement, 0 what chance would give, and less than 0 is worse than chance. It is
    undefined, and NaN here, where both gave one and the same answer to everything, since chance alone would then
    agree as well. With ten findings it moves by much if one answer changes.
    """
    one, other = (sheet if isinstance(sheet, pd.DataFrame) else read_sheet(sheet) for sheet in (first, second))
    if set(one.index) != set(other.index):
        alone = sorted(set(one.index) ^ set(other.index))
        raise SheetError(
            f"Only one of the two sheets has {', '.join(alone)}; let both auditors judge the same findings."
        )
    other = other.loc[one.index]
    rows = [(column, *_compare_answers(one[column].tolist(), other[column].tolist())) for column in CHOICES]
    return pd.DataFrame(rows, columns=["column", "findings", "agree", "share", "kappa"]).set_index("column")


def agreement_lines(table: pd.DataFrame) -> list[str]:
    """Write what `agreement` found as one sentence for each column.

    Examples
    --------
    >>> same = our_sheet().set_index("finding")
    >>> agreement_lines(agreement(same, same))[0]
    'verdict: you agree on 10 of 10 findings (100 percent); kappa is 1.00.'
    """
    lines = []
    for column, row in table.iterrows():
        kappa = (
            "undefined, since both of you gave one answer to all" if math.isnan(row["kappa"]) else f"{row['kappa']:.2f}"
        )
        shared = f"{row['agree']:.0f} of {row['findings']:.0f} findings ({row['share']:.0f} percent)"
        lines.append(f"{column}: you agree on {shared}; kappa is {kappa}.")
    return lines


def _compare_answers(one: list[str], other: list[str]) -> tuple[int, int, float, float]:
    agree = sum(a == b for a, b in zip(one, other, strict=True))
    return len(one), agree, 100 * agree / len(one), cohens_kappa(one, other)


def cohens_kappa(one: list[str], other: list[str]) -> float:
    """Compute Cohen's kappa of two lists of answers; NaN where it is undefined.

    Examples
    --------
    Of 50 answers two readers agree on 20 times yes and 15 times no:

    >>> first = ["yes"] * 25 + ["no"] * 25
    >>> second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    >>> round(cohens_kappa(first, second), 2)
    0.4
    """
    total = len(one)
    observed = sum(a == b for a, b in zip(one, other, strict=True)) / total
    by_chance = sum(one.count(answer) * other.count(answer) for answer in set(one)) / total**2
    return math.nan if by_chance == 1 else (observed - by_chance) / (1 - by_chance)
