"""Numbers of our own: a formula over the tables, computed when a sentence is printed, in the form of a written sample.

The formulas are those of `helpers.audit.formulas`, with each figure taken as it is printed. They can also count, add
up or pick from a table: ``count(outcomes where verdict == 'kept')``.
"""

import functools
import math
import re
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from helpers.audit import recompute_all_findings, tested_statements
from helpers.audit.formulas import Range, combine_terms, evaluate_formula, find_record, printed_range
from helpers.audit.summaries import weigh_findings
from helpers.audit.verdicts import later_figures, later_table_names
from helpers.tables import column_descriptions, load, load_statements, table_names

#: What a column of a table can be summed up as.
SUMMARIES = ("count", "distinct", "max", "mean", "median", "min", "sum")
#: Tables that no file holds, because they are computed from the others.
DERIVED_TABLES = {
    "all_statements": load_statements,
    "findings": recompute_all_findings,
    "later_figures": later_figures,
    "tested_statements": tested_statements,
    "weighed_findings": weigh_findings,
}
#: Columns with a figure as such, and columns whose words tell what the text says.
FIGURE_COLUMNS = {"count", "gauge", "value", "value_high"}
WORDED_COLUMNS = {
    *("announcement", "claim", "event", "gain", "measure", "outcome", "period_printed", "printed", "printed_as"),
    *("question", "recommendation", "says", "wording", "base", "share_of", "unit"),
}
#: A number in digits, with its sign and its thousands.
DIGITS = re.compile(r"(?<![\w.,])(?:(?<![^\s(])[-−])?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w)")
UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
UNITS += " seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
#: The whole numbers below a hundred in words.
WORDS = {word: value for value, word in enumerate(UNITS.split())}
WORDS |= {ten: 10 * place for place, ten in enumerate(TENS.split(), start=2)}
WORDS |= {
    f"{ten}-{unit}": WORDS[ten] + WORDS[unit] for ten in TENS.split() for unit in UNITS.split() if 0 < WORDS[unit] < 10
}
_WORD = re.compile(rf"\b(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})\b", re.IGNORECASE)
_SUMMARY = re.compile(rf"\b({'|'.join(SUMMARIES)})\(([\w.]+)(?: where ((?:'[^']*'|[^()']|\([^()]*\))*))?\)")
_END = re.compile(r"(low|high) of (.+)", re.DOTALL)
_STEP = re.compile(r"(.+) to (\d+)", re.DOTALL)
_ID = re.compile(r"[\w.]+-[\w-]+|[a-z]\d+")


def compute_number(formula: str) -> float:
    """Compute one number from the tables.

    Parameters
    ----------
    formula
        Terms as in `helpers.audit.formulas.evaluate_formula`, with a figure taken as it is printed. Besides, a term
        can be a decimal number; ``low:a`` or ``high:a``, an end of a printed range; or a summary of a table, such as
        ``sum(fdi.value where kind == 'stock')``, with ``count``, ``distinct``, ``max``, ``mean``, ``median``, ``min``
        or ``sum``. ``low of`` before a formula takes the lower end of what rounding allows, ``high of`` the upper
        one, and ``to 100`` after it rounds to hundreds.

    Raises
    ------
    ValueError
        If the formula cannot be read, names what no table has, or gives a range and not one number.

    Examples
    --------
    >>> round(compute_number("3.3-11 / 3.3-10"), 2)
    1.84
    >>> compute_number("count(outcomes where verdict == 'kept')") < compute_number("count(outcomes)")
    True
    """
    if not (_ID.search(formula) or _SUMMARY.search(formula)):
        raise ValueError(f'The formula "{formula}" names no row and no table: name one, or mark the number {{chosen}}.')
    step = _STEP.fullmatch(formula.strip())
    end = _END.fullmatch(step[1] if step else formula.strip())
    if end:
        limits = evaluate_formula(end[2])
        value = limits.low if end[1] == "low" else limits.high
    else:
        limits = _evaluate_as_printed(step[1] if step else formula)
        if not math.isclose(limits.low, limits.high):
            raise ValueError(f'The formula "{formula}" gives a range: write low: or high: before the figure.')
        value = limits.low
    if not math.isfinite(value):
        raise ValueError(f'The formula "{formula}" has no finite value: a figure in it has an open end, or is 0.')
    return _round_half_up(value / int(step[2]), 0) * int(step[2]) if step else value


def format_like(value: float, sample: str) -> str:
    """Write a number in the form of the one in a sample: its decimals, its thousands, or in words.

    Raises
    ------
    ValueError
        If the sample has not exactly one number, or has it in words and the value is not a whole number below 100.

    Examples
    --------
    >>> format_like(1844.4, "1,000 dollars"), format_like(4, "three times"), format_like(-0.25, "−1.0")
    ('1,844 dollars', 'four times', '−0.3')
    """
    found = [*DIGITS.finditer(sample)] or [*_WORD.finditer(sample)]
    if len(found) != 1:
        raise ValueError(f'"{sample}" must have exactly one number, which shows the form of the result.')
    written = found[0].group()
    return sample[: found[0].start()] + _format_number(value, written) + sample[found[0].end() :]


def numbers_in_text(text: str) -> list[float]:
    """Return the numbers in a text, in digits and below a hundred in words.

    Examples
    --------
    >>> numbers_in_text("1,251 of 12.5 in nine years")
    [1251.0, 12.5, 9.0]
    """
    digits = [(match.start(), parse_number(match.group())) for match in DIGITS.finditer(text)]
    words = [(match.start(), float(WORDS[match.group().lower()])) for match in _WORD.finditer(text)]
    return [value for _, value in sorted(digits + words)]


