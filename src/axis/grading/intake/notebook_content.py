"""Read the bytes of a student's notebook, and recognise from its cells which exercise it is."""

import hashlib
import json
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from axis.exercises.source import ANSWER_COMMENT, Exercise
from axis.grading.intake.submitted_files import safe_label

#: The field of a notebook's metadata that says how many of its cells were left out.
LEFT_OUT = "axis_cells_left_out"

#: The cells that a release adds so that the notebook runs anywhere.
SETUP_CELLS = ("setup-note", "setup-code")

#: The longest id of a cell that nbformat allows; what is longer names no cell of an exercise.
MAX_ID_LENGTH = 64


class ContentError(ValueError):
    """A file that cannot be marked; the text is the rest of a sentence that begins with the file's name."""


def read_notebook(content: bytes) -> NotebookNode:
    """Read a notebook of any format into nbformat 4, even if fields are missing.

    Parameters
    ----------
    content
        The bytes of the file: JSON in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Returns
    -------
    NotebookNode
        Its cells have `cell_type`, `source` as text, and `metadata`. Ids are those in the file.

    Raises
    ------
    ContentError
        If it is not a notebook.
    """
    return _parse_notebook(content)[1]


def examine_notebook(content: bytes) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the ids of a notebook's cells, and what is unusual about it, one sentence each.

    Raises
    ------
    ContentError
        If it is not a notebook.
    """
    version, notebook = _parse_notebook(content)
    old = [f"The file has the old notebook format {version} and was converted."] if version < 4 else []
    ids = [cell_ids(cell) for cell in notebook.cells]
    left_out = notebook.metadata.get(LEFT_OUT, 0)
    cells = f"{left_out} cell{'s' * (left_out != 1)}"
    empty = [f"{cells} without a text {'was' if left_out == 1 else 'were'} left out."] if left_out else []
    return frozenset().union(*ids), (*old, *empty, *_cell_id_notes(ids))


def _parse_notebook(content: bytes) -> tuple[int, NotebookNode]:
    """Return the version of the format that was handed in, and the notebook in format 4."""
    try:
        document = _parse_json(content)
        version = document["nbformat"] = _format_version(document)
        return version, _convert_notebook(document)
    except RecursionError as error:
        raise ContentError("is nested too deeply for a notebook: hand in the notebook itself") from error


def _parse_json(content: bytes) -> dict[str, Any]:
    again = "save it again from JupyterLab"
    if not content.strip():
        raise ContentError(f"is empty: {again}")
    try:
        document = json.loads(content)
    except UnicodeDecodeError as error:
        raise ContentError(f"is not text, so it is not a notebook: {again}") from error
    except json.JSONDecodeError as error:
        raise ContentError(f"is not JSON from line {error.lineno} on, so it is not a notebook: {again}") from error
    except ValueError as error:  # a number of more digits than Python reads
        raise ContentError(f"contains a number that is too long: {again}") from error
    if not isinstance(document, dict) or not ("cells" in document or "worksheets" in document):
        raise ContentError(f"has no cells, so it is not a notebook: {again}")
    return document


def _format_version(document: Mapping[str, Any]) -> int:
    """Return the major version of the format; if the file does not state it, its fields show it."""
    version = document.get("nbformat")
    return version if isinstance(version, int) else 4 if "cells" in document else 3


def _convert_notebook(document: dict[str, Any]) -> NotebookNode:
    if document["nbformat"] == 4:
        _fill_missing_fields(document)
        newest: NotebookNode = nbformat.versions[4].to_notebook_json(document)
        return newest
    try:
        _drop_old_outputs(document)
        older = nbformat.versions[document["nbformat"]].to_notebook_json(document)
        with warnings.catch_warnings():
            # Notes tell of ids that appear twice.
            warnings.simplefilter("ignore", nbformat.warnings.DuplicateCellId)
            converted: NotebookNode = nbformat.convert(older, 4)
    except RecursionError:
        raise
    except Exception as error:  # each format fails in its own way, wherever its first unexpected field is met
        raise ContentError(
            f"has notebook format {document['nbformat']}, which cannot be converted: save it again from JupyterLab"
        ) from error
    _fill_missing_fields(converted)
    return converted


def _drop_old_outputs(document: dict[str, Any]) -> None:
    """Remove the outputs of an old format, which marking does not read and which take long to convert."""
    for sheet in document.get("worksheets") or []:
        for cell in sheet.get("cells") or []:
            if "outputs" in cell:
                cell["outputs"] = []


def _fill_missing_fields(document: dict[str, Any]) -> None:
    """Add the fields that every notebook has, and leave out cells that have no text."""
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise ContentError("has no cells: hand in the notebook with your answers")
    _ensure_metadata(document)
    kept = [cell for cell in cells if _has_text(cell)]
    if not kept:
        raise ContentError("has no cells: hand in the notebook with your answers")
    document["cells"] = kept
    document["metadata"][LEFT_OUT] = len(cells) - len(kept)
    for cell in kept:
        _ensure_metadata(cell)
        # Marking reads neither, and nbformat fails on either where it has another form than the format's.
        cell.pop("attachments", None)
        if cell["cell_type"] == "code":
            cell.setdefault("execution_count", None)
            cell["outputs"] = []


def _has_text(cell: Any) -> bool:
    return isinstance(cell, dict) and isinstance(cell.get("cell_type"), str) and _is_source_text(cell.get("source"))


def _ensure_metadata(node: dict[str, Any]) -> None:
    if not isinstance(node.get("metadata"), dict):
        node["metadata"] = {}


def _is_source_text(source: Any) -> bool:
    return isinstance(source, str) or (isinstance(source, list) and all(isinstance(line, str) for line in source))


def cell_ids(cell: NotebookNode) -> set[str]:
    """Return every id of a cell: nbformat's, nbgrader's, and the one that Colab writes."""
    nbgrader = cell.metadata.get("nbgrader")
    found = [cell.get("id"), cell.metadata.get("id"), nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None]
    return {one[:MAX_ID_LENGTH] for one in found if isinstance(one, str) and one}


def cell_role(exercise: Exercise, cell: NotebookNode) -> str:
    """Return the id of the cell of the exercise that this is, if any: editors keep at least one of its marks."""
    visible = exercise.visible
    metadata = _dict_or_empty(cell.get("metadata"))
    nbgrader = _dict_or_empty(metadata.get("nbgrader"))
    for mark in (cell.get("id"), nbgrader.get("grade_id"), metadata.get("id")):
        if isinstance(mark, str) and mark in visible:
            return mark
    source = _without_answer_comment(cell_source(cell))
    same = [name for name, text in visible.items() if text.strip() and text == source]
    return same[0] if same else ""


def cell_source(cell: NotebookNode) -> str:
    """Return the text of a cell, which is stored as one text or as a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    # Some editors use Windows line endings; surrogates cannot be sent or written.
    return source.replace("\r\n", "\n").encode("utf-8", "replace").decode()


