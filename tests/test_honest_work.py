"""Honest work gets the marks that it deserves, however it is written and saved."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
import yaml

from axis.exercises.release import student_version
from axis.grading.marking.mark import SubmissionMarker
from axis.grading.records import Mark, Policy, State, Submission
from submissions import Case, cases, exercise

pytestmark = pytest.mark.kernel

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in (HERE / "answers").glob("*.yml"))


MarksOf = Callable[[bytes, str], dict[str, Mark]]


@pytest.fixture(scope="module")
def marks_of() -> Iterator[MarksOf]:
    """A function that marks a notebook and returns the mark of each check."""
    with contextlib.closing(SubmissionMarker()) as marker:

        def mark(content: bytes, name: str) -> dict[str, Mark]:
            submission = Submission("ada", name, "ada.ipynb", content)
            result = marker.mark(submission, exercise(name), Policy(seconds=30))
            return {one.check: one for one in result.marks}

        yield mark


@pytest.mark.parametrize("case", cases("honest"), ids=lambda case: case.name)
def test_honest_work_is_not_punished(case: Case, marks_of: MarksOf) -> None:
    marks = marks_of(case.content(), exercise().name)
    assert {check for check, one in marks.items() if one.state is State.RIGHT} == case.right
    for check in case.attacked:
        assert marks[check].state == case.expects["state"], marks[check]
        assert case.expects["reason"] in marks[check].reason
    assert not [one for one in marks.values() if one.state in (State.REFUSED, State.STOPPED)]


@functools.cache
def answers(name: str) -> dict[str, list[dict[str, str]]]:
    return yaml.safe_load((HERE / "answers" / f"{name}.yml").read_text(encoding="utf-8"))


def in_turns(given: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """Distribute answers over notebooks, so that no notebook has two for the same question."""
    notebooks: list[list[dict[str, str]]] = []
    for one in given:
        free = (notebook for notebook in notebooks if all(other["question"] != one["question"] for other in notebook))
        found = next(free, None)
        if found is None:
            notebooks.append([one])
        else:
            found.append(one)
    return notebooks


def handed_in(name: str, given: list[dict[str, str]]) -> bytes:
    notebook = nbformat.from_dict(student_version(HERE.parent / "exercises" / f"{name}.ipynb"))
    cells = {cell.id: cell for cell in notebook.cells}
    for one in given:
        cells[f"{one['question']}-answer"].source = one["answer"]
    return nbformat.writes(notebook).encode()


@pytest.mark.parametrize("name", NAMES)
def test_marking_says_what_the_check_says_in_the_students_own_notebook(name: str, marks_of: MarksOf) -> None:
    for given in in_turns(answers(name)["right"]):
        marks = marks_of(handed_in(name, given), name)
        found = [marks[f"{one['question']}-check"] for one in given]
        assert [one.points for one in found] == [one.out_of for one in found]
    for given in in_turns(answers(name)["mistakes"]):
        marks = marks_of(handed_in(name, given), name)
        for one in given:
            mark = marks[f"{one['question']}-check"]
            assert (mark.state, mark.points) == (State.WRONG, 0.0), one
            assert one["says"] in mark.reason
            assert one["hides"] not in mark.reason.replace("40 to 150", "")
