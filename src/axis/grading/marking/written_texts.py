"""Find what a student wrote in answer to a question that the instructor marks by hand.

A free text is assigned to a name, but students also write it without quotation marks, as a comment, in Markdown,
below the cell or in another cell. All of it is plain to read in the file, so whatever differs from the release in the
place of a free text is handed to the instructor, whether or not it runs.
"""

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from axis.exercises.source import ANSWER_COMMENT, Exercise, is_answer
from axis.grading.intake.notebook_content import cell_source

#: A shorter comment beside a text that was assigned is about the code.
MIN_COMMENT_WORDS = 4


@dataclass(frozen=True)
class WrittenText:
    """What stands in the place of a free text, as it stands in the file.

    Attributes
    ----------
    whole
        Everything, the code of the answer included; for a text that cannot be had by running the cell.
    beside
        What is not code: comments in the answer cell, and Markdown around it.
    """

    whole: str
    beside: str


def find_written_text(
    exercise: Exercise, check: str, cells: Sequence[NotebookNode], roles: Sequence[str]
) -> WrittenText:
    """Find what was written in the place of a free text.

    If nothing was, the text may be in another cell: one that assigns its name, or else the Markdown of the student's
    own cells.

    Parameters
    ----------
    exercise
        The exercise.
    check
        The id of the cell for the text.
    cells
        The cells of the submission.
    roles
        For each of them, the id of the cell of the exercise that it is; empty for one of the student's own.
    """
    near = _question_cells(exercise, check)
    whole, beside = [], []
    for cell, role, place in zip(cells, roles, _places(roles), strict=True):
        if place not in near:
            continue
        text = _added_text(exercise, cell, role)
        whole.append(text)
        is_code = cell["cell_type"] == "code" and role in ("", check)
        beside.append(_long_comments(cell_source(cell)) if is_code else text)
    found = _join_texts(whole) or _join_texts(_texts_elsewhere(exercise, check, cells, roles))
    return WrittenText(found, _join_texts(beside))


def _question_cells(exercise: Exercise, check: str) -> set[str]:
    """Return the ids of the cells under the same heading, without the answers to other questions."""
    group: list[NotebookNode] = []
    for cell in exercise.source.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            if check in [one.id for one in group]:
                break
            group = []
        group.append(cell)
    return {cell.id for cell in group if cell.id == check or not is_answer(cell)}


def _places(roles: Sequence[str]) -> Iterator[str]:
    """Yield for each cell the last cell of the exercise up to it, itself included."""
    place = ""
    for role in roles:
        place = role or place
        yield place


def _added_text(exercise: Exercise, cell: NotebookNode, role: str) -> str:
    """Return the lines of a cell that are not in its release."""
    source = cell_source(cell)
    released = {line.strip() for line in exercise.visible.get(role, "").splitlines()} | {ANSWER_COMMENT}
    return "\n".join(line for line in source.splitlines() if line.strip() not in released) if role else source


def _texts_elsewhere(
    exercise: Exercise, check: str, cells: Sequence[NotebookNode], roles: Sequence[str]
) -> Iterator[str]:
    names = "|".join(map(re.escape, exercise.answer_names[check]))
    assigns = re.compile(rf"^\s*(?:{names})\s*=[^=]" if names else r"(?!)", re.MULTILINE)
    others = [(cell, role) for cell, role in zip(cells, roles, strict=True) if role != check]
    assigned = [cell_source(cell) for cell, _ in others if assigns.search(cell_source(cell))]
    yield from assigned or [cell_source(cell) for cell, role in others if not role and cell["cell_type"] != "code"]


def _long_comments(source: str) -> str:
    """Return the comments of code that say more than a word about the code."""
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and token.string != ANSWER_COMMENT:
                found.append(token.string.lstrip("# "))
    except (tokenize.TokenError, SyntaxError):
        return source
    text = "\n".join(found)
    return text if len(text.split()) >= MIN_COMMENT_WORDS else ""


def _join_texts(parts: Iterator[str] | Sequence[str]) -> str:
    return "\n\n".join(dict.fromkeys(filter(None, map(str.strip, parts))))
