"""Limits on what one notebook may use."""

import sys
from dataclasses import dataclass

#: Bytes in a mebibyte.
MEBIBYTE = 2**20


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


def impose_limits(limits: Limits, *, confined: bool) -> None:
    """Impose the limits on this process and on those that it will start. Windows has no such limits.

    The number of processes is limited only in a sandbox: outside, the system would count every process of the user,
    and no kernel could start beside a busy desktop.
    """
    if sys.platform == "win32":
        return
    import resource

    # The address space is not limited: V8, which draws the charts, reserves far more than it uses.
    _lower_rlimit(resource.RLIMIT_DATA, limits.memory)
    _lower_rlimit(resource.RLIMIT_FSIZE, limits.scratch)
    _lower_rlimit(resource.RLIMIT_CORE, 0)
    if confined and hasattr(resource, "RLIMIT_NPROC"):
        # The limit is twice as high, so that marking notices first, and can say why the notebook was stopped.
        _lower_rlimit(resource.RLIMIT_NPROC, 2 * limits.processes)


def _lower_rlimit(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))
