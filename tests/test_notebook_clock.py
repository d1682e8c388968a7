"""A notebook has its own time, whatever else the machine does, and no answer spoils the check of another."""

import contextlib
import os
import time
from collections.abc import Mapping, Sequence  # noqa: TC003
from queue import Empty
from types import SimpleNamespace

import pytest
from nbformat import NotebookNode

from axis.grading.marking import answer_checker, answer_values, nbval_session, notebook_clock
from axis.grading.marking.answer_checker import AnswerChecker
from axis.grading.marking.nbval_session import CellOutcome
from axis.grading.marking.notebook_clock import NotebookClock
from axis.grading.records import Policy
from classes import exercise

ENERGY = exercise()


@pytest.mark.parametrize(
    ("passed", "used", "waited", "over"),
    [
        (9.9, 0.1, 0.0, False),
        (10.1, 0.1, 0.0, True),
        (12.0, 3.0, 5.0, False),
        (19.0, 3.0, 5.0, True),
        (12.0, 10.5, 5.0, True),
        (9.0, 20.0, 0.0, False),
        (39.0, 3.0, 30.0, False),
        (41.0, 3.0, 38.0, True),
    ],
    ids=[
        *("in time", "asleep", "beside others", "beside others for too long"),
        *("busy in many processes", "many cores", "starved", "starved for too long"),
    ],
)
def test_time_in_which_others_have_the_processor_does_not_count(
    passed: float, used: float, waited: float, over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, now = [(1.0, 2.0)], [100.0]
    monkeypatch.setattr(NotebookClock, "_measure", lambda _: measured[-1])
    monkeypatch.setattr(time, "monotonic", lambda: now[-1])
    clock = NotebookClock([1], 10.0)
    measured.append((1.0 + used, 2.0 + waited))
    now.append(100.0 + passed)
    assert clock.is_over() is over


def test_the_system_says_how_long_a_process_has_waited() -> None:
    used, waited = NotebookClock([os.getpid()], 1.0)._measure()
    assert used >= time.process_time() / 2
    assert waited >= 0
    assert notebook_clock._seconds_waited(2**30) == 0.0


class SlowKernel(nbval_session._NbvalKernel):
    """A checking kernel that answers at its fifth chance, and lives as long as it is told to."""

    def __init__(self, *, lives: bool) -> None:
        self.lives, self.asked = lives, 0
        self.started = SimpleNamespace(holders=[])  # type: ignore[assignment]
        self.kc = SimpleNamespace(get_shell_msg=self.answer, get_iopub_msg=self.answer)  # type: ignore[assignment]

    def answer(self, timeout: float) -> dict[str, str]:
        assert timeout == nbval_session.LOOK_SECONDS
        self.asked += 1
        if self.asked < 5:
            raise Empty
        return {"msg_type": "status"}

    def is_alive(self) -> bool:
        return self.lives


@pytest.mark.parametrize(
    ("lives", "over", "asked"), [(True, False, 5), (True, True, 2), (False, False, 1)], ids=["busy", "over", "dead"]
)
def test_the_checks_have_their_own_time_too(
    lives: bool, over: bool, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NotebookClock, "is_over", lambda _: over)
    for stream in ("shell", "iopub"):
        kernel = SlowKernel(lives=lives)
        with pytest.raises(Empty) if asked < 5 else contextlib.nullcontext():
            assert kernel.get_message(stream, timeout=20) == {"msg_type": "status"}
        assert kernel.asked == asked


class FragileSession:
    """A session whose kernel ends at one answer."""

    def __init__(self, *_: object) -> None:
        pass

    def run(self, notebook: NotebookNode) -> dict[str, CellOutcome]:
        outcomes: dict[str, CellOutcome] = {}
        for cell in notebook.cells:
            if "poison" in str(notebook.cells) and cell.id == POISONED:
                break
            outcomes[cell.id] = CellOutcome(passed=True)
        return outcomes

    def close(self) -> None:
        pass


POISONED = ENERGY.questions[1].check


def test_an_answer_that_ends_the_checking_kernel_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_checker, "NbvalSession", FragileSession)
    checks = [question.check for question in ENERGY.questions if not question.by_hand]
    answers: Mapping[str, Mapping[str, str]] = {
        check: {ENERGY.answer_names[check][0]: '["text", "poison"]' if check == POISONED else '["number", 1]'}
        for check in checks
    }
    results = AnswerChecker(ENERGY, Policy()).check_answers(answers)
    assert [check for check in checks if not results[check].right] == [POISONED]
    assert results[POISONED].hint == "The check does not come to an end with this answer."


def test_values_that_all_have_one_hash_are_never_put_into_a_set() -> None:
    numbers: Sequence[list[object]] = [["number", place * (2**61 - 1)] for place in range(2_001)]
    for kind, content in (("set", numbers), ("dict", [[number, ["number", 1]] for number in numbers])):
        text = str([kind, content]).replace("'", '"')
        with pytest.raises(answer_values.BrokenValueError):
            answer_values.restore_value(text)
    assert answer_values.restore_value(str(["set", numbers[:9]]).replace("'", '"')) == {
        place * (2**61 - 1) for place in range(9)
    }
