"""Write and read CSV files as spreadsheet programs save them, with text that cannot become a formula."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence

from axis.grading.reports.report_text import escape_unprintable

#: Without it, Excel reads UTF-8 in the system's old encoding and garbles every name with an accent.
BOM = "\ufeff"

#: What starts a formula, including the wide forms of East Asian keyboards.
FORMULA = "=+\\-@＝＋－＠"

#: In a program that uses another separator, a cell also starts after a semicolon, a tab or the end of a line.
OPENING = re.compile(f"^(?=[{FORMULA}\t])|(?<=[;\t\n])(?=[{FORMULA}])")
GUARDED = re.compile(f"^'(?=[{FORMULA}\t])|(?<=[;\t\n])'(?=[{FORMULA}])")


def escape_formulas(text: str) -> str:
    """Put an apostrophe before each formula, so that no spreadsheet program runs it."""
    lines = escape_unprintable(text).replace("\r\n", "\n").replace("\r", "\n")
    return OPENING.sub("'", lines)


def unescape_formulas(text: str) -> str:
    """Remove the apostrophes that `escape_formulas` added."""
    return GUARDED.sub("", text)


def format_csv(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Return a table as CSV, with formulas in all cells escaped."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([escape_formulas(value) for value in row] for row in (header, *rows))
    return text.getvalue()


def parse_csv(data: bytes) -> tuple[str, list[list[str]]]:
    """Read a CSV file as this package or a spreadsheet program saved it.

    Parameters
    ----------
    data
        Text in UTF-8 with or without a byte order mark, in UTF-16 with one, or in the western
        encoding of Windows; separated by commas, semicolons or tabs.

    Returns
    -------
    str, list
        The separator, and the rows, starting with the header. An empty line is an empty row, so
        that rows have the numbers that the spreadsheet program shows.
    """
    text = _decode_text(data)
    # The header contains only names, so the sign that occurs most often in it is the separator.
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    return delimiter, list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _decode_text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
