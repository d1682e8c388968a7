"""The fork server: a process that has done all imports, and forks a kernel for each order.

It must never start a thread or open a zmq context, because its forks would inherit them in a broken state.
Therefore it takes orders over a plain socket: each order and each answer is one line of JSON. When a connection
ends, its kernels end. When the standard input ends, which the client that started the server keeps open, the
server ends with all kernels.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import selectors
import signal
import socket
import sys
import traceback

from axis.kernels.control_group import prepare_groups
from axis.kernels.kernel_process import Order, become_kernel, import_modules

#: What the kernels of the book import, and what ipykernel would otherwise import late.
WARM_MODULES = (
    *("altair", "anywidget", "frictionless", "ipywidgets", "numpy", "pandas", "vl_convert"),
    *("helpers.checks", "helpers.comparison"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect", "IPython.extensions.storemagic"),
    *("ipykernel.debugger", "ipykernel.kernelapp", "pdb", "sqlite3", "tornado.platform.asyncio"),
)


def main() -> None:
    """Answer orders that come in at the open socket whose number is the first argument."""
    listening = socket.socket(fileno=int(sys.argv[1]))
    prepare_groups()
    warm_up()
    # The client that ordered a kernel watches it, so this process does not wait for its end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with selectors.DefaultSelector() as sources:
        sources.register(sys.stdin, selectors.EVENT_READ)
        sources.register(listening, selectors.EVENT_READ)
        while True:
            for source, _ in sources.select():
                if source.fileobj is sys.stdin:
                    return
                if source.fileobj is listening:
                    connection, _ = listening.accept()
                    sources.register(connection, selectors.EVENT_READ, _Client(connection))
                elif not source.data.serve():
                    sources.unregister(source.fileobj)


class _Client:
    """One connection, and the kernels that were ordered over it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rw")
        self._kernels: list[int] = []

    def serve(self) -> bool:
        """Fork the kernel of one order; if the connection has ended, end its kernels and return False."""
        # A client may be killed at any moment, which must not end the server and the kernels of other clients.
        with contextlib.suppress(ConnectionError):
            if order := self._stream.readline():
                self._drop_ended_kernels()
                pid = _fork_child(Order.from_json(order))
                with contextlib.suppress(ProcessLookupError):
                    self._kernels.append(os.pidfd_open(pid))
                print(json.dumps({"pid": pid}), file=self._stream, flush=True)
                return True
        self._shut_down()
        return False

    def _shut_down(self) -> None:
        for kernel in self._kernels:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(kernel, signal.SIGKILL)
            os.close(kernel)
        # What could not be sent is still in the stream, and closing tries to send it again.
        with contextlib.suppress(ConnectionError):
            self._stream.close()
        self._connection.close()

    def _drop_ended_kernels(self) -> None:
        ended, _, _ = select.select(self._kernels, [], [], 0)
        for kernel in ended:
            self._kernels.remove(kernel)
            os.close(kernel)


def warm_up() -> None:
    """Import what kernels will need, and freeze it so that forks share its memory."""
    for module in WARM_MODULES:
        importlib.import_module(module)
    import altair
    import pandas

    # Altair reads its schema when it makes the first chart.
    altair.Chart(pandas.DataFrame({"x": [1]})).mark_bar().encode(x="x:Q").to_dict()
    gc.collect()
    # The garbage collector of a fork would otherwise touch these objects, and so copy their memory.
    gc.freeze()


def _fork_child(order: Order) -> int:
    # From `helpers` itself it would turn on the book's charts, which a fresh kernel does only when a notebook asks.
    from helpers.tables import load

    for name in order.tables:
        # If a table is broken, the notebook that loads it reports that.
        with contextlib.suppress(ValueError):
            load(name)
    import_modules(order)
    pid = os.fork()
    if pid:
        return pid
    try:
        become_kernel(order)
    except Exception:  # noqa: BLE001  whatever it is, the client can show only what is printed here
        traceback.print_exc()
    finally:
        # A fork must never return to the loop of the server.
        os._exit(1)


if __name__ == "__main__":
    main()
