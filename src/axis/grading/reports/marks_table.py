"""Put all marks of a class into one tidy table, and write it as `marks.csv` for spreadsheets and programs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from axis.grading.records import MarkedSubmission, State
from axis.grading.reports import spreadsheet
from axis.grading.reports.report_text import UNCONFINED, format_number, write_report

#: The columns of the table, and those of the file.
TABLE_COLUMNS = ("student", "exercise", "check", "title", "points", "out_of", "state", "reason", "answer", "path")
CSV_COLUMNS = ("student", "exercise", "check", "points", "out_of", "state", "reason")


def build_marks_table(marked: Sequence[MarkedSubmission]) -> pd.DataFrame:
    """Build the table.

    Returns
    -------
    pandas.DataFrame
        One row for each check of each submission, sorted by student and exercise, with checks in
        the order of the notebook. ``points`` is NaN for a check that has no points yet. A file that
        belongs to no exercise has one row, with an empty ``check`` and the reason.
    """
    rows = [row for one in sorted(marked, key=sort_key) for row in _mark_rows(one)]
    frame = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    return frame.astype({name: float if name in ("points", "out_of") else str for name in TABLE_COLUMNS})


def write_marks_csv(folder: Path, marked: Sequence[MarkedSubmission]) -> Path:
    """Write the file in UTF-8 with a byte order mark, which Excel needs for accents and pandas skips.

    If a submission ran unconfined, a column ``note`` says so in its rows.
    """
    unconfined = {sort_key(one) for one in marked if not one.result.confined}
    header = (*CSV_COLUMNS, "note") if unconfined else CSV_COLUMNS
    rows = []
    for row in build_marks_table(marked).to_dict("records"):
        row["points"] = "" if pd.isna(row["points"]) else format_number(row["points"])
        row["out_of"] = format_number(row["out_of"])
        values = (row[name] for name in CSV_COLUMNS)
        place = row["student"], row["exercise"], row["path"]
        rows.append((*values, UNCONFINED if place in unconfined else "")[: len(header)])
    return write_report(folder / "marks.csv", spreadsheet.BOM + spreadsheet.format_csv(header, rows))


def sort_key(one: MarkedSubmission) -> tuple[str, str, str]:
    """Return the key that sorts submissions in every report."""
    return one.submission.student, exercise_name(one), one.submission.path


def exercise_name(one: MarkedSubmission) -> str:
    """Return the exercise; the content is a better guide than the file's name."""
    return one.result.exercise or one.submission.exercise


def _mark_rows(one: MarkedSubmission) -> Iterator[tuple[object, ...]]:
    student, exercise, path = sort_key(one)
    for mark in one.result.marks:
        values = mark.check, mark.title, mark.points, mark.out_of, mark.state.value, mark.reason, mark.answer
        yield student, exercise, *values, path
    if not one.result.marks:
        yield student, exercise, "", "", None, 0.0, State.REFUSED.value, one.submission.problem, "", path
