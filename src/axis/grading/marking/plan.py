"""Plan what runs of a submission: the given cells of the exercise, and the student's own code.

Students must not change given cells and checks, so these come from the exercise, whatever the submission has
under their ids. Everything else is the student's code, in the student's order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from axis.exercises.source import Exercise, is_answer, is_graded
from axis.grading.intake.notebook_content import cell_role, cell_source
from axis.grading.marking.written_texts import WrittenText, find_written_text


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
        What stands in the place of each free text, by the id of its cell.
    notes
        What was corrected, one sentence each.
    """

    steps: tuple[RunStep | AskStep, ...]
    texts: dict[str, WrittenText]
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
    roles = [cell_role(exercise, cell) for cell in cells]
    graded = {question.check for question in exercise.questions}
    answers = {cell.id for cell in exercise.source.cells if is_answer(cell)}
    if not (graded | answers) & set(roles):
        raise WrongNotebookError(
            f"The notebook contains no question of {exercise.name}: hand in the notebook of this exercise."
        )
    by_hand = [question.check for question in exercise.questions if question.by_hand]
    given = exercise.given
    asked = _ask_positions(exercise, roles)
    missing = _missing_cell_places(given, roles)
    steps: list[RunStep | AskStep] = [RunStep(given[name], name) for name in missing.get("", ())]
    seen: set[str] = set()
    for position, (cell, role) in enumerate(zip(cells, roles, strict=True)):
        if role in given and role not in seen:
            steps += [RunStep(given[name], name) for name in (role, *missing.get(role, ()))]
        elif cell["cell_type"] == "code" if role in by_hand or not role else role in answers:
            # An answer runs by its id, even if its cell is no longer one of code: a key too many changes its kind.
            steps.append(RunStep(cell_source(cell), f"cell {position + 1}"))
        seen.add(role)
        steps += [AskStep(check) for check in asked.get(position, ())]
    steps += [AskStep(check) for check in asked.get(len(cells), ())]
    texts = {check: find_written_text(exercise, check, cells, roles) for check in by_hand}
    return Plan(tuple(steps), texts, tuple(_repair_notes(exercise, cells, roles)))


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


def _repair_notes(exercise: Exercise, cells: list[NotebookNode], roles: list[str]) -> list[str]:
    """Return notes for the student about cells that were missing, duplicated or changed."""
    missing, double, changed, other = [], [], [], []
    for own in exercise.source.cells:
        if own.cell_type != "code":
            continue
        found = [cell for cell, role in zip(cells, roles, strict=True) if role == own.id]
        if not found:
            missing.append(own.id)
        elif is_answer(own):
            other += [own.id] if "code" not in [cell["cell_type"] for cell in found] else []
        elif len(found) > 1:
            double.append(own.id)
        elif cell_source(found[0]).rstrip("\n") != exercise.visible[own.id]:
            changed.append(own.id)
    return [
        *([f"Missing cells were put back: {', '.join(missing)}."] if missing else []),
        *([f"Cells that appeared twice count once: {', '.join(double)}."] if double else []),
        *([f"Changed cells were restored to the original: {', '.join(changed)}."] if changed else []),
        *([f"Answer cells that are no longer code were read by their ids: {', '.join(other)}."] if other else []),
    ]
