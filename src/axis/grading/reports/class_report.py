"""Write `class_report.html`: how the class did, and what that says about the checks."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from axis.exercises.source import Exercise
from axis.grading.records import MarkedSubmission, State
from axis.grading.reports import class_statistics, free_text_sheet, marks_table, report_charts
from axis.grading.reports.deadlines import LATE_CHECK
from axis.grading.reports.report_charts import ReportChart
from axis.grading.reports.report_page import exercise_title, labels_by_check, render_report_page
from axis.grading.reports.report_text import format_count, format_number, format_percent, shorten_text, write_report
from axis.grading.reports.safe_filenames import student_filenames

#: How many characters of a wrong answer the table shows.
ANSWER_LENGTH = 160


@dataclass(frozen=True)
class SubmissionCounts:
    """How many submissions there are of each outcome."""

    handed_in: int
    marked: int
    stopped: int
    refused: int
    failed: int
    waiting: int
    median: str

    @classmethod
    def from_scores(cls, scores: pd.DataFrame) -> "SubmissionCounts":
        """Count the rows that `class_statistics.submission_scores` returns."""
        outcome = scores["outcome"].value_counts()
        middle = scores["percent"].median()
        return cls(
            handed_in=len(scores),
            marked=int(outcome.get("marked", 0)),
            stopped=int(outcome.get("stopped", 0)),
            refused=int(outcome.get("refused", 0)),
            failed=int(outcome.get("not marked", 0)),
            waiting=int(scores["waiting"].sum()),
            median="–" if pd.isna(middle) else format_percent(middle / 100),
        )


@dataclass(frozen=True)
class FlaggedCheck:
    """A check that deserves a look, and why."""

    label: str
    remark: str


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer that several students gave, the hint that they got, and how many they were."""

    label: str
    answer: str
    hint: str
    students: int
    share: str


@dataclass(frozen=True)
class FailedSubmission:
    """A submission that was not marked to its end, and the reason."""

    student: str
    exercise: str
    path: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class SubmissionNote:
    """What is unusual about a submission that was marked."""

    student: str
    exercise: str
    path: str
    note: str


@dataclass(frozen=True)
class StudentRow:
    """What one student has in each exercise and in all, and the page with the feedback."""

    student: str
    page: str
    points: tuple[str, ...]
    total: str


@dataclass(frozen=True)
class ExerciseSection:
    """What the report says about one exercise."""

    title: str
    counts: SubmissionCounts
    charts: tuple[ReportChart, ...]
    remarks: tuple[str, ...]
    flagged_checks: tuple[FlaggedCheck, ...]
    wrong_answers: tuple[WrongAnswer, ...]


def write_class_report(folder: Path, marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]) -> Path:
    """Write the report."""
    marks = marks_table.build_marks_table(marked)
    scores = class_statistics.submission_scores(marks)
    content = render_report_page(
        "class_report.html",
        title="Class report",
        confined=all(one.result.confined for one in marked),
        students=marks["student"].nunique(),
        counts=SubmissionCounts.from_scores(scores),
        sections=_exercise_sections(marks[marks["check"] != LATE_CHECK], scores, exercises),
        names=[exercise_title(name, exercises) for name in _exercise_names(marked)],
        student_rows=_student_rows(marked),
        agreement=free_text_sheet.describe_agreement(folder),
        failures=_failed_submissions(marked, exercises),
        notes=_submission_notes(marked, exercises),
        very_hard=format_percent(class_statistics.VERY_HARD),
        very_easy=format_percent(class_statistics.VERY_EASY),
        min_submissions=class_statistics.MIN_SUBMISSIONS,
    )
    return write_report(folder / "class_report.html", content)


def _exercise_names(marked: Sequence[MarkedSubmission]) -> list[str]:
    return sorted({name for one in marked if (name := marks_table.exercise_name(one))})


def _student_rows(marked: Sequence[MarkedSubmission]) -> list[StudentRow]:
    """List every student, with a dash for what was not handed in."""
    names = _exercise_names(marked)
    theirs: dict[str, list[MarkedSubmission]] = defaultdict(list)
    for one in sorted(marked, key=marks_table.sort_key):
        theirs[one.submission.student].append(one)
    pages = student_filenames(theirs)
    return [
        StudentRow(
            student,
            f"feedback/{quote(pages[student])}",
            tuple(_points_of([one for one in handed_in if marks_table.exercise_name(one) == name]) for name in names),
            _points_of([one for one in handed_in if marks_table.exercise_name(one)]),
        )
        for student, handed_in in theirs.items()
    ]


def _points_of(some: Sequence[MarkedSubmission]) -> str:
    """Return the points so far, with an ellipsis if any are missing."""
    if not some:
        return "–"
    waits = any(mark.points is None for one in some for mark in one.result.marks)
    return f"{format_number(sum(one.result.points for one in some))}{' …' if waits else ''}"


def _exercise_sections(
    marks: pd.DataFrame, scores: pd.DataFrame, exercises: Mapping[str, Exercise]
) -> list[ExerciseSection]:
    counts, checks, answers = (
        class_statistics.score_distribution(scores),
        class_statistics.analyse_checks(marks),
        class_statistics.wrong_answers(marks),
    )
    return [
        _make_section(
            exercise_title(str(name), exercises),
            group,
            counts[counts["exercise"] == name],
            _annotate_checks(checks[checks["exercise"] == name]),
            answers[answers["exercise"] == name],
        )
        for name, group in scores.groupby("exercise")
        # A file that belongs to no exercise is only in the list of failures.
        if name
    ]


