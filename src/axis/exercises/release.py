"""Make the version of an exercise that students get.

nbgrader's own preprocessors make it, so that users of nbgrader can use the sources as they are.
"""

import copy
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums, LockCells
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from axis.errors import FileError
from axis.exercises.source import ANSWER_COMMENT, Exercise
from axis.exercises.variants import VARIED, ClassVariants
from axis.portable.setup_cells import FOLDED_CHECKS, fold_cell, insert_setup_cells
from helpers.files import write_atomically

#: The answer cell keeps its `name = ...`, so that an unsolved notebook fails only in its check cells.
ANSWER_STUB = Config({"ClearSolutions": {"code_stub": {"python": ANSWER_COMMENT}}})


class ReleaseError(FileError, ValueError):
    """An exercise that cannot be released."""


def release_exercise(source: Path, target: Path, site: str = "") -> Path:
    """Write the student version of one exercise.

    Parameters
    ----------
    source
        The instructor's notebook, with solutions and nbgrader's cell metadata.
    target
        The file to write; its folder is made if it is missing.
    site
        As in `release_all`.

    Returns
    -------
    Path
        `target`, which is either complete or as it was before.

    Raises
    ------
    ReleaseError
        If the source is not a notebook, has no valid nbgrader metadata, or has a solution or hidden test with only
        one of its two markers; or if the target is the source or cannot be written.
    """
    _refuse_target_clashes([source], [target])
    write_student_notebook(student_version(source), target, site)
    return target


def release_all(sources: Iterable[Path], target: Path, site: str = "") -> list[Path]:
    """Write the student versions of several exercises, after all of them were made.

    Parameters
    ----------
    sources
        The instructor's notebooks.
    target
        The folder to write to; it is made if it is missing.
    site
        The address of the published book with a slash at its end, from which a notebook elsewhere gets the package
        that it imports; "" if none is known.

    Returns
    -------
    list of Path
        The files, in the order of the sources.

    Raises
    ------
    ReleaseError
        As in `release_exercise`, and if two sources have the same name. Then nothing has been written. If the
        folder cannot be written, each file is either complete or as it was before.
    """
    versions = student_versions(sources, target)
    for path, version in versions.items():
        if path.exists() and path.read_bytes() != notebook_text(version, site).encode():
            raise ReleaseError(path, "is not what was released, so somebody has worked in it; choose another folder.")
    for path, version in versions.items():
        write_student_notebook(version, path, site)
    return list(versions)


def student_versions(sources: Iterable[Path], target: Path) -> dict[Path, NotebookNode]:
    """Return the student versions of several exercises by the files that they are for, and write nothing.

    Raises
    ------
    ReleaseError
        As in `release_all`, if any of them cannot be made.
    """
    sources = list(sources)
    targets = [target / source.name for source in sources]
    _refuse_target_clashes(sources, targets)
    return dict(zip(targets, map(student_version, sources), strict=True))


def release_variants(sources: Iterable[Path], target: Path, variants: ClassVariants, site: str = "") -> list[Path]:
    """Write each student's own version of the exercises that have variants.

    Parameters
    ----------
    sources
        The instructor's notebooks; those without variants are passed over.
    target
        The folder to write to. Each student gets a folder in it.
    variants
        The variants of the class.
    site
        As in `release_all`.

    Returns
    -------
    list of Path
        The files, student by student.

    Raises
    ------
    ReleaseError
        As in `release_exercise`, and if a notebook would be replaced by another one. Unless the folder cannot be
        written, nothing has been written then.
    ExerciseError
        If a source does not say what its variants are made from; nothing has been written.
    """
    versions: dict[Path, NotebookNode] = {}
    for source in (source for source in sources if source.stem in VARIED):
        read_source(source)
        exercise = Exercise.from_file(source)
        students = list(variants.students.values())
        for student, variant in zip(students, variants.exercises_for(exercise, students), strict=True):
            own = nbformat.reads(variant.text, as_version=4)
            versions[target / student / source.name] = strip_solutions(own, source)
    for path, version in versions.items():
        if path.exists() and path.read_bytes() != notebook_text(version, site).encode():
            raise ReleaseError(path, "is not what was released, so somebody has worked in it; choose another folder.")
    for path, version in versions.items():
        write_student_notebook(version, path, site)
    return list(versions)


