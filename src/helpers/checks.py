"""What the check cells of an exercise call.

A check says what is wrong with an answer without giving it away. It never holds the answer: it
holds a *seal*, a slow salted digest, and tells typical mistakes apart by sealing what the answer
would be without the mistake.
"""

import hashlib
import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: A mistake turns the right answer r into a known function of r; its remedy turns it back.
MISTAKES = (
    (lambda x: -x, "The size is right but the sign is not: check which value you subtract from which."),
    (lambda x: 1 / x, "The ratio is upside down: check which value is the base."),
    (lambda x: x / 100, "Your answer is 100 times too large: is a fraction asked, not a percentage?"),
    (lambda x: x * 100, "Your answer is 100 times too small: is a percentage asked, not a fraction?"),
    (lambda x: x / 1e3, "Your answer is a thousand times too large: check the unit."),
    (lambda x: x * 1e3, "Your answer is a thousand times too small: check the unit."),
    (lambda x: x / 1e6, "Your answer is a million times too large: check the unit."),
    (lambda x: x * 1e6, "Your answer is a million times too small: check the unit."),
    (lambda x: x / 1e9, "Your answer is a billion times too large: check the unit."),
    (lambda x: x * 1e9, "Your answer is a billion times too small: check the unit."),
)


class WrongAnswer(AssertionError):
    """An answer that does not pass; its text is the hint."""

    def _render_traceback_(self) -> list[str]:
        """Show a student the hint alone, not the way through this package."""
        return [f"Not yet: {self}"]


def make_seal(name: str, value: Any) -> str:
    """Make the seal of an answer, for the author of an exercise.

    Parameters
    ----------
    name
        The name of the question; it salts the seal.
    value
        What the check compares: for `number` the text that `rounded` gives, for `choice` the
        option, for `table` the text that `table_text` gives.
    """
    digest = hashlib.scrypt(str(value).encode(), salt=name.encode(), n=2**12, r=8, p=1, dklen=12)
    return digest.hex()


def rounded(value: float, digits: int) -> str:
    """Write a number with so many significant digits, in one form whatever it came from."""
    return f"{float(value):.{digits - 1}e}"


