"""The numbers in the words of charts, exercises and findings, which are in code and in tables and bear no marks.

A number of a chart or an exercise is known if a table has it for the page's section, if a table that the page reads
has it, or if the page's prose has it; one of a finding if a row that the finding names has it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from axis.numbers.number_rules import EXCUSES, page_sections
from helpers.audit.computed_numbers import (
    DIGITS,
    has_record,
    numbers_in_text,
    row_figures,
    section_figures,
    table_figures,
)
from helpers.tables import load

CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?::[^\n]*\n)*(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"[\w.]+-[\w-]+|[a-z]\d+")
#: Arguments of a chart whose text readers see.
WORDED_ARGUMENTS = {"description", "title", "says", "source", "text"}
#: What a Vega expression shows is quoted in it; the rest is code.
_QUOTED_IN_EXPRESSION = re.compile(r"'([^'\n]*)'")
UNKNOWN = (
    'the number "{:,g}" in the words of a chart has no origin: write it from the chart\'s own data, '
    'as in f"{{share:.1f}} percent", or have it in the prose.'
)
#: How a task says that its numbers are made up, or how long an answer is; 1.96 belongs to the 95 percent of a margin.
_SUPPOSED = re.compile(r"\b(?:[Ss]uppose|[Aa]ssume|Invented|Take|\d+ words|words\*\*|95 percent confidence)")
_CODE = re.compile(r"`[^`]*`")
_LOADED_TABLE = re.compile(r"\bload\(\"(\w+)\"\)")


@dataclass(frozen=True)
class ChartNumber:
    """A number in the words of a chart: its value, the line of its cell in the page, and what is wrong, or ""."""

    value: float
    line: int
    fault: str


def chart_numbers(source: str, stem: str) -> Iterator[ChartNumber]:
    """Return each number in the words of a page's charts.

    Parameters
    ----------
    source
        The page, MyST Markdown.
    stem
        The name of its file.
    """
    known = known_numbers(source, stem)
    for line, words in _chart_words(source):
        for number in _held_numbers(words):
            yield ChartNumber(number, line, "" if number in known else UNKNOWN.format(number))


def known_numbers(source: str, stem: str) -> set[float]:
    """Return the numbers that a page may use: those of its sections, of the tables that it reads, and of its prose."""
    sections = page_sections(stem)
    known = set[float]().union(*(section_figures(section) for section in sections))
    known = known.union(*(table_figures("outside_figures", section) for section in sections))
    for name in set(_LOADED_TABLE.findall(source)) - {"outside_figures"}:
        known |= table_figures(name)
    return known | set(numbers_in_text(CELL.sub("", source)))


def unknown_exercise_numbers(notebook: NotebookNode, source: str, stem: str) -> list[float]:
    """Return the numbers in the tasks of an exercise that are neither known nor said to be made up.

    Parameters
    ----------
    notebook
        The exercise.
    source
        The page of the chapter that it belongs to.
    stem
        The name of both.
    """
    known = known_numbers(source, stem) | {0, 1}
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    held = [_CODE.sub("", text) for text in texts if not _SUPPOSED.search(text)]
    return [number for text in held for number in _held_numbers(text) if number not in known]


def audit_numbers() -> Iterator[tuple[str, float, bool]]:
    """Return each number that a finding has as printed: the finding, the number, whether a row named there has it."""
    for _, finding in load("audit").iterrows():
        named = [*finding["statements"].split("; "), *_ID.findall(finding["arguments"])]
        known = {number for identifier in named if has_record(identifier) for number in row_figures(identifier)}
        for number in _held_numbers(finding["printed"]):
            yield finding["id"], number, bool(known & {number, number / 1e3, number * 1e3, number / 1e6, number * 1e6})


def _chart_words(source: str) -> Iterator[tuple[int, str]]:
    for cell in CELL.finditer(source):
        line = source.count("\n", 0, cell.start()) + 1
        for node in ast.walk(ast.parse(cell[1])):
            is_argument = isinstance(node, ast.keyword) and node.arg in WORDED_ARGUMENTS
            is_sentence = isinstance(node, ast.Assign) and "says" in [getattr(name, "id", "") for name in node.targets]
            if is_argument or is_sentence:
                yield line, _literal_text(node)


def _literal_text(node: ast.AST) -> str:
    parts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    text = " ".join(part for part in parts if isinstance(part, str))
    is_expression = "' + " in text or " + '" in text
    return " ".join(_QUOTED_IN_EXPRESSION.findall(text)) if is_expression else text


def _held_numbers(words: str) -> list[float]:
    for pattern in EXCUSES.values():
        words = pattern.sub(" ", words)
    return [number for match in DIGITS.finditer(words) for number in numbers_in_text(match[0])]
