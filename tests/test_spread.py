"""Every submission gets the same marks, however the work is divided between processes."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from axis.grading import parallel
from axis.grading.marking.mark import SubmissionMarker
from axis.grading.parallel import MarkingTask, WorkerError, mark_in_parallel
from axis.grading.records import Mark, Policy
from classes import exercise, points, submission
from conftest import end_warmed_processes
from processes import running

# In one worker, which makes the reference once.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("spread")]

ENERGY = exercise("3-2-energy")
SHARES = (1.0, 0.5, 0.0, 0.75, 1.0, 0.25)
TASKS = [MarkingTask(submission(ENERGY, f"student {number}", share), ENERGY) for number, share in enumerate(SHARES)]


def marks(tasks: list[MarkingTask], policy: Policy, workers: int, cluster: str = "") -> list[tuple[Mark, ...]]:
    """The marks of each task, in the order of the tasks."""
    results = {one.number: one.result for one in mark_in_parallel(tasks, policy, workers, cluster)}
    return [results[number].marks for number in range(len(tasks))]


@pytest.fixture(scope="module")
def reference() -> list[tuple[Mark, ...]]:
    return marks(TASKS, Policy(), workers=1)


def test_what_is_right_earns_its_points(reference: list[tuple[Mark, ...]]) -> None:
    earned = [sum(mark.points or 0 for mark in one) for one in reference]
    assert earned == [points(ENERGY, share) for share in SHARES]
    assert earned[0] == 14.0


def test_many_workers_give_the_marks_of_one(reference: list[tuple[Mark, ...]]) -> None:
    assert marks(TASKS, Policy(), workers=3) == reference


def test_another_order_gives_the_same_marks_and_so_does_a_second_time(reference: list[tuple[Mark, ...]]) -> None:
    assert marks(TASKS[::-1], Policy(), workers=2)[::-1] == reference


def test_fresh_kernels_give_the_marks_of_warmed_ones(reference: list[tuple[Mark, ...]]) -> None:
    assert marks(TASKS, Policy(fresh=True), workers=2) == reference


def test_without_confinement_the_marks_are_the_same(reference: list[tuple[Mark, ...]]) -> None:
    assert marks(TASKS[:2], Policy(confined=False), workers=1) == reference[:2]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """A scheduler and two workers on loopback."""
    from distributed import Client

    dask = [sys.executable, "-m", "dask"]
    address = tmp_path / "scheduler.json"
    places = ["--scheduler-file", str(address), "--host", "127.0.0.1", "--no-dashboard"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(__file__).parent), *sys.path]))}
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path, "env": environment}
    worker = [*dask, "worker", *places, "--nthreads", "1", "--no-nanny"]
    with contextlib.ExitStack() as started:
        started.enter_context(running([*dask, "scheduler", *places, "--port", "0"], **options))
        workers = [started.enter_context(running(worker, **options)) for _ in range(2)]
        with Client(scheduler_file=str(address), timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
            contact = client.scheduler.address
        yield contact, workers


def test_a_dask_cluster_that_loses_a_worker_gives_every_mark(
    cluster: tuple[str, list["subprocess.Popen[bytes]"]], reference: list[tuple[Mark, ...]]
) -> None:
    address, workers = cluster
    found = {}
    for outcome in mark_in_parallel(TASKS, Policy(), workers=1, cluster=address):
        found[outcome.number] = outcome.result
        if len(found) == 2:
            workers[0].send_signal(signal.SIGKILL)
    assert [found[number].marks for number in range(len(TASKS))] == reference
    assert workers[0].wait() == -signal.SIGKILL


def test_a_machine_that_loses_its_warmed_process_gives_every_mark(reference: list[tuple[Mark, ...]]) -> None:
    own = submission(ENERGY, "student 0")
    slow = replace(own, content=own.content.replace(b"# student 0", b"import time; time.sleep(2)", 1))
    marker = SubmissionMarker()
    assert marker.mark(own, ENERGY, Policy()).marks == reference[0]
    # The checking kernel ends as well: no check runs at that moment.
    killing = threading.Timer(1, end_warmed_processes)
    killing.start()
    with contextlib.closing(marker):
        result = marker.mark(slow, ENERGY, Policy())
    killing.join()
    assert result.seconds > 3, "the notebook ran once only"
    assert result.marks == reference[0]


def test_a_cluster_that_is_not_there_is_told_of_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    # The command waits its full time in the tests of `axis grade`.
    monkeypatch.setattr(parallel, "SCHEDULER_SECONDS", 1)
    with pytest.raises(WorkerError, match=r"There is no Dask scheduler at tcp://127\.0\.0\.1:9: start one"):
        list(mark_in_parallel(TASKS[:1], Policy(), workers=1, cluster="tcp://127.0.0.1:9"))


def test_a_given_cell_that_fails_beside_the_checks_is_no_fault_of_the_answers() -> None:
    broken = replace(ENERGY, text=ENERGY.text.replace('load(\\"gas_prices\\")', 'load(\\"no_such_table\\")'))
    assert broken.text != ENERGY.text
    (outcome,) = mark_in_parallel([MarkingTask(TASKS[0].submission, broken)], Policy(), workers=1)
    assert outcome.result is None
    assert 'a given cell of the exercise fails: ValueError: There is no table "no_such_table"' in outcome.error


def test_a_check_that_fails_without_a_hint_is_not_called_a_hidden_test_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notebook = nbformat.reads(ENERGY.text, as_version=4)
    check = next(cell for cell in notebook.cells if cell.id == "bill-check")
    check.source = f"len(bill)\n{check.source}"
    faulty = replace(ENERGY, text=nbformat.writes(notebook))
    (found,) = marks([MarkingTask(TASKS[0].submission, faulty)], Policy(), workers=1)
    (bill,) = (mark for mark in found if mark.check == "bill-check")
    assert bill.reason.startswith("The check does not work with this answer: compare its kind with")
    fault = "The check bill-check of 3-2-energy gave no hint: TypeError: object of type 'float' has no len()"
    assert fault in [record.getMessage() for record in caplog.records]


def test_a_given_cell_that_shows_an_answer_costs_nothing(reference: list[tuple[Mark, ...]]) -> None:
    notebook = nbformat.reads(ENERGY.text, as_version=4)
    position = [cell.id for cell in notebook.cells].index("bill-check") + 1
    notebook.cells.insert(position, nbformat.v4.new_code_cell("bill * 2", id="shown"))
    showing = replace(ENERGY, text=nbformat.writes(notebook))
    assert marks([MarkingTask(TASKS[0].submission, showing)], Policy(), workers=1) == reference[:1]


def test_a_failure_in_another_process_is_logged_here_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    broken = MarkingTask(TASKS[0].submission, replace(ENERGY, text="{"))
    first, second = mark_in_parallel([broken, broken], Policy(), workers=2)
    assert (first.result, second.result) == (None, None)
    assert [record.processName.split("-")[0] for record in caplog.records] == ["LokyProcess", "LokyProcess"]
    for record in caplog.records:
        assert record.getMessage().startswith("Marking itself failed on student 0.ipynb\nTraceback (most recent call")
        assert "in plan_run" in record.getMessage()


def test_a_failure_of_marking_itself_costs_one_submission_alone(reference: list[tuple[Mark, ...]]) -> None:
    broken = MarkingTask(TASKS[0].submission, replace(ENERGY, text="{"))
    first, second = mark_in_parallel([broken, TASKS[0]], Policy(), workers=1)
    assert (first.result, first.error.split(":")[0]) == (None, "JSONDecodeError")
    assert second.result
    assert second.result.marks == reference[0]
