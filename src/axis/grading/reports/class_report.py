"""Write `class_report.html`: how the class did, and what that says of the checks."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from axis.exercises.source import Exercise
from axis.grading.records import Marked, State
from axis.grading.reports import marks_table, report_charts, report_files, statistics
from axis.grading.reports.report_charts import Picture
from axis.grading.reports.report_page import labels_of, page, title_of
from axis.grading.reports.report_text import cut, percent, plural

#: How much of a wrong answer the table shows.
ANSWER = 160


@dataclass(frozen=True)
class Counts:
    """How many submissions came out how."""

    handed_in: int
    marked: int
    stopped: int
    refused: int
    waiting: int
    median: str

    @classmethod
    def of(cls, scores: pd.DataFrame) -> "Counts":
        """Count what `statistics.scores` gives."""
        outcome = scores["outcome"].value_counts()
        middle = scores["percent"].median()
        return cls(
            handed_in=len(scores),
            marked=int(outcome.get("marked", 0)),
            stopped=int(outcome.get("stopped", 0)),
            refused=int(outcome.get("refused", 0)),
            waiting=int(scores["waiting"].sum()),
            median="–" if pd.isna(middle) else percent(middle / 100),
        )


@dataclass(frozen=True)
class Section:
    """What the report says of one exercise."""

    title: str
    counts: Counts
    pictures: tuple[Picture, ...]
    remarks: tuple[str, ...]
    looks: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str, str, int, str], ...]


def write(folder: Path, marked: Sequence[Marked], exercises: Mapping[str, Exercise]) -> Path:
    """Write the report."""
    marks = marks_table.build(marked)
    scores = statistics.scores(marks)
    content = page(
        "class_report.html",
        title="Class report",
        confined=all(one.result.confined for one in marked),
        students=marks["student"].nunique(),
        counts=Counts.of(scores),
        sections=_sections(marks, scores, exercises),
        troubles=_troubles(marked, exercises),
        notes=_notes(marked, exercises),
        very_hard=percent(statistics.VERY_HARD),
        very_easy=percent(statistics.VERY_EASY),
        enough=statistics.ENOUGH,
    )
    return report_files.write(folder / "class_report.html", content)


def _sections(marks: pd.DataFrame, scores: pd.DataFrame, exercises: Mapping[str, Exercise]) -> list[Section]:
    counts, checks, answers = (
        statistics.distribution(scores),
        statistics.checks(marks),
        statistics.wrong_answers(marks),
    )
    return [
        _section(
            title_of(str(name), exercises),
            group,
            counts[counts["exercise"] == name],
            _labelled(checks[checks["exercise"] == name]),
            answers[answers["exercise"] == name],
        )
        for name, group in scores.groupby("exercise")
        # A file that no exercise claims stands among the troubles alone.
        if name
    ]


def _section(
    title: str, scores: pd.DataFrame, counts: pd.DataFrame, checks: pd.DataFrame, answers: pd.DataFrame
) -> Section:
    judged, related = checks.dropna(subset="difficulty"), checks.dropna(subset=["difficulty", "discrimination"])
    found = []
    if len(counts):
        waiting = bool(scores["waiting"].sum())
        found.append(report_charts.distribution(counts, scores["percent"].dropna(), waiting))
    if len(judged):
        found.append(report_charts.difficulty(judged))
    if len(related):
        found.append(report_charts.discrimination(related))
    looks = judged[judged["remark"] != ""].sort_values("difficulty")
    labels = dict(zip(checks["check"], checks["label"], strict=True))
    return Section(
        title=title,
        counts=Counts.of(scores),
        pictures=tuple(found),
        remarks=tuple(_remarks(scores, checks)),
        looks=tuple((row["label"], row["remark"]) for row in looks.to_dict("records")),
        answers=tuple(_answer(row, labels) for row in answers.to_dict("records")),
    )


def _answer(row: Mapping[Hashable, Any], labels: Mapping[str, str]) -> tuple[str, str, str, int, str]:
    label = labels.get(row["check"], row["title"])
    return label, cut(row["answer"], ANSWER), row["reason"], row["count"], percent(row["share"])


def _labelled(checks: pd.DataFrame) -> pd.DataFrame:
    """Name each check, and say why to look at it."""
    labels = labels_of(dict(zip(checks["check"], checks["title"], strict=True)))
    return checks.assign(
        label=checks["check"].map(labels),
        remark=[
            statistics.remark(row["difficulty"], row["discrimination"], row["students"])
            for row in checks.to_dict("records")
        ],
    )


def _remarks(scores: pd.DataFrame, checks: pd.DataFrame) -> list[str]:
    """Say what the pictures leave out, and why."""
    found = []
    refused = int((scores["outcome"] == "refused").sum())
    if scores["percent"].isna().all():
        found.append("No submission has a score yet, so there is no picture.")
    elif refused:
        found.append(f"{plural(refused, 'file')} that could not be marked {'is' if refused == 1 else 'are'} left out.")
    if (scores["outcome"] == "stopped").any():
        found.append("What is said of the checks rests on the submissions that ran to their end.")
    undefined = checks[checks["students"].gt(0) & checks["discrimination"].isna()]
    if len(undefined):
        found.append(
            f"Discrimination is not defined for {_names(undefined, checks)}: that takes three submissions "
            "or more that differ in the check and in the rest of the exercise."
        )
    waiting = checks[checks["students"].eq(0)]
    if len(waiting):
        found.append(f"Still without points: {', '.join(waiting['label'])}.")
    return found


def _names(some: pd.DataFrame, checks: pd.DataFrame) -> str:
    return "any check" if len(some) == checks["students"].gt(0).sum() else ", ".join(some["label"])


def _troubles(marked: Sequence[Marked], exercises: Mapping[str, Exercise]) -> list[tuple[str, str, str, str, str]]:
    """List each submission that was refused or stopped, with its one reason."""
    found = []
    for one in sorted(marked, key=marks_table.order):
        student, exercise, path = marks_table.order(one)
        marks = one.result.marks
        refused = bool(one.submission.problem) or all(mark.state is State.REFUSED for mark in marks)
        if not refused and all(mark.state is not State.STOPPED for mark in marks):
            continue
        state, word = (State.REFUSED, "refused") if refused else (State.STOPPED, "stopped")
        reason = one.submission.problem or next((mark.reason for mark in marks if mark.state is state), "")
        found.append((student, title_of(exercise, exercises), path, word, reason or "No reason was given."))
    return found


def _notes(marked: Sequence[Marked], exercises: Mapping[str, Exercise]) -> list[tuple[str, str, str, str]]:
    found = []
    for one in sorted(marked, key=marks_table.order):
        student, exercise, path = marks_table.order(one)
        notes = dict.fromkeys(one.submission.notes + one.result.notes)
        found += [(student, title_of(exercise, exercises), path, note) for note in notes]
    return found