def is_untouched(exercise: Exercise, content: bytes) -> bool:
    """Whether nobody has written anything into a notebook since it was released; what it printed does not count."""
    cells = [cell for cell in read_notebook(content).cells if cell.get("id") not in SETUP_CELLS]
    known = [bool(cell_role(exercise, cell)) or _has_own_checksum(cell) for cell in cells]
    return any(known) and all(_is_as_released(exercise, cell) for cell in cells)


def _is_as_released(exercise: Exercise, cell: NotebookNode) -> bool:
    released = exercise.visible.get(cell_role(exercise, cell), "")
    # An exercise may have changed since its release, and an editor may have lost the checksum.
    return _without_answer_comment(cell_source(cell)).split() == released.split() or _has_own_checksum(cell)


def _has_own_checksum(cell: NotebookNode) -> bool:
    """Whether a cell has the checksum that nbgrader wrote at its release; nbgrader takes two seconds to import."""
    nbgrader = _dict_or_empty(cell.metadata.get("nbgrader"))
    graded, solution = bool(nbgrader.get("grade")), bool(nbgrader.get("solution"))
    locked = not solution and (graded or bool(nbgrader.get("locked")))
    try:
        points = [str(float(nbgrader.get("points", 0)))] if graded else []
    except (TypeError, ValueError):
        return False
    parts = [cell_source(cell), cell.cell_type, str(graded), str(solution), str(locked), str(nbgrader.get("grade_id"))]
    text = "".join([*parts, *points]).encode("utf-8", "replace")
    return hashlib.md5(text, usedforsecurity=False).hexdigest() == nbgrader.get("checksum")


def _without_answer_comment(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if line.strip() != ANSWER_COMMENT)


def _dict_or_empty(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def graded_cell_ids(exercise: Exercise) -> set[str]:
    """Return the ids of an exercise's graded cells."""
    return {question.check for question in exercise.questions}


def recognise_exercise(ids: frozenset[str], exercises: Mapping[str, Exercise]) -> str:
    """Return the exercise with the most graded cells among these ids; empty if there is none, or more than one."""
    counts = Counter({name: len(ids & graded_cell_ids(exercise)) for name, exercise in exercises.items()})
    best = [name for name, count in counts.items() if count and count == max(counts.values())]
    return best[0] if len(best) == 1 else ""


def is_other_exercise(ids: frozenset[str], exercise: Exercise, other: Exercise) -> bool:
    """Whether ids clearly belong to `other`: several that only it has, and none that only `exercise` has.

    Ids that both exercises have, such as ``claim-check``, decide nothing.
    """
    own, its = graded_cell_ids(exercise), graded_cell_ids(other)
    return not ids & (own - its) and len(ids & (its - own)) > 1


def _cell_id_notes(ids: list[set[str]]) -> Iterable[str]:
    if missing := sum(not one for one in ids):
        yield f"{missing} of the {len(ids)} cells {'has' if missing == 1 else 'have'} no id."
    counts = Counter(name for cell in ids for name in cell)
    if twice := sorted(name for name, count in counts.items() if count > 1):
        shown = ", ".join(safe_label(name) for name in twice[:5])
        yield f"More than one cell has the id {shown}{', …' if len(twice) > 5 else ''}."
