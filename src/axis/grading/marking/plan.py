"""Plan what runs of a submission: the given cells of the exercise, and the student's own code.

Students must not change given cells and checks, so these come from the exercise, whatever the submission has
under their ids. Everything else is the student's code, in the student's order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from axis.exercises.source import Exercise, is_answer, is_graded


@dataclass(frozen=True)
class RunStep:
    """Run a cell.

    Attributes
    ----------
    source
        The code.
    cell
        The name of the cell for people: its position in the submitted notebook, or its id.
    """

    source: str
    cell: str


@dataclass(frozen=True)
class AskStep:
    """Ask for the values that a graded cell reads."""

    check: str


@dataclass(frozen=True)
class Plan:
    """What runs of one submission.

    Attributes
    ----------
    steps
        Cells to run and values to ask for, in order.
    texts
        The free texts in Markdown cells, by the id of the cell.
    notes
        What was corrected, one sentence each.
    """

    steps: tuple[RunStep | AskStep, ...]
    texts: dict[str, str]
    notes: tuple[str, ...]


class WrongNotebookError(ValueError):
    """A notebook without any cell of the exercise."""


def plan_run(exercise: Exercise, submitted: NotebookNode) -> Plan:
    """Plan what to run of a submission.

    Parameters
    ----------
    submitted
        A notebook of format 4, as `read_notebook` returns it; its cells may have any content.

    Raises
    ------
    WrongNotebookError
        If none of its cells belongs to the exercise.
    """
    cells = submitted.cells
    roles = [_cell_role(exercise, cell) for cell in cells]
    graded = {question.check for question in exercise.questions}
    answers = {cell.id for cell in exercise.source.cells if is_answer(cell)}
    if not (graded | answers) & set(roles):
        raise WrongNotebookError(
            f"The notebook contains no question of {exercise.name}: hand in the notebook of this exercise."
        )
    given = exercise.given
    asked = _ask_positions(exercise, roles)
    missing = _missing_cell_places(given, roles)
    steps: list[RunStep | AskStep] = [RunStep(given[name], name) for name in missing.get("", ())]
    seen: set[str] = set()
    for position, (cell, role) in enumerate(zip(cells, roles, strict=True)):
        if role in given and role not in seen:
            steps += [RunStep(given[name], name) for name in (role, *missing.get(role, ()))]
        elif role in answers or not role:
            steps += [RunStep(_cell_source(cell), f"cell {position + 1}")] if cell.get("cell_type") == "code" else []
        seen.add(role)
        steps += [AskStep(check) for check in asked.get(position, ())]
    steps += [AskStep(check) for check in asked.get(len(cells), ())]
    return Plan(tuple(steps), _free_text_answers(cells, roles, graded), tuple(_repair_notes(exercise, cells, roles)))


def _cell_role(exercise: Exercise, cell: NotebookNode) -> str:
    """Return the id of the cell of the exercise that this is, if any: editors keep at least one of these marks."""
    visible = exercise.visible
    metadata = _dict_or_empty(cell.get("metadata"))
    nbgrader = _dict_or_empty(metadata.get("nbgrader"))
    for mark in (cell.get("id"), nbgrader.get("grade_id"), metadata.get("id")):
        if isinstance(mark, str) and mark in visible:
            return mark
    same = [name for name, source in visible.items() if source.strip() and source == _cell_source(cell)]
    return same[0] if same else ""


def _dict_or_empty(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _cell_source(cell: NotebookNode) -> str:
    """Return the text of a cell, which is stored as one text or as a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    # Some editors use Windows line endings; surrogates cannot be sent or written.
    return source.replace("\r\n", "\n").encode("utf-8", "replace").decode()


def _missing_cell_places(given: Mapping[str, str], roles: Sequence[str]) -> dict[str, list[str]]:
    """Return the missing given cells by the given cell after which they belong; one may be merged into another."""
    places: dict[str, list[str]] = {}
    before = ""
    for name in given:
        if name in roles:
            before = name
        else:
            places.setdefault(before, []).append(name)
    return places


def _ask_positions(exercise: Exercise, roles: list[str]) -> dict[int, list[str]]:
    """Return the graded cells whose values are asked for, by the position after which that happens.

    Values are asked for where the check appears last. If it is missing, they are asked for after the last cell of
    the answer that belongs before it.
    """
    places: dict[int, list[str]] = {}
    before = ""
    for cell in exercise.source.cells:
        if is_answer(cell):
            before = cell.id
        if is_graded(cell):
            found = cell.id if cell.id in roles else before
            position = len(roles) - 1 - roles[::-1].index(found) if found in roles else len(roles)
            places.setdefault(position, []).append(cell.id)
    return places


def _free_text_answers(cells: list[NotebookNode], roles: list[str], graded: set[str]) -> dict[str, str]:
    pairs = zip(cells, roles, strict=True)
    return {role: _cell_source(cell) for cell, role in pairs if role in graded and cell.get("cell_type") == "markdown"}


def _repair_notes(exercise: Exercise, cells: list[NotebookNode], roles: list[str]) -> list[str]:
    """Return notes for the student about cells that were missing, duplicated or changed."""
    missing, double, changed = [], [], []
    for own in exercise.source.cells:
        if own.cell_type != "code":
            continue
        found = [cell for cell, role in zip(cells, roles, strict=True) if role == own.id]
        if not found:
            missing.append(own.id)
        elif is_answer(own):
            continue
        elif len(found) > 1:
            double.append(own.id)
        elif _cell_source(found[0]).rstrip("\n") != exercise.visible[own.id]:
            changed.append(own.id)
    return [
        *([f"Missing cells were put back: {', '.join(missing)}."] if missing else []),
        *([f"Cells that appeared twice count once: {', '.join(double)}."] if double else []),
        *([f"Changed cells were restored to the original: {', '.join(changed)}."] if changed else []),
    ]
