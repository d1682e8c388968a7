"""Turn this process into the kernel that an order describes, inside a sandbox if the order names one."""

import importlib
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from axis.kernels import control_group, sandbox
from axis.kernels.limits import Limits, impose_limits

#: No account has a user id from here on, so each sandbox gets its own user, and with it its own limit on processes.
FIRST_SANDBOX_USER = 2_000_000_000


@dataclass(frozen=True)
class Order:
    """A description of a kernel to start.

    Attributes
    ----------
    connection
        Jupyter's connection information.
    connection_file
        The file in which the kernel finds it.
    folder
        The kernel's working directory.
    environment
        Its whole environment.
    limits
        What it may use; None for no limits.
    sandbox
        The number of the process that holds the sandbox to enter; 0 for none.
    tables
        Tables of the book that it will load: the fork server checks each once, for all its forks.
    modules
        Modules that are imported before the sandbox is entered, which does not contain the package `axis`.
    arguments
        Further arguments of the kernel.
    """

    connection: dict[str, Any]
    connection_file: str
    folder: str
    environment: dict[str, str]
    limits: Limits | None = None
    sandbox: int = 0
    tables: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the order as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Order":
        """Read what `to_json` wrote."""
        values = json.loads(text)
        limits = values.pop("limits")
        return cls(**values, limits=Limits(**limits) if limits else None)


def become_kernel(order: Order) -> None:
    """Become the kernel, or the parent that waits outside the sandbox until the kernel has ended. Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # Jupyter interrupts a kernel before it kills it, but the parent outside must live on to wait for its child.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _close_inherited_files()
    os.setsid()
    sandbox.die_with_parent()
    if order.sandbox:
        if order.limits:
            control_group.enter_new_group(order.limits.memory)
        sandbox.enter_sandbox(order.sandbox)
        inside = os.fork()
        if inside:
            _, status = os.waitpid(inside, 0)
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
        sandbox.redirect_errors()
        sandbox.drop_privileges(FIRST_SANDBOX_USER + order.sandbox)
        # The system drops this setting when a process changes its user.
        sandbox.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _run_kernel(order)
    os._exit(0)


def _close_inherited_files() -> None:
    """Close the files of the starting process: a kernel must not read its orders or answer them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def _run_kernel(order: Order) -> None:
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.folder)
    file = Path(order.connection_file)
    if not file.exists():
        file.write_text(json.dumps(order.connection), encoding="utf-8")
    if order.limits:
        impose_limits(order.limits, confined=bool(order.sandbox))
    # Code in the notebook must not see the arguments of this program.
    sys.argv = [sys.argv[0]]

    from ipykernel.kernelapp import IPKernelApp

    # Only errors are logged: ipykernel would warn that connections on this machine are not encrypted.
    IPKernelApp.launch_instance(argv=["-f", str(file), "--IPKernelApp.log_level=ERROR", *order.arguments])


def import_modules(order: Order) -> None:
    """Import the modules that an order names."""
    for name in order.modules:
        importlib.import_module(name)


def main() -> None:
    """Become the kernel of the order that is the first argument."""
    order = Order.from_json(sys.argv[1])
    import_modules(order)
    become_kernel(order)


if __name__ == "__main__":
    main()
