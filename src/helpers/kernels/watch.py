"""Keep an eye on how much memory the processes of a sandbox use together."""

import contextlib

import psutil

from helpers.kernels.limits import Limits


def excess(holders: list[int], limits: Limits) -> bool:
    """Tell whether the descendants of these processes use more memory together than one may.

    The system's own limit holds for each process alone.
    """
    used = 0
    for holder in holders:
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(holder).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    # Memory that a fork shares with others is not its own.
                    used += process.memory_full_info().uss
                if used > limits.memory:
                    return True
    return False
