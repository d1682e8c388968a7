"""Run one submission in a kernel of its own, and bring back the values of its answers.

Nothing that the kernel says decides a mark by itself: a reply is either the plain data of an answer, or it is
ignored. The outputs of cells are not even read.
"""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty
from typing import Any

import psutil

from axis.exercises.source import Exercise
from axis.grading.marking import answer_values
from axis.grading.marking.marking_kernel import ANSWER_VALUES, StartedKernel
from axis.grading.marking.notebook_clock import NotebookClock
from axis.grading.marking.plan import AskStep, Plan
from axis.grading.records import Policy

LOGGER = logging.getLogger(__name__)

#: Seconds that a kernel may take to start.
KERNEL_START_SECONDS = 60.0

#: Seconds between two looks at what a notebook uses. A look takes a thousandth of a second, and longer the more
#: processes there are, so the next one waits at least this many times as long.
LOOK_SECONDS, LOOK_SHARE = 0.1, 10

#: Bytes of memory that a kernel's messages may take up in this process.
MAX_REPLY_BYTES = 512 * 2**20

#: What a marked notebook displays is not used, so no pictures are drawn, and no history is kept.
_KERNEL_ARGUMENTS = (
    "--MimeBundleFormatter.enabled=False",
    "--HistoryManager.enabled=False",
    # Otherwise the kernel sleeps a little after each cell, to group what it displays.
    "--IPythonKernel._execute_sleep=0",
)

_EXPORT_EXPRESSION = f"__import__({ANSWER_VALUES!r}, fromlist=['export_answers']).export_answers({{names!r}})"


@dataclass
class ReturnedAnswers:
    """The answers of one submission.

    Attributes
    ----------
    answers
        For each graded cell that was reached, the JSON text of each value that it reads.
    errors
        For each graded cell, which cell failed last before it and with which error, in one line.
    stopped
        Why the notebook was stopped; empty if it ran to its end.
    out_of_time
        Whether it was stopped because its time was over.
    missing
        The modules that could not be imported because they are not installed.
    error_output
        What the kernel of a stopped notebook wrote to its standard error, for the log.
    """

    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    out_of_time: bool = False
    missing: tuple[str, ...] = ()
    error_output: str = ""


class _StoppedError(Exception):
    """The notebook cannot continue; the text says why."""


class _OutOfTimeError(_StoppedError):
    """The notebook has had its time."""


def run_submission(plan: Plan, exercise: Exercise, policy: Policy) -> ReturnedAnswers:
    """Run a submission.

    Parameters
    ----------
    plan
        Its cells, and where to ask for answers.
    exercise
        The exercise that it is a submission of.
    policy
        The conditions; when a limit is exceeded, the kernel is killed and the remaining checks are not reached.
    """
    returned, lost = _run_once(plan, exercise, policy)
    if lost:
        # The student must not lose points for what this machine did to the kernel.
        LOGGER.warning("The process that kernels are forked from has ended: the notebook is run again.")
        return _run_once(plan, exercise, policy)[0]
    return returned


def _run_once(plan: Plan, exercise: Exercise, policy: Policy) -> tuple[ReturnedAnswers, bool]:
    """Run a submission once; also return whether it was stopped because the fork server ended."""
    returned = ReturnedAnswers()
    kernel = StartedKernel(policy, exercise.tables, _KERNEL_ARGUMENTS)
    lost = False
    try:
        kernel.client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        _KernelSession(kernel, policy).run_plan(plan, exercise, returned)
    except _StoppedError as reason:
        returned.stopped = str(reason)
        returned.out_of_time = isinstance(reason, _OutOfTimeError)
        returned.error_output = kernel.error_output()
        lost = kernel.server_lost
    except Exception as error:
        kernel.add_errors(error)
        raise
    finally:
        kernel.close()
    return returned, lost


