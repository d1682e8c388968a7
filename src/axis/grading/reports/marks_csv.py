"""Write `marks.csv`: every mark of the class, for spreadsheets and for programs."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from axis.grading.records import MarkedSubmission
from axis.grading.reports import marks_table, report_files, spreadsheet
from axis.grading.reports.report_text import format_number

COLUMNS = ("student", "exercise", "check", "points", "out_of", "state", "reason")


def write_marks_csv(folder: Path, marked: Sequence[MarkedSubmission]) -> Path:
    """Write the file: UTF-8 with a byte order mark, without which Excel spoils accents; pandas skips it.

    A column ``note`` appears only where a submission ran unconfined, and says so in its rows.
    """
    unconfined = {marks_table.sort_key(one) for one in marked if not one.result.confined}
    header = (*COLUMNS, "note") if unconfined else COLUMNS
    rows = []
    for row in marks_table.build_marks_table(marked).to_dict("records"):
        row["points"] = "" if pd.isna(row["points"]) else format_number(row["points"])
        row["out_of"] = format_number(row["out_of"])
        values = (row[name] for name in COLUMNS)
        place = row["student"], row["exercise"], row["path"]
        rows.append((*values, report_files.UNCONFINED if place in unconfined else "")[: len(header)])
    return report_files.write_report(folder / "marks.csv", spreadsheet.BOM + spreadsheet.format_csv(header, rows))
