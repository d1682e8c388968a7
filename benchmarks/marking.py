"""Measure how fast a class is marked, against nbgrader and against bare execution.

    make benchmark                      # this script at its defaults
    .venv/bin/python benchmarks/marking.py --students 100 --nbgrader 100 --classes 10 100 1000

Everything runs on this machine, one after another, on the same notebooks: half of the class has
solved the exercise, half of it stopped in the middle. No two notebooks are the same.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console
from rich.table import Table

from axis.exercises.release import student_version
from axis.exercises.source import Exercise
from axis.kernels import fork_server

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


def main() -> None:
    """Print one table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--exercise", default="3-2-energy")
    options.add_argument("--students", type=int, default=100, help="submissions of the class")
    options.add_argument("--nbgrader", type=int, default=20, help="how many of them nbgrader marks too")
    options.add_argument("--workers", type=int, default=(os.cpu_count() or 1) + 1)
    options.add_argument("--classes", type=int, nargs="*", default=[], help="further sizes of class")
    chosen = options.parse_args()
    exercise = Exercise.from_file(ROOT / "exercises" / f"{chosen.exercise}.ipynb")
    with tempfile.TemporaryDirectory(prefix="axis-benchmark-") as folder:
        compare(exercise, chosen, Path(folder))


def compare(exercise: Exercise, chosen: argparse.Namespace, folder: Path) -> None:
    """Measure each way, and print seconds for one submission and the ratios."""
    submitted = write_class(exercise, chosen.students, folder / "class")
    bare = bare_execution(exercise, submitted, chosen.workers)
    ours = axis(submitted, folder / "reports", chosen.workers)
    rows = [
        ("bare execution in forks of a warmed process", chosen.students, bare, f"{ours / bare:.1f} times slower"),
        ("axis grade, from start to reports", chosen.students, ours, ""),
    ]
    if chosen.nbgrader:
        theirs = nbgrader(exercise, sorted(submitted.iterdir())[: chosen.nbgrader], folder / "course")
        rows.append(("nbgrader autograde, defaults", chosen.nbgrader, theirs, f"{theirs / ours:.1f} times faster"))
    for size in chosen.classes:
        others = write_class(exercise, size, folder / f"class-{size}")
        rows.append(("axis grade", size, axis(others, folder / f"reports-{size}", chosen.workers), ""))
    show(f"One submission of {exercise.name}, {chosen.workers} workers", rows)


def show(title: str, rows: list[tuple[str, int, float, str]]) -> None:
    """Print the table."""
    table = Table(title=title)
    for heading in ("way", "submissions", "seconds each", "axis grade is"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for way, submissions, each, ratio in rows:
        table.add_row(way, str(submissions), f"{each:.3f}", ratio)
    Console(width=110).print(table)


def write_class(exercise: Exercise, size: int, folder: Path) -> Path:
    """Write the notebooks of a class, solved and half-solved by turns."""
    released = nbformat.writes(student_version(ROOT / "exercises" / f"{exercise.name}.ipynb"))
    solved = {cell.id: cell.source for cell in exercise.source.cells if cell.id.endswith("-answer")}
    folder.mkdir()
    for number in range(size):
        notebook = nbformat.reads(released, as_version=4)
        answered = list(solved)[: len(solved) // (1 + number % 2)]
        for cell in notebook.cells:
            if cell.id in answered:
                cell.source = f"# student {number}\n{solved[cell.id]}"
        (folder / f"student{number:04}_{exercise.name}.ipynb").write_text(nbformat.writes(notebook))
    return folder


def axis(submitted: Path, reports: Path, workers: int) -> float:
    """Mark with the console script, as an instructor does."""
    options: list[str | Path] = ["--to", reports, "--from", ROOT / "exercises", "--workers", str(workers)]
    with seconds() as taken:
        run_quietly(BIN / "axis", "grade", submitted, *options)
    return taken[0] / len(list(submitted.iterdir()))


def nbgrader(exercise: Exercise, notebooks: list[Path], course: Path) -> float:
    """Mark with nbgrader at its defaults; making the assignment is not counted."""
    source = course / "source" / exercise.name
    source.mkdir(parents=True)
    (source / f"{exercise.name}.ipynb").write_text(exercise.text)
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\n")
    # Kernels as nbgrader starts them, not from this book's warmed process.
    environment = {key: value for key, value in os.environ.items() if key != "JUPYTER_DEFAULT_PROVISIONER_NAME"}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    run_quietly(BIN / "nbgrader", "generate_assignment", exercise.name, cwd=course, env=environment)
    for notebook in notebooks:
        place = course / "submitted" / notebook.stem.split("_")[0] / exercise.name
        place.mkdir(parents=True)
        shutil.copy(notebook, place / f"{exercise.name}.ipynb")
    with seconds() as taken:
        run_quietly(BIN / "nbgrader", "autograde", exercise.name, cwd=course, env=environment)
    return taken[0] / len(notebooks)


def run_quietly(*command: str | Path, **options: Any) -> None:
    """Run a command without its output; if it fails, so does the benchmark."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def bare_execution(exercise: Exercise, submitted: Path, workers: int) -> float:
    """Run the given cells and the answers, and nothing else, in forks; no kernel, no check, no sandbox."""
    fork_server.warm_up()
    from helpers.tables import load

    for name in exercise.tables:
        load(name)
    programs = [code_of(path) for path in sorted(submitted.iterdir())]
    running = 0
    with seconds() as taken:
        for program in programs:
            if running == workers:
                os.wait()
                running -= 1
            if os.fork() == 0:
                execute(program)
            running += 1
        while running:
            os.wait()
            running -= 1
    return taken[0] / len(programs)


def code_of(path: Path) -> list[str]:
    """Give the code of a notebook without its checks, which marking does not run there either."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code" and not cell.id.endswith("-check")]


def execute(program: list[str]) -> None:
    """Run cells in one namespace, whatever becomes of them, and end this process."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    for source in program:
        with suppress(Exception):  # a cell of a half-solved exercise may fail
            exec(source, namespace)  # noqa: S102  cells of this repository
    os._exit(0)


@contextmanager
def seconds() -> Iterator[list[float]]:
    """Measure wall-clock time."""
    taken = [0.0]
    started = time.monotonic()
    yield taken
    taken[0] = time.monotonic() - started


if __name__ == "__main__":
    main()
