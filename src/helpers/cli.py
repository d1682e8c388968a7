"""The console script `axis`: what an instructor does from a terminal."""

from pathlib import Path

import click

from helpers.grading.release import ReleaseError, release, student_version


@click.group()
def main() -> None:
    """Release the exercises of the book."""


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
    chosen = _chosen(names, source)
    try:
        # All are made once before the first is written, so a bad one leaves nothing behind.
        for path in chosen:
            student_version(path)
        for path in chosen:
            click.echo(release(path, target / path.name))
    except ReleaseError as error:
        raise click.ClickException(str(error)) from error


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
