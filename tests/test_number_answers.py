"""Each numeric question of every exercise: the right answer as students round it, and their typical mistakes."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from axis.exercises.source import Exercise
from helpers import checks
from helpers.number_checks import DIGIT_WORDS, MISTAKES, number, written_digits
from helpers.seals import rounded_text

ROOT = Path(__file__).parent.parent
NAMES = sorted(path.stem for path in (ROOT / "exercises").glob("*.ipynb"))


@dataclass(frozen=True)
class Question:
    """A numeric question: how its check is called, and what the author answers."""

    name: str
    value: float
    seal: str
    unit: str
    digits: int
    hints: dict[str, str]

    def says(self, value: float) -> str:
        """Return the message of the check; empty if the answer is right."""
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                number(self.name, value, self.seal, self.unit, self.digits, self.hints)
            except checks.WrongAnswerError as wrong:
                return str(wrong)
        return ""


@dataclass(frozen=True)
class Solved:
    """An exercise that its author has solved: the names that its cells define, and its numeric questions."""

    names: dict[str, Any]
    questions: dict[str, Question]


@pytest.fixture(scope="module", params=NAMES)
def solved(request: pytest.FixtureRequest) -> Iterator[Solved]:
    """Run a source notebook as it is, and note how it asks for numbers."""
    questions: dict[str, Question] = {}

    def note(
        name: str, answer: Any, seal: str, unit: str, digits: int = 3, hints: dict[str, str] | None = None
    ) -> None:
        questions[name] = Question(name, float(answer), seal, unit, digits, hints or {})

    names: dict[str, Any] = {"__name__": request.param}
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setattr(checks, "number", note)
        for cell in nbformat.read(ROOT / f"exercises/{request.param}.ipynb", as_version=4).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, cell.id, "exec"), names)  # noqa: S102  our own notebook
        yield Solved(names, questions)


def rounded(value: float, digits: int) -> float:
    return float(rounded_text(value, digits))


def test_a_right_answer_is_right_however_precise_and_is_told_where_it_is_rounded_too_far(solved: Solved) -> None:
    for question in solved.questions.values():
        value, digits = question.value, question.digits
        for exact in (value, rounded(value, digits), rounded(value, digits + 1)):
            assert question.says(exact) == "", f"{question.name} = {exact}"
        for coarse in (rounded(value, digits - 1), float(round(value))):
            if abs(value) < 2 and coarse.is_integer():
                continue  # nobody rounds a half to one
            is_enough = rounded(coarse, digits) == rounded(value, digits) or written_digits(coarse) >= digits
            told = "" if is_enough else f"`{question.name}` is rounded too far: give {DIGIT_WORDS[digits]} significant"
            assert question.says(coarse).startswith(told), f"{question.name} = {coarse}"
            assert bool(told) == bool(question.says(coarse)), f"{question.name} = {coarse}"


def test_a_typical_mistake_gets_its_hint_whether_it_is_rounded_or_not(
    solved: Solved, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["solved"]
    answers = yaml.safe_load((ROOT / f"tests/answers/{name}.yml").read_text(encoding="utf-8"))
    for mistake in answers["mistakes"]:
        question = solved.questions.get(mistake["question"])
        if question is None:
            continue
        names = dict(solved.names)
        exec(mistake["answer"], names)  # noqa: S102  our own list
        wrong = names[question.name]
        if not isinstance(wrong, int | float) or isinstance(wrong, bool) or wrong in (0, question.value):
            continue
        asked = [wrong, rounded(wrong, question.digits)]
        # Rounded further, a general mistake may lead to any of a hundred numbers, and is not named.
        if not any(mistake["says"] in general.hint for general in MISTAKES):
            asked.append(rounded(wrong, question.digits - 1))
        for answer in asked:
            said = question.says(answer)
            is_told = mistake["says"] in said or "rounded too far" in said or said in question.hints.values()
            assert is_told, f"{question.name} = {answer}: {said}"


def test_what_the_visible_check_accepts_the_hidden_test_does_not_refuse(
    solved: Solved, request: pytest.FixtureRequest
) -> None:
    exercise = Exercise.from_file(ROOT / f"exercises/{request.node.callspec.params['solved']}.ipynb")
    for cell in exercise.source.cells:
        visible = exercise.visible.get(cell.id, cell.source)
        asked = [question for question in solved.questions.values() if f'"{question.name}"' in visible]
        if visible == cell.source or not asked:
            continue
        for question in asked:
            unit = 10.0 ** (len(str(int(abs(question.value)))) - question.digits)
            for shift in (-0.49, 0.49):
                answer = rounded(question.value, question.digits) + shift * unit
                if question.says(answer) == "":
                    with contextlib.redirect_stdout(io.StringIO()):
                        exec(cell.source, {**solved.names, question.name: answer})  # noqa: S102  our own notebook
