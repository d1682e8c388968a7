"""Mark a class for somebody at a terminal: show how far it is, write the reports, say what was done."""

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import joblib
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from axis.exercises.source import read_exercises
from axis.grading.class_marking import ClassMarking
from axis.grading.intake.collect import collect_submissions
from axis.grading.records import MarkedSubmission, Policy, State
from axis.grading.reports.report_text import format_count


def mark_class(
    submissions: Path,
    exercises: Path,
    target: Path,
    policy: Policy,
    workers: int | None,
    cluster: str,
    only: Sequence[str],
    *,
    debug: bool = False,
) -> Iterator[str]:
    """Mark a class and write its reports.

    Parameters
    ----------
    submissions
        A folder or a zip.
    exercises
        The folder of the instructor's notebooks.
    target
        The folder of the reports.
    policy, cluster, only
        See `ClassMarking`.
    workers
        Processes; None for as many as keep this machine busy.
    debug
        Mark in this process alone, and raise the first failure of marking itself.

    Yields
    ------
    str
        What was done, line by line.

    Raises
    ------
    BookError
        If the class cannot be marked or a report cannot be written.
    Exception
        If marking itself fails and `debug` is set; otherwise the failure is logged, and the others are marked.
    """
    known = read_exercises(exercises)
    grading = ClassMarking(collect_submissions(submissions, known), known, target, policy, only)
    # A worker waits for its kernel as often as the kernel for it: one more than cores keeps all busy.
    workers = workers or joblib.cpu_count() + 1
    # What draws the reports takes a second to import.
    with _progress_bar(grading.pending) as advance, _import_in_background("axis.grading.reports.all_reports"):
        marked = grading.run(workers, cluster, advance, debug=debug)
    from axis.grading.reports import all_reports

    marked = all_reports.merge_free_text_sheet(target, marked)
    written = all_reports.write_all_reports(target, marked, known)
    yield from _summary_lines(marked, grading)
    yield from (str(path) for path in written if path.parent == target)


@contextlib.contextmanager
def _import_in_background(module: str) -> Iterator[None]:
    """Import a module while other processes work."""
    thread = threading.Thread(target=importlib.import_module, args=[module])
    thread.start()
    try:
        yield
    finally:
        thread.join()


@contextlib.contextmanager
def _progress_bar(total: int) -> Iterator[Callable[[], None]]:
    """Show how far the marking is; nothing where there is nothing to run."""
    columns = (TextColumn("Marking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not total) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _summary_lines(marked: list[MarkedSubmission], grading: ClassMarking) -> Iterator[str]:
    """Say in a few lines what was marked and what was not."""
    students = {one.submission.student for one in marked}
    whole = f"{format_count(len(marked), 'submission')} of {format_count(len(students), 'student')}"
    yield f"{whole}, {grading.pending} of them run now."
    if grading.skipped:
        yield f"{grading.skipped} have no marks yet: they are not among those of --only."
    for one in marked:
        path = one.submission.path
        reason = next((mark.reason for mark in one.result.marks if mark.state is State.REFUSED), "")
        if reason:
            yield f"Not marked: {reason}" if path in reason else f"Not marked: {reason} ({path})"
    for path, error in grading.failures.items():
        yield f"Not marked: {path}: marking itself failed here ({error}). Run the same command again."
    if grading.failures:
        yield f"The tracebacks are in {grading.log}; with --debug the command stops at the first failure."
    waiting = sum(mark.state is State.WAITING for one in marked for mark in one.result.marks)
    if waiting:
        texts = f"{format_count(waiting, 'free text')} {'waits' if waiting == 1 else 'wait'}"
        yield f"{texts} for your points in free_text.csv: fill them in and run the same command."
