"""Seals: slow salted digests by which a check recognises an answer that its cell does not contain."""

import functools
import hashlib
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from helpers.answers import is_number

if TYPE_CHECKING:
    import pandas as pd

#: One digest takes about ten milliseconds and four megabytes, so that nobody tries out millions of answers.
SCRYPT_COST = {"n": 2**12, "r": 8, "p": 1, "dklen": 12}
#: How far from a number that lies between two others, as a part of it, its rounding still counts either way.
_BOUNDARY = 1e-6


def make_seal(name: str, value: object) -> str:
    """Make the seal of an answer; authors of exercises need it for `choice`.

    Parameters
    ----------
    name
        The name of the question, which salts the seal.
    value
        For `choice`, the right option. For the other checks, use `number_seal`, `table_seal` or
        `shown_seal`.
    """
    return _seal_digest(name, str(value))


@functools.lru_cache(maxsize=2**14)
def _seal_digest(name: str, text: str) -> str:
    """Digest slowly, but each answer once: a class gives the same few answers."""
    if sys.platform == "emscripten":
        # Pyodide's hashlib is built without OpenSSL, and so without scrypt.
        from helpers.vega import pyodide_engine

        return pyodide_engine.scrypt_digest(text.encode(), name.encode(), **SCRYPT_COST).hex()
    return hashlib.scrypt(text.encode(), salt=name.encode(), **SCRYPT_COST).hex()


def number_seal(name: str, value: float, digits: int = 3) -> str:
    """Make the seal of a number, for `checks.number` and for its hints.

    A number that lies between two others, such as 16.65 with three digits, gets the seals of both: not everybody
    rounds it the same way.

    Examples
    --------
    >>> from helpers.checks import number
    >>> seal, total = number_seal("ratio", 275 / 150.2), number_seal("ratio", 275 + 150.2)
    >>> number("ratio", 1.831, seal, unit="times")
    Right: ratio.
    >>> number("ratio", 425.2, seal, unit="times", hints={total: "You added the two prices."})
    Traceback (most recent call last):
        ...
    helpers.answers.WrongAnswerError: You added the two prices.
    >>> number("ratio", 150.2 / 275, seal, unit="times")
    Traceback (most recent call last):
        ...
    helpers.answers.WrongAnswerError: The ratio is upside down: check which value is the base.
    """
    roundings = {rounded_text(value * (1 + shift), digits) for shift in (-_BOUNDARY, _BOUNDARY)}
    return "|".join(make_seal(name, rounding) for rounding in sorted(roundings))


def table_seal(name: str, frame: "pd.DataFrame", columns: Iterable[str]) -> str:
    """Make the seals of a table for `table`: one of its size, one of its rows, and one of each column."""
    columns = list(columns)
    parts = [column_seal(name, frame, column) for column in columns]
    return ":".join([make_seal(name, len(frame)), make_seal(name, table_text(frame, columns)), *parts])


def row_seals(name: str, frame: "pd.DataFrame", columns: Iterable[str]) -> list[str]:
    """Make a seal of each row of a table, so that `checks.table` can count those that are right."""
    columns = list(columns)
    return [make_seal(f"{name}/row", table_text(frame.iloc[[row]], columns)) for row in range(len(frame))]


def column_seal(name: str, frame: "pd.DataFrame", column: str) -> str:
    """Make the seal of one column of a table."""
    return make_seal(f"{name}/{column}", table_text(frame, [column]))


def shown_seal(name: str, values: Iterable[float]) -> str:
    """Make the seal of the numbers that a comparison shows in one state, for `comparison`."""
    # Each number once, because a layered chart may list a mark twice; + 0.0 makes 0.0 of -0.0.
    return make_seal(name, "|".join(sorted({rounded_text(value + 0.0, 3) for value in values})))


def rounded_text(value: float, digits: int) -> str:
    """Write a number with this many significant digits, in the same form whatever its type."""
    return f"{float(value):.{digits - 1}e}"


def table_text(frame: "pd.DataFrame", columns: Iterable[str]) -> str:
    """Write the rows of a table as one text that is the same in whatever order they are."""
    rows = frame[list(columns)].itertuples(index=False)
    return "\n".join(sorted("|".join(_value_text(value) for value in row) for row in rows))


def _value_text(value: object) -> str:
    return rounded_text(value, 6) if is_number(value) else str(value)
