"""Write every report of a class."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from axis.exercises.source import Exercise
from axis.grading.records import MarkedSubmission
from axis.grading.reports import (
    class_report,
    deadlines,
    feedback_pages,
    free_text_sheet,
    gradebook,
    junit_xml,
    marks_table,
    overrides,
    platform_returns,
    report_text,
)
from axis.grading.reports.free_text_sheet import merge_free_text_sheet
from axis.grading.reports.report_text import ReportError

__all__ = ["ReportError", "merge_free_text_sheet", "write_all_reports"]


def write_all_reports(
    folder: Path, marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]
) -> list[Path]:
    """Write every report of a class, each file completely or not at all.

    Points that the instructor typed into `free_text.csv` of the same folder are merged first, then those of
    `overrides.csv`, and then `policy.csv` takes off what a delay costs.

    Parameters
    ----------
    folder
        Where to write the reports; created if it does not exist.
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
        If the sheet of free texts or one of the instructor's tables has an error, before any report is written; or
        if a file cannot be written.
    """
    known = free_text_sheet.merge_free_text_sheet(folder, [report_text.clean_record(one) for one in marked])
    final = deadlines.apply_policy(folder, overrides.apply_overrides(folder, known), exercises)
    # The sheet comes first: if a spreadsheet program has it open, nothing else is written either.
    sheet = free_text_sheet.write_free_text_sheet(folder, known)
    return [
        class_report.write_class_report(folder, final, exercises),
        marks_table.write_marks_csv(folder, final),
        gradebook.write_gradebook(folder, final, exercises),
        junit_xml.write_junit_xml(folder, final),
        sheet,
        *platform_returns.write_platform_returns(folder, final, exercises),
        *feedback_pages.write_feedback_pages(folder, final, exercises),
    ]
