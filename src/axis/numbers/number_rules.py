"""Sort the numbers of a page by where they come from, and say what is wrong with those that come from nowhere.

A number is marked by a role, sourced by a link around it, quoted, excused by a rule, or unmarked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from axis.numbers.masked_prose import Prose, blank_text, mask_page, paragraph_bounds
from axis.numbers.number_roles import COMPUTED, PRINTED, SOURCED, number_fault, stale_sample
from helpers.audit.computed_numbers import DIGITS, WORDS
from helpers.tables import load

EXCUSED, UNMARKED = "excused", "unmarked"
#: Markdown takes a line with a role behind three backticks for ordinary text.
NO_ROLE = "the title of a directive that begins with ``` cannot have a role: begin and end the directive with :::."
#: The setting in ``_config.yml`` that lists the pages whose numbers are not held to the rules yet.
SETTING = "book_unmarked_pages"

MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.|Feb\.|Aug\.|Sept\.|Oct\.|Nov\.|Dec\.)"
)
#: What follows a number that measures something, so that 2018 before it is no year.
MEASURE = (
    r"\s*(?:percent|million|billion|trillion|times|dollars?|US|yuan|rubles?|euros?|km|mm|m³|MW|people|projects|troops"
    r"|answers|points|tonnes|°)"
)
IDS = (
    r"(?:sections?|chapters?|(?:extended )?notes?|findings?|figure|exercises?|parts?|steps?|weeks?|pages?|questions?"
    r"|articles?|version|volume|move|task|option)"
)
COUNTED = rf"[A-Z]?\d+(?:\.\d+)*(?!\.?\d)(?!{MEASURE})"
#: Names with a number that has no letter at it.
NAMES = (
    r"(?:Power of Siberia|Vostok|Zapad|Nord Stream|Arctic LNG|ISO|Python|CC BY|Natural Earth|Altair|pandas|Article)"
    r"\s\d[\d.:]*"
)
YEAR = rf"(?<![\d.,$¥€])(?:1[5-9]\d\d|20\d\d)(?:[–/-]\d{{2,4}})?(?![\d%])(?![.,]\d)(?!{MEASURE})"
#: Numbers that need no origin, each kind with its pattern.
EXCUSES = {
    "date": re.compile(
        rf"\b\d{{1,2}}(?:(?:–|-| to | and |, )\d{{1,2}})* {MONTH}|\b{MONTH} \d{{1,2}}\b(?![,.]?\d)"
        r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d{1,2}\b",
        re.IGNORECASE,
    ),
    "number of a section or the like": re.compile(
        rf"\b{IDS}\s+{COUNTED}(?:(?:,| and|, and| or| to|–)\s*{COUNTED})*", re.IGNORECASE
    ),
    "heading": re.compile(r"^(?:#+\s+\d+(?:\.\d+)*\b|\*\*\d(?:\.\d)? (?=[A-Z]))", re.MULTILINE),
    "name": re.compile(rf"{NAMES}|\b\d+\+1\b|\b(?:[A-Za-z]+[A-Za-z-]*-?\d[\w.]*|\d+(?:st|nd|rd|th|s|[A-Z]\w*))\b"),
    "id": re.compile(r"\b\d(?:\.\d)?-[a-z]*\d+\b"),
    "year": re.compile(YEAR),
    "reading time": re.compile(r"\b\d+(?: (?:to|or|and) \d+)?[ -]minutes?\b"),
    "unit": re.compile(r"\bper (?:1,000|100|10|1)\b|\bto 1\b(?![,.]?\d)"),
    "whole": re.compile(r"(?<![\d.,])100 percent\b"),
    "latitude or longitude": re.compile(r"\b\d+(?:\.\d+)?° ?[NSEW]\b"),
}
QUOTED = re.compile(r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”")
#: A number in words counts only before these.
WORDED = re.compile(
    rf"\b(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})\b(?= (?:percent|million|billion|trillion|times)\b)",
    re.IGNORECASE,
)
#: Columns of a table of Markdown that hold numbers of sections and the like.
NUMBERING = re.compile(
    r"(?:week|(?:.* )?exercises?(?: .*)?|minutes|chapters?|sections?|notes?|findings?|years?|dates?|when|time)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ProseNumber:
    """One number of a page: where it begins, its line, how it is written, and what it is.

    Attributes
    ----------
    fault
        What is wrong with it, which stops a build.
    stale
        What its author has to read again, which does not.
    """

    place: int
    line: int
    written: str
    kind: str
    fault: str = ""
    stale: str = ""


def sort_numbers(source: str, stem: str) -> list[ProseNumber]:
    """Sort all numbers in the prose of a page.

    Parameters
    ----------
    source
        The page, MyST Markdown.
    stem
        The name of its file, which says what sections of the report it follows.
    """
    prose = mask_page(source)
    sections = page_sections(stem)
    found = [*_marked_numbers(prose, source, sections)]
    text = _blank_numberings(prose.text)
    for span in prose.link_wordings:
        found += _numbers_between(text, source, *span, kind=SOURCED)
        start, end = span
        text = text[:start] + blank_text(text[start:end]) + text[end:]
    for pattern, kind in [*((pattern, EXCUSED) for pattern in EXCUSES.values()), (QUOTED, PRINTED)]:
        for match in pattern.finditer(text):
            found += _numbers_between(text, source, *match.span(), kind=kind)
        text = pattern.sub(lambda match: blank_text(match[0]), text)
    for match in [*DIGITS.finditer(text), *WORDED.finditer(text)]:
        if repeated := _kind_in_paragraph(prose, source, match):
            found.append(ProseNumber(match.start(), _line_at(source, match.start()), match[0], repeated))
            continue
        fault = f'the number "{match[0]}" has no origin: mark it {{printed}}, {{sourced}} or {{computed}}.'
        found.append(ProseNumber(match.start(), _line_at(source, match.start()), match[0], UNMARKED, fault))
    return sorted(found, key=lambda number: number.place)


def page_faults(numbers: Iterable[ProseNumber], is_held: bool) -> Iterator[ProseNumber]:
    """Return the numbers of a page with something wrong.

    Parameters
    ----------
    numbers
        All that the page has, as `sort_numbers` returns them.
    is_held
        Whether every number must be marked; if not, only those that are marked are checked.
    """
    return (number for number in numbers if number.fault and (is_held or number.kind != UNMARKED))


def page_sections(stem: str) -> list[str]:
    """Return the sections of the report that a page follows."""
    table = load("sections")
    return list(table.loc[table["chapter"] == stem, "section"])


def unmarked_pages(root: Path) -> list[str] | None:
    """Read which pages are not held to the rules yet; None if the book does not ask for any.

    Parameters
    ----------
    root
        The folder of ``_config.yml``.
    """
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    pages: list[str] | None = settings.get("sphinx", {}).get("config", {}).get(SETTING)
    return pages


def _marked_numbers(prose: Prose, source: str, sections: list[str]) -> Iterator[ProseNumber]:
    for place, number in prose.marked:
        start, end = paragraph_bounds(source, place)
        has_source = any(start <= at < end for at in prose.sources)
        line_start = source.rfind("\n", 0, place) + 1
        opening = source[line_start:place].lstrip()
        fault = NO_ROLE if opening.startswith("```") else number_fault(number, sections, has_source)
        stale = "" if fault else stale_sample(number)
        yield ProseNumber(place, _line_at(source, place), number.wording, number.role, fault, stale)


def _kind_in_paragraph(prose: Prose, source: str, match: re.Match[str]) -> str:
    """Return the role of the same number in the same paragraph, or ""; a computed one needs its mark each time."""
    start, end = paragraph_bounds(source, match.start())
    same = (one.role for place, one in prose.marked if start <= place < end and match[0] == one.wording.split(" ")[0])
    return next((role for role in same if role != COMPUTED), "")


def _numbers_between(text: str, source: str, start: int, end: int, kind: str) -> Iterator[ProseNumber]:
    for match in re.finditer(r"\d[\d,.]*", text[start:end]):
        place = start + match.start()
        yield ProseNumber(place, _line_at(source, place), match[0], kind)


def _blank_numberings(text: str) -> str:
    """Blank out the cells of tables whose column is a numbering."""
    lines = text.split("\n")
    columns: list[int] = []
    for index, line in enumerate(lines):
        if not line.startswith("|"):
            columns = []
            continue
        if not columns and (index == 0 or not lines[index - 1].startswith("|")):
            columns = [at for at, cell in enumerate(line.split("|")) if NUMBERING.fullmatch(cell.strip())]
        cells = line.split("|")
        lines[index] = "|".join(" " * len(cell) if at in columns else cell for at, cell in enumerate(cells))
    return "\n".join(lines)


def _line_at(source: str, place: int) -> int:
    return source.count("\n", 0, place) + 1
