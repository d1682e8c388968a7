"""Start Jupyter kernels as forks of a warmed process, confined where that is asked for.

Registered as ``warm`` under ``jupyter_client.kernel_provisioners``: a kernel specification names
it, or the variable ``JUPYTER_DEFAULT_PROVISIONER_NAME`` makes it the default.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Instance, List, Unicode

from axis.kernels.fork_client import CAN_FORK, ForkedProcess, fork_kernel, start_fresh_kernel
from axis.kernels.kernel_process import Order
from axis.kernels.limits import Limits
from axis.kernels.sandbox import SCRATCH, SOCKETS, Sandbox

#: All that confined code sees of an environment.
SANDBOX_ENVIRONMENT = {
    "HOME": str(SCRATCH),
    "TMPDIR": str(SCRATCH),
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
}


class WarmProvisioner(LocalProvisioner):
    """Fork kernels instead of starting them, with the same results.

    Attributes
    ----------
    confined
        Run the kernel in a sandbox of bubblewrap.
    fresh
        Start a new process all the same.
    limits
        What the kernel may use.
    tables
        Tables of the book that it will load.
    modules
        Modules that it needs and that its sandbox does not hold.
    """

    confined = Bool(False).tag(config=True)
    fresh = Bool(False).tag(config=True)
    limits = Instance(Limits, allow_none=True).tag(config=True)
    tables = List(Unicode()).tag(config=True)
    modules = List(Unicode()).tag(config=True)
    sandbox: Sandbox | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel, and say how to reach it."""
        if not self.confined and (self.fresh or not CAN_FORK or not _is_forkable(cmd)):
            return await super().launch_kernel(cmd, **kwargs)
        order = self._confined_order(cmd) if self.confined else self._unconfined_order(cmd, kwargs)
        process = start_fresh_kernel(order) if self.fresh else fork_kernel(order)
        self.process = cast("subprocess.Popen[bytes]", process)
        self.pid = process.pid
        if self.sandbox:
            # A link, which whoever asked for the kernel can take away again.
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
        """End the kernel, and with its sandbox all that it started."""
        self._close_sandbox()
        await super().kill(restart=restart)
        if isinstance(self.process, ForkedProcess):
            # Jupyter would look again after a tenth of a second.
            self.process.wait(timeout=1)

    async def cleanup(self, restart: bool = False) -> None:
        """Leave nothing behind."""
        self._close_sandbox()
        await super().cleanup(restart=restart)

    def _close_sandbox(self) -> None:
        if self.sandbox:
            self.sandbox.close()
            self.sandbox = None


def _kernel_arguments(cmd: list[str]) -> tuple[str, ...]:
    """Give what the kernel is told beside the place of its connection file."""
    place = cmd.index("-f")
    return (*cmd[3:place], *cmd[place + 2 :])


def _is_forkable(cmd: list[str]) -> bool:
    """Tell whether a kernel is one of this Python's own: others cannot be forked from it."""
    return cmd[:3] == [sys.executable, "-m", "ipykernel_launcher"] and "-f" in cmd
