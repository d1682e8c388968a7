"""The console script `axis`: what an instructor does from a terminal."""

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import joblib
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from helpers.grading.collect import collect
from helpers.grading.errors import GradingError
from helpers.grading.exercises import read_all
from helpers.grading.grade import Grading
from helpers.grading.policy import Policy
from helpers.grading.records import Marked, State
from helpers.grading.words import plural
from helpers.kernels import provisioner
from helpers.kernels.forks import warmed
from helpers.kernels.limits import MEBIBYTE, Limits
from helpers.kernels.sandbox import trouble


@click.group()
def main() -> None:
    """Release the exercises of the book, and mark what students hand in."""


@main.command("release")
@click.argument("names", nargs=-1)
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@click.option(
    "--from",
    "source",
    default=Path("exercises"),
    show_default=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the instructor's notebooks.",
)
def release_command(names: tuple[str, ...], target: Path, source: Path) -> None:
    """Write student versions of the exercises NAMES, or of all of them."""
    # nbgrader takes two seconds to import, and only this command needs it.
    from helpers.grading.handout import handout
    from helpers.grading.release import release_all

    chosen = _chosen(names, source)
    try:
        for path in release_all(chosen, target):
            click.echo(path)
        # What a student needs beside the notebooks; last, so that a bad source leaves nothing behind.
        handout(target)
    except GradingError as error:
        raise click.ClickException(str(error)) from error


def _enough_workers() -> int:
    """Give one more than cores: a worker waits for its kernel as often as the kernel for it."""
    return int(joblib.cpu_count()) + 1


@main.command("grade")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "--to", "target", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the reports."
)
@click.option(
    "--from",
    "source",
    default=Path("exercises"),
    show_default=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the instructor's notebooks.",
)
@click.option("--only", multiple=True, metavar="PATTERN", help="Run only these students or exercises; may be repeated.")
@click.option(
    "--workers", type=click.IntRange(1), default=_enough_workers, help="Processes; one more than cores if left out."
)
@click.option("--dask", "cluster", default="", metavar="ADDRESS", help="Work on the Dask cluster of this scheduler.")
@click.option(
    "--time-limit", "seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="Seconds a notebook."
)
@click.option(
    "--memory-limit", "memory", type=click.IntRange(512), default=2048, show_default=True, help="Mebibytes a notebook."
)
@click.option("--fresh", is_flag=True, help="Start a new process for each notebook instead of a fork of a warmed one.")
@click.option("--unconfined", is_flag=True, help="Run submissions with your own rights. The reports say so.")
def grade_command(
    submissions: Path,
    target: Path,
    source: Path,
    only: tuple[str, ...],
    workers: int,
    cluster: str,
    seconds: float,
    memory: int,
    fresh: bool,
    unconfined: bool,
) -> None:
    """Mark SUBMISSIONS, a folder or a zip, and write marks, feedback and reports."""
    if not unconfined and not cluster and (reason := trouble()):
        raise click.ClickException(
            f"Submissions are untrusted code, and they cannot be confined here: {reason}. "
            "Mend that, or run them with your own rights by --unconfined."
        )
    policy = Policy(seconds, Limits(memory=memory * MEBIBYTE), confined=not unconfined, fresh=fresh)
    if provisioner.CAN_FORK and not fresh and not cluster:
        # It has its imports done by the time that the workers ask for it.
        warmed()
    try:
        exercises = read_all(source)
        grading = Grading(collect(submissions, exercises), exercises, target, policy, only)
        # What draws the reports takes a second to import.
        with _progress(grading.waiting) as advance, _importing("helpers.grading.reports"):
            marked = grading.run(workers, cluster, advance)
        from helpers.grading import reports

        marked = reports.merge(target, marked)
        written = reports.write_all(target, marked, exercises)
    except GradingError as error:
        raise click.ClickException(str(error)) from error
    for line in _account(marked, grading):
        click.echo(line)
    for path in written:
        if path.parent == target:
            click.echo(path)


@contextlib.contextmanager
def _importing(module: str) -> Iterator[None]:
    """Import a module while other processes work."""
    thread = threading.Thread(target=importlib.import_module, args=[module])
    thread.start()
    try:
        yield
    finally:
        thread.join()


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show how far the marking is; nothing where there is nothing to run."""
    columns = (TextColumn("Marking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not total) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _account(marked: list[Marked], grading: Grading) -> Iterator[str]:
    """Say in a few lines what was marked and what was not."""
    students = {one.submission.student for one in marked}
    whole = f"{plural(len(marked), 'submission')} of {plural(len(students), 'student')}"
    yield f"{whole}, {grading.waiting} of them run now."
    if grading.skipped:
        yield f"{grading.skipped} have no marks yet: they are not among those of --only."
    for one in marked:
        path = one.submission.path
        refused = next((mark.reason for mark in one.result.marks if mark.state is State.REFUSED), "")
        if refused:
            # A problem of the file itself begins with its name, which says less than its path.
            said = refused.removeprefix(Path(path).name)
            yield f"Not marked: {path}{'' if said != refused else ': '}{said}"
    waiting = sum(mark.state is State.WAITING for one in marked for mark in one.result.marks)
    if waiting:
        texts = f"{plural(waiting, 'free text')} {'waits' if waiting == 1 else 'wait'}"
        yield f"{texts} for your points in free_text.csv: fill them in and run the same command."


def _chosen(names: tuple[str, ...], source: Path) -> list[Path]:
    known = {path.stem: path for path in sorted(source.glob("*.ipynb"))}
    if not known:
        raise click.ClickException(f"{source} has no notebook; name the folder of the exercises with --from.")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.ClickException(f'{source} has no exercise "{unknown[0]}"; it has: {", ".join(known)}.')
    return [known[name] for name in names or known]


if __name__ == "__main__":
    main()