def parse_number(written: str) -> float:
    """Read a number in digits."""
    return float(written.replace(",", "").replace("−", "-"))


def explain_formula(formula: str) -> str:
    """Say in one line how a number was computed: the formula, and the figures that it names.

    Examples
    --------
    >>> explain_formula("3.3-11 / 3.3-10")
    '3.3-11 / 3.3-10, where 3.3-11 is 16.6 and 3.3-10 is 9'
    """
    bare = _SUMMARY.sub("", formula)
    named = [word for word in dict.fromkeys(_ID.findall(bare)) if not DIGITS.fullmatch(word)]
    shown = [f"{name} is {printed_range(name)}" for name in named if not _is_dated(name, formula)]
    *most, last = shown or [""]
    return f"{formula}, where {', '.join(most)}{' and ' if most else ''}{last}" if last else formula


def _is_dated(identifier: str, formula: str) -> bool:
    """Whether a formula takes a row's date and not its figure."""
    return bool(re.search(rf"~{re.escape(identifier)}|{re.escape(identifier)}~|years:{re.escape(identifier)}", formula))


def _evaluate_as_printed(formula: str) -> Range:
    summaries: list[float] = []

    def keep_summary(match: re.Match[str]) -> str:
        summaries.append(_summarise_table(match[1], match[2], match[3] or ""))
        return f"summary:{len(summaries) - 1}"

    def term_range(term: str) -> Range:
        kind, _, name = term.rpartition(":")
        if kind == "summary":
            return Range(summaries[int(name)], summaries[int(name)])
        if kind in ("low", "high"):
            end = getattr(printed_range(name), kind)
            return Range(end, end)
        if re.fullmatch(r"\d+(\.\d+)?", term):
            return Range(float(term), float(term))
        return evaluate_formula(term) if kind in ("days", "years") or "~" in term else printed_range(name)

    return combine_terms(_SUMMARY.sub(keep_summary, formula), term_range)


def _summarise_table(summary: str, place: str, condition: str) -> float:
    name, _, column = place.partition(".")
    table = _load_table(name)
    try:
        chosen = table.query(condition) if condition else table
    except Exception as error:
        # pandas raises errors of many kinds for a condition that it cannot read.
        raise ValueError(f'The condition "{condition}" cannot be read ({error}): correct it.') from error
    if summary == "count":
        return float(len(chosen))
    if column not in chosen:
        raise ValueError(f'The table "{name}" has no column "{column}": name it as {summary}({name}.column).')
    return float(chosen[column].nunique() if summary == "distinct" else getattr(chosen[column].dropna(), summary)())


@functools.cache
def _load_table(name: str) -> pd.DataFrame:
    return DERIVED_TABLES[name]() if name in DERIVED_TABLES else load(name)


def _format_number(value: float, written: str) -> str:
    if written.lower() in WORDS:
        words = {number: word for word, number in WORDS.items()}
        if round(value, 9) not in words:
            raise ValueError(f'{value:g} cannot be written as a word as "{written}" is: write the sample in digits.')
        word = words[int(round(value, 9))]
        return word.capitalize() if written[0].isupper() else word
    decimals = len(written.partition(".")[2])
    number = _round_half_up(value, decimals)
    whole = len(written.partition(".")[0].lstrip("-−"))
    comma = "" if whole > 3 and "," not in written else ","
    return f"{number:{comma}.{decimals}f}".replace("-", "-" if written.startswith("-") else "−")


def _round_half_up(value: float, decimals: int) -> float:
    """Round as readers do, 0.5 away from zero, without the noise of binary fractions."""
    return float(Decimal(f"{value:.12g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def row_figures(identifier: str) -> list[float]:
    """Return the numbers that a row has as figures or in its words, leaving out doubts, sources and dates.

    Raises
    ------
    ValueError
        If no table has such a row.
    """
    return [*_cell_numbers(find_record(identifier))]


def _cell_numbers(row: dict[str, object]) -> list[float]:
    found: list[float] = []
    for column, cell in row.items():
        if isinstance(cell, str):
            found += numbers_in_text(cell) if column in WORDED_COLUMNS else []
        elif column in FIGURE_COLUMNS and cell is not None and not pd.isna(cell):  # type: ignore[call-overload]
            found.append(float(cell))  # type: ignore[arg-type]
    return found


@functools.cache
def section_figures(section: str) -> frozenset[float]:
    """Return every figure of the report that the tables have for one of its sections."""
    return frozenset[float]().union(*(table_figures(name, section) for name in _report_tables()))


@functools.cache
def table_figures(name: str, section: str = "") -> frozenset[float]:
    """Return every figure of a table, or of its rows for one section of the report."""
    return frozenset(
        number
        for _, row in load(name).iterrows()
        if not section or row["section"] == section
        for number in _cell_numbers(dict(row))
    )


@functools.cache
def _report_tables() -> list[str]:
    names = [name for name in table_names() if not name.startswith(("later_", "audit", "outside_"))]
    return [name for name in names if {"id", "section"} <= set(column_descriptions(name)["name"])]


def has_record(identifier: str) -> bool:
    """Whether any table has a row with this id."""
    try:
        find_record(identifier)
    except ValueError:
        return False
    return True


def is_source_row(identifier: str) -> bool:
    """Whether a row has a figure from elsewhere than the report.

    Raises
    ------
    ValueError
        If no table has such a row.
    """
    return find_record(identifier).get("kind") == "outside" or identifier in _source_ids()


@functools.cache
def _source_ids() -> frozenset[str]:
    names = ["outside_figures", *later_table_names()]
    return frozenset(identifier for name in names for identifier in load(name)["id"])
