"""Order kernels from the fork server, or start them without it."""

import atexit
import contextlib
import functools
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

from axis.kernels.control_group import scope_command
from axis.kernels.kernel_process import Order

#: The fork server gets only these variables of the environment, because its forks could read all of it in memory.
#: Without LD_LIBRARY_PATH, the Python of a module system does not start.
_KEPT_VARIABLES = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TZ", "VIRTUAL_ENV")
#: By these, systemd's command finds the user's manager; the fork server itself does not get them.
_MANAGER_VARIABLES = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")


#: The variable that tells child processes the address of the fork server.
ADDRESS_VARIABLE = "AXIS_WARM_PROCESS"


#: On other systems, libraries of the system start threads, which a fork would lose.
CAN_FORK = sys.platform == "linux"


LOGGER = logging.getLogger(__name__)

#: Bytes that are logged of what the fork server, and kernels outside a sandbox, write to standard error.
MAX_LOGGED_BYTES = 2**16


class ForkedProcess:
    """A kernel's process, with the methods of `subprocess.Popen` that Jupyter uses.

    It is not a child of this process, which therefore watches it by a process descriptor.

    Parameters
    ----------
    pid
        Its number.
    connection
        The connection to the fork server over which it was ordered.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self._connection = connection
        self.returncode: int | None = None
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self._descriptor, self.returncode = -1, 1

    @property
    def server_lost(self) -> bool:
        """Whether the fork server has ended, and all its forks with it."""
        return not _is_open(self._connection)

    def poll(self) -> int | None:
        """Return 0 if the process has ended, otherwise None: only its parent could know its exit code."""
        return self._wait_for_exit(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end, for `timeout` seconds at most."""
        return self._wait_for_exit(None if timeout is None else round(timeout * 1000))

    def _wait_for_exit(self, milliseconds: int | None) -> int | None:
        if self.returncode is None:
            poller = select.poll()
            poller.register(self._descriptor, select.POLLIN)
            if poller.poll(milliseconds):
                os.close(self._descriptor)
                self.returncode = 0
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """Kill the process."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)


class ForkServerClient:
    """A connection to the fork server of this program; the first client starts the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._program = os.getpid()
        self._owned: subprocess.Popen[bytes] | None = None
        try:
            self._open_connection(os.environ[ADDRESS_VARIABLE])
        except (KeyError, OSError):
            os.environ[ADDRESS_VARIABLE] = self._start_server()
            self._open_connection(os.environ[ADDRESS_VARIABLE])

    def _start_server(self) -> str:
        self._folder = tempfile.TemporaryDirectory(prefix="axis-warm-")
        address = Path(self._folder.name, "orders")
        # The socket listens from now on, and a client that connects waits until the imports are done. The server
        # gets the socket and not its address, because its forks can read the arguments of its command.
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(address))
            listening.listen()
            number = listening.fileno()
            command, environment = _server_command(number)
            self._owned = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[number],
                env=environment,
            )
        threading.Thread(target=_log_lines, args=[self._owned.stderr], name="kernels' errors", daemon=True).start()
        return str(address)

    def _open_connection(self, address: str) -> None:
        with contextlib.ExitStack() as unless_connected:
            connection = unless_connected.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(address)
            unless_connected.pop_all()
        self._connection = connection
        self._stream = connection.makefile("rw")

    @property
    def alive(self) -> bool:
        """Whether the server takes orders."""
        return _is_open(self._connection)

    def fork(self, order: Order) -> ForkedProcess:
        """Have the server fork one kernel.

        Raises
        ------
        RuntimeError
            If the server has ended.
        """
        answer = ""
        with self._lock, contextlib.suppress(OSError):
            print(order.to_json(), file=self._stream, flush=True)
            answer = self._stream.readline()
        if not answer:
            raise RuntimeError("The process that kernels are forked from has ended: run the command again.")
        return ForkedProcess(json.loads(answer)["pid"], self._connection)

    def close(self) -> None:
        """End the connection and its kernels, and the server if this client started it."""
        # A fork of this program inherits the connection, and must leave it open for its parent.
        if os.getpid() != self._program:
            return
        with contextlib.suppress(OSError):  # what was written to a server that has ended
            self._stream.close()
        self._connection.close()
        if self._owned:
            self._owned.kill()
            self._owned.wait()
            if self._owned.stdin:
                self._owned.stdin.close()
            self._folder.cleanup()


def _server_command(number: int) -> tuple[list[str], dict[str, str]]:
    """Return the command and the environment of the fork server, which gets a scope where systemd makes one."""
    command = [sys.executable, "-m", "axis.kernels.fork_server", str(number)]
    scope = scope_command()
    if not scope:
        return command, _minimal_environment()
    found = {name: os.environ[name] for name in _MANAGER_VARIABLES if name in os.environ}
    unset = [f"--unset={name}" for name in found]
    return [*scope, "env", *unset, *command], {**_minimal_environment(), **found}


def _log_lines(errors: IO[bytes]) -> None:
    """Log each line, up to a limit; then go on reading, so that processes that write need not wait."""
    left = MAX_LOGGED_BYTES
    with errors:
        while line := errors.readline(MAX_LOGGED_BYTES):
            if left > 0:
                LOGGER.warning("%s", line[:left].decode(errors="replace").rstrip())
            if 0 < left <= len(line):
                LOGGER.warning("Kernels wrote more to their standard error than is logged.")
            left -= len(line)


def _is_open(connection: socket.socket) -> bool:
    """Return whether the process at the other end of a connection still has it open."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:  # nothing has been sent
        return True
    except OSError:
        return False


@functools.cache
def _client_for_process(owner: int) -> ForkServerClient:  # noqa: ARG001  a fork of this process needs a connection of its own
    client = ForkServerClient()
    atexit.register(client.close)
    return client


def connect_to_fork_server() -> ForkServerClient:
    """Return the connection of this process to the fork server, which starts when it is first asked for."""
    client = _client_for_process(os.getpid())
    if not client.alive:
        atexit.unregister(client.close)
        client.close()
        _client_for_process.cache_clear()
        client = _client_for_process(os.getpid())
    return client


def fork_kernel(order: Order) -> ForkedProcess:
    """Have the fork server fork a kernel; if the server was killed, start it again."""
    try:
        return connect_to_fork_server().fork(order)
    except RuntimeError:
        return connect_to_fork_server().fork(order)


def start_fresh_kernel(order: Order) -> "subprocess.Popen[bytes]":
    """Start a kernel that is not a fork and has to do its own imports."""
    return subprocess.Popen(
        [sys.executable, "-m", "axis.kernels.kernel_process", order.to_json()], env=_minimal_environment()
    )


def _minimal_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    package = str(Path(__file__).parents[2])
    # Linear algebra must not start threads, because the server must have only one when it forks.
    # The order of sets is the same in every fork, so it is made the same in every fresh process.
    fixed = {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    # ipykernel's debugger would warn of frozen modules, once for each kernel.
    return {**kept, **fixed, "PYTHONPATH": package, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
