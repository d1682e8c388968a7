"""Tell the cells of an exercise apart by nbgrader's metadata.

nbgrader has the same functions, but its package takes two seconds to import, and every worker
would pay for it.
"""

from nbformat import NotebookNode


def is_graded(cell: NotebookNode) -> bool:
    """Tell whether a cell gives points."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade", False))


def is_answer(cell: NotebookNode) -> bool:
    """Tell whether a cell is the student's to write."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution", False))
