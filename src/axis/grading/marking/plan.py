"""Put a submission in order: the exercise's own cells restored, the student's kept.

What is not the student's to change, given cells and checks, comes from the exercise, whatever
the submission holds under its id. What is left is the student's code, in the student's order.
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
        Its code.
    cell
        What a person would call it: its position in the submitted notebook, or its id.
    """

    source: str
    cell: str


@dataclass(frozen=True)
class AskStep:
    """Ask for the values that a graded cell reads."""

    check: str


@dataclass(frozen=True)
class Plan:
    """What to do with one submission, in order.

    Attributes
    ----------
    steps
        Cells to run and values to ask for.
    texts
        For each free text in a Markdown cell, by the id of the cell, what it says.
    notes
        What was put right, one sentence each.
    """

    steps: tuple[RunStep | AskStep, ...]
    texts: dict[str, str]
    notes: tuple[str, ...]


class WrongNotebookError(ValueError):
    """A notebook that holds no cell of the exercise."""


def plan_run(exercise: Exercise, submitted: NotebookNode) -> Plan:
    """Say what to run of a submission.

    Parameters
    ----------
    submitted
        A notebook of format 4; nothing else about it is taken for granted.

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
            f"The notebook holds no question of {exercise.name}: hand in the notebook of this exercise."
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
    """Tell which cell of the exercise this is, if any: editors keep one of these marks at least."""
    ours = exercise.visible
    metadata = _dict_or_empty(cell.get("metadata"))
    nbgrader = _dict_or_empty(metadata.get("nbgrader"))
    for mark in (cell.get("id"), nbgrader.get("grade_id"), metadata.get("id")):
        if isinstance(mark, str) and mark in ours:
            return mark
    same = [name for name, source in ours.items() if source.strip() and source == _cell_source(cell)]
    return same[0] if same else ""


def _dict_or_empty(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _cell_source(cell: NotebookNode) -> str:
    """Give the text of a cell, which the format stores in one piece or in lines."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    # Some editors end lines as Windows does; half of a character cannot be sent or written anywhere.
    return source.replace("\r\n", "\n").encode("utf-8", "replace").decode()


def _missing_cell_places(given: Mapping[str, str], roles: Sequence[str]) -> dict[str, list[str]]:
    """Say after which given cell those follow that are missing, such as one merged into the cell above it."""
    places: dict[str, list[str]] = {}
    before = ""
    for name in given:
        if name in roles:
            before = name
        else:
            places.setdefault(before, []).append(name)
    return places


def _ask_positions(exercise: Exercise, roles: list[str]) -> dict[int, list[str]]:
    """Say after which position each graded cell's values are asked for.

    A check is asked where it stands last; one that is gone, after the last cell of the answer
    that stood before it.
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
    """Say what the student may not know: what was missing, double or changed."""
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
        *([f"Cells that stood twice count once: {', '.join(double)}."] if double else []),
        *([f"Changed cells were put back as they were: {', '.join(changed)}."] if changed else []),
    ]
