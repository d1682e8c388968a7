"""The console script `axis`: what an instructor does from a terminal."""

from pathlib import Path

import click

from axis.errors import BookError
from axis.grading.records import Policy
from axis.kernels.fork_client import CAN_FORK, connect_to_fork_server
from axis.kernels.limits import MEBIBYTE, Limits
from axis.kernels.sandbox import why_sandbox_unavailable


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
    from axis.exercises.handout import write_handout
    from axis.exercises.release import release_all

    chosen = _choose_sources(names, source)
    try:
        for path in release_all(chosen, target):
            click.echo(path)
        # What a student needs beside the notebooks; last, so that a bad source leaves nothing behind.
        write_handout(target)
    except BookError as error:
        raise click.ClickException(str(error)) from error


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
@click.option("--workers", type=click.IntRange(1), help="Processes; one more than cores if left out.")
@click.option("--dask", "cluster", default="", metavar="ADDRESS", help="Work on the Dask cluster of this scheduler.")
@click.option(
    "--time-limit", "seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="Seconds a notebook."
)
@click.option(
    "--memory-limit", "memory", type=click.IntRange(512), default=2048, show_default=True, help="Mebibytes a notebook."
)
@click.option("--fresh", is_flag=True, help="Start a new process for each notebook instead of a fork of a warmed one.")
@click.option("--unconfined", is_flag=True, help="Run submissions with your own rights. The reports say so.")
@click.option("--debug", is_flag=True, help="Mark in one process, and stop where marking itself fails first.")
def grade_command(
    submissions: Path,
    target: Path,
    source: Path,
    only: tuple[str, ...],
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
        raise click.UsageError("--debug marks in one process of this machine: leave out --workers and --dask.")
    if not unconfined and not cluster and (reason := why_sandbox_unavailable()):
        raise click.ClickException(
            f"Submissions are untrusted code, and they cannot be confined here: {reason}. "
            "Mend that, or run them with your own rights by --unconfined."
        )
    policy = Policy(seconds, Limits(memory=memory * MEBIBYTE), confined=not unconfined, fresh=fresh)
    if CAN_FORK and not fresh and not cluster:
        # It does its imports while this process does its own.
        connect_to_fork_server()
    from axis.grading.grade_command import mark_class

    try:
        for line in mark_class(submissions, source, target, policy, workers, cluster, only, debug=debug):
            click.echo(line)
    except BookError as error:
        raise click.ClickException(str(error)) from error


def _choose_sources(names: tuple[str, ...], source: Path) -> list[Path]:
    known = {path.stem: path for path in sorted(source.glob("*.ipynb"))}
    if not known:
        raise click.ClickException(f"{source} has no notebook; name the folder of the exercises with --from.")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.ClickException(f'{source} has no exercise "{unknown[0]}"; it has: {", ".join(known)}.')
    return [known[name] for name in names or known]


if __name__ == "__main__":
    main()
