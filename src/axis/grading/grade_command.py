"""Mark a class from a terminal: show progress, write the reports, and print what was done."""

import contextlib
import importlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import joblib
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from axis.exercises.source import read_exercises
from axis.exercises.variants import ClassVariants
from axis.grading.class_marking import ClassMarking
from axis.grading.intake.collect import collect_submissions
from axis.grading.records import UNMARKED_STATES, MarkedSubmission, Policy, State
from axis.grading.reports.report_text import escape_unprintable, format_count

#: How many lines of one kind are shown.
MAX_LINES = 20


@dataclass(frozen=True)
class MarkedClass:
    """What the command has done.

    Attributes
    ----------
    lines
        What it says, one line at a time.
    complete
        Whether marking did not fail anywhere, and anything at all could be marked.
    """

    lines: list[str]
    complete: bool


def mark_class(
    submissions: Path,
    exercises: Path,
    target: Path,
    policy: Policy,
    workers: int | None,
    cluster: str,
    only: Sequence[str],
    again: Sequence[str] = (),
    roster: Path | None = None,
    *,
    debug: bool = False,
) -> "MarkedClass":
    """Mark a class and write its reports.

    Parameters
    ----------
    submissions
        A folder or a zip.
    exercises
        The folder of the instructor's notebooks.
    target
        The folder of the reports.
    policy, cluster, only, again
        See `ClassMarking`.
    workers
        Processes; None for as many as keep this machine busy.
    roster
        The roster with which variants were released; None if everybody got the same exercises.
    debug
        Mark in this process alone, and raise the first failure of marking itself.

    Returns
    -------
    MarkedClass
        What was done.

    Raises
    ------
    BookError
        If the class cannot be marked or a report cannot be written.
    Exception
        If marking itself fails and `debug` is set; otherwise the failure is logged, and the others are marked.
    """
    known = read_exercises(exercises)
    variants = ClassVariants.from_roster(roster) if roster else None
    collected = collect_submissions(submissions, known, target)
    grading = ClassMarking(collected.submissions, known, target, policy, only, again, variants)
    # A worker and its kernel wait for each other, so one more worker than cores keeps all cores busy.
    workers = workers or joblib.cpu_count() + 1
    # The libraries that draw the reports take a second to import.
    with _progress_bar(grading.pending) as advance, _import_in_background("axis.grading.reports.all_reports"):
        marked = grading.run(workers, cluster, advance, debug=debug)
    from axis.grading.reports import all_reports

    marked = all_reports.merge_free_text_sheet(target, marked)
    written = all_reports.write_all_reports(target, marked, known)
    lines = [
        *_count_lines(marked, grading),
        *_first_lines(map(_printable, collected.remarks)),
        *_first_lines(map(_printable, _replaced_lines(marked))),
        *map(_printable, _unmarked_lines(marked, grading)),
        *_waiting_lines(marked),
        *(str(path) for path in written if path.parent == target),
    ]
    judged = any(mark.state not in UNMARKED_STATES for one in marked for mark in one.result.marks)
    return MarkedClass(lines, complete=not grading.failures and (judged or not marked))


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


def _count_lines(marked: Sequence[MarkedSubmission], grading: ClassMarking) -> Iterator[str]:
    students = {one.submission.student for one in marked}
    whole = f"{format_count(len(marked), 'submission')} from {format_count(len(students), 'student')}"
    yield f"{whole}, {grading.pending} of them marked now."
    if grading.skipped:
        were, have = ("was", "has") if grading.skipped == 1 else ("were", "have")
        yield f"{format_count(grading.skipped, 'submission')} {were} skipped by --only and {have} no marks yet."
    if grading.outdated:
        were, keep = ("was", "keeps") if grading.outdated == 1 else ("were", "keep")
        outdated = format_count(grading.outdated, "submission")
        yield f"{outdated} {were} skipped by --only and {keep} earlier marks, though something has changed since."


def _replaced_lines(marked: Sequence[MarkedSubmission]) -> Iterator[str]:
    """Yield which files were dropped, and for which."""
    for one in marked:
        if one.submission.replaces:
            yield f"Used: {one.submission.path}. Not used: {', '.join(one.submission.replaces)}."


def _unmarked_lines(marked: Sequence[MarkedSubmission], grading: ClassMarking) -> Iterator[str]:
    """Yield what has no mark, and why."""
    empty = False
    for one in marked:
        path = one.submission.path
        reasons = {mark.state: mark.reason for mark in one.result.marks}
        if reason := reasons.get(State.REFUSED):
            yield f"Not marked: {reason}" if path in reason else f"Not marked: {reason} ({path})"
        if reason := reasons.get(State.STOPPED):
            again = " It ran twice, the second time alone." if one.result.out_of_time else ""
            yield f"Not marked to its end: {path}. {reason}{again}"
        empty = empty or bool({State.REFUSED, State.STOPPED} & set(reasons))
    if empty:
        yield "What is not marked has an empty cell in gradebook.csv: enter a zero there if you want one."
    for path, error in grading.failures.items():
        yield f"Not marked: {path}: marking itself failed here ({error}). Run the same command again."
    if grading.lost_workers:
        yield grading.lost_workers
    elif grading.failures:
        yield f"The tracebacks are in {grading.log}; with --debug the command stops at the first failure."
    missing = Counter(name for one in marked for name in one.result.missing)
    for name, count in sorted(missing.items()):
        yield (
            f"Not installed here: {name}, which {format_count(count, 'notebook')} imported. "
            "Install the package with pip and run the same command again, if students may use it."
        )


def _waiting_lines(marked: Sequence[MarkedSubmission]) -> Iterator[str]:
    waiting = sum(mark.state is State.WAITING for one in marked for mark in one.result.marks)
    if waiting:
        texts = f"{format_count(waiting, 'free text')} {'is' if waiting == 1 else 'are'} waiting"
        yield f"{texts} for your points: enter them in free_text.csv and run the same command again."


def _printable(line: str) -> str:
    """Return a line for a terminal; an error or the name of a file may contain anything that a student wrote."""
    return escape_unprintable(line).replace("\n", "\\n")


def _first_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines of one kind, but not so many that others are overlooked."""
    lines = list(lines)
    yield from lines[:MAX_LINES]
    if len(lines) > MAX_LINES:
        yield f"… and {len(lines) - MAX_LINES} more such lines; class_report.html lists every file."