def number(
    name: str,
    answer: Any,
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
        Its value: any real number, NumPy's and pandas' included, but no text and no bool.
    seal
        The seal of the right answer, rounded to `digits` significant digits.
    unit
        The unit that the question asks for.
    hints
        A message for each seal of a typical wrong answer, rounded likewise.

    Raises
    ------
    WrongAnswer
        If the number is missing, of another kind, or not the right one.
    """
    value = _real(name, answer)
    if _matches(name, value, digits, {seal}):
        print(f"Right: {name}.")
        return
    for wrong, message in (hints or {}).items():
        if _matches(name, value, digits, {wrong}):
            raise WrongAnswer(message)
    for remedy, message in MISTAKES:
        if value and _matches(name, remedy(value), digits, {seal}):
            raise WrongAnswer(message)
    raise WrongAnswer(f"{name} is not the number asked for. Read the question again: the unit is {unit}.")


def choice(name: str, answer: Any, options: Sequence[str], seal: str, hints: Mapping[str, str]) -> None:
    """Check one of several options, given as text; `hints` holds a message for each wrong one."""
    _given(name, answer)
    if answer not in options:
        raise WrongAnswer(f"{name} must be one of: {', '.join(map(repr, options))}.")
    if make_seal(name, answer) != seal:
        raise WrongAnswer(hints.get(answer, "Another option fits the figures better."))
    print(f"Right: {name}.")


def table(name: str, answer: Any, columns: Sequence[str], seal: str) -> None:
    """Check a DataFrame: these columns and the right rows, in any order of rows."""
    _given(name, answer)
    if not hasattr(answer, "columns"):
        raise WrongAnswer(f"{name} must be a DataFrame; it is a {type(answer).__name__}.")
    missing = [column for column in columns if column not in answer.columns]
    if missing:
        raise WrongAnswer(f"{name} has no column {missing[0]!r}: keep the columns {', '.join(columns)}.")
    size, content = seal.split(":")
    if make_seal(name, len(answer)) != size:
        raise WrongAnswer(f"{name} does not have the rows asked for: look at your condition again.")
    if make_seal(name, table_text(answer, columns)) != content:
        raise WrongAnswer(f"{name} has the right number of rows, but not the right ones.")
    print(f"Right: {name}.")


def table_text(frame: Any, columns: Iterable[str]) -> str:
    """Write the rows of a table as one text that does not depend on their order."""
    rows = frame[list(columns)].itertuples(index=False)
    return "\n".join(sorted("|".join(_cell(value) for value in row) for row in rows))


def text(name: str, answer: Any, words: tuple[int, int]) -> None:
    """Check that a free text is there and of the asked length; people mark what it says."""
    _given(name, answer)
    if not isinstance(answer, str):
        raise WrongAnswer(f"{name} must be text in quotation marks; it is a {type(answer).__name__}.")
    count, (low, high) = len(answer.split()), words
    if not low <= count <= high:
        raise WrongAnswer(f"{name} has {count} words: write {low} to {high}.")
    print(f"Noted: {name}. Your instructor marks what it says.")


def comparison(
    name: str,
    answer: Any,
    control: str,
    options: Sequence[str],
    state: Mapping[str, Any],
    column: str,
    seal: str,
) -> None:
    """Check a `Comparison`: its control, the control's options, and one number that it shows.

    Parameters
    ----------
    control, options
        The keyword of the control and the options that it must offer.
    state
        The state in which the sum of `column` is compared with `seal`, to 4 digits.
    """
    _given(name, answer)
    if not hasattr(answer, "controls"):
        raise WrongAnswer(f"{name} must be a Comparison; it is a {type(answer).__name__}.")
    if control not in answer.controls:
        raise WrongAnswer(f"{name} has no control `{control}`: give the widget under that keyword.")
    offered = list(getattr(answer.controls[control], "options", []))
    if sorted(map(str, offered)) != sorted(options):
        raise WrongAnswer(f"The control `{control}` must offer each supplier once, and nothing else.")
    shown = answer.table(**state)
    if column not in shown.columns:
        raise WrongAnswer(f"{name} has no tooltip titled {column!r}, from which the check reads the numbers.")
    if not _matches(name, float(shown[column].sum()), 4, {seal}):
        raise WrongAnswer(f"{name} does not show the numbers asked for when {control} is {state[control]!r}.")
    print(f"Right: {name}.")


def _given(name: str, answer: Any) -> None:
    if answer is ... or answer is None:
        raise WrongAnswer(f"{name} is still {answer!r}: write your answer in the cell above and run it.")


def _real(name: str, answer: Any) -> float:
    _given(name, answer)
    if isinstance(answer, str):
        raise WrongAnswer(f"{name} is text: write the number without quotation marks and without its unit.")
    if getattr(answer, "size", 1) == 1 and hasattr(answer, "item"):
        answer = answer.item()
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        raise WrongAnswer(f"{name} must be one number; it is a {type(answer).__name__}.")
    if not math.isfinite(answer):
        raise WrongAnswer(f"{name} is {answer}: a division by zero or a missing value got in.")
    return float(answer)


def _magnitude(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0


def _matches(name: str, value: float, digits: int, seals: set[str]) -> bool:
    """Compare with a tolerance of half a unit in the last digit, whichever way the answer was rounded."""
    step = 10.0 ** (_magnitude(value) - digits + 1) / 2
    near = {rounded(value + shift, digits) for shift in (-step, 0.0, step)}
    return any(make_seal(name, candidate) in seals for candidate in near)


def _cell(value: Any) -> str:
    return rounded(value, 6) if isinstance(value, numbers.Real) else str(value)

