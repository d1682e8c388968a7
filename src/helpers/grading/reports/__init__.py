"""Turn the marks of a class into files: for the gradebook, for each student, for the instructor."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from helpers.grading.exercises import Exercise
from helpers.grading.records import Marked
from helpers.grading.reports import class_report, feedback, free_text, gradebook, junit, marks, text
from helpers.grading.reports.free_text import merge
from helpers.grading.reports.output import ReportError

__all__ = ["ReportError", "merge", "write_all"]


def write_all(folder: Path, marked: Sequence[Marked], exercises: Mapping[str, Exercise]) -> list[Path]:
    """Write every report of a class, each file whole or not at all.

    Points that the instructor typed into `free_text.csv` of the same folder are merged first.

    Parameters
    ----------
    folder
        Where the reports go; it is made where it is missing.
    marked
        The submissions of the class with their results, in any order.
    exercises
        The exercises by name.

    Returns
    -------
    list of Path
        The files: the class report first, the pages of the students last.

    Raises
    ------
    ReportError
        If the sheet of free texts has a fault, before anything is written; or if a file cannot
        be written.
    """
    known = free_text.merge(folder, [text.clean(one) for one in marked])
    # The sheet comes first: a spreadsheet program that holds it open stops the rest.
    sheet = free_text.write(folder, known)
    return [
        class_report.write(folder, known, exercises),
        marks.write(folder, known),
        gradebook.write(folder, known, exercises),
        junit.write(folder, known),
        sheet,
        *feedback.write(folder, known, exercises),
    ]
