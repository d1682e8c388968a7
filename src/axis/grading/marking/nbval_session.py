"""Run nbval in a kernel of our own, and keep both running from one notebook to the next.

To start pytest and a kernel for each submission would take longer than its checks.
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
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbFile

from axis.grading.marking.marking_kernel import StartedKernel
from axis.grading.marking.notebook_clock import NotebookClock
from axis.grading.records import Policy

LOGGER = logging.getLogger(__name__)

#: Seconds for one cell.
CELL_SECONDS = 20

#: Seconds between two looks at a kernel from which no message comes.
LOOK_SECONDS = 1.0

#: Plugins of pytest that a notebook does not need.
_UNUSED_PLUGINS = (
    *("cacheprovider", "doctest", "faulthandler", "junitxml", "logging", "pastebin", "recwarn", "stepwise"),
    *("terminal", "tmpdir", "unittest", "warnings", "threadexception", "unraisableexception"),
)


#: No history is kept, and the kernel does not sleep after each cell to group its messages.
_KERNEL_ARGUMENTS = ("--HistoryManager.enabled=False", "--IPythonKernel._execute_sleep=0")


@dataclass(frozen=True)
class CellOutcome:
    """What nbval found in one cell.

    Attributes
    ----------
    passed
        Whether the cell ran and its outputs are those stored in the notebook.
    hint
        What a check of `helpers.checks` said, if one failed in the cell.
    error
        Any other error of the cell, in one line.
    """

    passed: bool
    hint: str = ""
    error: str = ""


class NbvalSession:
    """A running pytest that validates one notebook after another.

    Parameters
    ----------
    policy
        The conditions under which its kernel runs.
    tables
        Tables of the book that the kernel will load.
    given
        Code that runs once, before the first notebook.
    """

    def __init__(self, policy: Policy, tables: Sequence[str], given: Sequence[str]) -> None:
        self._kernel_settings = (policy, tables, given)
        self._notebooks: queue.SimpleQueue[NotebookNode | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[dict[str, CellOutcome] | BaseException] = queue.SimpleQueue()
        # pytest.main returns only at the end, so it needs a thread of its own. The kernel is started in the same
        # thread, because the system ends a sandbox together with the thread that started it.
        self._thread = threading.Thread(target=self._run_pytest, name="nbval", daemon=True)
        self._thread.start()

    def run(self, notebook: NotebookNode) -> dict[str, CellOutcome]:
        """Validate a notebook.

        Returns
        -------
        dict
            The outcome of each code cell by its id. If the kernel died in a cell, this cell and those after it
            are missing, and the session cannot be used again.

        Raises
        ------
        RuntimeError
            If nbval itself fails.
        """
        self._notebooks.put(notebook)
        outcomes = self._outcomes.get()
        if isinstance(outcomes, BaseException):
            raise RuntimeError(f"nbval could not check the answers ({outcomes})") from outcomes
        return outcomes

    def close(self) -> None:
        """End pytest and the kernel."""
        self._notebooks.put(None)
        self._thread.join(timeout=30)

    def _run_pytest(self) -> None:
        with tempfile.TemporaryDirectory(prefix="axis-checks-") as folder:
            switches = [f"-pno:{plugin}" for plugin in _UNUSED_PLUGINS]
            switches += ["--disable-plugin-autoload", "-pnbval.plugin", f"--nbval-cell-timeout={CELL_SECONDS}"]
            place = ["--rootdir", folder, "-c", os.devnull, "--noconftest", "--capture=no", folder]
            try:
                code = pytest.main([*switches, *place], plugins=[_Plugin(self, Path(folder, "checks.ipynb"))])
                self._outcomes.put(RuntimeError(f"pytest ended with {code!r}"))
            except BaseException as error:  # noqa: BLE001  the thread that waits for outcomes must get it
                self._outcomes.put(error)
            finally:
                # jupyter_client opens one for each thread that starts a kernel, and leaves it open.
                ensure_event_loop().close()

    def validate_notebooks(self, session: pytest.Session, path: Path) -> None:
        """Validate notebooks as they come, in the thread of pytest."""
        try:
            with contextlib.closing(_NbvalKernel(*self._kernel_settings)) as kernel:
                while notebook := self._notebooks.get():
                    self._outcomes.put(_validate_notebook(session, path, notebook, kernel))
        except Exception as error:  # noqa: BLE001  pytest would print it, and the thread that waits would not get it
            self._outcomes.put(error)


class _Plugin:
    """Let pytest take its tests from a session and not from files."""

    def __init__(self, owner: NbvalSession, path: Path) -> None:
        self._owner = owner
        self._path = path

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        # nbval reads an option of pytest's terminal plugin, which is not loaded here.
        parser.addoption("--color", default="no")

    def pytest_collection(self) -> bool:
        return True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._owner.validate_notebooks(session, self._path)
        return True


class _SharedKernelFile(IPyNbFile):
    """A notebook that runs in a kernel that is already there and that stays."""

    def setup(self) -> None:
        self.setup_sanitize_files()

    def teardown(self) -> None:
        pass


class _NbvalKernel(RunningKernel):
    """The kernel as nbval uses it, started as marking starts kernels."""

    def __init__(self, policy: Policy, tables: Sequence[str], given: Sequence[str]) -> None:
        self.started = StartedKernel(policy, tables, _KERNEL_ARGUMENTS)
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
        self.started.forbid_reconnection()
        for source in given:
            self._run_given_cell(source)

    def _run_given_cell(self, source: str) -> None:
        """Run code that the checks need: without it, every answer would seem wrong."""
        request = self.execute_cell_input(source, allow_stdin=False)
        while (reply := self.get_message("shell", timeout=60))["parent_header"].get("msg_id") != request:
            continue
        content = reply["content"]
        if content["status"] != "error":
            return
        failure = f"a given cell of the exercise fails: {content['ename']}: {content['evalue']}"
        # A given cell may use an answer, and there are none yet.
        if content["ename"] != "NameError":
            raise RuntimeError(failure)
        LOGGER.info("Without answers, %s", failure)

    def is_alive(self) -> bool:
        return self.started.alive

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Return a message; nbval's own method formats each one for a log that is not kept.

        The timeout counts the kernel's own time: on a busy machine, a right answer must not seem to have no end.
        """
        channel = self.kc.get_iopub_msg if stream == "iopub" else self.kc.get_shell_msg
        clock = None
        while True:
            with contextlib.suppress(queue.Empty):
                message: dict[str, Any] = channel(timeout=min(timeout or LOOK_SECONDS, LOOK_SECONDS))
                return message
            if not self.is_alive() or (clock and clock.is_over()):
                raise queue.Empty
            # To make a clock takes as long as a check, and nearly all messages come at once.
            clock = clock or (NotebookClock(self.started.holders, timeout) if timeout else None)

    def interrupt(self) -> None:
        """End the kernel: a check that ran too long must not run on."""
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
            LOGGER.warning("The checking kernel ended in %s.%s", item.cell.id, kernel.started.error_output())
            break
        outcomes[item.cell.id] = CellOutcome(not reports.failed, *_hint_and_error(item.test_outputs or []))
    return outcomes


class _FailureRecorder:
    """Record whether any part of one test failed."""

    failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or not report.passed


def _hint_and_error(outputs: Iterable[NotebookNode]) -> tuple[str, str]:
    errors = [output for output in outputs if output.output_type == "error"]
    if not errors:
        return "", ""
    name, text = str(errors[-1].ename), str(errors[-1].evalue)
    return (text, "") if name == "WrongAnswerError" else ("", f"{name}: {text}"[:300])
