"""Plain records of marking: submissions, conditions, marks and results."""

import json
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from axis.kernels.limits import Limits

#: The folder, inside the folder of reports, in which results are kept.
RESULTS_FOLDER = ".results"


class State(StrEnum):
    """The outcome of one check of one submission."""

    RIGHT = "right"
    WRONG = "wrong"
    #: The student left the three dots, or never assigned the name.
    UNANSWERED = "unanswered"
    #: The notebook was stopped before the check, by a limit or because its kernel died.
    STOPPED = "stopped"
    #: The file could not be marked at all.
    REFUSED = "refused"
    #: A free text that is waiting for the instructor's points.
    WAITING = "to mark"
    #: A free text that has the instructor's points.
    MARKED = "marked"
    #: Marking itself failed: the fault is not in the file, and the next run marks it.
    FAILED = "not marked"


#: The outcomes of a check that nobody and nothing has judged: it has no points, not even zero.
UNMARKED_STATES = frozenset({State.STOPPED, State.REFUSED, State.FAILED})


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in.

    Attributes
    ----------
    student
        The student's name on the platform, the same for every exercise.
    exercise
        The name of the exercise, such as ``3-2-energy``; empty if it is unknown.
    path
        Where the file is: a path inside the given folder or zip.
    content
        The bytes of the file; empty if it was not read.
    problem
        Why the file cannot be marked, in one sentence; empty if it can.
    notes
        What the instructor should know although the file is marked, one sentence each.
    number
        Canvas's number of the student; empty if unknown. Other platforms' numbers mean nothing to a gradebook.
    replaces
        The paths of the files that the student handed in for the same exercise and that are not marked.
    """

    student: str
    exercise: str
    path: str
    content: bytes = b""
    problem: str = ""
    notes: tuple[str, ...] = ()
    number: str = ""
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """The conditions under which all submissions of a run are marked.

    Attributes
    ----------
    seconds
        How long one notebook may run.
    limits
        What else it may use.
    confined
        Whether it runs in a sandbox.
    fresh
        Whether each kernel is a new process, even if it could be a fork.
    """

    seconds: float = 60.0
    limits: Limits = field(default_factory=Limits)
    confined: bool = True
    fresh: bool = False


@dataclass(frozen=True)
class Mark:
    """The points of one check of one submission.

    Attributes
    ----------
    check
        The id of the graded cell, such as ``bill-check``, or ``judgement-answer`` for a free text.
    title
        The heading of its question, such as ``4. A bill``.
    points
        The points; None while a free text is waiting for them, and for what could not be marked.
    out_of
        The most points that it can get.
    reason
        For the student: the hint, or what went wrong. Never the text of a hidden test.
    answer
        The answer as plain text, short enough for a table; empty if there is none.
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
    """The result of marking one submission; it depends only on the content of the file.

    Attributes
    ----------
    exercise
        The name of the exercise.
    marks
        One for each graded cell of the exercise, in its order.
    notes
        What student and instructor should know about the file, one sentence each.
    confined
        Whether the student's code ran confined.
    missing
        The modules that the notebook imports and that are not installed here.
    out_of_time
        Whether the notebook was stopped because its time was over.
    seconds
        How long marking took.
    """

    exercise: str
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
    confined: bool = True
    missing: tuple[str, ...] = ()
    out_of_time: bool = False
    seconds: float = field(default=0.0, compare=False)

    @property
    def points(self) -> float:
        """The points so far; checks that have none yet are left out."""
        return sum(mark.points or 0.0 for mark in self.marks)

    @property
    def out_of(self) -> float:
        """The most points that the exercise gives."""
        return sum(mark.out_of for mark in self.marks)

    def to_json(self) -> str:
        """Return the result as JSON, for `ResultStore`."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Result":
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError, KeyError, TypeError
            If the text is not such a result.
        """
        values: dict[str, Any] = json.loads(text)
        marks = tuple(Mark(**{**mark, "state": State(mark["state"])}) for mark in values.pop("marks"))
        return cls(**{**values, "marks": marks, "notes": tuple(values["notes"]), "missing": tuple(values["missing"])})


@dataclass(frozen=True)
class MarkedSubmission:
    """A submission with its result."""

    submission: Submission
    result: Result

    def with_marks(self, marks: tuple[Mark, ...]) -> "MarkedSubmission":
        """Return the same submission with other marks."""
        return replace(self, result=replace(self.result, marks=marks))
