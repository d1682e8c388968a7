"""What a printed figure may mean: the range of values before rounding, its days, and arithmetic with both.

A figure is found by its id, whatever table it is in, and becomes a range. An exact figure may have
been rounded by half a unit of its last digit (closing zeros do not count). "About" allows ten
percent either way; "more than" and "less than" have an open end. What is counted one by one was
not rounded. The ranges are wide on purpose, to give each figure the benefit of the doubt.
"""

import functools
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from helpers.tables import load, table_names

#: How far "about" reaches either way: a convention, and a generous one.
ABOUT_MARGIN = 0.1

#: Units that are counted one by one, so that their figures are not rounded.
COUNTED_UNITS = {
    "projects",
    "states",
    "banks",
    "corridors",
    "islands",
    "rank",
    "organisations",
    "transfers",
    "users",
    "supercomputers",
}

#: The average length of a year.
DAYS_PER_YEAR = 365.25

#: A row of any table: its cells by their columns.
Record = dict[str, Any]


@dataclass(frozen=True)
class Range:
    """All values from `low` to `high`.

    Examples
    --------
    >>> printed, counted = Range(3.25, 3.35), Range(3.3, 4)
    >>> printed.overlaps(counted)
    True
    >>> str(printed), str(Range(1251.3, 1251.3)), str(Range(8, math.inf))
    ('3.25 to 3.35', '1,251', 'more than 8')
    """

    low: float
    high: float

    def overlaps(self, other: "Range") -> bool:
        """Whether the two ranges have a value in common."""
        return self.low <= other.high * (1 + 1e-9) and other.low <= self.high * (1 + 1e-9)

    def __str__(self) -> str:
        """Write the range as one number, as two, or with its open end in words."""
        if math.isinf(self.high):
            return f"more than {self.low:,.4g}"
        low, high = (f"{end:,.0f}" if abs(end) >= 1000 else f"{end:.4g}" for end in (self.low, self.high))
        return low if low == high else f"{low} to {high}"


@dataclass(frozen=True)
class DateSpan:
    """All days from `first` to `last`."""

    first: date
    last: date


def find_record(identifier: str) -> Record:
    """Return the row that has this id; ``note-65`` is the id of a note.

    Raises
    ------
    ValueError
        If no table has such a row.
    """
    rows = _records_by_id()
    if identifier not in rows:
        raise ValueError(f'No table has a row with the id "{identifier}"; correct it in audit.csv.')
    return rows[identifier]


@functools.cache
def _records_by_id() -> dict[str, Record]:
    tables = [load(name) for name in table_names() if name != "audit"]
    rows = {row["id"]: dict(row) for table in tables if "id" in table for _, row in table.iterrows()}
    return rows | {f"note-{row['note']}": dict(row) for _, row in load("notes").iterrows()}


def cell_text(place: str) -> str:
    """Return the content of a cell, named by an id and a column: ``3.1-07 base``.

    Raises
    ------
    ValueError
        If there is no such row, or the row has no such column.
    """
    identifier, _, column = place.partition(" ")
    row = find_record(identifier)
    if column not in row:
        raise ValueError(f'The row "{identifier}" has no column "{column}"; correct it in audit.csv.')
    return str(row[column])


def figure_range(identifier: str, rounded: bool = True) -> Range:
    """Return the range of values that a printed figure allows.

    Parameters
    ----------
    identifier
        The id of a row that has a value.
    rounded
        Whether the figure may have been rounded; if not, it is taken as printed.

    Raises
    ------
    ValueError
        If there is no such row, or the row has no value.

    Examples
    --------
    The report prints 16.6 billion dollars for Germany, about 24 for Russia, and more than four times for Pakistan:

    >>> for identifier in ("3.3-11", "3.3-20", "3.3-19"):
    ...     print(figure_range(identifier))
    16.55 to 16.65
    21.6 to 26.4
    more than 4
    >>> print(figure_range("3.3-11", rounded=False))
    16.6
    """
    row = find_record(identifier)
    value, high = _printed_value(identifier), row.get("value_high", math.nan)
    qualifier = row.get("qualifier", "exact")
    top = value if math.isnan(high) else high
    if qualifier in ("at least", "more than"):
        return Range(value, math.inf)
    if qualifier in ("at most", "less than"):
        return Range(0, value)
    if not rounded or row.get("unit") in COUNTED_UNITS:
        return Range(value, top)
    return Range(value - _margin(value, qualifier), top + _margin(top, qualifier))


def _printed_value(identifier: str) -> float:
    row = find_record(identifier)
    value = row["value"] if "value" in row else row.get("gauge", math.nan)
    if math.isnan(value):
        raise ValueError(f'The row "{identifier}" has no figure; name another row in audit.csv.')
    return float(value)


def printed_range(identifier: str) -> Range:
    """Return a figure as printed, ignoring its qualifier and without rounding."""
    value, high = _printed_value(identifier), find_record(identifier).get("value_high", math.nan)
    return Range(value, value if math.isnan(high) else high)


def _margin(value: float, qualifier: str) -> float:
    return ABOUT_MARGIN * value if qualifier == "about" and value else _half_unit(value)


def _half_unit(value: float) -> float:
    _, digits, exponent = Decimal(f"{value:.10g}").normalize().as_tuple()
    return 0.5 * 10.0 ** int(exponent) if digits != (0,) else 0.5


