"""Mark a class: run what is new, and keep the results of what has not changed."""

import fnmatch
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from axis.errors import BookError
from axis.exercises.source import Exercise
from axis.exercises.variants import ClassVariants
from axis.grading.marking.mark import failed_result
from axis.grading.parallel import LostWorkerError, MarkingTask, mark_in_parallel
from axis.grading.records import RESULTS_FOLDER, Mark, MarkedSubmission, Policy, Result, State, Submission
from axis.grading.result_store import ResultStore
from axis.grading.run_log import LOG_FILE, write_log

LOGGER = logging.getLogger(__name__)


class PatternError(BookError):
    """A pattern that fits nothing that was handed in."""


class ClassMarking:
    """The marking of one class.

    Parameters
    ----------
    submissions
        As `collect_submissions` returns them.
    exercises
        The instructor's notebooks by name.
    folder
        The folder of the reports; results are kept in a folder inside it.
    policy
        The conditions under which submissions run.
    only
        Patterns of students or exercises. Others are not marked, and have the results that they had.
    again
        Patterns of students or exercises that are marked even if they have a result.
    variants
        What each student got of the exercises that have variants; None if everybody got the same.

    Attributes
    ----------
    pending
        How many submissions `run` will mark.
    skipped
        How many have no result and match no pattern of `only`.
    outdated
        How many of those that match no pattern of `only` have a result from before something changed.
    failures
        The error in one line, by path, for each submission on which marking itself failed.
    lost_workers
        What to tell if a process that marks was killed; empty if none was.
    log
        The log file, with the tracebacks of failures.

    Raises
    ------
    PatternError
        If a pattern fits no student and no exercise.
    """

    def __init__(
        self,
        submissions: Sequence[Submission],
        exercises: Mapping[str, Exercise],
        folder: Path,
        policy: Policy,
        only: Sequence[str] = (),
        again: Sequence[str] = (),
        variants: ClassVariants | None = None,
    ) -> None:
        _refuse_idle_patterns(submissions, {"--only": only, "--again": again})
        if variants:
            submissions = [_without_variant(one, variants) for one in submissions]
        self._submissions = submissions
        self._policy = policy
        self._results_folder = folder / RESULTS_FOLDER
        self._store = ResultStore(self._results_folder)
        self.log = self._results_folder / LOG_FILE
        self._results: dict[int, Result] = {}
        self._tasks: dict[int, MarkingTask] = {}
        self.skipped = self.outdated = 0
        self.failures: dict[str, str] = {}
        self.lost_workers = ""
        own = _own_exercises(submissions, exercises, variants) if variants else {}
        for number, submission in enumerate(submissions):
            exercise = own.get(number) or exercises.get(submission.exercise)
            if exercise is None:
                self._results[number] = _unknown_exercise_result(submission)
                continue
            chosen = not only or _fits(submission, only)
            known = self._store.find(submission, exercise, policy)
            if known and not (chosen and _fits(submission, again)):
                self._results[number] = known
            elif chosen:
                self._tasks[number] = MarkingTask(submission, exercise)
            elif last := self._store.find_last(submission):
                self._results[number] = last
                self.outdated += 1
            else:
                self.skipped += 1

    @property
    def pending(self) -> int:
        """How many submissions `run` will mark."""
        return len(self._tasks)

    def run(
        self, workers: int, cluster: str = "", progress: Callable[[], None] = lambda: None, *, debug: bool = False
    ) -> list[MarkedSubmission]:
        """Mark the submissions that have no result yet.

        Each result is kept as soon as it is there, so that after a run that was killed the next one continues.
        A notebook whose time was over runs once more at the end, when no other runs beside it, and only then is its
        result kept. If marking itself fails on a submission, or its process is killed, it gets no points and nothing
        is kept, so that the next run marks it.

        Parameters
        ----------
        workers, cluster, debug
            See `mark_in_parallel`.
        progress
            Is called after each submission.

        Returns
        -------
        list
            The submissions that have a result, in their order.

        Raises
        ------
        ResultsError
            If the results or the log cannot be written.
        """
        self._store.reserve(self.pending)
        with write_log(self._results_folder):
            LOGGER.info("Marking %d of %d submissions: %s", self.pending, len(self._submissions), self._policy)
            # One exercise after another: a worker then keeps its checking kernel.
            numbers = sorted(self._tasks, key=lambda number: (self._tasks[number].submission.exercise, number))
            out_of_time = []
            for number in self._mark_tasks(numbers, workers, cluster, progress, debug=debug):
                if self._results[number].out_of_time:
                    out_of_time.append(number)
                else:
                    self._keep(number)
            for number in out_of_time:
                LOGGER.info("Marking %s once more, alone", self._tasks[number].submission.path)
            # One process runs one after the other; a cluster gets them one at a time.
            for alone in [[number] for number in out_of_time] if cluster else [out_of_time]:
                for number in self._mark_tasks(alone, 1, cluster, lambda: None, debug=debug):
                    self._keep(number)
        return [MarkedSubmission(self._submissions[number], self._results[number]) for number in sorted(self._results)]

    def _mark_tasks(
        self, numbers: Sequence[int], workers: int, cluster: str, progress: Callable[[], None], *, debug: bool
    ) -> Iterator[int]:
        """Mark some submissions, and yield the number of each when it has a result."""
        tasks = [self._tasks[number] for number in numbers]
        try:
            for outcome in mark_in_parallel(tasks, self._policy, workers, cluster, debug=debug):
                self._results[numbers[outcome.number]] = outcome.result or self._fail(
                    tasks[outcome.number], outcome.error
                )
                progress()
                yield numbers[outcome.number]
        except LostWorkerError as error:
            self.lost_workers = str(error)
            for number in numbers:
                if number not in self._results:
                    self._results[number] = self._fail(self._tasks[number], "a marking process was killed")

    def _fail(self, task: MarkingTask, error: str) -> Result:
        self.failures[task.submission.path] = error
        return failed_result(task.exercise, self._policy)

    def _keep(self, number: int) -> None:
        """Keep a result, unless marking itself failed."""
        task, result = self._tasks[number], self._results[number]
        if task.submission.path not in self.failures:
            self._store.keep(task.submission, task.exercise, self._policy, result)
            LOGGER.info("Marked %s in %.2f s", task.submission.path, result.seconds)


