"""Apply `overrides.csv`, by which an instructor changes the points of one check of one student.

The file has the columns ``student``, ``check``, ``points`` and ``reason``; ``exercise`` is needed only where the
student handed in several exercises with a check of this name. It lies beside the reports and is never written, so
what stands in it holds for every later run.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from axis.grading.records import Mark, MarkedSubmission, State
from axis.grading.reports import marks_table
from axis.grading.reports.instructor_tables import TypedRow, find_student, read_instructor_table
from axis.grading.reports.report_text import format_number

OVERRIDES_FILE = "overrides.csv"
COLUMNS = ("student", "check", "points", "reason")


def apply_overrides(folder: Path, marked: Sequence[MarkedSubmission]) -> list[MarkedSubmission]:
    """Return the submissions with the points that the instructor set; without the file nothing changes.

    Raises
    ------
    ReportError
        If a row names nobody's check, has no reason, or points that the check cannot have.
    """
    changed = list(marked)
    students = {one.submission.student for one in marked}
    for row in read_instructor_table(folder / OVERRIDES_FILE, COLUMNS):
        number = _find_submission(row, find_student(row, students), changed)
        marks = changed[number].result.marks
        changed[number] = changed[number].with_marks(
            tuple(_override_mark(row, mark) if mark.check == row["check"] else mark for mark in marks)
        )
    return changed


def _find_submission(row: TypedRow, student: str, marked: Sequence[MarkedSubmission]) -> int:
    """Return the position of the one submission that a row is about."""
    found = [
        number
        for number, one in enumerate(marked)
        if one.submission.student == student
        and row["exercise"] in ("", marks_table.exercise_name(one))
        and any(mark.check == row["check"] for mark in one.result.marks)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise row.fault(
            f'names "{row["check"]}", which several exercises have; add a column "exercise" that says which.'
        )
    raise row.fault(f'names "{row["check"]}", but {student} has no such check; write its id as it stands in marks.csv.')


def _override_mark(row: TypedRow, mark: Mark) -> Mark:
    points = row.number_in("points", 0, mark.out_of)
    if not row["reason"]:
        raise row.fault("has no reason; the student reads it in the feedback, so write one.")
    before = "" if mark.points is None else f" from {format_number(mark.points)}"
    told = f"Your instructor changed the points{before} to {format_number(points)}: {row['reason']}"
    return replace(mark, state=State.MARKED, points=points, reason=told)
