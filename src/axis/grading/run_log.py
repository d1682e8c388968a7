"""Keep a log beside the results: what was marked, what was stopped, what failed and where.

Workers are other processes, and on a cluster they run on other machines. They send back what they log with each
result, and the process that the instructor started writes all of it to one file.
"""

import contextlib
import logging
import logging.handlers
import queue
import re
from collections.abc import Iterator
from pathlib import Path

from axis.errors import ResultsError

#: The name of the file in the folder of kept results.
LOG_FILE = "log.txt"

#: Bytes after which the log continues in a new file; one older file is kept.
MAX_LOG_BYTES = 4 * 2**20

#: The logger above all loggers of this package.
LOGGER = logging.getLogger("axis")

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class LogFormatter(logging.Formatter):
    """Format a record so that a student's text in it cannot imitate another record or control a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(processName)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Escape control characters, and indent each line after the first."""
        text = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), super().format(record))
        return text.replace("\n", "\n    ")


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log file on a disk that may become full: what is lost of the log is no reason to stop marking."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging calls it by this name
        """Ignore a record that cannot be written."""


@contextlib.contextmanager
def write_log(folder: Path) -> Iterator[None]:
    """Write what this process logs to the log file of a folder, after what earlier runs wrote.

    Raises
    ------
    ResultsError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _LogFile(
            folder / LOG_FILE, maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        raise ResultsError(folder, f"cannot be written ({error.strerror}); choose another folder with --to.") from error
    file.setFormatter(LogFormatter())
    with contextlib.closing(file), _handled_by(file):
        yield


@contextlib.contextmanager
def collect_records() -> Iterator[list[logging.LogRecord]]:
    """Collect what this process logs, tracebacks included, in a form that another process can write.

    Yields
    ------
    list
        The records; the list is filled when the context ends.
    """
    records: list[logging.LogRecord] = []
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    try:
        with _handled_by(logging.handlers.QueueHandler(waiting)):
            yield records
    finally:
        while not waiting.empty():
            records.append(waiting.get())


@contextlib.contextmanager
def _handled_by(handler: logging.Handler) -> Iterator[None]:
    level = LOGGER.level
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOGGER.setLevel(level)
        LOGGER.removeHandler(handler)
