"""Keep `free_text.csv`, the sheet on which the instructor marks free texts by hand.

The sheet is the instructor's: what they typed is never lost. Its column ``row`` says which student's
which answer the points are for, in a form that no spreadsheet program changes: it would write the
student 0042 as 42, the answer 1/2 as a date, and cut an answer of 40,000 characters.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from axis.grading.records import Mark, MarkedSubmission, State
from axis.grading.reports import marks_table, spreadsheet
from axis.grading.reports.report_text import ReportError, escape_unprintable, format_number, write_report

SHEET_FILE = "free_text.csv"
SHEET_COLUMNS = ("student", "exercise", "check", "title", "answer", "out_of", "points", "comment", "row")
ROW = re.compile(r"row-([0-9a-f]{12})-([0-9a-f]{12})")


@dataclass(frozen=True)
class SheetRow:
    """One row of the sheet: its place as the spreadsheet program counts, and its cells by column."""

    location: str
    cells: Mapping[str, str]

    @property
    def question_digest(self) -> str:
        """Which student's which question it is for."""
        found = ROW.fullmatch(self.cells["row"])
        return found[1] if found else _text_digest(*(self.cells[name] for name in ("student", "exercise", "check")))

    @property
    def answer_digest(self) -> str:
        """Which answer it is for."""
        found = ROW.fullmatch(self.cells["row"])
        return found[2] if found else _answer_digest(self.cells["answer"])


@dataclass(frozen=True)
class FreeTextSheet:
    """The sheet as it lies in the folder; empty where there is none yet."""

    delimiter: str = ","
    columns: tuple[str, ...] = SHEET_COLUMNS
    rows: Mapping[str, SheetRow] = field(default_factory=dict)

    def format_number(self, value: float) -> str:
        """Write a number as the instructor's program reads it: semicolons go with decimal commas."""
        return format_number(value).replace(".", "," if self.delimiter == ";" else ".")


def merge_free_text_sheet(folder: Path, marked: Sequence[MarkedSubmission]) -> list[MarkedSubmission]:
    """Give free texts the points and comments of the sheet.

    Parameters
    ----------
    folder
        Where the sheet lies. Without one, nothing changes.
    marked
        Submissions; a free text is a mark that waits or is marked.

    Returns
    -------
    list of Marked
        The same submissions in the same order. A free text with points in the sheet is marked, and
        its reason is the comment. It waits where the cell is empty, or where the answer is not the
        one that got the points.

    Raises
    ------
    ReportError
        If the sheet cannot be read, or points are no number, negative, or more than there are.
    """
    sheet = read_free_text_sheet(folder)
    return [
        one.with_marks(tuple(_merge_mark(sheet, one, mark) for mark in one.result.marks)) if sheet.rows else one
        for one in marked
    ]


def write_free_text_sheet(folder: Path, marked: Sequence[MarkedSubmission]) -> Path:
    """Write the sheet, question by question, with everything that the instructor typed.

    An answer that changed after it got points waits again, and its comment says what it had. Rows
    of answers that are no longer there come last. Columns that the instructor added, the separator
    and the decimal sign stay. Answers are complete.

    Raises
    ------
    ReportError
        If `merge_free_text_sheet` would refuse the sheet; it then stays as it is.
    """
    sheet = read_free_text_sheet(folder)
    rows: dict[str, list[str]] = {}
    for one, mark in _sort_free_texts(marked):
        _merge_mark(sheet, one, mark)
        cells = _row_cells(sheet, one, mark)
        rows[_question_digest(one, mark)] = [cells.get(name, "") for name in sheet.columns]
    gone = [row for question, row in sheet.rows.items() if question not in rows]
    rows.update({row.question_digest: [row.cells.get(name, "") for name in sheet.columns] for row in gone})
    content = spreadsheet.format_csv(sheet.columns, rows.values(), sheet.delimiter)
    return write_report(folder / SHEET_FILE, spreadsheet.BOM + content)


def read_free_text_sheet(folder: Path) -> FreeTextSheet:
    """Read the sheet as the instructor saved it.

    Raises
    ------
    ReportError
        If it cannot be read, has lost a column, or has the same question of the same student twice.
    """
    path = folder / SHEET_FILE
    if not path.exists():
        return FreeTextSheet()
    try:
        delimiter, lines = spreadsheet.parse_csv(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path}: cannot be read ({error.strerror}); close it in other programs.") from error
    if not any(any(line) for line in lines):
        return FreeTextSheet()
    header = [name.strip() or f"column {number}" for number, name in enumerate(lines[0], 1)]
    for name in SHEET_COLUMNS[:-1]:
        if name not in header:
            raise ReportError(f'{path}, row 1: has no column "{name}"; put its name back into the first row.')
    rows = _parse_sheet_rows(path, header, lines[1:])
    typed = {name for row in rows.values() for name, value in row.cells.items() if value}
    # A spreadsheet program may add empty columns.
    added = [name for name in dict.fromkeys(header) if name not in SHEET_COLUMNS and name in typed]
    return FreeTextSheet(delimiter, (*SHEET_COLUMNS, *added), rows)


