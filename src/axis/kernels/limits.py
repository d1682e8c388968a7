"""What one notebook may use."""

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
        Processes and threads; a kernel with a chart drawn has some thirty.
    scratch
        Bytes of files in the scratch folder.
    """

    memory: int = 2048 * MEBIBYTE
    processes: int = 128
    scratch: int = 64 * MEBIBYTE


def impose_limits(limits: Limits) -> None:
    """Lay the limits on this process and on what it will start. Windows knows none."""
    if sys.platform == "win32":
        return
    import resource

    # Not the address space: V8, which draws the charts, reserves far more than it uses.
    _lower_rlimit(resource.RLIMIT_DATA, limits.memory)
    _lower_rlimit(resource.RLIMIT_FSIZE, limits.scratch)
    _lower_rlimit(resource.RLIMIT_CORE, 0)
    if hasattr(resource, "RLIMIT_NPROC"):
        # Twice as many, so that whoever watches can say why the notebook was stopped.
        _lower_rlimit(resource.RLIMIT_NPROC, 2 * limits.processes)


def _lower_rlimit(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))
