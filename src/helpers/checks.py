"""The functions that the check cells of an exercise call.

A check says what is wrong with an answer without giving the right one away. Its cell does not
contain the answer but a *seal*, a slow salted digest. To recognise a typical mistake, a check
undoes it in the student's answer and compares the seal of the result.
"""

import functools
import hashlib
import math
import numbers
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    import pandas as pd

    from helpers.comparison import Comparison

#: One digest takes about ten milliseconds and four megabytes, so that nobody tries out millions of answers.
SCRYPT_COST = {"n": 2**12, "r": 8, "p": 1, "dklen": 12}

#: The signs of Chinese and Japanese, and the letters of scripts that do not part their words by spaces.
_SIGNS = re.compile("[\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTERS = re.compile("[\u0e01-\u0e30\u0e40-\u0e46\u0e81-\u0eb0\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3]")


@dataclass(frozen=True)
class Mistake:
    """A usual mistake: the function that turns its result back into the right answer, and the hint."""

    remedy: Callable[[float], float]
    hint: str


MISTAKES = (
    Mistake(lambda x: -x, "The size is right but the sign is not: check which value you subtract from which."),
    Mistake(lambda x: 1 / x, "The ratio is upside down: check which value is the base."),
    Mistake(lambda x: x / 100, "Your answer is 100 times too large: does the question ask for a fraction?"),
    Mistake(lambda x: x * 100, "Your answer is 100 times too small: does the question ask for a percentage?"),
    Mistake(lambda x: x / 1e3, "Your answer is a thousand times too large: check the unit."),
    Mistake(lambda x: x * 1e3, "Your answer is a thousand times too small: check the unit."),
    Mistake(lambda x: x / 1e6, "Your answer is a million times too large: check the unit."),
    Mistake(lambda x: x * 1e6, "Your answer is a million times too small: check the unit."),
    Mistake(lambda x: x / 1e9, "Your answer is a billion times too large: check the unit."),
    Mistake(lambda x: x * 1e9, "Your answer is a billion times too small: check the unit."),
)


class WrongAnswerError(AssertionError):
    """An answer that does not pass; the message is the hint."""

    def _render_traceback_(self) -> list[str]:
        """Show students the hint alone in IPython, without the traceback through this package."""
        return [f"Not yet: {self}"]


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
    """Make the seal of a number, for `number` and for its hints.

    Examples
    --------
    >>> seal, total = number_seal("ratio", 275 / 150.2), number_seal("ratio", 275 + 150.2)
    >>> number("ratio", 1.831, seal, unit="times")
    Right: ratio.
    >>> number("ratio", 425.2, seal, unit="times", hints={total: "You added the two prices."})
    Traceback (most recent call last):
        ...
    helpers.checks.WrongAnswerError: You added the two prices.
    >>> number("ratio", 150.2 / 275, seal, unit="times")
    Traceback (most recent call last):
        ...
    helpers.checks.WrongAnswerError: The ratio is upside down: check which value is the base.
    """
    return make_seal(name, rounded_text(value, digits))


def table_seal(name: str, frame: "pd.DataFrame", columns: Iterable[str]) -> str:
    """Make the seals of a table for `table`: one of its size, one of its rows, and one of each column."""
    columns = list(columns)
    parts = [_column_seal(name, frame, column) for column in columns]
    return ":".join([make_seal(name, len(frame)), make_seal(name, table_text(frame, columns)), *parts])


def shown_seal(name: str, values: Iterable[float]) -> str:
    """Make the seal of the numbers that a comparison shows in one state, for `comparison`."""
    # Each number once, because a layered chart may list a mark twice; + 0.0 makes 0.0 of -0.0.
    return make_seal(name, "|".join(sorted({rounded_text(value + 0.0, 3) for value in values})))


def rounded_text(value: float, digits: int) -> str:
    """Write a number with this many significant digits, in the same form whatever its type."""
    return f"{float(value):.{digits - 1}e}"


def number(
    name: str,
    answer: object,
    seal: str,
    unit: str,
    digits: int = 3,
    hints: Mapping[str, str] | None = None,
) -> None:
    """Check a number.

    Parameters
    ----------
    name
        The variable that the student assigns.
    answer
        Its value: a real number of any type, including those of NumPy and pandas, but not a
        string or a bool.
    seal
        What `number_seal` returns for the right answer.
    unit
        The unit that the question asks for.
    digits
        How many significant digits count.
    hints
        Messages for typical wrong answers; the keys are their seals, with the same `digits`.

    Raises
    ------
    WrongAnswerError
        If the answer is missing, not a number, or the wrong number.
    """
    value = _require_real_number(name, answer)
    if _matches_any_seal(name, value, digits, {seal}):
        print(f"Right: {name}.")
        return
    raise WrongAnswerError(
        _number_hint(name, value, digits, seal, hints or {})
        or f"`{name}` is not the number asked for. Read the question again: the unit is {unit}."
    )


def _number_hint(name: str, value: float, digits: int, seal: str, hints: Mapping[str, str]) -> str:
    """Return the hint for the mistake that leads to this value; the exercise's own hints come first."""
    for wrong, message in hints.items():
        if _matches_any_seal(name, value, digits, {wrong}):
            return message
    for mistake in MISTAKES:
        if value and _matches_any_seal(name, mistake.remedy(value), digits, {seal}):
            return mistake.hint
    return ""


def choice(name: str, answer: object, options: Sequence[str], seal: str, hints: Mapping[str, str]) -> None:
    """Check which of several options, written as text, the student chose.

    Parameters
    ----------
    hints
        A message for each wrong option. The keys are the seals of the options: with the options
        themselves as keys, the one without a message would be the answer.
    """
    _require_answer(name, answer)
    if not isinstance(answer, str) or answer not in options:
        raise WrongAnswerError(f"`{name}` must be one of: {', '.join(map(repr, options))}.")
    given = make_seal(name, answer)
    if given != seal:
        raise WrongAnswerError(hints.get(given, "Another option fits the figures better."))
    print(f"Right: {name}.")


def table(name: str, answer: object, columns: Mapping[str, str], seal: str) -> None:
    """Check that a DataFrame has the right rows, in any order; it may have more columns.

    Parameters
    ----------
    columns
        For each column that is compared, what it holds: ``"number"`` or ``"text"``.
    seal
        What `table_seal` returns for the right table and the same columns.
    """
    # Imported here, because a browser checks numbers before it has fetched pandas.
    import pandas as pd

    _require_answer(name, answer)
    if not isinstance(answer, pd.DataFrame):
        raise WrongAnswerError(f"`{name}` must be a DataFrame; it is {_type_name(answer)}.")
    for column, kind in columns.items():
        _check_column(name, answer, column, kind)
    size, content, *parts = seal.split(":")
    _check_size(name, len(answer), size)
    if make_seal(name, table_text(answer, columns)) == content:
        print(f"Right: {name}.")
        return
    pairs = zip(columns, parts, strict=True)
    wrong = [column for column, part in pairs if _column_seal(name, answer, column) != part]
    if wrong:
        raise WrongAnswerError(f"`{name}` has the right number of rows, but wrong values in {wrong[0]!r}.")
    raise WrongAnswerError(
        f"`{name}` has the right values in each column, but some are in the wrong row: keep each row together."
    )


def table_text(frame: "pd.DataFrame", columns: Iterable[str]) -> str:
    """Write the rows of a table as one text that is the same in whatever order they are."""
    rows = frame[list(columns)].itertuples(index=False)
    return "\n".join(sorted("|".join(_value_text(value) for value in row) for row in rows))


def text(name: str, answer: object, words: tuple[int, int]) -> None:
    """Check that a free text is there and has the right length in words; its content is marked by a person."""
    _require_answer(name, answer)
    if not isinstance(answer, str):
        raise WrongAnswerError(f"`{name}` must be text in quotation marks; it is {_type_name(answer)}.")
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
    parts = _LETTERS.sub("", _SIGNS.sub(" ", answer)).split() if signs or letters else answer.split()
    spaced = [part for part in parts if not (signs or letters) or any(map(str.isalnum, part))]
    return signs + -(-letters // 4) + len(spaced)


def comparison(
    name: str, answer: object, control: str, options: Sequence[str], column: str, seals: Mapping[str, str]
) -> None:
    """Check a `Comparison`: its control, the options of the control, and the numbers that it shows.

    Parameters
    ----------
    control, options
        The keyword of the control and the options that it must offer, in any order.
    column
        The title of the tooltip that shows the numbers.
    seals
        For two or more options, what `shown_seal` returns for the right numbers.
    """
    # Imported here for the same reason as in `table`.
    from helpers.comparison import Comparison
    from helpers.figures.controls import option_values

    _require_answer(name, answer)
    if not isinstance(answer, Comparison):
        raise WrongAnswerError(f"`{name}` must be a Comparison; it is {_type_name(answer)}.")
    if control not in answer.controls:
        raise WrongAnswerError(f"`{name}` has no control `{control}`: pass your widget as `{control}=`.")
    if sorted(map(str, option_values(answer.controls[control]))) != sorted(options):
        raise WrongAnswerError(f"The control `{control}` must offer these and nothing else: {', '.join(options)}.")
    for option, seal in seals.items():
        shown = _shown_table(name, answer, control, option)
        _check_shown(name, shown, column, seal, f"{control} is {option!r}")
    print(f"Right: {name}.")


def _shown_table(name: str, answer: "Comparison", control: str, option: str) -> "pd.DataFrame":
    try:
        return answer.table(**{control: option})
    except ValueError as error:
        # Vega's message has the reason on one line and then the traceback through its own code.
        reason = next((line for line in str(error).splitlines() if line.startswith("Error: ")), str(error))
        raise WrongAnswerError(
            f"`{name}` cannot be drawn when {control} is {option!r} ({reason.removeprefix('Error: ')}): "
            "check your Vega expressions."
        ) from error


def _check_shown(name: str, shown: "pd.DataFrame", column: str, seal: str, state: str) -> None:
    if column not in shown.columns:
        raise WrongAnswerError(f"`{name}` has no tooltip titled {column!r}: add one, because the check reads it.")
    values = list(shown[column])
    if not all(_is_number(value) for value in values):
        raise WrongAnswerError(
            f"The tooltip {column!r} of `{name}` does not have a number for every mark when {state}: "
            "choose a field that contains numbers."
        )
    if shown_seal(name, values) == seal:
        return
    if shown_seal(name, [-value for value in values]) == seal:
        raise WrongAnswerError(
            f"The numbers of {column!r} in `{name}` have the wrong sign: check which value you subtract from which."
        )
    if all(values) and shown_seal(name, [1 / value for value in values]) == seal:
        raise WrongAnswerError(f"The ratios of {column!r} in `{name}` are upside down: check which value is the base.")
    raise WrongAnswerError(f"`{name}` does not show the right numbers when {state}: check how you calculate them.")


def _check_column(name: str, frame: "pd.DataFrame", column: str, kind: str) -> None:
    if column not in frame.columns:
        raise WrongAnswerError(f"`{name}` has no column {column!r}: keep that column.")
    if not all(_is_number(value) == (kind == "number") for value in frame[column]):
        wanted = "numbers" if kind == "number" else "text"
        raise WrongAnswerError(f"The column {column!r} of `{name}` must contain only {wanted}.")


def _check_size(name: str, count: int, seal: str) -> None:
    if make_seal(name, count) == seal:
        return
    # Fifty seals take half a second, and the tables of the exercises have fewer rows.
    too_many = any(make_seal(name, fewer) == seal for fewer in range(min(count, 50)))
    raise WrongAnswerError(f"`{name}` has too {'many' if too_many else 'few'} rows: check how you select them.")


def _column_seal(name: str, frame: "pd.DataFrame", column: str) -> str:
    return make_seal(f"{name}/{column}", table_text(frame, [column]))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _require_answer(name: str, answer: object) -> None:
    if answer is ...:
        raise WrongAnswerError(f"`{name}` is still `...`: write your answer in the cell above and run it.")
    if answer is None:
        raise WrongAnswerError(f"`{name}` is `None`: assign your answer to it in the cell above and run that cell.")


def _require_real_number(name: str, answer: object) -> float:
    _require_answer(name, answer)
    if isinstance(answer, str):
        raise WrongAnswerError(f"`{name}` is text: write the number without quotation marks and without its unit.")
    if getattr(answer, "size", 1) == 1 and hasattr(answer, "item"):
        answer = answer.item()
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        raise WrongAnswerError(f"`{name}` must be one number; it is {_type_name(answer)}.")
    if not math.isfinite(answer):
        raise WrongAnswerError(f"`{name}` is {answer}: look for a division by zero or a missing value.")
    return float(answer)


def _type_name(answer: object) -> str:
    name = type(answer).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def _order_of_magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0


def _matches_any_seal(name: str, value: float, digits: int, seals: set[str]) -> bool:
    """Compare with a tolerance of half a unit in the last digit, so that rounding up or down both pass."""
    # A remedy may overflow: 1 / 1e-310 is infinite.
    if not math.isfinite(value):
        return False
    step = 10.0 ** (_order_of_magnitude(value) - digits + 1) / 2
    near = {rounded_text(value + shift, digits) for shift in (-step, 0.0, step)}
    return any(make_seal(name, candidate) in seals for candidate in near)


def _value_text(value: object) -> str:
    return rounded_text(value, 6) if _is_number(value) else str(value)
