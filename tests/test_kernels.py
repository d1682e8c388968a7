"""Kernels that are forks do what new processes do, but sooner, and leave nothing behind."""

import ast
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from nbclient import NotebookClient

from axis.grading.marking.marking_kernel import StartedKernel
from axis.grading.records import Policy
from axis.kernels import provisioner
from axis.kernels.fork_client import ADDRESS_VARIABLE, CAN_FORK, connect_to_fork_server
from axis.kernels.kernel_process import Order
from conftest import end_warmed_processes, warmed_processes
from processes import running

pytestmark = pytest.mark.kernel

IMPORTS = "import pandas, altair, ipywidgets\nfrom helpers import Comparison, load"


@pytest.fixture(autouse=True)
def forks() -> None:
    if not CAN_FORK:
        pytest.fail("Kernels are forked only on Linux: run the tests there or in a Linux container.", pytrace=False)


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Start fresh kernels until this is called; then forks are the default."""
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "default_provisioner_name", "local-provisioner")
    return lambda: monkeypatch.setattr(factory, "default_provisioner_name", "warm")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "beside.txt").write_text("found")
    return tmp_path


def run(*cells: str, folder: Path) -> list[str]:
    """Run code in a kernel, and return what each cell prints or shows."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    place = {"metadata": {"path": folder}}
    NotebookClient(notebook, kernel_name="python3", allow_errors=True, resources=place).execute()
    return ["".join(said(output) for output in cell.outputs) for cell in notebook.cells]


def said(output: nbformat.NotebookNode) -> str:
    return str(output.get("text") or output.get("evalue") or output.data["text/plain"])


CELLS = (
    "import sys; 'pandas' in sys.modules",
    "import altair; altair.theme.active, altair.renderers.active",
    "open('beside.txt').read()",
    "import os; os.environ['FROM_OUTSIDE']",
    "from helpers import load; load('gas_prices')['value'].sum()",
    "import subprocess; subprocess.run(['true']).returncode",
    "%%timeit -n1 -r1\npass",
    "1 / 0",
    "sys.argv[1:2], __name__",
    "In[1]",
)


def test_a_fork_has_the_imports_done_and_says_what_a_fresh_kernel_says(
    work: Path, warm: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "kept")
    fresh = run(*CELLS, folder=work)
    warm()
    forked = run(*CELLS, folder=work)
    assert (fresh[0], forked[0]) == ("False", "True")
    same = [1, 2, 3, 4, 5, 7, 9]
    assert [forked[cell] for cell in same] == [fresh[cell] for cell in same]
    assert forked[1:6] == ["('default', 'default')", "'found'", "'kept'", "np.float64(1928.2)", "0"]


def test_a_kernel_can_be_interrupted_and_restarted(work: Path, warm: Callable[[], None]) -> None:
    warm()
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(work))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=30)
    client.execute("import time\nwhile True: time.sleep(0.1)")
    time.sleep(0.5)
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=20)["content"]["ename"] == "KeyboardInterrupt"
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=30)
    assert manager.is_alive()
    pid = manager.provisioner.pid
    client.stop_channels()
    manager.shutdown_kernel()
    assert not manager.is_alive()
    assert not psutil.pid_exists(pid)


def test_without_fork_a_fresh_kernel_does_the_same(
    work: Path, warm: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    warm()
    monkeypatch.setattr(provisioner, "CAN_FORK", False)
    assert run(CELLS[0], CELLS[2], folder=work) == ["False", "'found'"]


def test_a_warmed_process_that_was_killed_is_started_again(work: Path, warm: Callable[[], None]) -> None:
    warm()
    run("1", folder=work)
    end_warmed_processes()
    assert run(CELLS[0], folder=work) == ["True"]


def test_a_program_that_dies_with_an_order_under_way_leaves_the_others_their_kernels(
    work: Path, warm: Callable[[], None]
) -> None:
    warm()
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(work))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ[ADDRESS_VARIABLE])
        connection.sendall(f"{Order({}, str(work / 'none' / 'c.json'), str(work), {}).to_json()}\n".encode())
        # The answer is there and is not read, so the system resets the connection and does not just end it.
        assert select.select([connection], [], [], 30)[0]
    time.sleep(0.5)
    assert manager.is_alive()
    assert [process.is_running() for process in warmed_processes()] == [True]
    manager.shutdown_kernel(now=True)


