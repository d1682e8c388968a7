"""The two cells after a notebook's title: how to run it, and the code that brings what it needs."""

import json

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from axis.portable.helpers_wheel import wheel_filename

#: The folder of the published book that holds the wheel.
WHEEL_FOLDER = "notebooks"

NOTE = """\
**To run this notebook,** run all its cells: in JupyterLab and Jupyter Notebook with *Run > Run All Cells*, in VS Code \
with *Run All*, in Colab with *Runtime > Run all*. {folded} {first}

A session on Binder, Colab or Kaggle ends when you leave it alone, and your changes end with it. Before you leave, \
save the notebook and download it (*File > Download*)."""
FOLDED_CHARTS = (
    "The code of each chart is folded: click the three dots or *Show code* in its place to read and change it."
)
FOLDED_CHECKS = "The code of each check is folded: to run one, click what stands in its place and press Shift+Enter."
FIRST_INSTALLS = (
    "The first code cell installs the book's package `helpers` with its tables where they are missing; where they are "
    "there, it does nothing."
)
FIRST_LOOKS = "The first code cell looks whether this browser can get the Python packages that the notebook needs."

#: Its first lines say what it installs. A browser's kernel finds all packages without it.
INSTALL = """\
# Install the book's package `helpers` where it is missing.
# It brings its tables and what draws the charts. Your own pandas, Altair and ipywidgets stay as they are if they are
# version 2.2, 5.5 and 7.7 or newer.
import importlib.util
import pathlib
import subprocess
import sys

WHEEL = {wheel}
SITE = {site}  # the published book


class SetupError(Exception):
    def _render_traceback_(self):
        return [str(self)]


NEEDED = ["helpers", "altair", "anywidget", "frictionless", "ipywidgets", "pandas", "vl_convert"]
if not all(map(importlib.util.find_spec, NEEDED)):
    beside = [path for path in map(pathlib.Path, [WHEEL, "../{folder}/" + WHEEL]) if path.is_file()]
    source = str(beside[0].resolve()) if beside else SITE and SITE + "{folder}/" + WHEEL
    if not source:
        raise SetupError(f"{{WHEEL}} is missing: put it beside this notebook, from where you have the notebook.")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", source]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise SetupError(f"{{source}} could not be installed ({{reason}}): install it in this kernel's Python by hand.")
    importlib.invalidate_caches()
    print(f"Installed {{source}}.")
"""

#: In a browser, the kernel fetches a package when a cell first imports it.
LOOK = """\
# Look whether this browser can get the packages that it needs.
class SetupError(Exception):
    def _render_traceback_(self):
        return [str(self)]


try:
    import markupsafe
    import pandas
    import rpds
except ImportError as error:
    raise SetupError(
        f"This browser cannot get {{error.name}} from {host}: "
        "allow that host, or open the notebook in another network, and reload the page."
    ) from None
"""


def insert_setup_cells(notebook: NotebookNode, *, folded: str, site: str) -> None:
    """Put the cells after the title of a notebook that any Jupyter may open.

    Parameters
    ----------
    notebook
        The notebook, whose first cell is its title; it is changed in place.
    folded
        The sentence on the cells that are folded.
    site
        The address of the published book with a slash at its end, or "" if none is known.
    """
    code = INSTALL.format(wheel=json.dumps(wheel_filename()), site=json.dumps(site), folder=WHEEL_FOLDER)
    _insert_cells(notebook, NOTE.format(folded=folded, first=FIRST_INSTALLS), code)


def replace_setup_code(notebook: NotebookNode, host: str) -> None:
    """Let the cells of a notebook that runs in a browser look for the packages of another host instead.

    Parameters
    ----------
    notebook
        A notebook with the cells of `insert_setup_cells`; it is changed in place.
    host
        The host of the packages, such as ``"cdn.jsdelivr.net"``.
    """
    note, code = notebook.cells[1:3]
    note.source = note.source.replace(FIRST_INSTALLS, FIRST_LOOKS)
    code.source = LOOK.format(host=host)


def fold_cell(cell: NotebookNode) -> None:
    """Fold the code of a cell in JupyterLab, in Jupyter Notebook and in Colab."""
    cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
    cell.metadata["cellView"] = "form"


def _insert_cells(notebook: NotebookNode, note: str, code: str) -> None:
    # Locked as the prompts of an exercise are, so that nobody deletes them by accident.
    locked = {"deletable": False, "editable": False}
    cells = [
        new_markdown_cell(note, id="setup-note", metadata=dict(locked)),
        new_code_cell(code.rstrip("\n"), id="setup-code", metadata=dict(locked)),
    ]
    fold_cell(cells[1])
    notebook.cells[1:1] = cells
