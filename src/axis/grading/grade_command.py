"""Mark a class from a terminal: show progress, write the reports, and print what was done."""

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import joblib
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from axis.exercises.source import read_exercises
from axis.exercises.variants import ClassVariants
from axis.grading.class_marking import ClassMarking
from axis.grading.intake.collect import collect_submissions
from axis.grading.records import MarkedSubmission, Policy, State
from axis.grading.reports.report_text import escape_unprintable, format_count


def mark_class(
    submissions: Path,
    exercises: Path,
    target: Path,
    policy: Policy,
    workers: int | None,
    cluster: str,
    only: Sequence[str],
    roster: Path | None = None,
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
    roster
        The roster with which variants were released; None if everybody got the same exercises.
    debug
        Mark in this process alone, and raise the first failure of marking itself.

    Yields
    ------
    str
        What was done, one line at a time.

    Raises
    ------
    BookError
        If the class cannot be marked or a report cannot be written.
    Exception
        If marking itself fails and `debug` is set; otherwise the failure is logged, and the others are marked.
    """
    known = read_exercises(exercises)
    variants = ClassVariants.from_roster(roster) if roster else None
    grading = ClassMarking(collect_submissions(submissions, known), known, target, policy, only, variants)
    # A worker and its kernel wait for each other, so one more worker than cores keeps all cores busy.
    workers = workers or joblib.cpu_count() + 1
    # The libraries that draw the reports take a second to import.
    with _progress_bar(grading.pending) as advance, _import_in_background("axis.grading.reports.all_reports"):
        marked = grading.run(workers, cluster, advance, debug=debug)
    from axis.grading.reports import all_reports

    marked = all_reports.merge_free_text_sheet(target, marked)
    written = all_reports.write_all_reports(target, marked, known)
    yield from _summary_lines(marked, grading)
    yield from (str(path) for path in written if path.parent == target)


@contextlib.contextmanager
def _import_in_background(module: str) -> Iterator[None]:
    """Import a module while other processes are marking."""
    thread = threading.Thread(target=importlib.import_module, args=[module])
    thread.start()
    try:
        yield
    finally:
        thread.join()


@contextlib.contextmanager
def _progress_bar(total: int) -> Iterator[Callable[[], None]]:
    """Show how far the marking is, if there is anything to mark."""
    columns = (TextColumn("Marking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not total) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _summary_lines(marked: list[MarkedSubmission], grading: ClassMarking) -> Iterator[str]:
    """Yield lines that say what was marked and what was not."""
    students = {one.submission.student for one in marked}
    whole = f"{format_count(len(marked), 'submission')} from {format_count(len(students), 'student')}"
    yield f"{whole}, {grading.pending} of them marked now."
    if grading.skipped:
        were, have = ("was", "has") if grading.skipped == 1 else ("were", "have")
        yield f"{format_count(grading.skipped, 'submission')} {were} skipped by --only and {have} no marks yet."
    for one in marked:
        path = one.submission.path
        reason = next((mark.reason for mark in one.result.marks if mark.state is State.REFUSED), "")
        if reason:
            yield f"Not marked: {reason}" if path in reason else f"Not marked: {reason} ({path})"
    for path, error in grading.failures.items():
        # The text of an error may contain anything that a student wrote.
        shown = escape_unprintable(error)
        yield f"Not marked: {path}: marking itself failed here ({shown}). Run the same command again."
    if grading.failures:
        yield f"The tracebacks are in {grading.log}; with --debug the command stops at the first failure."
    waiting = sum(mark.state is State.WAITING for one in marked for mark in one.result.marks)
    if waiting:
        texts = f"{format_count(waiting, 'free text')} {'is' if waiting == 1 else 'are'} waiting"
        yield f"{texts} for your points: enter them in free_text.csv and run the same command again."