def _refuse_target_clashes(sources: Sequence[Path], targets: Sequence[Path]) -> None:
    """Refuse to overwrite a source, or to write a file twice."""
    known = {source.resolve() for source in sources}
    for index, target in enumerate(targets):
        if target.resolve() in known:
            raise ReleaseError(target, "is the source itself; write the student version to another folder.")
        if target in targets[:index]:
            raise ReleaseError(
                target, "would be written from two sources with this name; release one of them to another folder."
            )


def student_version(source: Path) -> NotebookNode:
    """Return the student version of one exercise, and write nothing."""
    return strip_solutions(read_source(source), source)


def strip_solutions(notebook: NotebookNode, source: Path) -> NotebookNode:
    """Turn an instructor's notebook into the student version; errors name `source`."""
    _refuse_stray_ends(notebook, source)
    for preprocessor in (ClearSolutions, ClearHiddenTests, LockCells, ComputeChecksums):
        _apply_preprocessor(preprocessor(config=ANSWER_STUB), notebook, source)
    for cell in notebook.cells:
        _clear_output(cell)
    # The saved state of widgets would show the solution's comparison.
    notebook.metadata.pop("widgets", None)
    return notebook


def write_student_notebook(notebook: NotebookNode, target: Path, site: str = "") -> None:
    """Write a student version that runs anywhere, with its checks folded; the file is complete or as it was before."""
    try:
        write_atomically(target, notebook_text(notebook, site))
    except OSError as error:
        raise ReleaseError(target, f"cannot be written ({error.strerror}); choose another folder.") from error


def notebook_text(notebook: NotebookNode, site: str = "") -> str:
    """Return what the file of a student version contains, with the cells that let it run anywhere."""
    return str(nbformat.writes(_portable_version(notebook, site))) + "\n"


def _portable_version(notebook: NotebookNode, site: str) -> NotebookNode:
    """Add the cells that bring the package, and fold the checks, whose hints nobody should read before an attempt."""
    portable = copy.deepcopy(notebook)
    insert_setup_cells(portable, folded=FOLDED_CHECKS, site=site)
    for cell in portable.cells:
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
            fold_cell(cell)
    return portable


def read_source(source: Path) -> NotebookNode:
    """Read an instructor's notebook, and refuse it if nbgrader would refuse it."""
    try:
        notebook: NotebookNode = nbformat.read(source, as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        raise ReleaseError(source, f"cannot be read ({error.strerror}); pass a notebook that exists.") from error
    # If JSON is not a notebook, nbformat raises whatever its first look-up raises.
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError) as error:
        raise ReleaseError(source, "is not a notebook; save it again from JupyterLab.") from error
    if not any("nbgrader" in cell.metadata for cell in notebook.cells):
        raise ReleaseError(
            source,
            "has no cell with nbgrader's metadata; mark the answer and check cells in JupyterLab's nbgrader tool.",
        )
    try:
        MetadataValidator().validate_nb(notebook)
    except Exception as error:  # nbgrader's three errors have no other base in common
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
    """Refuse an END without its BEGIN: if a BEGIN is misspelled, nbgrader would leave the hidden test in place."""
    for index, cell in enumerate(notebook.cells):
        for kind in ("SOLUTION", "HIDDEN TESTS"):
            if cell.source.count(f"END {kind}") > cell.source.count(f"BEGIN {kind}"):
                raise _marker_error(source, index, cell, f"no begin {kind.lower()} statement found")


def _marker_error(source: Path, index: int, cell: NotebookNode, reason: str) -> ReleaseError:
    return ReleaseError(
        source,
        f"{reason}; close each BEGIN marker with its END marker, and keep solutions in answer cells "
        "and hidden tests in check cells.",
        place=f'cell {index + 1} ("{cell.get("id", "")}")',
    )


def _clear_output(cell: NotebookNode) -> None:
    """Remove what the solution printed; a check keeps its execution count, without which nbval would not run it."""
    if cell.cell_type != "code" or not (is_grade(cell) or is_solution(cell)):
        return
    cell.outputs = []
    if is_solution(cell):
        cell.execution_count = None