def date_span(identifier: str) -> DateSpan:
    """Return the days of a row's date or period; ``2014`` is the whole year.

    Raises
    ------
    ValueError
        If there is no such row, or the row has neither date nor period.

    Examples
    --------
    >>> date_span("3.2-09")
    DateSpan(first=datetime.date(2020, 1, 1), last=datetime.date(2020, 12, 31))
    """
    row = find_record(identifier)
    text = row.get("date") or row.get("period")
    if not text:
        raise ValueError(f'The row "{identifier}" has no date; name another row in audit.csv.')
    start, _, end = text.partition("/")
    return DateSpan(first_day(start), _last_day(end or start))


def first_day(text: str) -> date:
    """Return the first day of a year, of a month, or of a day alone: ``2014``, ``2014-05``, ``2014-05-09``."""
    return date.fromisoformat(f"{text}-01-01"[:10])


def _last_day(text: str) -> date:
    first = first_day(text)
    if len(text) == 10:
        return first
    year, month = divmod(first.year * 12 + (first.month if len(text) == 7 else 12), 12)
    return date(year, month + 1, 1) - timedelta(days=1)


def evaluate_formula(text: str, rounded: bool = True) -> Range:
    """Compute with figures: ``(3.3-10 + 1) / 3.3-11``.

    Parameters
    ----------
    text
        Terms with ``+``, ``-``, ``*`` or ``/`` between them, and brackets; each sign has a space on
        both sides. As in any textbook, ``*`` and ``/`` come before ``+`` and ``-``. A term is the
        id of a row that has a figure; ``printed:a``, the same as printed, without its qualifier and
        without rounding; a whole number; ``a~b``, the years from one row's date to another's;
        ``days:a~b``, the same in days; or ``years:a``, the number of calendar years in a row's period.
    rounded
        Whether the figures may have been rounded.

    Raises
    ------
    ValueError
        If a term names no row, or a row without a figure or date; if the formula is incomplete; or if
        it multiplies or divides again after a division without brackets, because ``a / b * c`` can be
        read in two ways.

    Examples
    --------
    >>> print(evaluate_formula("(3.3-10 + 1) / 3.3-11", rounded=False))
    0.6024
    >>> print(evaluate_formula("(3.3-10 + 1) / 3.3-11"))
    0.5706 to 0.6344
    """
    return combine_terms(text, lambda term: _evaluate_term(term, rounded))


def combine_terms(text: str, term_range: Callable[[str], Range]) -> Range:
    """Compute a formula whose terms mean what `term_range` says; signs and brackets are those of `evaluate_formula`.

    Parameters
    ----------
    text
        The formula.
    term_range
        Returns the range of values of a term.

    Raises
    ------
    ValueError
        If the formula is incomplete or can be read in two ways, and whatever `term_range` raises.
    """
    return _FormulaParser(text, term_range).result()


class _FormulaParser:
    """A parser that reads one formula from left to right, with one method for each level of precedence."""

    def __init__(self, text: str, term_range: Callable[[str], Range]) -> None:
        self._text = text
        self._term_range = term_range
        self._tokens = re.findall(r"[()]|[^\s()]+", text)

    def result(self) -> Range:
        """Compute the whole formula."""
        value = self._parse_sum()
        if self._tokens:
            raise self._formula_error(f'has "{self._tokens[0]}" where one of {" ".join(OPERATIONS)} is expected')
        return value

    def _parse_sum(self) -> Range:
        value = self._parse_product()
        while self._is_next("+", "-"):
            value = _combine_ranges(OPERATIONS[self._tokens.pop(0)], value, self._parse_product())
        return value

    def _parse_product(self) -> Range:
        value, divided = self._parse_factor(), False
        while self._is_next("*", "/"):
            if divided:
                raise self._formula_error("divides and then goes on without brackets, which can be read in two ways")
            sign = self._tokens.pop(0)
            divided = sign == "/"
            value = _combine_ranges(OPERATIONS[sign], value, self._parse_factor())
        return value

    def _parse_factor(self) -> Range:
        if not self._tokens or self._tokens[0] in (*OPERATIONS, ")"):
            raise self._formula_error("lacks a term")
        first = self._tokens.pop(0)
        if first != "(":
            return self._term_range(first)
        value = self._parse_sum()
        if not self._is_next(")"):
            raise self._formula_error("opens a bracket that it does not close")
        self._tokens.pop(0)
        return value

    def _is_next(self, *signs: str) -> bool:
        return bool(self._tokens) and self._tokens[0] in signs

    def _formula_error(self, what: str) -> ValueError:
        return ValueError(f'The formula "{self._text}" {what}; correct it in audit.csv.')


#: 0 times an open end is 0, and dividing by 0 leads to an open end.
OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": lambda a, b: a * b if a and b else 0.0,
    "/": lambda a, b: a / b if b else math.inf,
}


def _combine_ranges(operation: Callable[[float, float], float], one: Range, other: Range) -> Range:
    ends = [operation(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    return Range(min(ends), max(ends))


def _evaluate_term(term: str, rounded: bool) -> Range:
    if "~" in term:
        unit = 1 if term.startswith("days:") else DAYS_PER_YEAR
        earlier, later = (date_span(end) for end in term.removeprefix("days:").split("~"))
        return Range((later.first - earlier.last).days / unit, (later.last - earlier.first).days / unit)
    if term.startswith("years:"):
        span = date_span(term.removeprefix("years:"))
        years = span.last.year - span.first.year + 1
        return Range(years, years)
    if term.startswith("printed:"):
        return printed_range(term.removeprefix("printed:"))
    return Range(float(term), float(term)) if term.isdigit() else figure_range(term, rounded)
