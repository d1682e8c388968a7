"""Make the version of an exercise that students get.

nbgrader's own preprocessors do the work, so that its users can take the sources as they are.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums, LockCells
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from axis.errors import FileError
from helpers.files import write_atomically

#: The answer cell keeps its `name = ...`, so an untouched notebook fails in its check cells alone.
ANSWER_STUB = Config({"ClearSolutions": {"code_stub": {"python": "# Write your answer here."}}})


class ReleaseError(FileError, ValueError):
    """An exercise that cannot be released."""


def release_exercise(source: Path, target: Path) -> Path:
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
        If the source is no notebook, has no valid nbgrader metadata, or opens a solution or a
        hidden test that it does not close; or if the target is the source or cannot be written.
    """
    _refuse_target_clashes([source], [target])
    write_student_notebook(student_version(source), target)
    return target


def release_all(sources: Iterable[Path], target: Path) -> list[Path]:
    """Write the student versions of several exercises, each once all could be made.

    Parameters
    ----------
    sources
        The instructor's notebooks.
    target
        The folder to write to; it is made where it is missing.

    Returns
    -------
    list of Path
        The files, in the order of the sources.

    Raises
    ------
    ReleaseError
        As `release_exercise` does, and if two sources have one name. Nothing was written then, unless the
        folder could not be written: then each file is whole, or as it was.
    """
    sources = list(sources)
    targets = [target / source.name for source in sources]
    _refuse_target_clashes(sources, targets)
    versions = [student_version(source) for source in sources]
    for version, path in zip(versions, targets, strict=True):
        write_student_notebook(version, path)
    return targets


def _refuse_target_clashes(sources: Sequence[Path], targets: Sequence[Path]) -> None:
    """Refuse to write over a source, or to one place twice."""
    known = {source.resolve() for source in sources}
    for index, target in enumerate(targets):
        if target.resolve() in known:
            raise ReleaseError(target, "is the source itself; write the student version to another folder.")
        if target in targets[:index]:
            raise ReleaseError(target, "is the place of two sources of one name; release one of them elsewhere.")


def student_version(source: Path) -> NotebookNode:
    """Make the student version of one exercise, and write nothing."""
    return strip_solutions(read_source(source), source)


def strip_solutions(notebook: NotebookNode, source: Path) -> NotebookNode:
    """Turn an instructor's notebook into the student version; `source` is named in errors."""
    _refuse_stray_ends(notebook, source)
    for preprocessor in (ClearSolutions, ClearHiddenTests, LockCells, ComputeChecksums):
        _apply_preprocessor(preprocessor(config=ANSWER_STUB), notebook, source)
    for cell in notebook.cells:
        _clear_output(cell)
    # Saved widgets would hold what the solution's comparison shows.
    notebook.metadata.pop("widgets", None)
    return notebook


def write_student_notebook(notebook: NotebookNode, target: Path) -> None:
    """Write a notebook to a temporary file, and move it into place when it is whole."""
    try:
        write_atomically(target, nbformat.writes(notebook) + "\n")
    except OSError as error:
        raise ReleaseError(target, f"cannot be written ({error.strerror}); choose another folder.") from error


def read_source(source: Path) -> NotebookNode:
    """Read an instructor's notebook, and refuse what nbgrader would refuse."""
    try:
        notebook: NotebookNode = nbformat.read(source, as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        raise ReleaseError(source, f"cannot be read ({error.strerror}); name a notebook that exists.") from error
    # nbformat meets JSON that is no notebook with whatever its first look-up raises.
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError) as error:
        raise ReleaseError(source, "is not a notebook; save it again from JupyterLab.") from error
    if not any("nbgrader" in cell.metadata for cell in notebook.cells):
        raise ReleaseError(
            source, "no cell has nbgrader's metadata; mark answer and check cells in JupyterLab's nbgrader tool."
        )
    try:
        MetadataValidator().validate_nb(notebook)
    except Exception as error:  # nbgrader's three errors share no base but this
        raise ReleaseError(source, f"nbgrader refuses its metadata ({error}); correct that cell.") from error
    return notebook


def _apply_preprocessor(preprocessor: ClearSolutions, notebook: NotebookNode, source: Path) -> None:
    """Run a preprocessor cell by cell, so that an error can name the cell."""
    for index, cell in enumerate(notebook.cells):
        try:
            preprocessor.preprocess_cell(cell, {"language": "python"}, index)
        except RuntimeError as error:
            raise _marker_error(source, index, cell, str(error).split(";")[0].rstrip(".")) from error


def _refuse_stray_ends(notebook: NotebookNode, source: Path) -> None:
    """Refuse an END without its BEGIN: nbgrader would let a misspelled BEGIN hand students the hidden test."""
    for index, cell in enumerate(notebook.cells):
        for kind in ("SOLUTION", "HIDDEN TESTS"):
            if cell.source.count(f"END {kind}") > cell.source.count(f"BEGIN {kind}"):
                raise _marker_error(source, index, cell, f"no begin {kind.lower()} statement found")


def _marker_error(source: Path, index: int, cell: NotebookNode, reason: str) -> ReleaseError:
    return ReleaseError(
        source,
        f"{reason}; close each BEGIN marker with its END marker, and keep solutions in answer cells, "
        "hidden tests in check cells.",
        place=f'cell {index + 1} ("{cell.get("id", "")}")',
    )


def _clear_output(cell: NotebookNode) -> None:
    """Take away what the solution printed; a check keeps its count, by which nbval knows that it ran."""
    if cell.cell_type != "code" or not (is_grade(cell) or is_solution(cell)):
        return
    cell.outputs = []
    if is_solution(cell):
        cell.execution_count = None