def _parse_sheet_rows(path: Path, header: Sequence[str], lines: Sequence[Sequence[str]]) -> dict[str, SheetRow]:
    found: dict[str, SheetRow] = {}
    for number, line in enumerate(lines, 2):
        if not any(line):
            continue
        names = [*header, *(f"column {extra}" for extra in range(len(header) + 1, len(line) + 1))]
        cells = {
            name: spreadsheet.unescape_formulas(escape_unprintable(value))
            for name, value in zip(names, line, strict=False)
        }
        row = SheetRow(f'{path}, row {number} ("{cells["student"]}")', dict.fromkeys(SHEET_COLUMNS, "") | cells)
        if row.question_digest in found:
            raise ReportError(
                f"{row.location}: this question of this student stands there twice; delete one of the rows."
            )
        found[row.question_digest] = row
    return found


def _sort_free_texts(marked: Sequence[MarkedSubmission]) -> Iterator[tuple[MarkedSubmission, Mark]]:
    """Give the free texts question by question, as one marks them."""
    found = [(one, mark) for one in marked for mark in one.result.marks if _is_free_text(mark)]
    yield from sorted(
        found, key=lambda pair: (marks_table.exercise_name(pair[0]), pair[1].check, marks_table.sort_key(pair[0]))
    )


def _is_free_text(mark: Mark) -> bool:
    return mark.state in (State.WAITING, State.MARKED)


def _question_digest(one: MarkedSubmission, mark: Mark) -> str:
    return _text_digest(one.submission.student, marks_table.exercise_name(one), mark.check)


def _text_digest(*parts: str) -> str:
    """Give twelve signs that stand for some texts."""
    return hashlib.sha256("\0".join(map(escape_unprintable, parts)).encode()).hexdigest()[:12]


def _answer_digest(answer: str) -> str:
    """Give the signs of an answer; spaces and line ends may change while it lies in a sheet."""
    return _text_digest(" ".join(spreadsheet.unescape_formulas(escape_unprintable(answer)).split()))


def _merge_mark(sheet: FreeTextSheet, one: MarkedSubmission, mark: Mark) -> Mark:
    row = sheet.rows.get(_question_digest(one, mark)) if _is_free_text(mark) else None
    if row is None:
        return mark
    points = _typed_points(row, mark)
    if points is None or row.answer_digest != _answer_digest(mark.answer):
        return replace(mark, state=State.WAITING, points=None, reason="" if mark.state is State.MARKED else mark.reason)
    return replace(mark, state=State.MARKED, points=points, reason=row.cells["comment"].strip())


def _typed_points(row: SheetRow, mark: Mark) -> float | None:
    typed = row.cells["points"].strip()
    if not typed:
        return None
    try:
        value = float(typed.replace(",", "."))
    except ValueError:
        value = math.nan
    if 0 <= value <= mark.out_of:
        return value
    fault = (
        "no number" if math.isnan(value) else "less than 0" if value < 0 else f"more than {format_number(mark.out_of)}"
    )
    raise ReportError(
        f'{row.location}: the points "{typed}" are {fault}; '
        f"write a number from 0 to {format_number(mark.out_of)}, or leave the cell empty."
    )


def _row_cells(sheet: FreeTextSheet, one: MarkedSubmission, mark: Mark) -> dict[str, str]:
    question, answer = _question_digest(one, mark), _answer_digest(mark.answer)
    row = sheet.rows.get(question)
    fixed = {
        "student": one.submission.student,
        "exercise": marks_table.exercise_name(one),
        "check": mark.check,
        "title": mark.title,
        "answer": mark.answer,
        "out_of": sheet.format_number(mark.out_of),
        "row": f"row-{question}-{answer}",
    }
    if row is None:
        points = "" if mark.points is None else sheet.format_number(mark.points)
        return {**fixed, "points": points, "comment": mark.reason if mark.state is State.MARKED else ""}
    if row.answer_digest == answer or not row.cells["points"].strip():
        return {**row.cells, **fixed}
    had = f"The answer changed after it got {row.cells['points'].strip()} of {format_number(mark.out_of)} points."
    return {**row.cells, **fixed, "points": "", "comment": f"{had} {row.cells['comment']}".strip()}
