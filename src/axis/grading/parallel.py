"""Mark submissions in parallel, on the cores of this machine or on a Dask cluster."""

import atexit
import contextlib
import functools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from axis.errors import BookError
from axis.exercises.source import Exercise
from axis.grading.marking.mark import SubmissionMarker
from axis.grading.records import Policy, Result, Submission
from axis.grading.run_log import collect_records

LOGGER = logging.getLogger(__name__)

#: Seconds in which the scheduler of a cluster must answer.
SCHEDULER_SECONDS = 10


class WorkerError(BookError, RuntimeError):
    """Workers cannot be started."""


class LostWorkerError(WorkerError):
    """A worker was killed, and with it the work of all others."""


@dataclass(frozen=True)
class MarkingTask:
    """A submission and the exercise by which it is marked."""

    submission: Submission
    exercise: Exercise


@dataclass(frozen=True)
class MarkingOutcome:
    """The outcome of one task.

    Attributes
    ----------
    number
        The position of the task.
    result
        Its result; None if marking itself failed.
    error
        The error in one line; empty if marking did not fail.
    records
        What the worker logged during the task.
    """

    number: int
    result: Result | None
    error: str = ""
    records: tuple[logging.LogRecord, ...] = ()


def mark_in_parallel(
    tasks: Sequence[MarkingTask], policy: Policy, workers: int, cluster: str = "", *, debug: bool = False
) -> Iterator[MarkingOutcome]:
    """Mark submissions in parallel.

    Parameters
    ----------
    workers
        Number of processes on this machine; 1 means this process alone. Ignored on a cluster.
    cluster
        The address of a Dask scheduler; empty for this machine.
    debug
        Mark in this process alone, and raise the first error.

    Yields
    ------
    MarkingOutcome
        One for each task, in the order in which they end.

    Raises
    ------
    WorkerError
        If the cluster cannot be reached.
    LostWorkerError
        If a worker of this machine was killed.
    """
    if debug or (workers == 1 and not cluster):
        yield from _mark_in_this_process(tasks, policy, debug=debug)
        return
    with _joblib_backend(cluster):
        # Tasks are long and of unequal length, so each worker takes one at a time.
        pool = joblib.Parallel(
            n_jobs=-1 if cluster else workers, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs"
        )
        try:
            for outcome in pool(joblib.delayed(_mark_in_worker)(*numbered, policy) for numbered in enumerate(tasks)):
                for record in outcome.records:
                    logging.getLogger(record.name).handle(record)
                yield outcome
        except TerminatedWorkerError as error:
            raise LostWorkerError(
                "A marking process was killed, most likely because memory ran out. "
                "Run the same command again with fewer --workers; the results so far are kept."
            ) from error


def _mark_in_this_process(tasks: Sequence[MarkingTask], policy: Policy, *, debug: bool) -> Iterator[MarkingOutcome]:
    with contextlib.closing(SubmissionMarker()) as marker:
        for number, task in enumerate(tasks):
            if debug:
                yield MarkingOutcome(number, marker.mark(task.submission, task.exercise, policy))
            else:
                yield _mark_or_log(marker, number, task, policy)


def _mark_in_worker(number: int, task: MarkingTask, policy: Policy) -> MarkingOutcome:
    with collect_records() as records:
        outcome = _mark_or_log(_marker_of_worker(), number, task, policy)
    return replace(outcome, records=tuple(records))


@functools.cache
def _marker_of_worker() -> SubmissionMarker:
    """Return the marker that this process keeps from one task to the next."""
    marker = SubmissionMarker()
    atexit.register(marker.close)
    return marker


def _mark_or_log(marker: SubmissionMarker, number: int, task: MarkingTask, policy: Policy) -> MarkingOutcome:
    try:
        return MarkingOutcome(number, marker.mark(task.submission, task.exercise, policy))
    except Exception as error:  # the other submissions must still be marked
        LOGGER.exception("Marking itself failed on %s", task.submission.path)
        marker.close()
        first, *_ = str(error).splitlines() or [""]
        return MarkingOutcome(number, None, f"{type(error).__name__}: {first}"[:300])


@contextlib.contextmanager
def _joblib_backend(cluster: str) -> Iterator[None]:
    if not cluster:
        with joblib.parallel_config(backend="loky"):
            yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise WorkerError('Dask is not installed: run pip install "axis-of-collusion-book[teach,cluster]".') from error
    try:
        client = Client(cluster, timeout=SCHEDULER_SECONDS, set_as_default=True)
    except OSError as error:
        raise WorkerError(f"There is no Dask scheduler at {cluster}: start one with `dask scheduler`.") from error
    with client, joblib.parallel_config(backend="dask", wait_for_workers_timeout=20):
        yield
