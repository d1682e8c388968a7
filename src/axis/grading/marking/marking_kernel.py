"""Start the kernels that marking needs."""

import contextlib
import functools
import sys
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from axis.grading.records import Policy
from axis.kernels.control_group import ControlGroup, find_group
from axis.kernels.fork_client import ForkedProcess
from axis.kernels.provisioner import WarmProvisioner
from axis.kernels.usage import KernelProcesses

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

#: What carries answers out of a student's kernel and into the checking one: neither sandbox contains its file.
ANSWER_VALUES = "axis.grading.marking.answer_values"

#: Bytes of one message from a kernel: a larger one closes the connection to it.
MAX_MESSAGE_BYTES = 32 * 2**20


class StartedKernel:
    """A kernel and the connections to it.

    Parameters
    ----------
    policy
        The conditions under which it runs.
    tables
        Tables of the book that it will load.
    arguments
        Further arguments of the kernel.

    Attributes
    ----------
    manager, client
        Jupyter's manager and client of the kernel.
    """

    def __init__(self, policy: Policy, tables: Sequence[str], arguments: Sequence[str] = ()) -> None:
        # Sockets in files: a confined kernel has no network.
        address = Path(tempfile.gettempdir(), f"axis-{uuid.uuid4().hex[:12]}")
        self.manager = KernelManager(
            kernel_spec_manager=_MarkingSpecManager(policy, tables),
            context=_zmq_context(),
            transport="ipc",
            ip=str(address),
            connection_file=f"{address}.json",
        )
        self.manager.start_kernel(extra_arguments=list(arguments))
        self.client: BlockingKernelClient = self.manager.client(context=_zmq_context())
        self._address = address
        self._group: ControlGroup | None = None

    @property
    def provisioner(self) -> WarmProvisioner:
        """The provisioner, which has its process and its sandbox."""
        # The kernel's specification names this class.
        return cast("WarmProvisioner", self.manager.provisioner)

    @property
    def alive(self) -> bool:
        """Whether its process is running."""
        process = self.provisioner.process
        return process is not None and process.poll() is None

    @property
    def server_lost(self) -> bool:
        """Whether it ended because the fork server has ended."""
        process = self.provisioner.process
        return isinstance(process, ForkedProcess) and process.server_lost

    @property
    def holders(self) -> list[int]:
        """The processes outside the sandbox whose descendants belong to the kernel."""
        sandbox = self.provisioner.sandbox
        return [self.provisioner.pid or 0, *([sandbox.pid] if sandbox else [])]

    @property
    def processes(self) -> KernelProcesses:
        """The kernel and all that it started."""
        sandbox = self.provisioner.sandbox
        return KernelProcesses(self.provisioner.pid or 0, sandbox.pid if sandbox else 0)

    def ran_out_of_memory(self) -> bool:
        """Return whether the system has ended a process of the kernel because they used too much memory together."""
        return self._group is not None and self._group.ran_out_of_memory()

    def error_output(self) -> str:
        """Return what a confined kernel wrote first to its standard error, for the log; empty for other kernels."""
        output = self.provisioner.sandbox.error_output() if self.provisioner.sandbox else ""
        return f"\nIts kernel wrote:\n{output.rstrip()}" if output else ""

    def add_errors(self, error: Exception) -> None:
        """Add what the kernel wrote to its standard error to the traceback of an error."""
        if output := self.error_output():
            error.add_note(output)

    def forbid_reconnection(self) -> None:
        """Keep the connections that there are, and make no new one, before untrusted code runs.

        The code could replace its socket with a link to any socket of this machine, and close a connection:
        zmq would follow the link to connect again.
        """
        self._group = self._group or find_group(self.provisioner.pid or 0)
        self._address.unlink(missing_ok=True)

    def close(self) -> None:
        """End the kernel and all that it started."""
        with contextlib.suppress(Exception):  # whatever state its kernel is in, the next must be able to start
            self.client.stop_channels()
        self.forbid_reconnection()
        self.manager.shutdown_kernel(now=True)
        if self._group:
            self._group.remove()


@functools.cache
def _zmq_context() -> "zmq.Context[Any]":
    context: zmq.Context[Any] = zmq.Context()
    context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
    # By default zmq tries again after 100 milliseconds, but a kernel is ready sooner.
    context.setsockopt(zmq.RECONNECT_IVL, 5)
    # Only a few messages wait in this process; the others wait in the memory of their sender.
    context.setsockopt(zmq.RCVHWM, 8)
    return context


class _MarkingSpecManager(KernelSpecManager):
    """Offer one kernel: this Python, started by the book's provisioner."""

    def __init__(self, policy: Policy, tables: Sequence[str]) -> None:
        super().__init__()
        self._policy = policy
        self._tables = list(tables)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002  there is only one
        policy = self._policy
        config = {
            **{"confined": policy.confined, "fresh": policy.fresh, "limits": policy.limits},
            **{"tables": self._tables, "modules": [ANSWER_VALUES]},
        }
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Marking",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": "warm", "config": config}},
        )
