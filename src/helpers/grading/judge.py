"""Judge the answers that came back, in a kernel of our own, with nbval.

The judging kernel holds the exercise as its author wrote it, hidden tests and all. The answers
are bound there as plain data, the graded cells run, and nbval compares what they print with the
outputs that the author's notebook stores. No code of a student's runs here.
"""

import contextlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbFile

from helpers.grading.exercises import Exercise
from helpers.grading.kernel import StartedKernel
from helpers.grading.policy import Policy

#: Seconds for one graded cell.
CELL = 20

#: Parts of pytest that a notebook has no use for; the last two collect garbage after each run.
_UNUSED = (
    *("cacheprovider", "doctest", "faulthandler", "junitxml", "logging", "pastebin", "recwarn"),
    *("stepwise", "tmpdir", "unittest", "warnings", "threadexception", "unraisableexception"),
)

_BIND = "from helpers.grading.values import bind\nbind(globals(), {values!r})"


@dataclass(frozen=True)
class Verdict:
    """What judging one graded cell gave.

    Attributes
    ----------
    right
        Whether the cell ran and printed what the author's did.
    hint
        What its check said, where it said no; empty where a hidden test did.
    """

    right: bool
    hint: str = ""


class Judge:
    """A kernel that judges any number of submissions of one exercise."""

    def __init__(self, exercise: Exercise, policy: Policy) -> None:
        self._cells = {cell.id: cell for cell in exercise.source.cells}
        self._visible = {cell.id: cell.source for cell in exercise.released.cells}
        self._exercise = exercise
        self._policy = policy
        self._folder = tempfile.TemporaryDirectory(prefix="axis-judge-")
        self._kernel = self._start()

    def close(self) -> None:
        """End the kernel."""
        self._kernel.stop()
        self._folder.cleanup()

    def judge(self, answers: Mapping[str, Mapping[str, str]]) -> dict[str, Verdict]:
        """Judge the answers of one submission.

        Parameters
        ----------
        answers
            For each graded cell, in order, the JSON text of each value that it reads.
        """
        verdicts: dict[str, Verdict] = {}
        waiting = dict(answers)
        while waiting:
            outcomes = self._run(waiting)
            found = {check: self._verdict(check, outcomes) for check in waiting if check in outcomes}
            verdicts |= found
            waiting = {check: values for check, values in waiting.items() if check not in found}
            if waiting:
                # The first check without an outcome is the one that the kernel died of.
                verdicts[next(iter(waiting))] = Verdict(False, "The check does not come to an end with this answer.")
                del waiting[next(iter(waiting))]
                self._kernel.stop()
                self._kernel = self._start()
        return verdicts

    def _start(self) -> "_JudgingKernel":
        kernel = _JudgingKernel(self._policy)
        for source in self._exercise.given.values():
            kernel.await_reply(kernel.execute_cell_input(source, allow_stdin=False), timeout=60)
        return kernel

    def _run(self, answers: Mapping[str, Mapping[str, str]]) -> "dict[str, _Outcome]":
        notebook = nbformat.v4.new_notebook(cells=list(self._judged_cells(answers)))
        path = Path(self._folder.name, "judged.ipynb")
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
        return _nbval(path, self._kernel)

    def _judged_cells(self, answers: Mapping[str, Mapping[str, str]]) -> Iterator[NotebookNode]:
        """Bind as many answers at once as do not contradict each other, and let their checks follow."""
        for number, batch in enumerate(_batches(answers)):
            values = {name: text for check in batch for name, text in answers[check].items()}
            yield nbformat.v4.new_code_cell(_BIND.format(values=values), id=f"bind-{number}")
            for check in batch:
                if self._hides(check):
                    yield nbformat.v4.new_code_cell(self._visible[check], id=_visible_part(check))
                yield self._cells[check]

    def _hides(self, check: str) -> bool:
        return bool(self._visible[check] != self._cells[check].source)

    def _verdict(self, check: str, outcomes: "Mapping[str, _Outcome]") -> Verdict:
        """Tell a student what the visible check says; what a hidden test says stays hidden."""
        shown = outcomes[_visible_part(check) if self._hides(check) else check]
        right = outcomes[check].passed and shown.passed
        return Verdict(right, "" if right else shown.hint)


@dataclass(frozen=True)
class _Outcome:
    """What nbval found of one cell."""

    passed: bool
    hint: str


def _visible_part(check: str) -> str:
    return f"{check}-visible"


def _batches(answers: Mapping[str, Mapping[str, str]]) -> list[list[str]]:
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


class _JudgingKernel(RunningKernel):
    """nbval's own kernel, started confined."""

    def __init__(self, policy: Policy) -> None:
        self._started = StartedKernel(policy)
        self.km, self.kc = self._started.manager, self._started.client
        self.kc.start_channels(stdin=False, hb=False)
        self.kc.wait_for_ready(timeout=60)
        self._ensure_iopub_up()

    def is_alive(self) -> bool:
        return bool(self._started.alive)

    def interrupt(self) -> None:
        """End it: a check that does not end is not asked twice."""
        self._started.close()

    def stop(self) -> None:
        self._started.close()


class _JudgedFile(IPyNbFile):
    """A notebook that runs in a kernel which is there already, and which stays."""

    def setup(self) -> None:
        self.setup_sanitize_files()

    def teardown(self) -> None:
        pass


class _Plugin:
    """Have nbval use one kernel, and listen to what it finds."""

    def __init__(self, kernel: _JudgingKernel) -> None:
        self._kernel = kernel
        self.outcomes: dict[str, _Outcome] = {}

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> "_JudgedFile":
        file: _JudgedFile = _JudgedFile.from_parent(parent, path=file_path)
        file.kernel = self._kernel
        return file

    def pytest_runtest_makereport(self, item: Any, call: "pytest.CallInfo[None]") -> None:
        if call.when != "call":
            return
        if call.excinfo and not self._kernel.is_alive():
            item.session.shouldstop = "the kernel ended"
            return
        self.outcomes[item.cell.id] = _Outcome(call.excinfo is None, _hint(item.test_outputs or []))


def _hint(outputs: Iterable[NotebookNode]) -> str:
    """Give what a check said to the student, which is the text of its own kind of error."""
    errors = [output for output in outputs if output.output_type == "error"]
    return str(errors[-1].evalue) if errors and errors[-1].ename == "WrongAnswerError" else ""


def _nbval(path: Path, kernel: _JudgingKernel) -> dict[str, _Outcome]:
    """Run nbval on one notebook, untouched by the settings of whoever runs this."""
    plugin = _Plugin(kernel)
    switches = [f"-pno:{plugin}" for plugin in _UNUSED]
    switches += ["--disable-plugin-autoload", "-pnbval.plugin", f"--nbval-cell-timeout={CELL}"]
    place = ["--rootdir", str(path.parent), "-c", os.devnull, "--noconftest", "--capture=no"]
    # nbval asks for the colours of the terminal's report, so that report is made, and thrown away.
    with _without("PYTEST_ADDOPTS", "PYTEST_PLUGINS"), contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main([*switches, *place, str(path)], plugins=[plugin])
    if kernel.is_alive() and code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"nbval could not run the checks of {path.stem} (pytest ended with {code!r}).")
    return plugin.outcomes


@contextlib.contextmanager
def _without(*names: str) -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
