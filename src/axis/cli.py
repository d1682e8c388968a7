"""The console script `axis`: what an instructor runs in a terminal."""

import sys
from pathlib import Path

import click

from axis.errors import BookError
from axis.grading.records import Policy
from axis.kernels.fork_client import CAN_FORK, connect_to_fork_server
from axis.kernels.limits import MEBIBYTE, Limits
from axis.kernels.sandbox import why_sandbox_unavailable

#: Both commands read the instructor's notebooks.
source_option = click.option(
    "--from",
    "source",
    default=Path("exercises"),
    show_default=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the instructor's notebooks.",
)

variants_option = click.option(
    "--variants",
    "roster",
    metavar="ROSTER.csv",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A CSV file with the column `student`: each student gets another practice page in the exercise on the audit.",
)


@click.group()
def main() -> None:
    """Release and mark the exercises of the book, read a class's answers, and compare the sheets of two auditors."""


@main.command("release")
@click.argument("names", nargs=-1)
@click.option(
    "--to", "target", required=True, type=click.Path(path_type=Path), help="Folder to write the student versions to."
)
@source_option
@variants_option
def release_command(names: tuple[str, ...], target: Path, source: Path, roster: Path | None) -> None:
    """Write student versions of the exercises NAMES, or of all exercises if no name is given."""
    # nbgrader takes two seconds to import, and only this command needs it.
    from axis.exercises.handout import release_handout
    from axis.exercises.release import release_variants
    from axis.exercises.variants import VARIED, ClassVariants, key_file

    chosen = _choose_sources(names, source)
    varied = [path for path in chosen if path.stem in VARIED] if roster else []
    if roster and not varied:
        raise click.UsageError(f"None of these exercises has variants; only {', '.join(VARIED)} has.")
    try:
        if roster:
            for path in release_variants(varied, target, ClassVariants.from_roster(roster, new_key=True)):
                click.echo(path)
            click.echo(f"Keep {key_file(roster)} beside {roster.name}: `axis grade --variants` needs both.")
        for path in release_handout([path for path in chosen if path not in varied], target):
            click.echo(path)
    except BookError as error:
        raise click.ClickException(str(error)) from error


@main.command("grade")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write the reports to.",
)
@source_option
@variants_option
@click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Mark only these students or exercises, and leave all other marks as they are; can be given several times.",
)
@click.option(
    "--again",
    multiple=True,
    metavar="PATTERN",
    help="Mark these students or exercises anew, even if nothing has changed; can be given several times.",
)
@click.option(
    "--workers", type=click.IntRange(1), help="Number of processes; by default one more than there are cores."
)
@click.option("--dask", "cluster", default="", metavar="ADDRESS", help="Mark on the Dask cluster of this scheduler.")
@click.option(
    "--time-limit",
    "seconds",
    type=click.FloatRange(1),
    default=60.0,
    show_default=True,
    help="Seconds that one notebook may run, without those in which it waits for a processor.",
)
@click.option(
    "--memory-limit",
    "memory",
    type=click.IntRange(512),
    default=2048,
    show_default=True,
    help="Mebibytes of memory that one notebook may use.",
)
@click.option("--fresh", is_flag=True, help="Start a new process for each notebook, where a fork would be faster.")
@click.option(
    "--unconfined",
    is_flag=True,
    help="Run submissions outside a sandbox, with your own permissions. The reports say so.",
)
@click.option("--debug", is_flag=True, help="Mark in one process, and stop with a traceback if marking itself fails.")
def grade_command(
    submissions: Path,
    target: Path,
    source: Path,
    roster: Path | None,
    only: tuple[str, ...],
    again: tuple[str, ...],
    workers: int | None,
    cluster: str,
    seconds: float,
    memory: int,
    fresh: bool,
    unconfined: bool,
    debug: bool,
) -> None:
    """Mark SUBMISSIONS, a folder or a zip, and write marks, feedback and reports."""
    if debug and (cluster or (workers or 1) > 1):
        raise click.UsageError("--debug marks in one process on this machine: leave out --workers and --dask.")
    if not unconfined and not cluster and (reason := why_sandbox_unavailable()):
        raise click.ClickException(
            f"Submissions are untrusted code and cannot be confined on this machine: {reason}. "
            "Fix that, or pass --unconfined to run them with your own permissions."
        )
    policy = Policy(seconds, Limits(memory=memory * MEBIBYTE), confined=not unconfined, fresh=fresh)
    if CAN_FORK and not fresh and not cluster:
        # The server does its imports while this process does its own.
        connect_to_fork_server()
    from axis.grading.grade_command import mark_class

    try:
        marked = mark_class(submissions, source, target, policy, workers, cluster, only, again, roster, debug=debug)
    except BookError as error:
        raise click.ClickException(str(error)) from error
    for line in marked.lines:
        click.echo(line)
    if not marked.complete:
        sys.exit(1)


@main.command("answers")
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write the marks and the page for the next lesson to.",
)
@click.option(
    "--questions",
    default=Path("_build/html/questions/questions.json"),
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file of questions that the book's build writes.",
)
def answers_command(submissions: Path, target: Path, questions: Path) -> None:
    """Read what students saved on the page "My work" from SUBMISSIONS, a folder or a zip."""
    from axis.page_answers.answers_command import read_class_answers

    try:
        for line in read_class_answers(submissions, questions, target):
            click.echo(line)
    except BookError as error:
        raise click.ClickException(str(error)) from error


@main.command("agreement")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
def agreement_command(first: Path, second: Path) -> None:
    """Say how far two auditors agree, whose sheets are the CSV files FIRST and SECOND."""
    from helpers.audit.agreement import SheetError, agreement, agreement_lines

    try:
        for line in agreement_lines(agreement(first, second)):
            click.echo(line)
    except SheetError as error:
        raise click.ClickException(str(error)) from error


def _choose_sources(names: tuple[str, ...], source: Path) -> list[Path]:
    known = {path.stem: path for path in sorted(source.glob("*.ipynb"))}
    if not known:
        raise click.ClickException(
            f"{source} contains no notebook; pass the folder of the instructor's notebooks with --from."
        )
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.ClickException(f'{source} has no exercise "{unknown[0]}"; it has: {", ".join(known)}.')
    return [known[name] for name in names or known]


if __name__ == "__main__":
    main()
