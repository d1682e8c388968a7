"""Mark a class: run what is new, and keep the results of what has not changed."""

import fnmatch
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from axis.exercises.source import Exercise
from axis.exercises.variants import ClassVariants
from axis.grading.marking.mark import failed_result
from axis.grading.parallel import MarkingTask, mark_in_parallel
from axis.grading.records import UNMARKED_POINTS, Mark, MarkedSubmission, Policy, Result, State, Submission
from axis.grading.result_store import ResultStore, result_key
from axis.grading.run_log import LOG_FILE, write_log

LOGGER = logging.getLogger(__name__)

#: The folder, inside the folder of reports, in which results are kept.
RESULTS_FOLDER = ".results"


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
        Patterns of students or exercises. Others are not marked, but results that were kept are returned.
    variants
        What each student got of the exercises that have variants; None if everybody got the same.

    Attributes
    ----------
    pending
        How many submissions `run` will mark.
    skipped
        How many have no result and match no pattern of `only`.
    failures
        The error in one line, by path, for each submission on which marking itself failed.
    log
        The log file, with the tracebacks of failures.
    """

    def __init__(
        self,
        submissions: Sequence[Submission],
        exercises: Mapping[str, Exercise],
        folder: Path,
        policy: Policy,
        only: Sequence[str] = (),
        variants: ClassVariants | None = None,
    ) -> None:
        if variants:
            submissions = [_without_variant(one, variants) for one in submissions]
        self._submissions = submissions
        self._policy = policy
        self._results_folder = folder / RESULTS_FOLDER
        self._store = ResultStore(self._results_folder)
        self.log = self._results_folder / LOG_FILE
        self._results: dict[int, Result] = {}
        self._tasks: dict[int, MarkingTask] = {}
        self.skipped = 0
        self.failures: dict[str, str] = {}
        own = _own_exercises(submissions, exercises, variants) if variants else {}
        for number, submission in enumerate(submissions):
            exercise = own.get(number) or exercises.get(submission.exercise)
            if exercise is None:
                self._results[number] = _unknown_exercise_result(submission)
            elif (known := self._store.get(result_key(submission, exercise, policy))) is not None:
                self._results[number] = known
            elif _is_chosen(submission, only):
                self._tasks[number] = MarkingTask(submission, exercise)
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
        If marking itself fails on a submission, it gets no points and nothing is kept, so that the next run marks it.

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
        with write_log(self._results_folder):
            self._mark_pending(workers, cluster, progress, debug=debug)
        return [MarkedSubmission(self._submissions[number], self._results[number]) for number in sorted(self._results)]

    def _mark_pending(self, workers: int, cluster: str, progress: Callable[[], None], *, debug: bool) -> None:
        LOGGER.info("Marking %d of %d submissions: %s", self.pending, len(self._submissions), self._policy)
        # One exercise after another: a worker then keeps its checking kernel.
        numbers = sorted(self._tasks, key=lambda number: (self._tasks[number].submission.exercise, number))
        tasks = [self._tasks[number] for number in numbers]
        for outcome in mark_in_parallel(tasks, self._policy, workers, cluster, debug=debug):
            number, task, result = numbers[outcome.number], tasks[outcome.number], outcome.result
            if result is None:
                result = failed_result(task.exercise, self._policy)
                self.failures[task.submission.path] = outcome.error
            else:
                self._store.keep(result_key(task.submission, task.exercise, self._policy), result)
                LOGGER.info("Marked %s in %.2f s", task.submission.path, result.seconds)
            self._results[number] = result
            progress()


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


def _is_chosen(submission: Submission, only: Sequence[str]) -> bool:
    names = (submission.student, submission.exercise)
    return not only or any(fnmatch.fnmatch(name, pattern) for name in names for pattern in only)


def _unknown_exercise_result(submission: Submission) -> Result:
    """Return a result for a file that belongs to no exercise, so that the reports list it."""
    reason = submission.problem or "The book has no exercise with this name."
    return Result("", (Mark("", "", State.REFUSED, UNMARKED_POINTS[State.REFUSED], 0.0, reason),))
