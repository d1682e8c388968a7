"""The functions that the check cells of an exercise call.

A check says what is wrong with an answer without giving the right one away. Its cell does not
contain the answer but a *seal*, a slow salted digest. To recognise a typical mistake, a check
undoes it in the student's answer and compares the seal of the result.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helpers.answers import WrongAnswerError, is_number, require_answer, type_name
from helpers.comparison_checks import comparison
from helpers.number_checks import number
from helpers.seals import column_seal, make_seal, number_seal, row_seals, shown_seal, table_seal, table_text

if TYPE_CHECKING:
    import pandas as pd

#: The signs of Chinese and Japanese, and the letters of scripts that do not part their words by spaces.
_SIGNS = re.compile("[\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTERS = re.compile("[\u0e01-\u0e30\u0e40-\u0e46\u0e81-\u0eb0\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3]")

__all__ = [
    "WrongAnswerError",
    "choice",
    "comparison",
    "count_words",
    "make_seal",
    "number",
    "number_seal",
    "row_seals",
    "shown_seal",
    "table",
    "table_seal",
    "text",
]


def choice(name: str, answer: object, options: Sequence[str], seal: str, hints: Mapping[str, str]) -> None:
    """Check which of several options, written as text, the student chose.

    Parameters
    ----------
    hints
        A message for each wrong option. The keys are the seals of the options: with the options
        themselves as keys, the one without a message would be the answer.
    """
    require_answer(name, answer)
    if not isinstance(answer, str) or answer not in options:
        raise WrongAnswerError(f"`{name}` must be one of: {', '.join(map(repr, options))}.")
    given = make_seal(name, answer)
    if given != seal:
        raise WrongAnswerError(hints.get(given, "Another option fits the figures better."))
    print(f"Right: {name}.")


def table(name: str, answer: object, columns: Mapping[str, str], seal: str, rows: str = "") -> None:
    """Check that a DataFrame has the right rows, in any order; it may have more columns.

    Parameters
    ----------
    columns
        For each column that is compared, what it holds: ``"number"`` or ``"text"``.
    seal
        What `table_seal` returns for the right table and the same columns.
    rows
        Where each row is an answer of its own, what `row_seals` returns, joined by colons: the check then says how
        many rows are not right yet, and not which column is wrong.
    """
    # Imported here, because a browser checks numbers before it has fetched pandas.
    import pandas as pd

    require_answer(name, answer)
    if not isinstance(answer, pd.DataFrame):
        raise WrongAnswerError(f"`{name}` must be a DataFrame; it is {type_name(answer)}.")
    for column, kind in columns.items():
        _check_column(name, answer, column, kind)
    size, content, *parts = seal.split(":")
    _check_size(name, len(answer), size)
    if make_seal(name, table_text(answer, columns)) == content:
        print(f"Right: {name}.")
        return
    if rows:
        wrong_rows = sum(given not in rows.split(":") for given in row_seals(name, answer, columns))
        verb = "is" if wrong_rows == 1 else "are"
        raise WrongAnswerError(f"{wrong_rows} of the {len(answer)} rows of `{name}` {verb} not right yet.")
    pairs = zip(columns, parts, strict=True)
    wrong = [column for column, part in pairs if column_seal(name, answer, column) != part]
    if wrong:
        raise WrongAnswerError(f"`{name}` has the right number of rows, but wrong values in {wrong[0]!r}.")
    raise WrongAnswerError(
        f"`{name}` has the right values in each column, but some are in the wrong row: keep each row together."
    )


def text(name: str, answer: object, words: tuple[int, int]) -> None:
    """Check that a free text is there and has the right length in words; its content is marked by a person."""
    require_answer(name, answer)
    if not isinstance(answer, str):
        raise WrongAnswerError(f"`{name}` must be text in quotation marks; it is {type_name(answer)}.")
    count, (low, high) = count_words(answer), words
    if not low <= count <= high:
        length = "1 word" if count == 1 else f"{count} words"
        raise WrongAnswerError(f"`{name}` has {length}: write {low} to {high} words.")
    print(f"Noted: {name}. Your instructor marks what it says.")


def count_words(answer: str) -> int:
    """Count the words of a text in any script.

    Chinese and Japanese do not part their words, so each of their signs counts as one, as in a word processor; of
    Thai, Lao, Burmese and Khmer, whose words are longer, every four letters do.
    """
    signs, letters = len(_SIGNS.findall(answer)), len(_LETTERS.findall(answer))
    if not (signs or letters):
        return len(answer.split())
    parts = _LETTERS.sub("", _SIGNS.sub(" ", answer)).split()
    return signs + -(-letters // 4) + sum(any(map(str.isalnum, part)) for part in parts)


def _check_column(name: str, frame: "pd.DataFrame", column: str, kind: str) -> None:
    if column not in frame.columns:
        raise WrongAnswerError(f"`{name}` has no column {column!r}: keep that column.")
    if not all(is_number(value) == (kind == "number") for value in frame[column]):
        wanted = "numbers" if kind == "number" else "text"
        raise WrongAnswerError(f"The column {column!r} of `{name}` must contain only {wanted}.")


def _check_size(name: str, count: int, seal: str) -> None:
    if make_seal(name, count) == seal:
        return
    # Fifty seals take half a second, and the tables of the exercises have fewer rows.
    too_many = any(make_seal(name, fewer) == seal for fewer in range(min(count, 50)))
    raise WrongAnswerError(f"`{name}` has too {'many' if too_many else 'few'} rows: check how you select them.")
