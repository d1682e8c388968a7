"""Keep an eye on what all processes of a sandbox use together."""

import contextlib

import psutil

from helpers.kernels.limits import Limits


def excess(holders: list[int], limits: Limits) -> str:
    """Say which limit the descendants of these processes exceed together; empty if none.

    The system's own limits hold for each process, and not for processes of the superuser.
    """
    processes = list(_descendants(holders))
    if sum(count for count, _ in processes) > limits.processes:
        return "it started too many processes"
    if sum(used for _, used in processes) > limits.memory:
        return "it used too much memory"
    return ""


def _descendants(holders: list[int]) -> list[tuple[int, int]]:
    """Give the threads and the bytes of memory of each process below the holders."""
    found = []
    for holder in holders:
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(holder).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    # Memory that a fork shares with others is not its own.
                    found.append((process.num_threads(), process.memory_full_info().uss))
    return found
