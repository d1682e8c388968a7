"""Limits on what one notebook may use."""

import sys
from dataclasses import dataclass

#: Bytes in a mebibyte.
MEBIBYTE = 2**20
#: Files, sockets and pipes that one process may have open; a kernel that has drawn a chart has about fifty.
MAX_OPEN_FILES = 256
#: Signals and timers that may wait for the processes of one user, who has the instructor's other programs as well.
MAX_PENDING_SIGNALS = 4096


@dataclass(frozen=True)
class Limits:
    """What the processes of one kernel may use.

    Attributes
    ----------
    memory
        Bytes of memory, for each process and for all together.
    processes
        Processes and threads; a kernel that has drawn a chart has about thirty.
    scratch
        Bytes of files in the scratch folder.
    """

    memory: int = 2048 * MEBIBYTE
    processes: int = 128
    scratch: int = 64 * MEBIBYTE

    def rlimits(self) -> list[tuple[int, int]]:
        """Return what the system limits for each process: the kinds of the module `resource`, and their values."""
        import resource

        # The address space is not limited: V8, which draws the charts, reserves far more than it uses.
        found = {
            "RLIMIT_DATA": self.memory,
            "RLIMIT_FSIZE": self.scratch,
            "RLIMIT_CORE": 0,
            # The system keeps a buffer for each open socket and pipe, which counts for no process.
            "RLIMIT_NOFILE": MAX_OPEN_FILES,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_SIGPENDING": MAX_PENDING_SIGNALS,
        }
        return [(getattr(resource, name), value) for name, value in found.items() if hasattr(resource, name)]


def impose_limits(limits: Limits, *, confined: bool) -> None:
    """Impose the limits on this process and on those that it will start. Windows has no such limits.

    The number of processes is limited only in a sandbox: outside, the system would count every process of the user,
    and no kernel could start beside a busy desktop.
    """
    if sys.platform == "win32":
        return
    import resource

    for kind, value in limits.rlimits():
        _lower_rlimit(kind, value)
    if confined and hasattr(resource, "RLIMIT_NPROC"):
        # The limit is twice as high, so that marking notices first, and can say why the notebook was stopped.
        _lower_rlimit(resource.RLIMIT_NPROC, 2 * limits.processes)


def _lower_rlimit(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))
