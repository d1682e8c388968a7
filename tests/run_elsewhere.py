"""Run notebooks one after another in the Python that runs this file, and print as JSON what each of them shows.

Each runs in a fork of one process, which has imported what all of them need, so that none waits for it. This file
belongs to another environment than the tests, and imports nothing of the book.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import altair  # noqa: F401
import frictionless  # noqa: F401
import ipywidgets  # noqa: F401
import vl_convert  # noqa: F401
from IPython.core.interactiveshell import InteractiveShell


def run_notebook(path: Path) -> dict[str, Any]:
    os.chdir(path.parent)
    sys.path[0] = ""  # as in a kernel: the folder of the notebook
    shell: Any = InteractiveShell.instance()
    faults: list[str] = []
    shown: list[dict[str, Any]] = []
    shell.showtraceback = lambda *_, **__: faults.append(repr(sys.exc_info()[1]))
    shell.displayhook.write_format_data = lambda data, _metadata=None: shown.append(data)
    shell.display_pub.publish = lambda data, *_, **__: shown.append(data)
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            before = len(faults)
            shell.run_cell("".join(cell["source"]), store_history=True)
            if len(faults) > before:
                faults[-1] = f"{cell.get('id')}: {faults[-1]}"
    return {"faults": faults, "shown": shown}


def main(paths: list[str]) -> None:
    for name in paths:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as answer, open(os.devnull, "w") as nothing:  # noqa: PTH123
                os.dup2(nothing.fileno(), 1)
                json.dump(run_notebook(Path(name)), answer)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            print(json.dumps([name, json.loads(answer.read())]), flush=True)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
