"""What marking knows of a class: submissions, conditions, marks and results, as plain records."""

import json
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from axis.kernels.limits import Limits


class State(StrEnum):
    """How one check of one submission came out."""

    RIGHT = "right"
    WRONG = "wrong"
    #: The student left the three dots, or the name was never assigned.
    UNANSWERED = "unanswered"
    #: The notebook ended before the check was reached: a limit, or a kernel that died.
    STOPPED = "stopped"
    #: The file could not be marked at all.
    REFUSED = "refused"
    #: A free text that waits for the instructor's points.
    WAITING = "to mark"
    #: A free text that has the instructor's points.
    MARKED = "marked"
    #: Marking itself failed: the fault is not in the file, and the next run marks it.
    FAILED = "not marked"


#: The points of a check that was not marked: zero for a fault of the file, none at all for a fault of marking.
UNMARKED_POINTS = {State.REFUSED: 0.0, State.FAILED: None}


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in.

    Attributes
    ----------
    student
        The student as the platform names them; the same text for every exercise.
    exercise
        The name of the exercise that the place or the file name tells, such as ``3-2-energy``;
        empty where only the content can tell.
    path
        Where the file lay, as a person would look for it: a path below the given folder or zip.
    content
        The bytes of the file; empty where it was not read.
    problem
        One sentence that says why the file cannot be marked; empty where it can.
    notes
        What the instructor should know although the file is marked, one sentence each.
    number
        The platform's own number of the student, such as Canvas's user id; empty if unknown.
    """

    student: str
    exercise: str
    path: str
    content: bytes = b""
    problem: str = ""
    notes: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True)
class Policy:
    """The conditions that every submission of a run shares.

    Attributes
    ----------
    seconds
        How long one notebook may run.
    limits
        What else it may use.
    confined
        Whether it runs in a sandbox.
    fresh
        Whether each kernel is a new process, where it could be a fork of a warmed one.
    """

    seconds: float = 60.0
    limits: Limits = field(default_factory=Limits)
    confined: bool = True
    fresh: bool = False


@dataclass(frozen=True)
class Mark:
    """What one check of one submission earned.

    Attributes
    ----------
    check
        The id of the graded cell, such as ``bill-check``; for a free text also ``judgement-answer``.
    title
        The heading of its question, such as ``4. A bill``.
    points
        What it earned; None while a free text waits for its points, and where marking itself failed.
    out_of
        What it can earn.
    reason
        For the student: the hint, or what went wrong. Never the text of a hidden test.
    answer
        The answer as plain text, cut to a length that a table can hold; empty if there is none.
    """

    check: str
    title: str
    state: State
    points: float | None
    out_of: float
    reason: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Result:
    """What marking one submission gave; it depends on the file's content alone.

    Attributes
    ----------
    exercise
        The name of the exercise.
    marks
        One for each graded cell of the exercise, in its order.
    notes
        What student and instructor should know of the file, one sentence each.
    confined
        Whether the student's code ran confined.
    seconds
        How long it took.
    """

    exercise: str
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
    confined: bool = True
    seconds: float = field(default=0.0, compare=False)

    @property
    def points(self) -> float:
        """The points so far; what has no points yet counts nothing."""
        return sum(mark.points or 0.0 for mark in self.marks)

    @property
    def out_of(self) -> float:
        """The points that the exercise gives."""
        return sum(mark.out_of for mark in self.marks)

    def to_json(self) -> str:
        """Write the result as JSON, for the store."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Result":
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError, KeyError, TypeError
            If the text is anything else.
        """
        values: dict[str, Any] = json.loads(text)
        marks = tuple(Mark(**{**mark, "state": State(mark["state"])}) for mark in values.pop("marks"))
        return cls(**{**values, "marks": marks, "notes": tuple(values["notes"])})


@dataclass(frozen=True)
class MarkedSubmission:
    """A submission with its result."""

    submission: Submission
    result: Result

    def with_marks(self, marks: tuple[Mark, ...]) -> "MarkedSubmission":
        """Give the same submission with other marks."""
        return replace(self, result=replace(self.result, marks=marks))
