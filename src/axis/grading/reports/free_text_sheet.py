"""Write and read `free_text.csv`, the sheet in which the instructor marks free texts by hand.

The sheet belongs to the instructor: nothing that they typed is ever lost. Its column ``row`` says which
answer of which student the points are for, in a form that no spreadsheet program changes. Such programs
write the student 0042 as 42 and the answer 1/2 as a date, and cut off an answer of 40,000 characters.

Until all texts of a question have points, nobody who marks them sees whose they are: the column ``student`` is
empty, and the rows stand in the order of their digests, which is the same in every run.
"""

import hashlib
import math
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from axis.grading.records import Mark, MarkedSubmission, State
from axis.grading.reports import marks_table, spreadsheet
from axis.grading.reports.report_text import ReportError, escape_unprintable, format_count, format_number, write_report

SHEET_FILE = "free_text.csv"
SHEET_COLUMNS = ("student", "exercise", "check", "title", "answer", "out_of", "points", "comment", "row")
#: The column that an instructor adds for a second marker.
SECOND_POINTS = "second_points"
ROW = re.compile(r"row-([0-9a-f]{12})-([0-9a-f]{12})")


@dataclass(frozen=True)
class SheetRow:
    """One row of the sheet: where the spreadsheet program shows it, and its cells by column."""

    file: Path
    place: str
    cells: Mapping[str, str]

    @property
    def question_digest(self) -> str:
        """A digest of the student and the question that it is for."""
        found = ROW.fullmatch(self.cells["row"])
        return found[1] if found else _text_digest(*(self.cells[name] for name in ("student", "exercise", "check")))

    @property
    def answer_digest(self) -> str:
        """A digest of the answer that it is for."""
        found = ROW.fullmatch(self.cells["row"])
        return found[2] if found else _answer_digest(self.cells["answer"])


@dataclass(frozen=True)
class FreeTextSheet:
    """The sheet as the folder has it; empty if there is none yet."""

    delimiter: str = ","
    columns: tuple[str, ...] = SHEET_COLUMNS
    rows: Mapping[str, SheetRow] = field(default_factory=dict)

    def format_number(self, value: float) -> str:
        """Write a number as the instructor's program does; one that separates by semicolons uses decimal commas."""
        return format_number(value).replace(".", "," if self.delimiter == ";" else ".")


def merge_free_text_sheet(folder: Path, marked: Sequence[MarkedSubmission]) -> list[MarkedSubmission]:
    """Add the points and comments of the sheet to free texts.

    Parameters
    ----------
    folder
        The folder of the sheet. If there is no sheet, nothing changes.
    marked
        Submissions; a free text is a mark that waits or is marked.

    Returns
    -------
    list of MarkedSubmission
        The same submissions in the same order. A free text with points in the sheet is marked, and
        its reason is the comment. It waits if the cell is empty, if the answer is not the one that
        got the points, or if the question gave another number of points then.

    Raises
    ------
    ReportError
        If the sheet cannot be read, or if points are not a number, negative, or more than possible.
    """
    sheet = read_free_text_sheet(folder)
    return [
        one.with_marks(tuple(_merge_mark(sheet, one, mark) for mark in one.result.marks)) if sheet.rows else one
        for one in marked
    ]


