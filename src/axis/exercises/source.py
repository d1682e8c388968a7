"""Read the instructor's notebook of an exercise: its questions, its checks and their points."""

import ast
import builtins
import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from axis.errors import FileError

#: What nbgrader removes for students. `release` has nbgrader do it, but its import would take two seconds here.
_REGION = re.compile(r"^[ \t]*### BEGIN (SOLUTION|HIDDEN TESTS)$.*?^[ \t]*### END \1$\n?", re.DOTALL | re.MULTILINE)

#: What stands in an answer cell of the student version in place of the solution.
ANSWER_COMMENT = "# Write your answer here."


class ExerciseError(FileError, ValueError):
    """A notebook by which submissions cannot be marked."""


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
        The most points that it can get.
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
        The text of the instructor's notebook, so that a worker on another machine needs no file.
    """

    name: str
    text: str

    @classmethod
    def from_file(cls, path: Path) -> "Exercise":
        """Read one notebook.

        Raises
        ------
        ExerciseError
            If it is not a notebook, or has no cell with points.
        """
        try:
            exercise = cls(path.stem, path.read_text(encoding="utf-8"))
            graded = exercise.questions
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            raise ExerciseError(path, "is not an instructor's notebook; save it again from JupyterLab.") from error
        if not graded:
            raise ExerciseError(path, "has no cell with points; mark the check cells in JupyterLab's nbgrader tool.")
        return exercise

    @functools.cached_property
    def source(self) -> NotebookNode:
        """The notebook with solutions, hidden tests and reference outputs."""
        # nbformat.reads would validate as well, which takes a second for all exercises of the book.
        notebook: NotebookNode = nbformat.from_dict(json.loads(self.text))
        for cell in notebook.cells:
            cell.source = "".join(cell.source)
        return notebook

    @functools.cached_property
    def visible(self) -> dict[str, str]:
        """The text of each cell as students see it, by the id of the cell: without hidden tests and solutions."""
        return {cell.id: _REGION.sub("", cell.source).rstrip("\n") for cell in self.source.cells}

    @functools.cached_property
    def answer_names(self) -> dict[str, tuple[str, ...]]:
        """The names of the answers that each graded cell reads; for a free text in code, those that it assigns."""
        known = set(dir(builtins)).union(*map(_assigned_names, self.given.values()))
        return {cell.id: self._names_in(cell, known) for cell in self.source.cells if is_graded(cell)}

    def _names_in(self, cell: NotebookNode, known: set[str]) -> tuple[str, ...]:
        if cell.cell_type != "code":
            return ()
        if is_answer(cell):
            return tuple(sorted(_assigned_names(self.visible[cell.id])))
        return tuple(sorted(_used_names(cell.source) - known - _assigned_names(cell.source)))

    @functools.cached_property
    def given(self) -> dict[str, str]:
        """The code that students get and must not change, by the id of its cell."""
        code = (cell for cell in self.source.cells if cell.cell_type == "code")
        return {cell.id: cell.source for cell in code if not is_graded(cell) and not is_answer(cell)}

    @functools.cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables of the book that the given code loads by name."""
        nodes = (node for code in self.given.values() for node in ast.walk(ast.parse(code)))
        calls = (node for node in nodes if isinstance(node, ast.Call) and node.args)
        names = (call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "load")
        return tuple(str(name.value) for name in names if isinstance(name, ast.Constant))

    @functools.cached_property
    def questions(self) -> tuple[Question, ...]:
        """The graded cells, in the order of the notebook."""
        found, heading = [], ""
        for cell in self.source.cells:
            if cell.cell_type == "markdown" and cell.source.startswith("## "):
                heading = cell.source.splitlines()[0].removeprefix("## ").strip()
            if is_graded(cell):
                points = float(cell.metadata.nbgrader.points)
                found.append(Question(cell.id, heading or cell.id, points, is_answer(cell)))
        return tuple(found)


# nbgrader has the same two functions, but every worker would need two seconds to import it.
def is_graded(cell: NotebookNode) -> bool:
    """Return whether a cell gives points."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade", False))


def is_answer(cell: NotebookNode) -> bool:
    """Return whether a cell is for the student to write."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution", False))


def _assigned_names(source: str) -> set[str]:
    """Collect the names to which code assigns a value, also by an import or a definition."""
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


def _used_names(source: str) -> set[str]:
    nodes = ast.walk(ast.parse(source))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def read_exercises(folder: Path) -> dict[str, Exercise]:
    """Read every exercise of a folder, by name.

    Raises
    ------
    ExerciseError
        If there is none, or if submissions cannot be marked by one of them.
    """
    found = {path.stem: Exercise.from_file(path) for path in sorted(folder.glob("*.ipynb"))}
    if not found:
        raise ExerciseError(folder, "contains no exercise; pass the folder of the instructor's notebooks with --from.")
    return found
