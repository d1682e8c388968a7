"""Read the tables that an instructor writes beside the reports: `overrides.csv` and `policy.csv`."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from axis.grading.reports import spreadsheet
from axis.grading.reports.report_text import ReportError, escape_unprintable


@dataclass(frozen=True)
class TypedRow:
    """One row of a table, with what is needed to say where a fault is."""

    file: Path
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the cell of a column; empty if the row has none."""
        return self.cells.get(column, "")

    def fault(self, reason: str) -> ReportError:
        """Return an error that names the file and the row; the reason is the rest of a sentence."""
        return ReportError(self.file, reason, f"row {self.number}")

    def number_in(self, column: str, low: float, high: float) -> float:
        """Return the number in a cell.

        Raises
        ------
        ReportError
            If it is not a number from `low` to `high`.
        """
        typed = self[column]
        try:
            value = float(typed.removesuffix("%").replace(",", "."))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise self.fault(f'has "{typed}" as {column}; write a number from {low:g} to {high:g}.')
        return value


def read_instructor_table(path: Path, needed: Sequence[str]) -> list[TypedRow]:
    """Read a table; a file that does not exist has no rows.

    Raises
    ------
    ReportError
        If it cannot be read or a column is missing.
    """
    if not path.exists():
        return []
    try:
        _, lines = spreadsheet.parse_csv(path.read_bytes())
    except OSError as error:
        raise ReportError(path, f"cannot be read ({error.strerror}); close it in other programs.") from error
    header = [name.strip().casefold() for name in lines[0]] if lines else []
    for name in needed:
        if name not in header:
            raise ReportError(path, f'has no column "{name}"; its first row must name {_join_names(needed)}.', "row 1")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        cells = [spreadsheet.unescape_formulas(escape_unprintable(value)).strip() for value in line]
        if any(cells):
            rows.append(TypedRow(path, number, dict(zip(header, cells, strict=False))))
    return rows


def find_student(row: TypedRow, students: Iterable[str]) -> str:
    """Return the student whom a row names; a spreadsheet program may have written 0042 as 42.

    Raises
    ------
    ReportError
        If nobody has this name, or several could be meant.
    """
    typed = row["student"]
    known = list(students)
    if typed in known:
        return typed
    found = [one for one in known if one.strip().lstrip("0").casefold() == typed.lstrip("0").casefold()]
    if len(found) == 1:
        return found[0]
    reason = "several students could be meant" if found else "there is no such student"
    raise row.fault(f'names the student "{typed}", but {reason}; write the name as it stands in marks.csv.')


def _join_names(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