def write_free_text_sheet(folder: Path, marked: Sequence[MarkedSubmission]) -> Path:
    """Write the sheet, question by question and blind, with everything that the instructor typed.

    An answer that changed after it got points waits again, and its comment says how many points it had.
    Rows whose answers no longer exist come last. The sheet keeps columns that the instructor added, its
    separator and its decimal sign. Answers are not shortened.

    Raises
    ------
    ReportError
        If `merge_free_text_sheet` would refuse the sheet; it is then left unchanged.
    """
    sheet = read_free_text_sheet(folder)
    rows: dict[str, list[str]] = {}
    texts = [(one, _merge_mark(sheet, one, mark)) for one in marked for mark in one.result.marks if _is_free_text(mark)]
    waiting = {_question_of(one, mark) for one, mark in texts if mark.state is State.WAITING}
    for one, mark in _sort_free_texts(texts, waiting):
        cells = _row_cells(sheet, one, mark)
        cells |= {"student": ""} if _question_of(one, mark) in waiting else {}
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
        If it cannot be read, if a column is missing, or if a student's question is in it twice.
    """
    path = folder / SHEET_FILE
    if not path.exists():
        return FreeTextSheet()
    try:
        delimiter, lines = spreadsheet.parse_csv(path.read_bytes())
    except OSError as error:
        raise ReportError(path, f"cannot be read ({error.strerror}); close it in other programs.") from error
    if not any(any(line) for line in lines):
        return FreeTextSheet()
    header = [name.strip() or f"column {number}" for number, name in enumerate(lines[0], 1)]
    for name in SHEET_COLUMNS[:-1]:
        if name not in header:
            raise ReportError(
                path, f'the column "{name}" is missing; put its name back into the first row.', place="row 1"
            )
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
        named = f' ("{cells["student"]}")' if cells["student"] else ""
        row = SheetRow(path, f"row {number}{named}", dict.fromkeys(SHEET_COLUMNS, "") | cells)
        if not cells["student"] and not ROW.fullmatch(row.cells["row"]):
            if row.cells["points"] or row.cells["comment"]:
                raise ReportError(
                    path, "nothing says whose answer this is; undo the change of its last cell.", row.place
                )
            continue
        if row.question_digest in found:
            raise ReportError(path, "this student has two rows for the same question; delete one of them.", row.place)
        found[row.question_digest] = row
    return found


def _sort_free_texts(
    texts: Sequence[tuple[MarkedSubmission, Mark]], waiting: Container[tuple[str, str]]
) -> Iterator[tuple[MarkedSubmission, Mark]]:
    """Yield the free texts question by question, the order in which people mark; those that wait are shuffled."""

    def sort_key(pair: tuple[MarkedSubmission, Mark]) -> tuple[object, ...]:
        question = _question_of(*pair)
        return question, (_question_digest(*pair),) if question in waiting else marks_table.sort_key(pair[0])

    yield from sorted(texts, key=sort_key)


def _question_of(one: MarkedSubmission, mark: Mark) -> tuple[str, str]:
    return marks_table.exercise_name(one), mark.check


def describe_agreement(folder: Path) -> str:
    """Return how far two markers agree, in a sentence; empty if no text has the points of both.

    Raises
    ------
    ReportError
        If the sheet cannot be read.
    """
    rows = read_free_text_sheet(folder).rows.values()
    pairs = [(_plain_number(row, "points"), _plain_number(row, SECOND_POINTS)) for row in rows]
    gaps = [abs(first - second) for first, second in pairs if first is not None and second is not None]
    if not gaps:
        return ""
    same = sum(gap == 0 for gap in gaps)
    apart = format_number(round(sum(gaps) / len(gaps), 2))
    return (
        f"Two markers gave the same points to {same} of {format_count(len(gaps), 'free text')}; "
        f"on average their points are {apart} apart, at most {format_number(max(gaps))}."
    )


def _plain_number(row: SheetRow, column: str) -> float | None:
    """Return the number in a cell; what is no number counts as none."""
    try:
        value = float(row.cells.get(column, "").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _is_free_text(mark: Mark) -> bool:
    return mark.state in (State.WAITING, State.MARKED)


def _question_digest(one: MarkedSubmission, mark: Mark) -> str:
    return _text_digest(one.submission.student, marks_table.exercise_name(one), mark.check)


def _text_digest(*parts: str) -> str:
    """Return a digest of some texts, twelve characters long."""
    return hashlib.sha256("\0".join(map(escape_unprintable, parts)).encode()).hexdigest()[:12]


def _answer_digest(answer: str) -> str:
    """Return the digest of an answer; spaces and line ends do not count, as spreadsheet programs change them."""
    return _text_digest(" ".join(spreadsheet.unescape_formulas(escape_unprintable(answer)).split()))


def _merge_mark(sheet: FreeTextSheet, one: MarkedSubmission, mark: Mark) -> Mark:
    row = sheet.rows.get(_question_digest(one, mark)) if _is_free_text(mark) else None
    if row is None:
        return mark
    points = None if _points_changed(row, mark) else _typed_points(row, mark)
    if points is None or row.answer_digest != _answer_digest(mark.answer):
        return replace(mark, state=State.WAITING, points=None, reason="" if mark.state is State.MARKED else mark.reason)
    return replace(mark, state=State.MARKED, points=points, reason=row.cells["comment"].strip())


def _points_changed(row: SheetRow, mark: Mark) -> bool:
    """Whether the question gave another number of points when the row was written."""
    try:
        return abs(float(row.cells["out_of"].strip().replace(",", ".")) - mark.out_of) > 1e-9
    except ValueError:
        return False


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
    too_much = f"more than {format_number(mark.out_of)}"
    fault = "not a number" if math.isnan(value) else "less than 0" if value < 0 else too_much
    raise ReportError(
        row.file,
        f'the points "{typed}" are {fault}; '
        f"write a number from 0 to {format_number(mark.out_of)}, or leave the cell empty.",
        row.place,
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
    changed = _points_changed(row, mark)
    if (row.answer_digest == answer and not changed) or not row.cells["points"].strip():
        return {**row.cells, **fixed}
    subject = "The question's points" if changed else "The answer"
    had = f"{subject} changed after it got {row.cells['points'].strip()} of {row.cells['out_of'].strip()} points."
    return {**row.cells, **fixed, "points": "", "comment": f"{had} {row.cells['comment']}".strip()}
