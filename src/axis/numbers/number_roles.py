"""The roles that say where a number comes from: what each of them prints, and what is wrong with one.

The content of a role is the number as a reader sees it, and in angle brackets where it comes from:
``{computed}`1.84 <3.3-11 / 3.3-10>` ``.
"""

import re
from dataclasses import dataclass

from helpers.audit.computed_numbers import (
    compute_number,
    explain_formula,
    format_like,
    is_source_row,
    numbers_in_text,
    row_figures,
    section_figures,
)

COMPUTED, PRINTED, SOURCED, CHOSEN = "computed", "printed", "sourced", "chosen"
ROLES = (COMPUTED, PRINTED, SOURCED, CHOSEN)
#: A role in Markdown; the book's other roles have the same form.
NUMBER_ROLE = re.compile(rf"\{{({'|'.join(ROLES)})\}}(`+)(.+?)\2", re.DOTALL)
_ORIGIN = re.compile(r"(.*?)\s*<(.*)>", re.DOTALL)
#: What may lie between a figure in a table and the same figure in a sentence: 480 million are 0.48 billion.
SCALES = (1, 1e3, 1e6, 1e9)


@dataclass(frozen=True)
class MarkedNumber:
    """A number with its mark: which role, the wording, and the origin, which may be empty."""

    role: str
    wording: str
    origin: str


def parse_number_role(role: str, content: str) -> MarkedNumber:
    """Split the content of a role into its wording and its origin."""
    found = _ORIGIN.fullmatch(content)
    return MarkedNumber(role, *(found.groups() if found else (content, "")))


def shown_number(number: MarkedNumber) -> str:
    """Return what a reader sees; a computed number that cannot be computed stays as it is written."""
    if number.role != COMPUTED:
        return number.wording
    try:
        return format_like(compute_number(number.origin), number.wording)
    except ValueError:
        # The check of the page reports it, with its line.
        return number.wording


def show_numbers(markdown: str) -> str:
    """Replace each role of a number in a text by what a reader sees."""
    return NUMBER_ROLE.sub(lambda found: shown_number(parse_number_role(found[1], found[3])), markdown)


def explain_number(number: MarkedNumber) -> str:
    """Say how a computed number was computed; the others need no explanation."""
    if number.role != COMPUTED:
        return ""
    try:
        return f"Computed: {explain_formula(number.origin)}"
    except ValueError:
        return ""


def number_fault(number: MarkedNumber, sections: list[str], has_source: bool) -> str:
    """Return what is wrong with a marked number and what helps, or "".

    Parameters
    ----------
    number
        The number.
    sections
        The sections of the report that the page follows.
    has_source
        Whether the paragraph has a link to another site or a citation.
    """
    shown = f"{{{number.role}}}`{number.wording}`"
    values = numbers_in_text(number.wording)
    if not values:
        return f"{shown} has no number: put one into it, or take the role away."
    try:
        if number.role == COMPUTED and not number.origin:
            return f"{shown} has no formula: add it, as in {{computed}}`1.84 <3.3-11 / 3.3-10>`."
        if number.role == COMPUTED:
            compute_number(number.origin)
            return ""
        if number.origin:
            return _row_fault(number, values, shown)
    except ValueError as error:
        message = str(error).replace("in audit.csv", "here")
        return f"{shown}: {message}"
    if number.role == PRINTED and not all(_is_figure_of(value, sections) for value in values):
        place = f"section {' or '.join(sections)}" if sections else "this page, which follows no section,"
        return f"{shown}: no row of {place} has it; name its row, as in {{printed}}`{number.wording} <3.3-11>`."
    if number.role == SOURCED and not has_source:
        return f"{shown}: the paragraph has neither link nor citation; add one, or name a row of outside_figures."
    return ""


def stale_sample(number: MarkedNumber) -> str:
    """Return what to do where a computed number is no longer what its author wrote beside the formula, or "".

    The page shows what the formula gives, so this stops no build; but the words around the number may be wrong now.
    """
    shown = shown_number(number)
    if number.role != COMPUTED or shown == number.wording:
        return ""
    return f"{{computed}}`{number.wording}` is now {shown}: write that, and read the sentence again."


def _row_fault(number: MarkedNumber, values: list[float], shown: str) -> str:
    if number.role == CHOSEN:
        return ""
    identifiers = number.origin.split()
    is_source = [is_source_row(identifier) for identifier in identifiers]
    if number.role == SOURCED and not all(is_source):
        return f"{shown}: {number.origin} is a row of the report; mark the number {{printed}}."
    if number.role == PRINTED and any(is_source):
        return f"{shown}: {number.origin} is not a row of the report; mark the number {{sourced}}."
    figures = [figure for identifier in identifiers for figure in row_figures(identifier)]
    if not all(_is_among(value, figures, scaled=True) for value in values):
        return f"{shown}: the row {number.origin} has another figure; correct the number or name another row."
    return ""


def _is_figure_of(value: float, sections: list[str]) -> bool:
    """Whether a section has the figure; 480 million may be 0.48 billion there, but 3 is not 3 thousand."""
    is_distinctive = value >= 100 or value % 1 != 0
    return any(_is_among(value, section_figures(section), scaled=is_distinctive) for section in sections)


def _is_among(value: float, figures: list[float] | frozenset[float], scaled: bool) -> bool:
    if not scaled:
        return value in figures
    return any(
        abs(value * up - figure * down) < 1e-9 * max(abs(figure * down), 1e-9) or value == figure
        for figure in figures
        for up, down in [*((scale, 1) for scale in SCALES), *((1, scale) for scale in SCALES)]
    )
