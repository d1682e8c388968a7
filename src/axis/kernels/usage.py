"""Measure what all processes of one kernel use together.

The system limits each process separately. What it keeps for a process without counting it as its memory, such as
the buffers of sockets and the tables that map memory, is counted here as well.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from axis.kernels.limits import Limits

#: Bytes that wait in a Unix socket at most for each sender, where the system does not say.
USUAL_BUFFER_BYTES = 212_992
#: A socket for datagrams keeps what this many senders sent, even after they have been closed.
SENDERS_TO_DATAGRAMS = 10
#: The type of such a socket in /proc/net/unix.
_DATAGRAMS = "0002"
_KIBIBYTE = 1024


@dataclass(frozen=True)
class KernelProcesses:
    """The processes of one kernel.

    Attributes
    ----------
    pid
        The process that was ordered.
    holder
        The process that holds its sandbox; 0 if it has none.
    """

    pid: int
    holder: int = 0

    def exceeded_limit(self, limits: Limits) -> str:
        """Return which limit they exceed together, in words; empty if none."""
        folders = list(self._folders())
        states = [_read_state(folder) for folder in folders]
        # A program has few processes and each may have many threads.
        if len(states) > limits.processes // 2 or sum(state.get("Threads", 0) for state in states) > limits.processes:
            return "the notebook started too many processes"
        tables = sum(state.get("VmPTE", 0) for state in states) * _KIBIBYTE + self._socket_memory()
        # To divide shared memory between its processes takes long, so it is done only where it can matter.
        most = sum(state.get("VmRSS", 0) + state.get("VmSwap", 0) for state in states) * _KIBIBYTE
        if most + tables > limits.memory and sum(map(_memory_share, folders)) + tables > limits.memory:
            return "the notebook used too much memory"
        return ""

    def _folders(self) -> Iterator[Path]:
        """Yield the folder in /proc of each process.

        The sandbox has a /proc of its own, which lists every process inside, whoever started it.
        """
        if self.holder:
            processes = Path(f"/proc/{self.holder}/root/proc")
            with contextlib.suppress(OSError):  # the sandbox has ended
                yield from (folder for folder in processes.iterdir() if folder.name.isdigit())
            return
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            yield from (Path(f"/proc/{one.pid}") for one in (process, *process.children(recursive=True)))

    def _socket_memory(self) -> int:
        """Return the bytes that can wait in the sockets of a sandbox, also in those that no process has open now."""
        if not self.holder:
            return 0
        network = Path(f"/proc/{self.holder}/net")
        types = [line.split()[4] for line in _table_lines(network / "unix")]
        unix = sum(SENDERS_TO_DATAGRAMS if kind == _DATAGRAMS else 1 for kind in types) * _buffer_bytes()
        queues = [line.split()[4] for name in ("tcp", "tcp6", "udp", "udp6") for line in _table_lines(network / name)]
        return unix + sum(int(size, 16) for queue in queues for size in queue.split(":"))


def _read_state(folder: Path) -> dict[str, int]:
    """Return the numbers of a process that its file `status` has; none if the process has ended."""
    found: dict[str, int] = {}
    with contextlib.suppress(OSError):
        for line in (folder / "status").read_text(encoding="ascii", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if (number := value.split()) and number[0].isdigit():
                found[name] = int(number[0])
    return found


def _memory_share(folder: Path) -> int:
    """Return the bytes that a process uses; memory that several processes share is divided between them."""
    with contextlib.suppress(OSError):  # the process has ended
        lines = (folder / "smaps_rollup").read_text(encoding="ascii", errors="replace").splitlines()
        sizes = [line.split()[1] for line in lines if line.startswith(("Pss:", "SwapPss:"))]
        return sum(map(int, sizes)) * _KIBIBYTE
    return 0


def _table_lines(file: Path) -> list[str]:
    """Return the lines of a table in /proc/net without its head."""
    with contextlib.suppress(OSError):
        return file.read_text(encoding="ascii", errors="replace").splitlines()[1:]
    return []


def _buffer_bytes() -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(Path("/proc/sys/net/core/wmem_default").read_text(encoding="ascii"))
    return USUAL_BUFFER_BYTES
