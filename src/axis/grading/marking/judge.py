"""Judge the answers that came back, in a kernel of our own, with nbval.

The judging kernel holds the exercise as its author wrote it, hidden tests and all. The answers
are bound there as plain data, the graded cells run, and nbval compares what they print with the
outputs that the author's notebook stores. No code of a student's runs here.
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

#: Characters of answers after which the judging kernel starts anew: it remembers whatever it was given.
REMEMBERED = 16 * 2**20

#: What a student is told where the visible check failed without a word.
NO_HINT = "The check does not work with this answer: compare its kind with what the question asks for."

_BIND = f"from {ANSWER_VALUES} import bind_answers\nbind_answers(globals(), {{values!r}})"


@dataclass(frozen=True)
class CheckResult:
    """What judging one graded cell gave.

    Attributes
    ----------
    right
        Whether the cell ran and printed what the author's did.
    hint
        What its check said, where it said no; empty where only a hidden test did.
    """

    right: bool
    hint: str = ""


class AnswerChecker:
    """Judge any number of submissions of one exercise."""

    def __init__(self, exercise: Exercise, policy: Policy) -> None:
        self._cells = {cell.id: cell for cell in exercise.source.cells}
        self._visible = exercise.visible
        self.exercise = exercise
        self.policy = policy
        self._session = self._start_session()
        self._given = 0

    def close(self) -> None:
        """End the judging kernel."""
        self._session.close()

    def judge(self, answers: Mapping[str, Mapping[str, str]]) -> dict[str, CheckResult]:
        """Judge the answers of one submission.

        Parameters
        ----------
        answers
            For each graded cell, in order, the JSON text of each value that it reads.
        """
        verdicts: dict[str, CheckResult] = {}
        waiting = dict(answers)
        suspect = ""
        while waiting:
            outcomes = self._run_checks(waiting)
            found = {check: self._result_of_check(check, outcomes) for check in waiting if check in outcomes}
            verdicts |= found
            waiting = {check: values for check, values in waiting.items() if check not in found}
            if waiting:
                self._restart_session()
                first = next(iter(waiting))
                # A kernel may end for reasons of this machine; the answer that ends a second one is to blame.
                if first == suspect:
                    verdicts[first] = CheckResult(False, "The check does not come to an end with this answer.")
                    del waiting[first]
                suspect = first
        self._given += sum(len(text) for values in answers.values() for text in values.values())
        if self._given > REMEMBERED:
            self._restart_session()
        return verdicts

    def _restart_session(self) -> None:
        self._session.close()
        self._session = self._start_session()
        self._given = 0

    def _start_session(self) -> NbvalSession:
        return NbvalSession(self.policy, self.exercise.tables, list(self.exercise.given.values()))

    def _run_checks(self, answers: Mapping[str, Mapping[str, str]]) -> dict[str, CellOutcome]:
        return self._session.run(nbformat.v4.new_notebook(cells=list(self._cells_to_run(answers))))

    def _cells_to_run(self, answers: Mapping[str, Mapping[str, str]]) -> Iterator[NotebookNode]:
        """Bind as many answers at once as do not contradict each other, and let their checks follow."""
        for number, batch in enumerate(_batch_checks(answers)):
            values = {name: text for check in batch for name, text in answers[check].items()}
            yield nbformat.v4.new_code_cell(_BIND.format(values=values), id=f"bind-{number}")
            for check in batch:
                if self._has_hidden_test(check):
                    yield nbformat.v4.new_code_cell(self._visible[check], id=_visible_check_id(check))
                yield self._cells[check]

    def _has_hidden_test(self, check: str) -> bool:
        return bool(self._visible[check] != self._cells[check].source)

    def _result_of_check(self, check: str, outcomes: Mapping[str, CellOutcome]) -> CheckResult:
        """Tell a student what the visible check says; what a hidden test says stays hidden."""
        shown = outcomes[_visible_check_id(check) if self._has_hidden_test(check) else check]
        if shown.passed:
            return CheckResult(outcomes[check].passed)
        if not shown.hint:
            # The answer may be of a strange kind, or the exercise may have a fault: the instructor should look.
            fault = shown.error or "it printed something else than the instructor's notebook stores"
            LOGGER.warning("The check %s of %s gave no hint: %s", check, self.exercise.name, fault)
        return CheckResult(False, shown.hint or NO_HINT)


def _visible_check_id(check: str) -> str:
    return f"{check}-visible"


def _batch_checks(answers: Mapping[str, Mapping[str, str]]) -> list[list[str]]:
    """Group checks in order, so that within a group no name has two values."""
    batches: list[list[str]] = []
    bound: dict[str, str] = {}
    for check, values in answers.items():
        if not batches or any(bound.get(name, text) != text for name, text in values.items()):
            batches.append([])
            bound = {}
        batches[-1].append(check)
        bound.update(values)
    return batches