def seconds_to_first_result(folder: Path) -> float:
    started = time.monotonic()
    run(IMPORTS, folder=folder)
    return time.monotonic() - started


@pytest.mark.alone
def test_a_fork_is_ready_in_a_fraction_of_the_time(
    work: Path, warm: Callable[[], None], measured: Callable[[str], None]
) -> None:
    fresh = min(seconds_to_first_result(work) for _ in range(2))
    warm()
    connect_to_fork_server()
    seconds_to_first_result(work)
    # Of eight, because nbclient's own half of the time varies by more than the kernel's.
    forked = min(seconds_to_first_result(work) for _ in range(8))
    measured(f"kernel with the book's imports: fresh {fresh:.2f} s, forked {forked:.2f} s, {fresh / forked:.1f} times")
    # Most of the rest is nbclient's: the kernel itself is ready in a tenth of a second.
    assert forked < fresh / 2.5


def test_nbval_runs_in_forked_kernels(work: Path) -> None:
    cell = nbformat.v4.new_code_cell("import sys\nassert 'pandas' in sys.modules")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), work / "warm.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "-p", "no:cacheprovider", "warm.ipynb"]
    for name, code in (("warm", 0), ("local-provisioner", 1)):
        environment = {**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": name}
        done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout


@pytest.fixture(params=[True, False], ids=["its own", "shared with the program above"])
def owner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A program that starts a fork as its kernel, and prints the number of its process."""
    own = request.param
    connect_to_fork_server()
    program = tmp_path / "owner.py"
    program.write_text(
        "import time\nfrom jupyter_client.manager import KernelManager\n"
        "manager = KernelManager(kernel_name='python3')\nmanager.start_kernel()\n"
        "print(manager.provisioner.pid, flush=True)\ntime.sleep(60)\n"
    )
    environment = {**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": "warm"}
    if own:
        environment.pop(ADDRESS_VARIABLE, None)
    else:
        environment[ADDRESS_VARIABLE] = os.environ[ADDRESS_VARIABLE]
    with running([sys.executable, program], stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process


def test_a_killed_program_takes_its_warmed_process_and_kernels_with_it(owner: "subprocess.Popen[str]") -> None:
    assert owner.stdout
    kernel = int(owner.stdout.readline())
    below = [kernel, *(process.pid for process in psutil.Process(owner.pid).children(recursive=True))]
    assert psutil.pid_exists(kernel)
    owner.send_signal(signal.SIGKILL)
    until = time.monotonic() + 5
    while any(map(psutil.pid_exists, below)) and time.monotonic() < until:
        time.sleep(0.05)
    assert [pid for pid in below if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"] == []


@pytest.mark.parametrize("fresh", [False, True], ids=["fork", "new process"])
def test_a_confined_kernel_sees_of_the_repository_what_exercises_import_and_nothing_else(fresh: bool) -> None:
    root = Path(__file__).parent.parent
    asked = {
        "root": f"sorted(os.listdir({str(root)!r}))",
        "source": f"sorted(os.listdir({str(root / 'src')!r}))",
        "helpers": "helpers.__file__",
        "tools": "importlib.util.find_spec('axis.grading.reports')",
    }
    kernel = StartedKernel(Policy(fresh=fresh), ())
    try:
        kernel.client.start_channels()
        kernel.client.execute("import helpers, importlib.util, os", user_expressions=asked)
        reply = kernel.client.get_shell_msg(timeout=60)["content"]
    finally:
        kernel.close()
    told = {name: ast.literal_eval(value["data"]["text/plain"]) for name, value in reply["user_expressions"].items()}
    environment = {Path(sys.prefix).name} if Path(sys.prefix).parent == root else set()
    assert set(told["root"]) == {"data", "src", *environment}
    assert told["source"] == ["helpers"]
    assert told["helpers"] == str(root / "src/helpers/__init__.py")
    assert told["tools"] is None