def _make_section(
    title: str, scores: pd.DataFrame, counts: pd.DataFrame, checks: pd.DataFrame, answers: pd.DataFrame
) -> ExerciseSection:
    judged, related = checks.dropna(subset="difficulty"), checks.dropna(subset=["difficulty", "discrimination"])
    found = []
    if len(counts):
        waiting = bool(scores["waiting"].sum())
        found.append(report_charts.distribution_chart(counts, scores["percent"].dropna(), waiting))
    if len(judged):
        found.append(report_charts.difficulty_chart(judged))
    if len(related):
        found.append(report_charts.discrimination_chart(related))
    easy = judged["remark"] == class_statistics.EASY_REMARK
    # Where most are easy, that is news about the exercise and none about a check.
    common = 2 * int(easy.sum()) > len(judged)
    flagged = judged[(judged["remark"] != "") & ~(easy & common)].sort_values("difficulty")
    remarks = list(_section_remarks(scores, checks))
    if common:
        share = format_percent(class_statistics.VERY_EASY)
        remarks.append(
            f"{easy.sum()} of {len(judged)} checks are very easy: more than {share} of their points were earned."
        )
    labels = dict(zip(checks["check"], checks["label"], strict=True))
    return ExerciseSection(
        title=title,
        counts=SubmissionCounts.from_scores(scores),
        charts=tuple(found),
        remarks=tuple(remarks),
        flagged_checks=tuple(FlaggedCheck(row["label"], row["remark"]) for row in flagged.to_dict("records")),
        wrong_answers=tuple(_wrong_answer(row, labels) for row in answers.to_dict("records")),
    )


def _wrong_answer(row: Mapping[Hashable, Any], labels: Mapping[str, str]) -> WrongAnswer:
    return WrongAnswer(
        label=labels.get(row["check"], row["title"]),
        answer=shorten_text(row["answer"], ANSWER_LENGTH),
        hint=row["reason"],
        students=row["count"],
        share=format_percent(row["share"]),
    )


def _annotate_checks(checks: pd.DataFrame) -> pd.DataFrame:
    """Add the name of each check, and why it deserves a look."""
    labels = labels_by_check(dict(zip(checks["check"], checks["title"], strict=True)))
    return checks.assign(
        label=checks["check"].map(labels),
        remark=[
            class_statistics.remark_on_check(row["difficulty"], row["discrimination"], row["students"])
            for row in checks.to_dict("records")
        ],
    )


def _section_remarks(scores: pd.DataFrame, checks: pd.DataFrame) -> list[str]:
    """Return what the charts leave out, and why."""
    found = []
    failed, refused = (int((scores["outcome"] == outcome).sum()) for outcome in ("not marked", "refused"))
    if failed:
        found.append(f"Marking itself failed on {format_count(failed, 'submission')}: run the same command again.")
    if scores["percent"].isna().all():
        found.append("No submission has a score yet, so there is no chart.")
    elif refused:
        found.append(
            f"{format_count(refused, 'file')} that could not be marked {'is' if refused == 1 else 'are'} left out."
        )
    if (scores["outcome"] == "stopped").any():
        found.append("The figures on checks count only the submissions that ran to the end.")
    undefined = checks[checks["students"].gt(0) & checks["discrimination"].isna()]
    if len(undefined):
        found.append(
            f"There is no discrimination for {_list_check_labels(undefined, checks)}: it takes at least three "
            "submissions that differ both in their points for the check and in those for the rest of the exercise."
        )
    waiting = checks[checks["students"].eq(0)]
    if len(waiting):
        found.append(f"No points yet for {', '.join(waiting['label'])}.")
    return found


def _list_check_labels(some: pd.DataFrame, checks: pd.DataFrame) -> str:
    return "any check" if len(some) == checks["students"].gt(0).sum() else ", ".join(some["label"])


def _failed_submissions(
    marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]
) -> list[FailedSubmission]:
    """List each submission that was refused or stopped, or on which marking failed, with its one reason."""
    found = []
    for one in sorted(marked, key=marks_table.sort_key):
        student, exercise, path = marks_table.sort_key(one)
        marks = one.result.marks
        refused = bool(one.submission.problem) or all(mark.state is State.REFUSED for mark in marks)
        ended = next((mark.state for mark in marks if mark.state in (State.STOPPED, State.FAILED)), None)
        state = State.REFUSED if refused else ended
        if state is None:
            continue
        reason = one.submission.problem or next((mark.reason for mark in marks if mark.state is state), "")
        title = exercise_title(exercise, exercises)
        found.append(FailedSubmission(student, title, path, state.value, reason or "No reason was given."))
    return found


def _submission_notes(marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]) -> list[SubmissionNote]:
    found = []
    for one in sorted(marked, key=marks_table.sort_key):
        student, exercise, path = marks_table.sort_key(one)
        notes = dict.fromkeys(one.submission.notes + one.result.notes)
        found += [SubmissionNote(student, exercise_title(exercise, exercises), path, note) for note in notes]
    return found
