"""The warmed process: it has the imports done, and forks a kernel for each order.

It must never start a thread or open a zmq context, or its forks would inherit half of them; so it
talks over its standard streams, one line of JSON for each order and for each answer.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import sys

from helpers.kernels.child import Order, obey

#: What a kernel of the book imports, and what ipykernel would import late.
MODULES = (
    *("altair", "anywidget", "frictionless", "ipywidgets", "numpy", "pandas", "vl_convert"),
    *("helpers.checks", "helpers.comparison", "helpers.grading.values"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect", "IPython.extensions.storemagic"),
    *("ipykernel.debugger", "ipykernel.kernelapp", "pdb", "sqlite3", "tornado.platform.asyncio"),
)


def main() -> None:
    """Answer orders until the standard input ends."""
    warm_up()
    # Nobody waits for the kernels here: whoever ordered one watches it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from helpers import load

    for line in sys.stdin:
        order = Order.from_json(line)
        for name in order.tables:
            # A table that is broken is the notebook's to report.
            with contextlib.suppress(ValueError):
                load(name)
        print(json.dumps({"pid": _fork(order)}), flush=True)


def warm_up() -> None:
    """Import what kernels will need, and settle it so that forks share it."""
    for module in MODULES:
        importlib.import_module(module)
    import altair
    import pandas

    # The first chart makes Altair read its schema.
    altair.Chart(pandas.DataFrame({"x": [1]})).mark_bar().encode(x="x:Q").to_dict()
    gc.collect()
    # What is here now stays shared: the collector of a fork must not touch it.
    gc.freeze()


def _fork(order: Order) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        obey(order)
    finally:
        # A fork must never go on in the loop above.
        os._exit(1)


if __name__ == "__main__":
    main()
