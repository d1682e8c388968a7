"""nbval with a kernel of our own, both kept running from one notebook to the next.

To start pytest and a kernel for each submission would take longer than to judge it.
"""

import contextlib
import logging
import os
import queue
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbFile

from axis.grading.marking.marking_kernel import StartedKernel
from axis.grading.records import Policy

LOGGER = logging.getLogger(__name__)

#: Seconds for one cell.
CELL = 20

#: Parts of pytest that a notebook has no use for.
_UNUSED = (
    *("cacheprovider", "doctest", "faulthandler", "junitxml", "logging", "pastebin", "recwarn", "stepwise"),
    *("terminal", "tmpdir", "unittest", "warnings", "threadexception", "unraisableexception"),
)


#: No history is kept, and the kernel does not sleep after each cell to group what it says.
_QUICK = ("--HistoryManager.enabled=False", "--IPythonKernel._execute_sleep=0")


@dataclass(frozen=True)
class CellOutcome:
    """What nbval found of one cell.

    Attributes
    ----------
    passed
        Whether the cell ran and its outputs are those of the notebook.
    hint
        What a check of `helpers.checks` said, if one failed in it.
    error
        The error in one line, if the cell failed with any other.
    """

    passed: bool
    hint: str = ""
    error: str = ""


class NbvalSession:
    """A running pytest that judges one notebook after another.

    Parameters
    ----------
    policy
        The conditions of its kernel.
    tables
        Tables of the book that the kernel will load.
    given
        Code that runs once, before the first notebook.
    """

    def __init__(self, policy: Policy, tables: Sequence[str], given: Sequence[str]) -> None:
        self._kernel_settings = (policy, tables, given)
        self._notebooks: queue.SimpleQueue[NotebookNode | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[dict[str, CellOutcome] | BaseException] = queue.SimpleQueue()
        # pytest.main returns only at the end, so it has a thread of its own; so has its kernel, since
        # the system ends a sandbox with the thread that started it.
        self._thread = threading.Thread(target=self._run_pytest, name="nbval", daemon=True)
        self._thread.start()

    def run(self, notebook: NotebookNode) -> dict[str, CellOutcome]:
        """Judge a notebook.

        Returns
        -------
        dict
            The outcome of each code cell by its id. If the kernel died, the cell in which it did
            and those after it are missing, and the session is of no more use.

        Raises
        ------
        RuntimeError
            If nbval itself fails.
        """
        self._notebooks.put(notebook)
        outcomes = self._outcomes.get()
        if isinstance(outcomes, BaseException):
            raise RuntimeError(f"nbval could not judge a notebook ({outcomes}).") from outcomes
        return outcomes

    def close(self) -> None:
        """End pytest and the kernel."""
        self._notebooks.put(None)
        self._thread.join(timeout=30)

    def _run_pytest(self) -> None:
        with tempfile.TemporaryDirectory(prefix="axis-judge-") as folder:
            switches = [f"-pno:{plugin}" for plugin in _UNUSED]
            switches += ["--disable-plugin-autoload", "-pnbval.plugin", f"--nbval-cell-timeout={CELL}"]
            place = ["--rootdir", folder, "-c", os.devnull, "--noconftest", "--capture=no", folder]
            try:
                code = pytest.main([*switches, *place], plugins=[_Plugin(self, Path(folder, "judged.ipynb"))])
                self._outcomes.put(RuntimeError(f"pytest ended with {code!r}"))
            except BaseException as error:  # whoever waits for outcomes must hear of it
                self._outcomes.put(error)

    def judge_all(self, session: pytest.Session, path: Path) -> None:
        """Judge notebooks as they come, in the thread of pytest."""
        try:
            with contextlib.closing(_NbvalKernel(*self._kernel_settings)) as kernel:
                while notebook := self._notebooks.get():
                    self._outcomes.put(_validate_notebook(session, path, notebook, kernel))
        except Exception as error:  # pytest would print it, and tell nobody who waits
            self._outcomes.put(error)


class _Plugin:
    """Let pytest take its tests from a session instead of from files."""

    def __init__(self, owner: NbvalSession, path: Path) -> None:
        self._owner = owner
        self._path = path

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        # nbval asks for an option of the terminal's report, which is left out here.
        parser.addoption("--color", default="no")

    def pytest_collection(self) -> bool:
        return True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._owner.judge_all(session, self._path)
        return True


class _SharedKernelFile(IPyNbFile):
    """A notebook that runs in a kernel which is there already, and which stays."""

    def setup(self) -> None:
        self.setup_sanitize_files()

    def teardown(self) -> None:
        pass


class _NbvalKernel(RunningKernel):
    """nbval's own kernel, started as marking starts kernels."""

    def __init__(self, policy: Policy, tables: Sequence[str], given: Sequence[str]) -> None:
        self.started = StartedKernel(policy, tables, _QUICK)
        self.km, self.kc = self.started.manager, self.started.client
        try:
            self._prepare(given)
        except Exception as error:
            self.started.add_errors(error)
            self.close()
            raise

    def _prepare(self, given: Sequence[str]) -> None:
        self.kc.start_channels(stdin=False, hb=False)
        self.kc.wait_for_ready(timeout=60)
        self._ensure_iopub_up()
        self.started.settle()
        for source in given:
            self._run_given_cell(source)

    def _run_given_cell(self, source: str) -> None:
        """Run code that checks need: where it fails, every answer would seem wrong."""
        request = self.execute_cell_input(source, allow_stdin=False)
        while (reply := self.get_message("shell", timeout=60))["parent_header"].get("msg_id") != request:
            continue
        content = reply["content"]
        if content["status"] != "error":
            return
        failure = f"a given cell of the exercise fails: {content['ename']}: {content['evalue']}"
        # A given cell may show an answer, and answers are not here yet.
        if content["ename"] != "NameError":
            raise RuntimeError(failure)
        LOGGER.info("Before any answer is there, %s", failure)

    def is_alive(self) -> bool:
        return self.started.alive

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Get a message; nbval's own method writes each out for a log that nobody keeps."""
        channel = self.kc.get_iopub_msg if stream == "iopub" else self.kc.get_shell_msg
        message: dict[str, Any] = channel(timeout=timeout)
        return message

    def interrupt(self) -> None:
        """End it: a check that does not end is not asked twice."""
        self.close()

    def close(self) -> None:
        self.started.close()


def _validate_notebook(
    session: pytest.Session, path: Path, notebook: NotebookNode, kernel: _NbvalKernel
) -> dict[str, CellOutcome]:
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    file = _SharedKernelFile.from_parent(session, path=path)
    file.kernel = kernel
    items = list(file.collect())
    outcomes: dict[str, CellOutcome] = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        reports = _FailureRecorder()
        session.config.pluginmanager.register(reports)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        session.config.pluginmanager.unregister(reports)
        if reports.failed and not kernel.is_alive():
            LOGGER.warning("The kernel of checks ended in %s.%s", item.cell.id, kernel.started.error_output())
            break
        outcomes[item.cell.id] = CellOutcome(not reports.failed, *_hint_and_error(item.test_outputs or []))
    return outcomes


class _FailureRecorder:
    """Whether any part of one test failed."""

    failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or not report.passed


def _hint_and_error(outputs: Iterable[NotebookNode]) -> tuple[str, str]:
    errors = [output for output in outputs if output.output_type == "error"]
    if not errors:
        return "", ""
    name, text = str(errors[-1].ename), str(errors[-1].evalue)
    return (text, "") if name == "WrongAnswerError" else ("", f"{name}: {text}"[:300])