def _own_exercises(
    submissions: Sequence[Submission], exercises: Mapping[str, Exercise], variants: ClassVariants
) -> dict[int, Exercise]:
    """Return the exercise as the student got it, by the number of the submission."""
    own: dict[int, Exercise] = {}
    for name, exercise in exercises.items():
        numbers = [number for number, one in enumerate(submissions) if one.exercise == name and not one.problem]
        students = [submissions[number].student for number in numbers]
        own |= zip(numbers, variants.exercises_for(exercise, students), strict=True)
    return own


def _without_variant(submission: Submission, variants: ClassVariants) -> Submission:
    """Return a submission with a problem if nobody knows which variant its student got."""
    problem = submission.problem or variants.problem(submission.exercise, submission.student)
    return replace(submission, problem=problem)


def _refuse_idle_patterns(submissions: Sequence[Submission], patterns: Mapping[str, Sequence[str]]) -> None:
    for option, given in patterns.items():
        for pattern in given:
            if not any(_fits(submission, [pattern]) for submission in submissions):
                names = sorted({submission.student for submission in submissions})
                shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
                raise PatternError(f'{option} "{pattern}" fits no student and no exercise; the students are: {shown}.')


def _fits(submission: Submission, patterns: Sequence[str]) -> bool:
    names = (submission.student.casefold(), submission.exercise.casefold())
    return any(fnmatch.fnmatchcase(name, pattern.casefold()) for name in names for pattern in patterns)


def _unknown_exercise_result(submission: Submission) -> Result:
    """Return a result for a file that belongs to no exercise, so that the reports list it."""
    reason = submission.problem or "The book has no exercise with this name."
    return Result("", (Mark("", "", State.REFUSED, None, 0.0, reason),))
