"""Check the answers that came back, in a kernel of our own, with nbval.

The checking kernel holds the exercise as its author wrote it, hidden tests included. The answers are assigned
there as plain data, the graded cells run, and nbval compares what they print with the outputs stored in the
author's notebook. No student's code runs here.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from axis.exercises.source import Exercise
from axis.grading.marking.marking_kernel import ANSWER_VALUES
from axis.grading.marking.nbval_session import CellOutcome, NbvalSession
from axis.grading.records import Policy

LOGGER = logging.getLogger(__name__)

#: Characters of answers after which the checking kernel is started again, since it keeps all that it was given.
MAX_REMEMBERED = 16 * 2**20

#: What a student is told if the visible check failed without a hint.
NO_HINT = "The check does not work with this answer: compare its kind with what the question asks for."

_BIND_CODE = f"from {ANSWER_VALUES} import bind_answers\nbind_answers(globals(), {{values!r}})"


@dataclass(frozen=True)
class CheckResult:
    """What the check of one question found.

    Attributes
    ----------
    right
        Whether the check ran and printed what it printed for the author.
    hint
        What the check said if it failed; empty if only a hidden test failed.
    """

    right: bool
    hint: str = ""


class AnswerChecker:
    """Check the answers of any number of submissions of one exercise.

    Parameters
    ----------
    exercise
        The exercise, with its checks.
    policy
        The conditions under which the checking kernel runs.
    """

    def __init__(self, exercise: Exercise, policy: Policy) -> None:
        self._cells = {cell.id: cell for cell in exercise.source.cells}
        self._visible = exercise.visible
        self.exercise = exercise
        self.policy = policy
        self._session = self._start_session()
        self._given = 0

    def close(self) -> None:
        """End the checking kernel."""
        self._session.close()

    def check_answers(self, answers: Mapping[str, Mapping[str, str]]) -> dict[str, CheckResult]:
        """Check the answers of one submission.

        Parameters
        ----------
        answers
            For each graded cell, in order, the JSON text of each value that it reads.

        Returns
        -------
        dict
            The result of each check, by the id of its cell.

        Raises
        ------
        RuntimeError
            If the checks cannot run, whatever the answers are.
        """
        results = self._run_checks(answers) if answers else {}
        # A kernel may end because of this machine or of one answer, so what was not reached is checked once more,
        # each answer alone: one that ends the kernel costs no other its points.
        for check in [check for check in answers if check not in results]:
            results |= self._run_checks({check: answers[check]})
            results.setdefault(check, CheckResult(False, "The check does not come to an end with this answer."))
        self._given += sum(len(text) for values in answers.values() for text in values.values())
        if self._given > MAX_REMEMBERED:
            self._restart_session()
        return results

    def _restart_session(self) -> None:
        self._session.close()
        self._session = self._start_session()
        self._given = 0

    def _start_session(self) -> NbvalSession:
        return NbvalSession(self.policy, self.exercise.tables, list(self.exercise.given.values()))

    def _run_checks(self, answers: Mapping[str, Mapping[str, str]]) -> dict[str, CheckResult]:
        """Check answers, and return the results of those that were reached."""
        outcomes = self._session.run(nbformat.v4.new_notebook(cells=list(self._cells_to_run(answers))))
        found = {check: self._result_of_check(check, outcomes) for check in answers if check in outcomes}
        if len(found) < len(answers):
            self._restart_session()
        return found

    def _cells_to_run(self, answers: Mapping[str, Mapping[str, str]]) -> Iterator[NotebookNode]:
        """Assign as many answers at once as have no name with two values, then run their checks."""
        for number, batch in enumerate(_batch_checks(answers)):
            values = {name: text for check in batch for name, text in answers[check].items()}
            yield nbformat.v4.new_code_cell(_BIND_CODE.format(values=values), id=f"bind-{number}")
            for check in batch:
                if self._has_hidden_test(check):
                    yield nbformat.v4.new_code_cell(self._visible[check], id=_visible_check_id(check))
                yield self._cells[check]

    def _has_hidden_test(self, check: str) -> bool:
        return bool(self._visible[check] != self._cells[check].source)

    def _result_of_check(self, check: str, outcomes: Mapping[str, CellOutcome]) -> CheckResult:
        """Return what the visible check says; what a hidden test says must not reach the student."""
        shown = outcomes[_visible_check_id(check) if self._has_hidden_test(check) else check]
        if shown.passed:
            return CheckResult(outcomes[check].passed)
        if not shown.hint:
            # The answer may be of an unusual kind, or the exercise may have a fault: the instructor should look.
            fault = shown.error or "it printed something else than is stored in the instructor's notebook"
            LOGGER.warning("The check %s of %s gave no hint: %s", check, self.exercise.name, fault)
        return CheckResult(False, shown.hint or NO_HINT)


def _visible_check_id(check: str) -> str:
    return f"{check}-visible"


def _batch_checks(answers: Mapping[str, Mapping[str, str]]) -> list[list[str]]:
    """Group checks in order, so that no name has two values within a group."""
    batches: list[list[str]] = []
    bound: dict[str, str] = {}
    for check, values in answers.items():
        if not batches or any(bound.get(name, text) != text for name, text in values.items()):
            batches.append([])
            bound = {}
        batches[-1].append(check)
        bound.update(values)
    return batches
