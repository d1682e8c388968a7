"""Write and read CSV files as spreadsheet programs keep them, with text that cannot become a formula."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence

from axis.grading.reports.report_text import escape_unprintable

#: Without it, Excel takes UTF-8 for the system's old encoding and spoils every name with an accent.
BOM = "\ufeff"

#: What starts a formula, in the wide forms of East Asian keyboards too.
FORMULA = "=+\\-@＝＋－＠"

#: A program that separates cells by another sign also begins one after a semicolon, a tab or a line's end.
OPENING = re.compile(f"^(?=[{FORMULA}\t])|(?<=[;\t\n])(?=[{FORMULA}])")
GUARDED = re.compile(f"^'(?=[{FORMULA}\t])|(?<=[;\t\n])'(?=[{FORMULA}])")


def escape_formulas(text: str) -> str:
    """Write text so that no spreadsheet program runs it: an apostrophe stands before each formula."""
    lines = escape_unprintable(text).replace("\r\n", "\n").replace("\r", "\n")
    return OPENING.sub("'", lines)


def unescape_formulas(text: str) -> str:
    """Take away the apostrophes that `escape_formulas` put."""
    return GUARDED.sub("", text)


def format_csv(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Write a table as CSV; every cell passes through `escape_formulas`."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([escape_formulas(value) for value in row] for row in (header, *rows))
    return text.getvalue()


def parse_csv(data: bytes) -> tuple[str, list[list[str]]]:
    """Read a CSV file as this package or a spreadsheet program saved it.

    Parameters
    ----------
    data
        UTF-8 with or without a byte order mark, UTF-16 with one, or Windows' western encoding;
        separated by commas, semicolons or tabs.

    Returns
    -------
    str, list
        The separator, and the rows, header first. An empty line is an empty row, so that rows
        count as the spreadsheet program shows them.
    """
    text = _decode_text(data)
    # The header holds names alone, so the sign that it repeats is the separator.
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
