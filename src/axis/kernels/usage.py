"""Keep an eye on what all processes of a sandbox use together."""

import contextlib
from collections.abc import Iterator

import psutil

from axis.kernels.limits import Limits


def exceeded_limit(holders: list[int], limits: Limits) -> str:
    """Say which limit the descendants of these processes exceed together; empty if none.

    The system's own limit on memory holds for each process alone, and that on processes says nothing of itself.
    """
    processes = list(_descendant_processes(holders))
    # Memory takes longer to count, and a fork bomb does not wait for it.
    if len(processes) > limits.processes or sum(map(_thread_count, processes)) > limits.processes:
        return "it started too many processes"
    if sum(map(_memory_used, processes)) > limits.memory:
        return "it used too much memory"
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
    """Give the bytes of a process; of pages that several processes share, each has its part."""
    with contextlib.suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0
