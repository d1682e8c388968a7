"""Measure the time of one notebook, so that nothing else that runs on the machine can take it away."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

#: However long a notebook waits for a processor, it ends after this many times its limit.
MAX_WAIT_FACTOR = 4


class NotebookClock:
    """The time that a notebook has had since this clock was made.

    Time on the wall does not count while the notebook waits for a processor that others use, unless its processes
    together have had that much processor time.

    Parameters
    ----------
    holders
        The processes that, with their descendants, belong to the notebook.
    seconds
        How long it may run.
    """

    def __init__(self, holders: Sequence[int], seconds: float) -> None:
        self._holders = holders
        self._seconds = seconds
        self._started = time.monotonic()
        self._used_before, self._waited_before = self._measure()

    def is_over(self) -> bool:
        """Whether the notebook has had its time."""
        passed = time.monotonic() - self._started
        if passed <= self._seconds:
            return False
        used, waited = self._measure()
        return (
            used - self._used_before > self._seconds
            or passed - max(waited - self._waited_before, 0.0) > self._seconds
            or passed > MAX_WAIT_FACTOR * self._seconds
        )

    def _measure(self) -> tuple[float, float]:
        """Return the processor seconds of all processes, and the longest that a thread of one has waited for one."""
        used, waited = 0.0, 0.0
        for holder in self._holders:
            with contextlib.suppress(psutil.Error):
                parent = psutil.Process(holder)
                for process in (parent, *parent.children(recursive=True)):
                    used += _seconds_used(process)
                    waited = max(waited, _seconds_waited(process.pid))
        return used, waited


def _seconds_used(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        # Linux and macOS also count children that have ended.
        return float(sum(times[:4]) if len(times) >= 4 else times.user + times.system)
    return 0.0


def _seconds_waited(process: int) -> float:
    """Return how long a thread was ready to run and had no processor; 0 where the system does not say.

    It is the thread that waited longest: the first one sleeps while another does the work, as where a chart is drawn.
    """
    waited = [0.0]
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                waited.append(int((thread / "schedstat").read_text(encoding="ascii").split()[1]) / 1e9)
    return max(waited)
