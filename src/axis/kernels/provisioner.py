"""Start Jupyter kernels as forks, in a sandbox if that is asked for.

The provisioner is registered as ``warm`` under ``jupyter_client.kernel_provisioners``: a kernel specification can
name it, or the variable ``JUPYTER_DEFAULT_PROVISIONER_NAME`` can make it the default.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Instance, List, Unicode

from axis.kernels.fork_client import CAN_FORK, ForkedProcess, fork_kernel, start_fresh_kernel
from axis.kernels.kernel_process import Order
from axis.kernels.limits import Limits
from axis.kernels.sandbox import SCRATCH, SOCKETS, Sandbox

if TYPE_CHECKING:
    import subprocess

#: The whole environment of a confined kernel.
SANDBOX_ENVIRONMENT = {
    "HOME": str(SCRATCH),
    "TMPDIR": str(SCRATCH),
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
}


class WarmProvisioner(LocalProvisioner):
    """Start kernels as forks of the fork server, with the same results as new processes.

    Attributes
    ----------
    confined
        Whether the kernel runs in a sandbox of bubblewrap.
    fresh
        Whether to start a new process and not a fork.
    limits
        What the kernel may use.
    tables
        Tables of the book that it will load.
    modules
        Modules that it needs and that its sandbox does not contain.
    """

    confined = Bool(False).tag(config=True)
    fresh = Bool(False).tag(config=True)
    limits = Instance(Limits, allow_none=True).tag(config=True)
    tables = List(Unicode()).tag(config=True)
    modules = List(Unicode()).tag(config=True)
    sandbox: Sandbox | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel, and return how to connect to it."""
        if not self.confined and (self.fresh or not CAN_FORK or not _is_forkable(cmd)):
            return await super().launch_kernel(cmd, **kwargs)
        order = self._confined_order(cmd) if self.confined else self._unconfined_order(cmd, kwargs)
        process = start_fresh_kernel(order) if self.fresh else fork_kernel(order)
        self.process = cast("subprocess.Popen[bytes]", process)
        self.pid = process.pid
        if self.sandbox:
            # A link to the sockets inside the sandbox, which the process that asked for the kernel can remove again.
            address = Path(self.connection_info["ip"])
            address.symlink_to(self.sandbox.outside_path(SOCKETS))
            return {**self.connection_info, "ip": str(address / "kernel")}
        return self.connection_info

    def _unconfined_order(self, cmd: list[str], kwargs: dict[str, Any]) -> Order:
        return Order(
            connection={},
            connection_file=cmd[cmd.index("-f") + 1],
            folder=str(kwargs.get("cwd") or Path.cwd()),
            environment=dict(kwargs.get("env") or os.environ),
            limits=self.limits,
            tables=tuple(self.tables),
            modules=tuple(self.modules),
            arguments=_kernel_arguments(cmd),
        )

    def _confined_order(self, cmd: list[str]) -> Order:
        self.sandbox = Sandbox(self.limits or Limits())
        connection = {**self.connection_info, "ip": str(SOCKETS / "kernel")}
        return Order(
            connection=json.loads(json.dumps(connection, default=bytes.decode)),
            connection_file=str(SOCKETS / "connection.json"),
            folder=str(SCRATCH),
            environment=SANDBOX_ENVIRONMENT,
            limits=self.limits,
            sandbox=self.sandbox.pid,
            tables=tuple(self.tables),
            modules=tuple(self.modules),
            arguments=_kernel_arguments(cmd),
        )

    async def kill(self, restart: bool = False) -> None:
        """End the kernel, and with its sandbox everything that it started."""
        self._close_sandbox()
        await super().kill(restart=restart)
        if isinstance(self.process, ForkedProcess):
            # Jupyter would poll only every tenth of a second.
            self.process.wait(timeout=1)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the sandbox and what Jupyter wrote."""
        self._close_sandbox()
        await super().cleanup(restart=restart)

    def _close_sandbox(self) -> None:
        if self.sandbox:
            self.sandbox.close()
            self.sandbox = None


def _kernel_arguments(cmd: list[str]) -> tuple[str, ...]:
    """Return the arguments of the kernel other than its connection file."""
    place = cmd.index("-f")
    return (*cmd[3:place], *cmd[place + 2 :])


def _is_forkable(cmd: list[str]) -> bool:
    """Return whether a kernel belongs to this Python: other kernels cannot be forks of it."""
    return cmd[:3] == [sys.executable, "-m", "ipykernel_launcher"] and "-f" in cmd
