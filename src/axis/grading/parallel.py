"""Spread the work over this machine's cores, or over a Dask cluster."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import joblib

from axis.errors import BookError
from axis.exercises.source import Exercise
from axis.grading.marking.mark import close_checkers, mark_submission
from axis.grading.records import Policy, Result, Submission


class WorkerError(BookError, RuntimeError):
    """Workers that cannot be had; the text says what helps."""


@dataclass(frozen=True)
class MarkingTask:
    """One submission and what it is marked by."""

    submission: Submission
    exercise: Exercise


def mark_in_parallel(
    tasks: Sequence[MarkingTask], policy: Policy, workers: int, cluster: str = ""
) -> Iterator[tuple[int, Result | str]]:
    """Mark submissions in parallel.

    Parameters
    ----------
    workers
        Processes on this machine; without effect on a cluster.
    cluster
        The address of a Dask scheduler; empty for this machine.

    Yields
    ------
    tuple
        The position of a task and its result, or in words how marking itself failed, as they come in.
    """
    with _joblib_backend(cluster):
        # Long tasks of unequal length: each worker takes one at a time.
        pool = joblib.Parallel(
            n_jobs=-1 if cluster else workers, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs"
        )
        yield from pool(joblib.delayed(_mark_numbered_task)(number, task, policy) for number, task in enumerate(tasks))
    if workers == 1:
        close_checkers()


def _mark_numbered_task(number: int, task: MarkingTask, policy: Policy) -> tuple[int, Result | str]:
    try:
        return number, mark_submission(task.submission, task.exercise, policy)
    except Exception as error:  # one submission must not end the marking of all
        close_checkers()
        return number, f"{type(error).__name__}: {error}"


@contextlib.contextmanager
def _joblib_backend(cluster: str) -> Iterator[None]:
    if not cluster:
        with joblib.parallel_config(backend="loky"):
            yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise WorkerError('Dask is not installed: pip install "axis-of-collusion-book[teach,cluster]".') from error
    try:
        client = Client(cluster, timeout=10, set_as_default=True)
    except OSError as error:
        raise WorkerError(f"There is no Dask scheduler at {cluster}: start one with `dask scheduler`.") from error
    with client, joblib.parallel_config(backend="dask", wait_for_workers_timeout=20):
        yield
