"""Write `gradebook.csv`, which Canvas's gradebook imports.

Canvas reads the columns by position and name. It finds a student by ID, then by SIS Login ID, then by
name, and an assignment by its title, so the assignment in Canvas must have the name of the exercise.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from axis.exercises.source import Exercise
from axis.grading.records import MarkedSubmission, Result, State
from axis.grading.reports import marks_table, spreadsheet
from axis.grading.reports.report_text import format_number, write_report

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")

#: Canvas takes any row whose first cell contains these words for the row of maximum points.
POSSIBLE = "Points Possible"


def write_gradebook(folder: Path, marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]) -> Path:
    """Write the file, with a row for each student and a column for each exercise that anybody handed in.

    A cell is empty if nothing was handed in, if a free text waits for its points, or if anything could not be
    marked, whatever the reason: an incomplete mark is never published, and no zero that nobody gave. Canvas shows
    what an import changes before it saves; an empty cell there removes an earlier mark. The file has no byte order
    mark, because Canvas does not expect one. A student without a number gets their name as SIS Login ID, because
    folders are mostly named by login.
    """
    students: dict[str, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    numbers: dict[str, str] = {}
    for one in sorted(marked, key=marks_table.sort_key):
        results = students[one.submission.student]
        if one.result.marks:
            results[marks_table.exercise_name(one)].append(one.result)
        # Canvas would read "12abc" as student 12.
        if one.submission.number.isascii() and one.submission.number.isdigit():
            numbers.setdefault(one.submission.student, one.submission.number)
    names = sorted({name for results in students.values() for name in results})
    rows = [_points_possible_row(names, students.values(), exercises)]
    for student, results in students.items():
        identity = numbers.get(student, ""), "", "" if student in numbers else _safe_student_name(student), ""
        rows.append([_safe_student_name(student), *identity, *(best_points(results[name]) for name in names)])
    return write_report(folder / "gradebook.csv", spreadsheet.format_csv((*HEADER, *names), rows))


def _points_possible_row(
    names: Sequence[str], students: Collection[Mapping[str, Sequence[Result]]], exercises: Mapping[str, Exercise]
) -> list[str]:
    outs = []
    for name in names:
        if name in exercises:
            outs.append(sum(question.out_of for question in exercises[name].questions))
        else:
            outs.append(max(result.out_of for results in students for result in results.get(name, ())))
    return [f"    {POSSIBLE}", "", "", "", "", *map(format_number, outs)]


def _safe_student_name(student: str) -> str:
    return student.replace(POSSIBLE, POSSIBLE.lower())


def best_points(results: Sequence[Result]) -> str:
    """Return the best points of a student; a file that was refused counts only if there is no other."""
    read = [one for one in results if not all(mark.state is State.REFUSED for mark in one.marks)] or results
    if not read or any(mark.points is None for one in read for mark in one.marks):
        return ""
    return format_number(max(one.points for one in read))
