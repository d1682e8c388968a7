"""Write `gradebook.csv`, which Canvas's gradebook imports.

Canvas reads the columns by their place and name, finds a student by ID, by SIS Login ID, then by
name, and finds an assignment by its title: the assignment in Canvas must have the exercise's name.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from axis.exercises.source import Exercise
from axis.grading.records import MarkedSubmission, Result, State
from axis.grading.reports import marks_table, spreadsheet
from axis.grading.reports.report_text import format_number, write_report

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")

#: Canvas takes any row with these words in its first cell for the one that sets what an assignment is out of.
POSSIBLE = "Points Possible"


def write_gradebook(folder: Path, marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]) -> Path:
    """Write the file, one row a student and one column an exercise that someone handed in.

    A cell is empty where nothing was handed in, while a free text waits for its points, and where marking
    itself failed: half a mark is never published. Canvas shows what an import changes before it saves; there an empty
    cell takes away a mark that stood before. There is no byte order mark, which Canvas does not
    expect. A student without a number gets their name as SIS Login ID, as folders are mostly
    named by login.
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
        rows.append([_safe_student_name(student), *identity, *(_best_points(results[name]) for name in names)])
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


def _best_points(results: Sequence[Result]) -> str:
    """Give the best of what a student handed in, where a file that was refused counts only alone."""
    read = [one for one in results if not all(mark.state is State.REFUSED for mark in one.marks)] or results
    if not read or any(mark.points is None for one in read for mark in one.marks):
        return ""
    return format_number(max(one.points for one in read))
