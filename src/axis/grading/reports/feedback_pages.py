"""Write a page for each student with their marks, hints and answers, ready to hand back."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from axis.exercises.source import Exercise
from axis.grading.records import UNMARKED_STATES, Mark, MarkedSubmission, State
from axis.grading.reports import marks_table
from axis.grading.reports.report_page import exercise_title, labels_by_check, render_report_page
from axis.grading.reports.report_text import format_number, shorten_text, write_report
from axis.grading.reports.safe_filenames import student_filenames

#: How many characters of an answer a page shows.
ANSWER_LENGTH = 2_000

#: A sign and a text for each state, so that nobody needs colours to tell them apart.
STATES = {
    State.RIGHT: ("✓", "Right"),
    State.WRONG: ("✗", "Not right yet"),
    State.UNANSWERED: ("○", "Not answered"),
    State.STOPPED: ("■", "Not reached"),
    State.REFUSED: ("■", "Not marked"),
    State.FAILED: ("…", "Not marked yet"),
    State.WAITING: ("…", "Waiting for your instructor"),
    State.MARKED: ("✎", "Marked by your instructor"),
}


@dataclass(frozen=True)
class CheckView:
    """One check as the page shows it."""

    mark: Mark
    label: str
    reason: str
    answer: str

    @property
    def sign(self) -> str:
        """The sign of the state."""
        return STATES[self.mark.state][0]

    @property
    def state_text(self) -> str:
        """The state in words."""
        return STATES[self.mark.state][1]

    @property
    def points(self) -> str:
        """The points earned, and the points possible."""
        earned = "–" if self.mark.points is None else format_number(self.mark.points)
        return f"{earned} of {format_points(self.mark.out_of)}"


@dataclass(frozen=True)
class SubmissionView:
    """One submission as the page shows it."""

    title: str
    path: str
    total: str
    problem: str
    notes: tuple[str, ...]
    checks: tuple[CheckView, ...]


def write_feedback_pages(
    folder: Path, marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]
) -> list[Path]:
    """Write `feedback/STUDENT.html` for each student."""
    students: dict[str, list[MarkedSubmission]] = defaultdict(list)
    for one in sorted(marked, key=marks_table.sort_key):
        students[one.submission.student].append(one)
    names = student_filenames(students)
    confined = all(one.result.confined for one in marked)
    return [
        write_report(folder / "feedback" / names[student], render_feedback(theirs, exercises, confined=confined))
        for student, theirs in students.items()
    ]


def format_points(value: float) -> str:
    """Write a number of points: ``1 point``, ``2.5 points``."""
    return f"{format_number(value)} point{'s' * (value != 1)}"


def render_feedback(theirs: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise], *, confined: bool) -> str:
    """Return the page for some submissions of one student; it says if any of the class ran unconfined."""
    student = theirs[0].submission.student
    return render_report_page(
        "feedback.html",
        title=f"Feedback for {student}",
        confined=confined,
        student=student,
        total=_points_summary([mark for one in theirs for mark in one.result.marks]),
        exercises=[_submission_view(one, exercises) for one in theirs],
    )


def _submission_view(one: MarkedSubmission, exercises: Mapping[str, Exercise]) -> SubmissionView:
    marks, submission = one.result.marks, one.submission
    refused = bool(submission.problem) or all(mark.state in (State.REFUSED, State.FAILED) for mark in marks)
    problem = submission.problem or next((mark.reason for mark in marks), "") if refused else ""
    # A page never leaves a student without a reason.
    problem = problem or ("This file could not be marked: ask your instructor." if refused else "")
    return SubmissionView(
        title=exercise_title(marks_table.exercise_name(one), exercises),
        path=submission.path,
        total=_points_summary(marks),
        problem=problem,
        notes=tuple(dict.fromkeys(submission.notes + one.result.notes)),
        checks=() if refused else tuple(_make_check_views(marks)),
    )


def _make_check_views(marks: Sequence[Mark]) -> Iterator[CheckView]:
    """Show a reason only once if it stopped several checks in a row."""
    labels = labels_by_check({mark.check: mark.title for mark in marks})
    before = Mark("", "", State.RIGHT, None, 0.0)
    for last, mark in pairwise((before, *marks)):
        again = mark.state is last.state is State.STOPPED and mark.reason == last.reason
        yield CheckView(
            mark, labels[mark.check], "" if again else mark.reason, shorten_text(mark.answer, ANSWER_LENGTH)
        )


def _points_summary(marks: Sequence[Mark]) -> str:
    points, out_of = sum(mark.points or 0.0 for mark in marks), sum(mark.out_of for mark in marks)
    waiting = sum(mark.out_of for mark in marks if mark.state is State.WAITING)
    failed = sum(mark.out_of for mark in marks if mark.state in UNMARKED_STATES)
    missing = [
        *([f"{format_points(waiting)} {'waits' if waiting == 1 else 'wait'} for your instructor"] if waiting else []),
        *([f"{format_points(failed)} {'is' if failed == 1 else 'are'} not marked yet"] if failed else []),
    ]
    so_far = f"{format_number(points)} of {format_points(out_of)}"
    return f"{so_far} so far; {', '.join(missing)}" if missing else so_far
