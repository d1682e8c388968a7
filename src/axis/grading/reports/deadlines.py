"""Apply `policy.csv`, in which an instructor sets when exercises are due and what it costs to be late.

Its columns are ``exercise``, ``student``, ``due`` and ``penalty``. A row without a student sets the rule of an
exercise: when it is due, as ``2026-11-20 23:59``, and how many percent of the points are taken off for each day or
part of one. A row with a student extends the time of that student. Blackboard and Brightspace say when a file was
handed in; Canvas says only that it was late, which counts as one day unless the student has an extension.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from axis.exercises.source import Exercise
from axis.grading.records import Mark, MarkedSubmission, State
from axis.grading.reports import marks_table
from axis.grading.reports.instructor_tables import TypedRow, find_student, read_instructor_table
from axis.grading.reports.platform_places import PlaceReader, PlatformPlace
from axis.grading.reports.report_text import format_count, format_number

POLICY_FILE = "policy.csv"
COLUMNS = ("exercise", "student", "due", "penalty")
#: The check by which points are taken off.
LATE_CHECK = "late"
#: The forms of a date; a day alone ends at midnight.
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%d", "%d.%m.%Y")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DueRule:
    """When an exercise is due, and how many percent a day of delay costs."""

    due: datetime
    penalty: float


@dataclass(frozen=True)
class ClassPolicy:
    """The rules of the exercises, and the extended due time by student and exercise."""

    rules: Mapping[str, DueRule]
    extensions: Mapping[tuple[str, str], datetime]


def apply_policy(
    folder: Path, marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]
) -> list[MarkedSubmission]:
    """Return the submissions with what their delay costs; without the file nothing changes.

    Raises
    ------
    ReportError
        If a row names no exercise or nobody, or has no date or no percentage where it needs one.
    """
    policy = _read_policy(folder, {one.submission.student for one in marked}, exercises)
    reader = PlaceReader(exercises)
    return [_apply_rule(one, policy, reader.read_place(one)) for one in marked] if policy.rules else list(marked)


def _read_policy(folder: Path, students: set[str], exercises: Mapping[str, Exercise]) -> ClassPolicy:
    rules: dict[str, DueRule] = {}
    extensions: dict[tuple[str, str], datetime] = {}
    for row in read_instructor_table(folder / POLICY_FILE, COLUMNS):
        if row["exercise"] not in exercises:
            known = ", ".join(exercises)
            raise row.fault(f'names the exercise "{row["exercise"]}", which is not one of {known}.')
        due = _read_due(row)
        if row["student"]:
            extensions[find_student(row, students), row["exercise"]] = due
        elif row["exercise"] in rules:
            raise row.fault("sets the rule of this exercise for a second time; delete one of the two rows.")
        else:
            rules[row["exercise"]] = DueRule(due, row.number_in("penalty", 0, 100))
    return ClassPolicy(rules, extensions)


def _read_due(row: TypedRow) -> datetime:
    for form in _FORMS:
        try:
            due = datetime.strptime(row["due"], form)
        except ValueError:
            continue
        return due if "%H" in form else due + _DAY
    raise row.fault(f'has "{row["due"]}" as due; write a date as 2026-11-20 or 2026-11-20 23:59.')


def _apply_rule(one: MarkedSubmission, policy: ClassPolicy, place: PlatformPlace) -> MarkedSubmission:
    name = marks_table.exercise_name(one)
    rule = policy.rules.get(name)
    if rule is None:
        return one
    extended = policy.extensions.get((one.submission.student, name))
    days = _days_late(place, extended or rule.due, extended is not None)
    points = one.result.points
    if not days or not points:
        return one
    share = min(100.0, days * rule.penalty)
    delay = f"{format_count(days, 'day')} late" if place.time else "late, as the platform says"
    reason = f"This was handed in {delay}: {format_number(share)} percent of the points are taken off."
    taken = round(points * share / 100, 2)
    late = Mark(LATE_CHECK, "Handed in late", State.MARKED, -taken, 0.0, reason)
    return replace(one, result=replace(one.result, marks=(*one.result.marks, late)))


def _days_late(place: PlatformPlace, due: datetime, is_extended: bool) -> int:
    """Return the days of delay, each of which counts when it has begun."""
    if place.time is not None:
        return max(0, math.ceil((place.time - due) / _DAY))
    # The platform does not know of the extension, and says only that it was late.
    return int(place.late and not is_extended)
