"""The results of the audit in words: dates, formulas and comparisons as a reader would say them."""

import math
import re
from datetime import timedelta

from helpers.audit.formulas import DateSpan, Range, date_span, evaluate_formula

#: How often something happens, as one says it.
TIMES = {0: "never", 1: "once", 2: "twice"}

#: What a reader needs to know of a figure, by the column that has it.
DETAILS = {"period": "a date", "notes": "a note", "pollster": "a pollster"}

#: The signs of a formula as they are printed.
SIGNS = {"*": "×", "/": "÷", "-": "−"}

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

#: A key of the bibliography: an author, a year, a word of the title.
WORK_KEY = re.compile(r"([a-z]+)(\d{4})[a-z]+")


def span_words(span: DateSpan) -> str:
    """Write the days of a span as a reader would: a day, a month, a year, or from one to another.

    Examples
    --------
    >>> from datetime import date
    >>> span_words(DateSpan(date(2018, 8, 1), date(2018, 8, 31)))
    'August 2018'
    >>> span_words(DateSpan(date(2021, 3, 22), date(2021, 3, 23)))
    '22 to 23 March 2021'
    """
    first, last = span.first, span.last
    ends = [[str(end.day), MONTHS[end.month - 1], str(end.year)] for end in (first, last)]
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        ends = [end[2:] for end in ends]
    elif first.day == 1 and (last + timedelta(days=1)).day == 1:
        ends = [end[1:] for end in ends]
    if ends[0] == ends[1]:
        return " ".join(ends[0])
    # What both ends share at their close is said once.
    while ends[0] and ends[0][-1] == ends[1][len(ends[0]) - 1 - len(ends[1])]:
        ends[0].pop()
    return f"{' '.join(ends[0])} to {' '.join(ends[1])}"


def range_words(numbers: Range) -> str:
    """Write a range with a true minus sign."""
    return re.sub(r"(^| )-(?=\d)", r"\1−", str(numbers))


def formula_words(text: str) -> str:
    """Write a formula as a textbook would, with the printed figures in place of their ids.

    Examples
    --------
    >>> formula_words("(3.3-10 + 1) / 3.3-11")
    '(9 + 1) ÷ 16.6'
    >>> formula_words("3.3-19 * 3.3-20")
    '(more than 4) × 24'
    """
    parts = re.findall(r"[()]|[^\s()]+", text)
    words = [SIGNS.get(part) or (part if part in "()+" else _term_words(part, len(parts) > 1)) for part in parts]
    return " ".join(words).replace("( ", "(").replace(" )", ")")


def _term_words(term: str, bracketed: bool) -> str:
    if "~" in term:
        unit, ends = _interval_words(term)
        length = evaluate_formula(term, rounded=False)
        numbers = " to ".join(f"{round(end, 1):g}" for end in sorted({length.low, length.high}))
        words = f"the {numbers} {unit} {ends}"
    else:
        words = _figure_words(evaluate_formula(term, rounded=False))
    return f"({words})" if bracketed and " " in words else words


def _figure_words(figure: Range) -> str:
    """Write a figure with all its digits: a reader who computes with fewer would get another result."""
    is_exact = figure.low == figure.high and abs(figure.low) < 1000
    return f"{figure.low:.6g}".replace("-", "−") if is_exact else range_words(figure)


def _interval_words(term: str) -> tuple[str, str]:
    """Return the unit of a time between two rows, and the two in words."""
    ends = [span_words(date_span(end)) for end in term.removeprefix("days:").split("~")]
    return "days" if term.startswith("days:") else "years", f"from {' to '.join(ends)}"


def worked_formula(text: str) -> str:
    """Write a formula with its result, or a single term alone.

    Examples
    --------
    >>> worked_formula("3.3-05 / 3.3-06"), worked_formula("3.3-07")
    ('2.28 ÷ 0.48 = 4.75', '5')
    """
    words = formula_words(text)
    return f"{words} = {range_words(evaluate_formula(text, rounded=False))}" if " " in text else words


def agreement_words(one: str, other: str, agree: bool) -> str:
    """Say of two formulas whether they lead to one figure."""
    ways = worked_formula(one), worked_formula(other)
    if ways[0] == ways[1]:
        return f"both are {ways[0]}"
    return f"{ways[0]} and {ways[1]} {'agree within rounding' if agree else 'do not agree, even if both were rounded'}"


def order_words(small: str, large: str, holds: bool) -> str:
    """Say of two formulas which is the larger, and whether rounding decides it.

    Parameters
    ----------
    small, large
        The formula that ought not to be the larger one, and the other.
    holds
        Whether the first is not larger, by the criterion of the move.
    """
    first, second = (evaluate_formula(text, rounded=False) for text in (small, large))
    bound = worked_formula(large)
    if holds and "~" in large:
        unit, ends = _interval_words(large)
        bound = f"the {second.high:g} {unit} that there can be {ends}"
    return f"{worked_formula(small)} {_order_verb(first, second, holds)} {bound}"


def _order_verb(first: Range, second: Range, holds: bool) -> str:
    if not holds:
        return "is above" if first.low > second.high else "may be above, once rounding is allowed for,"
    if math.isinf(first.high):
        return "need not be above"
    if first.low > second.high:
        return "is above, but need not be above, once rounding is allowed for,"
    return "is below" if first.high < second.low else "is not above"


def quoted_words(text: str) -> str:
    """Write what a cell says: a work by its author and year, a number as it is, anything else in quotation marks.

    Examples
    --------
    >>> quoted_words("turitsyn2021rossiisko"), quoted_words("gas")
    ('Turitsyn (2021)', '“gas”')
    """
    key = WORK_KEY.fullmatch(text)
    if key:
        return f"{key.group(1).capitalize()} ({key.group(2)})"
    return text if text.isdigit() else f"“{text}”"


def times_words(number: int) -> str:
    """Write how often something happens.

    Examples
    --------
    >>> times_words(2), times_words(3)
    ('twice', '3 times')
    """
    return TIMES.get(number, f"{number} times")
