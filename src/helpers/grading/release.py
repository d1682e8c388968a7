"""Make the version of an exercise that students get.

nbgrader's own preprocessors do the work, so that its users can take the sources as they are.
"""

import json
import os
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums, LockCells
from traitlets.config import Config

#: The answer cell keeps its `name = ...`, so an untouched notebook fails in its check cells alone.
STUB = Config(
    {
        "ClearSolutions": {
            "code_stub": {"python": "# Write your answer here."},
            "enforce_metadata": True,
        }
    }
)


class ReleaseError(ValueError):
    """An exercise that cannot be released; its text names the file, the place and the remedy."""


def release(source: Path, target: Path) -> Path:
    """Write the student version of one exercise.

    Parameters
    ----------
    source
        The instructor's notebook, with solutions and nbgrader's cell metadata.
    target
        The file to write; its folder is made where it is missing.

    Returns
    -------
    Path
        `target`, complete: it is moved into place when it is whole.

    Raises
    ------
    ReleaseError
        If the source is no notebook, has no nbgrader metadata, or opens a solution or a hidden
        test that it does not close.
    """
    notebook = _read(source)
    for preprocessor in (ClearSolutions, ClearHiddenTests, LockCells, ComputeChecksums):
        try:
            notebook, _ = preprocessor(config=STUB).preprocess(notebook, {})
        except RuntimeError as error:
            raise ReleaseError(f"{source}: {error} Close each BEGIN marker with its END marker.") from error
    for cell in notebook.cells:
        if cell.get("metadata", {}).get("nbgrader", {}).get("solution"):
            _forget_output(cell)
    _write(notebook, target)
    return target


def _read(source: Path) -> NotebookNode:
    try:
        notebook = nbformat.read(source, as_version=4)
    except OSError as error:
        raise ReleaseError(f"{source}: cannot be read ({error.strerror}); name a notebook that exists.") from error
    except (json.JSONDecodeError, UnicodeDecodeError, nbformat.reader.NotJSONError) as error:
        raise ReleaseError(f"{source}: is not a notebook; save it again from JupyterLab.") from error
    if not any("nbgrader" in cell.metadata for cell in notebook.cells):
        raise ReleaseError(
            f"{source}: no cell has nbgrader's metadata; mark answer and check cells in JupyterLab's nbgrader tool."
        )
    return notebook


def _forget_output(cell: NotebookNode) -> None:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None


def _write(notebook: NotebookNode, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as half:
        nbformat.write(notebook, half)
    os.chmod(half.name, 0o644)
    os.replace(half.name, target)
