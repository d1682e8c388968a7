"""Read the instructor's notebook of an exercise: what it asks, checks and gives points for."""

import ast
import builtins
import functools
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from helpers.grading.release import read_source, student_copy


@dataclass(frozen=True)
class Question:
    """A graded cell: a check that runs, or a free text that the instructor marks.

    Attributes
    ----------
    check
        The id of the cell.
    title
        The heading of the question before it.
    out_of
        Its points.
    by_hand
        Whether the instructor marks it.
    """

    check: str
    title: str
    out_of: float
    by_hand: bool


@dataclass(frozen=True)
class Exercise:
    """An exercise as its author wrote it.

    Attributes
    ----------
    name
        The stem of its file.
    text
        The file itself, so that a worker on another machine needs no copy.
    """

    name: str
    text: str

    @classmethod
    def read(cls, path: Path) -> "Exercise":
        """Read one notebook.

        Raises
        ------
        ReleaseError
            If students could not get it either: the checks of `release` apply.
        """
        read_source(path)
        return cls(path.stem, path.read_text(encoding="utf-8"))

    @functools.cached_property
    def source(self) -> NotebookNode:
        """The notebook with solutions, hidden tests and reference outputs."""
        notebook: NotebookNode = nbformat.reads(self.text, as_version=4)
        return notebook

    @functools.cached_property
    def released(self) -> NotebookNode:
        """The notebook as students got it."""
        return student_copy(nbformat.reads(self.text, as_version=4), Path(f"{self.name}.ipynb"))

    def reads(self, check: str) -> tuple[str, ...]:
        """Name the answers that a graded cell reads; for a free text in code, those that it assigns."""
        cell = next(cell for cell in self.source.cells if cell.id == check)
        if cell.cell_type != "code":
            return ()
        if is_solution(cell):
            asked = next(own for own in self.released.cells if own.id == check)
            return tuple(sorted(_assigned(asked.source)))
        known = set(dir(builtins)).union(_assigned(cell.source), *map(_assigned, self.given.values()))
        return tuple(sorted(_read(cell.source) - known))

    @functools.cached_property
    def given(self) -> dict[str, str]:
        """The code that students get and may not change, by the id of its cell."""
        code = (cell for cell in self.source.cells if cell.cell_type == "code")
        return {cell.id: cell.source for cell in code if not is_grade(cell) and not is_solution(cell)}

    @functools.cached_property
    def questions(self) -> tuple[Question, ...]:
        """What is graded, in the order of the notebook."""
        found, heading = [], ""
        for cell in self.source.cells:
            if cell.cell_type == "markdown" and cell.source.startswith("## "):
                heading = cell.source.splitlines()[0].removeprefix("## ").strip()
            if is_grade(cell):
                points = float(cell.metadata.nbgrader.points)
                found.append(Question(cell.id, heading or cell.id, points, is_solution(cell)))
        return tuple(found)


def _assigned(source: str) -> set[str]:
    """Collect the names that code gives a value to, by assignment, import or definition."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found


def _read(source: str) -> set[str]:
    nodes = ast.walk(ast.parse(source))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def read_all(folder: Path) -> dict[str, Exercise]:
    """Read every exercise of a folder, by name."""
    return {path.stem: Exercise.read(path) for path in sorted(folder.glob("*.ipynb"))}
