"""The log of marking says what happened, and no student can fill it, forge it or read through it."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from axis.errors import ResultsError
from axis.grading.run_log import LOG_FILE, MAX_LOG_BYTES, LogFormatter, collect_records, write_log
from axis.kernels import fork_client
from axis.kernels.limits import Limits
from axis.kernels.sandbox import ERRORS_FILE, MAX_ERRORS_BYTES, Sandbox

LOGGER = logging.getLogger("axis.test")


def test_text_of_a_student_cannot_pass_for_another_record_or_steer_a_terminal() -> None:
    record = logging.makeLogRecord({"msg": "ada wrote:\n2026 INFO Marked\r\x1b[2J\u202egnp.ipynb", "levelname": "INFO"})
    first, *others = LogFormatter().format(record).split("\n")
    assert first.endswith("ada wrote:")
    assert others == ["    2026 INFO Marked\\r\\x1b[2J\\u202egnp.ipynb"]


def test_a_log_goes_on_where_it_was_and_ends_with_its_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest would keep the half character, which no report can hold.
    monkeypatch.setattr(logging.getLogger("axis"), "propagate", False)
    for run in ("first", "second"):
        with write_log(tmp_path / "results"):
            LOGGER.info("the %s run, \ud800", run)
    LOGGER.warning("nobody's")
    lines = (tmp_path / "results" / LOG_FILE).read_text(encoding="utf-8").splitlines()
    assert [line.split(": ")[-1] for line in lines] == ["the first run, \\ud800", "the second run, \\ud800"]


def test_a_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    with write_log(tmp_path):
        for _ in range(25):
            LOGGER.info("x" * (MAX_LOG_BYTES // 10))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2 * MAX_LOG_BYTES


def test_a_folder_that_cannot_be_written_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(ResultsError) as refused, write_log(tmp_path / "results"):
        pass
    assert refused.value.file == tmp_path / "results"
    assert refused.value.reason == "cannot be written (File exists); choose another folder with --to."
    assert str(refused.value) == f"{refused.value.file}: {refused.value.reason}"


def test_records_of_a_worker_carry_their_traceback_to_another_process() -> None:
    with collect_records() as records:
        try:
            raise ValueError("broken")
        except ValueError:
            LOGGER.exception("Marking failed on %s", "ada.ipynb")
    (record,) = records
    assert record.getMessage().startswith("Marking failed on ada.ipynb\nTraceback")
    assert record.getMessage().endswith("ValueError: broken")
    assert (record.args, record.exc_info) == (None, None)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    place = Sandbox(Limits())
    yield place
    place.close()


def test_of_what_a_kernel_writes_only_the_beginning_is_read(sandbox: Sandbox) -> None:
    sandbox.outside_path(ERRORS_FILE).write_bytes(b"\xff failed" + b"x" * 10_000)
    output = sandbox.error_output()
    assert len(output) == MAX_ERRORS_BYTES
    assert output.startswith("\ufffd failedx")


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "nothing"])
def test_what_stands_in_the_place_of_its_errors_is_not_read(sandbox: Sandbox, kind: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the marker's")
    place = sandbox.outside_path(ERRORS_FILE)
    if kind == "link":
        place.symlink_to(tmp_path / "secret.txt")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    assert sandbox.error_output() == ""


def test_kernels_outside_of_a_sandbox_cannot_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    flood = BytesIO(b"an error\n" + b"flood\n" * 100_000)
    fork_client._log_lines(flood)
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == "an error"
    assert messages[-1] == "Kernels wrote more to their standard error than is logged."
    assert sum(map(len, messages)) < fork_client.MAX_LOGGED_BYTES + 100
    assert flood.closed


@pytest.mark.kernel
def test_a_kernel_that_fails_before_its_sandbox_leaves_its_traceback(tmp_path: Path) -> None:
    program = (
        "import logging, os, time\nfrom axis.kernels import fork_client, kernel_process\n"
        "logging.basicConfig(format='%(name)s %(message)s')\n"
        f"order = kernel_process.Order({{}}, 'none.json', {str(tmp_path / 'gone')!r}, {{}})\n"
        "fork_client.fork_kernel(order).wait(30)\ntime.sleep(0.5)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != fork_client.ADDRESS_VARIABLE}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert "axis.kernels.fork_client Traceback (most recent call last):" in done.stderr
    assert f"FileNotFoundError: [Errno 2] No such file or directory: '{tmp_path / 'gone'}'" in done.stderr
