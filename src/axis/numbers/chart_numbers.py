"""The numbers in the words of charts and of findings, which stand in code and in tables and bear no marks.

A number of a chart is known if a table has it for the page's section, or if the page's prose has it; one of a finding
if a row that the finding names has it.
"""

import ast
import re
from collections.abc import Iterator

from axis.numbers.number_rules import EXCUSES, page_sections
from helpers.audit.computed_numbers import DIGITS, has_record, numbers_in_text, row_figures, section_figures
from helpers.tables import load

CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?::[^\n]*\n)*(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"[\w.]+-[\w-]+|[a-z]\d+")
#: Arguments of a chart whose text readers see.
WORDED_ARGUMENTS = {"description", "title", "says", "source", "text"}


def chart_numbers(source: str, stem: str) -> Iterator[tuple[float, bool]]:
    """Return each number in the words of a page's charts, and whether it is known.

    Parameters
    ----------
    source
        The page, MyST Markdown.
    stem
        The name of its file.
    """
    known = set[float]().union(*(section_figures(section) for section in page_sections(stem)))
    known |= set(numbers_in_text(CELL.sub("", source)))
    return ((number, number in known) for words in _chart_words(source) for number in _held_numbers(words))


def audit_numbers() -> Iterator[tuple[str, float, bool]]:
    """Return each number that a finding has as printed: the finding, the number, whether a row named there has it."""
    for _, finding in load("audit").iterrows():
        named = [*finding["statements"].split("; "), *_ID.findall(finding["arguments"])]
        known = {number for identifier in named if has_record(identifier) for number in row_figures(identifier)}
        for number in _held_numbers(finding["printed"]):
            yield finding["id"], number, bool(known & {number, number / 1e3, number * 1e3, number / 1e6, number * 1e6})


def _chart_words(source: str) -> Iterator[str]:
    for cell in CELL.finditer(source):
        for node in ast.walk(ast.parse(cell[1])):
            is_argument = isinstance(node, ast.keyword) and node.arg in WORDED_ARGUMENTS
            is_sentence = isinstance(node, ast.Assign) and "says" in [getattr(name, "id", "") for name in node.targets]
            if is_argument or is_sentence:
                yield _literal_text(node)


def _literal_text(node: ast.AST) -> str:
    parts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return " ".join(part for part in parts if isinstance(part, str))


def _held_numbers(words: str) -> list[float]:
    for pattern in EXCUSES.values():
        words = pattern.sub(" ", words)
    return [number for match in DIGITS.finditer(words) for number in numbers_in_text(match[0])]
