"""Mark a class: what is new is run, what is known is kept."""

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from axis.exercises.source import Exercise
from axis.grading.marking.mark import failed_result
from axis.grading.parallel import MarkingTask, mark_in_parallel
from axis.grading.records import UNMARKED_POINTS, Mark, MarkedSubmission, Policy, Result, State, Submission
from axis.grading.result_store import ResultStore, result_key

#: The folder of kept results, inside the folder of reports.
RESULTS = ".results"


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
    waiting
        How many submissions `run` will run.
    skipped
        How many have no result and are not chosen.
    failures
        For each path on which marking itself failed, the error in one line.
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
        self._store = ResultStore(folder / RESULTS)
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
    def waiting(self) -> int:
        """How many submissions `run` will run."""
        return len(self._tasks)

    def run(
        self, workers: int, cluster: str = "", progress: Callable[[], None] = lambda: None
    ) -> list[MarkedSubmission]:
        """Mark what has no result yet.

        Each result is kept as soon as it is there, so a run that is killed goes on where it was. A submission
        on which marking itself fails gets no points and nothing of it is kept, so that the next run marks it.

        Parameters
        ----------
        workers, cluster
            See `spread.mark_all`.
        progress
            Called after each submission.

        Returns
        -------
        list
            One entry for each submission that has a result, in the order of the submissions.
        """
        # One exercise after another: a worker then keeps its judging kernel.
        numbers = sorted(self._tasks, key=lambda number: (self._tasks[number].submission.exercise, number))
        tasks = [self._tasks[number] for number in numbers]
        for position, result in mark_in_parallel(tasks, self._policy, workers, cluster):
            number, task = numbers[position], tasks[position]
            if isinstance(result, Result):
                self._store.keep(result_key(task.submission, task.exercise, self._policy), result)
                self._results[number] = result
            else:
                self._results[number] = failed_result(task.exercise, self._policy)
                self.failures[task.submission.path] = result
            progress()
        return [MarkedSubmission(self._submissions[number], self._results[number]) for number in sorted(self._results)]


def _is_chosen(submission: Submission, only: Sequence[str]) -> bool:
    names = (submission.student, submission.exercise)
    return not only or any(fnmatch.fnmatch(name, pattern) for name in names for pattern in only)


def _unknown_exercise_result(submission: Submission) -> Result:
    """Give a file of no exercise a line in the reports, so that nobody misses it."""
    reason = submission.problem or "No exercise of the book has this name."
    return Result("", (Mark("", "", State.REFUSED, UNMARKED_POINTS[State.REFUSED], 0.0, reason),))
