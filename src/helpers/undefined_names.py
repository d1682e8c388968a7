"""Tell a student kindly that a check cannot find an answer."""

import linecache
import sys
from types import TracebackType
from typing import Any


def explain_undefined_names() -> None:
    """Let IPython say in one line which answer a check cell misses; do nothing outside of it.

    The answer cell may have failed, with a syntax error for instance, or may not have been run.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        shell.set_custom_exc((NameError,), _show_undefined_name)


def _show_undefined_name(
    shell: Any, kind: type[NameError], error: NameError, traceback: TracebackType, tb_offset: int | None = None
) -> None:
    """Show the error as IPython would, unless a check asked for the name."""
    cell = traceback.tb_next
    if cell is not None and cell.tb_next is None and _calls_check(cell.tb_frame.f_code.co_filename):
        hint = f"`{error.name}` does not exist. Run the cell with your answer above; if it fails, correct it first."
        error._render_traceback_ = lambda: [f"Not yet: {hint}"]  # type: ignore[attr-defined]
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


def _calls_check(cell: str) -> bool:
    return any("checks." in line for line in linecache.getlines(cell))
