"""Mark a class: what is new is run, what is known is kept."""

import fnmatch
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from axis.exercises.source import Exercise
from axis.grading.marking.mark import failed_result
from axis.grading.parallel import MarkingTask, mark_in_parallel
from axis.grading.records import UNMARKED_POINTS, Mark, MarkedSubmission, Policy, Result, State, Submission
from axis.grading.result_store import ResultStore, result_key
from axis.grading.run_log import LOG_FILE, write_log

LOGGER = logging.getLogger(__name__)

#: The folder of kept results, inside the folder of reports.
RESULTS_FOLDER = ".results"


class ClassMarking:
    """The marking of one class.

    Parameters
    ----------
    submissions
        As `collect` gives them.
    exercises
        The instructor's notebooks by name.
    folder
        Where the reports will be; the results are kept in a folder inside.
    policy
        The conditions under which submissions run.
    only
        Patterns of students or exercises: others are not run, but what is known of them is given.

    Attributes
    ----------
    pending
        How many submissions `run` will run.
    skipped
        How many have no result and are not chosen.
    failures
        For each path on which marking itself failed, the error in one line.
    log
        The file that says what happened, tracebacks included.
    """

    def __init__(
        self,
        submissions: Sequence[Submission],
        exercises: Mapping[str, Exercise],
        folder: Path,
        policy: Policy,
        only: Sequence[str] = (),
    ) -> None:
        self._submissions = submissions
        self._policy = policy
        self._results_folder = folder / RESULTS_FOLDER
        self._store = ResultStore(self._results_folder)
        self.log = self._results_folder / LOG_FILE
        self._results: dict[int, Result] = {}
        self._tasks: dict[int, MarkingTask] = {}
        self.skipped = 0
        self.failures: dict[str, str] = {}
        for number, submission in enumerate(submissions):
            exercise = exercises.get(submission.exercise)
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
        """How many submissions `run` will run."""
        return len(self._tasks)

    def run(
        self, workers: int, cluster: str = "", progress: Callable[[], None] = lambda: None, *, debug: bool = False
    ) -> list[MarkedSubmission]:
        """Mark what has no result yet.

        Each result is kept as soon as it is there, so a run that is killed goes on where it was. A submission
        on which marking itself fails gets no points and nothing of it is kept, so that the next run marks it.

        Parameters
        ----------
        workers, cluster, debug
            See `mark_in_parallel`.
        progress
            Called after each submission.

        Returns
        -------
        list
            One entry for each submission that has a result, in the order of the submissions.

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


def _is_chosen(submission: Submission, only: Sequence[str]) -> bool:
    names = (submission.student, submission.exercise)
    return not only or any(fnmatch.fnmatch(name, pattern) for name in names for pattern in only)


def _unknown_exercise_result(submission: Submission) -> Result:
    """Give a file of no exercise a line in the reports, so that nobody misses it."""
    reason = submission.problem or "No exercise of the book has this name."
    return Result("", (Mark("", "", State.REFUSED, UNMARKED_POINTS[State.REFUSED], 0.0, reason),))
