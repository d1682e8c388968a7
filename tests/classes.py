"""Make the submissions of a class from an exercise, for the tests of marking."""

import copy
import functools
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from axis.exercises.release import student_version
from axis.exercises.source import Exercise
from axis.grading.records import Submission

EXERCISES = Path(__file__).parent.parent / "exercises"


def exercise(name: str = "3-2-energy") -> Exercise:
    return Exercise.from_file(EXERCISES / f"{name}.ipynb")


def released(name: str) -> NotebookNode:
    """The student version."""
    return copy.deepcopy(_released(name))


@functools.cache
def _released(name: str) -> NotebookNode:
    return student_version(EXERCISES / f"{name}.ipynb")


def notebook(own: Exercise, student: str, answered: float = 1.0) -> NotebookNode:
    """The student version with the first part of the answers filled in as the author solved them."""
    handed_in = released(own.name)
    solved = {cell.id: cell.source for cell in own.source.cells if cell.id.endswith("-answer")}
    share = round(answered * len(solved))
    for cell in handed_in.cells:
        if cell.id in list(solved)[:share]:
            cell.source = f"# {student}\n{solved[cell.id]}"
    return handed_in


def text(own: Exercise, student: str, answered: float = 1.0) -> str:
    return nbformat.writes(notebook(own, student, answered))


def submission(own: Exercise, student: str, answered: float = 1.0) -> Submission:
    return Submission(student, own.name, f"{student}.ipynb", text(own, student, answered).encode())


def solution(own: Exercise, check: str) -> str:
    """The author's answer to the question of a check, as it stands in its cell."""
    answer = check.replace("-check", "-answer")
    return str(next(cell.source for cell in own.source.cells if cell.id == answer))


def points(own: Exercise, answered: float) -> float:
    """The points that marking gives a notebook if the first part of its answers is right."""
    answers = [cell.id for cell in own.source.cells if cell.id.endswith("-answer")]
    right = {answer.removesuffix("-answer") for answer in answers[: round(answered * len(answers))]}
    machine = [question for question in own.questions if not question.by_hand]
    return sum(question.out_of for question in machine if question.check.removesuffix("-check") in right)