class _KernelSession:
    """The requests to one kernel and its replies."""

    def __init__(self, kernel: StartedKernel, policy: Policy) -> None:
        self._kernel = kernel
        self._policy = policy
        self._next_look = 0.0
        # Messages wait in the memory of this process, and one message can have any number of parts.
        self._max_memory = psutil.Process().memory_info().rss + MAX_REPLY_BYTES
        # Starting can take long on a busy machine, so the student's time begins after it.
        self._clock = NotebookClock((), KERNEL_START_SECONDS)
        try:
            self._execute_code("pass", "its first request")
        except _StoppedError as error:
            # None of the student's code has run, so the fault is in this machine.
            raise RuntimeError(f"a kernel cannot be started: {error}") from error
        kernel.forbid_reconnection()
        self._clock = NotebookClock(kernel.holders, policy.seconds)

    def run_plan(self, plan: Plan, exercise: Exercise, returned: ReturnedAnswers) -> None:
        """Run the cells, and ask for answers with the cell before."""
        names, by_hand = exercise.answer_names, {one.check for one in exercise.questions if one.by_hand}
        error, without_module, where = "", "", "the first cell"
        for source, cell, asks in _group_steps(plan):
            where = cell or where
            expressions = {ask.check: _EXPORT_EXPRESSION.format(names=list(names[ask.check])) for ask in asks}
            reply = self._execute_code(source, where, expressions)
            if failed := _error_in_reply(reply):
                # A name that an import should have made is missing for the import's reason.
                because = failed.startswith("NameError") and without_module
                error = because or f"{where} failed with {failed}"
                if missing := _missing_module(failed):
                    without_module = error
                    returned.missing = tuple(dict.fromkeys((*returned.missing, missing)))
                # A cell also fails where the system refuses what is over a limit, and then the notebook is stopped.
                self._next_look = 0.0
                self._look_at_usage(where)
                # A kernel does not evaluate the expressions of a cell that fails.
                reply = self._execute_code("pass", where, expressions) if asks else reply
            for ask in asks:
                returned.answers[ask.check] = _answers_in_reply(reply, ask.check, names[ask.check])
                returned.errors[ask.check] = error
                # The check of a text's length follows the text, and fails for the same reason.
                error = error if ask.check in by_hand else ""

    def _execute_code(self, source: str, where: str, expressions: dict[str, str] | None = None) -> dict[str, Any]:
        request = self._kernel.client.execute(
            source, user_expressions=expressions, allow_stdin=False, stop_on_error=False
        )
        while True:
            reply = self._receive_reply(where)
            self._look_at_usage(where)
            if reply and reply.get("parent_header", {}).get("msg_id") == request:
                content = reply.get("content")
                return content if isinstance(content, dict) else {}
            if psutil.Process().memory_info().rss > self._max_memory:
                raise _StoppedError(f"the kernel sent too much at once, in {where}")
            if self._clock.is_over():
                raise _OutOfTimeError(f"the notebook ran longer than {self._policy.seconds:g} seconds, in {where}")
            if not reply and not self._kernel.alive:
                raise _StoppedError(f"{self._reason_of_end()} in {where}")

    def _reason_of_end(self) -> str:
        return "the notebook used too much memory," if self._kernel.ran_out_of_memory() else "the kernel ended"

    def _look_at_usage(self, where: str) -> None:
        """Stop a notebook that uses too much. The clock decides when to look, as children run on between cells."""
        now = time.monotonic()
        if now < self._next_look:
            return
        if self._kernel.ran_out_of_memory():
            raise _StoppedError(f"the notebook used too much memory, in {where}")
        if reason := self._kernel.processes.exceeded_limit(self._policy.limits):
            raise _StoppedError(f"{reason}, in {where}")
        ended = time.monotonic()
        self._next_look = ended + max(LOOK_SECONDS, LOOK_SHARE * (ended - now))

    def _receive_reply(self, where: str) -> dict[str, Any]:
        try:
            message: dict[str, Any] = self._kernel.client.get_shell_msg(timeout=0.1)
        except Empty:
            return {}
        except Exception as error:  # code in the kernel may send anything
            raise _StoppedError(f"the kernel sent something that is not a message, in {where}") from error
        return message


def _group_steps(plan: Plan) -> Iterator[tuple[str, str, list[AskStep]]]:
    """Yield the code and name of each cell, with what is asked for before the next."""
    source, cell, asks = "pass", "", list[AskStep]()
    for step in plan.steps:
        if isinstance(step, AskStep):
            asks.append(step)
            continue
        yield source, cell, asks
        source, cell, asks = step.source, step.cell, []
    yield source, cell, asks


def _answers_in_reply(reply: dict[str, Any], check: str, names: Sequence[str]) -> dict[str, str]:
    """Read the values that came back for one graded cell; if they cannot be read, return useless objects."""
    try:
        # The text is a string in quotation marks; anything else is not Base64.
        written = reply["user_expressions"][check]["data"]["text/plain"].strip("'")
        return answer_values.read_answers(written, names)
    except (AttributeError, KeyError, TypeError, ValueError):
        return dict.fromkeys(names, '["other", "object"]')


def _missing_module(failed: str) -> str:
    """Return the module that an error says is not installed, if it says so."""
    found = re.match(r"ModuleNotFoundError: No module named '(\w{1,60})", failed)
    return found[1] if found else ""


def _error_in_reply(reply: dict[str, Any]) -> str:
    if reply.get("status") != "error":
        return ""
    name, text = str(reply.get("ename", "")), str(reply.get("evalue", ""))
    first = next(iter(text.splitlines()), "")
    return f"{name}: {first}"[:300] if first else name[:300]
