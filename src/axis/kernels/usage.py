"""Measure what all processes of a sandbox use together."""

import contextlib
from collections.abc import Iterator

import psutil

from axis.kernels.limits import Limits


def exceeded_limit(holders: list[int], limits: Limits) -> str:
    """Return which limit the descendants of these processes exceed together, in words; empty if none.

    The system limits the memory of each process separately, and does not report when its limit on processes is reached.
    """
    processes = list(_descendant_processes(holders))
    # Processes come first: memory takes longer to measure, and a fork bomb is fast.
    if len(processes) > limits.processes or sum(map(_thread_count, processes)) > limits.processes:
        return "the notebook started too many processes"
    if sum(map(_memory_used, processes)) > limits.memory:
        return "the notebook used too much memory"
    return ""


def _descendant_processes(holders: list[int]) -> Iterator[psutil.Process]:
    for holder in holders:
        with contextlib.suppress(psutil.Error):
            yield from psutil.Process(holder).children(recursive=True)


def _thread_count(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.num_threads())
    return 0


def _memory_used(process: psutil.Process) -> int:
    """Return the bytes that a process uses; memory that several processes share is divided between them."""
    with contextlib.suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0
