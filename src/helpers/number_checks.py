"""The check of a number: how precise it must be, and which mistake leads to a wrong one.

One rule holds everywhere. An answer is right if it rounds to the right number in the digits that count, three unless
an exercise says otherwise. One that is written with fewer digits is told so, since nobody can tell whether it is right;
and a typical mistake is recognised whether it was rounded or not.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from helpers.answers import WrongAnswerError, require_real_number
from helpers.seals import make_seal, rounded_text

#: Up to this many numbers can have been rounded to what a student wrote; more are not tried, for each takes time.
MOST_CANDIDATES = 101
#: And up to this many for each general mistake, of which there are ten.
MOST_MISTAKEN = 11
#: With this many digits a number is as exact as Python has it.
MOST_DIGITS = 15


@dataclass(frozen=True)
class Mistake:
    """A usual mistake: the function that turns its result back into the right answer, and the hint.

    `keeps_digits` tells that a rounded result leads back to the right answer rounded in the same way.
    """

    remedy: Callable[[float], float]
    hint: str
    keeps_digits: bool = True


MISTAKES = (
    Mistake(lambda x: -x, "The size is right but the sign is not: check which value you subtract from which."),
    Mistake(lambda x: 1 / x, "The ratio is upside down: check which value is the base.", keeps_digits=False),
    Mistake(lambda x: x / 100, "Your answer is 100 times too large: does the question ask for a fraction?"),
    Mistake(lambda x: x * 100, "Your answer is 100 times too small: does the question ask for a percentage?"),
    Mistake(lambda x: x / 1e3, "Your answer is a thousand times too large: check the unit."),
    Mistake(lambda x: x * 1e3, "Your answer is a thousand times too small: check the unit."),
    Mistake(lambda x: x / 1e6, "Your answer is a million times too large: check the unit."),
    Mistake(lambda x: x * 1e6, "Your answer is a million times too small: check the unit."),
    Mistake(lambda x: x / 1e9, "Your answer is a billion times too large: check the unit."),
    Mistake(lambda x: x * 1e9, "Your answer is a billion times too small: check the unit."),
)


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
        How many significant digits count; a number with more is rounded to these.
    hints
        Messages for typical wrong answers; the keys are their seals, with the same `digits`.

    Raises
    ------
    WrongAnswerError
        If the answer is missing, not a number, or the wrong number.
    """
    value = require_real_number(name, answer)
    if _has_seal(name, _roundings(value, digits), [seal]):
        print(f"Right: {name}.")
        return
    raise WrongAnswerError(
        _number_hint(name, value, digits, seal, hints or {})
        or f"`{name}` is not the number asked for. Read the question again{f': the unit is {unit}' if unit else ''}."
    )


def _number_hint(name: str, value: float, digits: int, seal: str, hints: Mapping[str, str]) -> str:
    """Return what is wrong with a number; the exercise's own hints come before the general ones."""
    coarse = set(_rounded_from(value, digits)) if written_digits(value) < digits else set()
    own = _own_hint(name, _roundings(value, digits), hints)
    if _has_seal(name, coarse, [seal]):
        told = f"`{name}` is rounded too far: give {DIGIT_WORDS[digits]} significant digits."
        return f"{told} Or, if it is not rounded: {own}" if own else told
    return (
        own
        or _own_hint(name, coarse, hints)
        or _general_hint(name, value, digits, seal)
        or _near_miss(name, value, digits, seal)
    )


def _own_hint(name: str, candidates: set[str], hints: Mapping[str, str]) -> str:
    return next((message for wrong, message in hints.items() if _has_seal(name, candidates, [wrong])), "")


def _general_hint(name: str, value: float, digits: int, seal: str) -> str:
    """Return the hint of the mistake that leads to this value, or to one that rounds to it."""
    written = written_digits(value)
    for mistake in MISTAKES if value else ():
        is_rounded = written < digits or (written == digits and not mistake.keeps_digits)
        exact, *ends = [mistake.remedy(one) for one in (value, *(_rounding_ends(value, written) if is_rounded else ()))]
        if not all(map(math.isfinite, (exact, *ends))):
            continue
        coarse = _between(ends, digits, MOST_MISTAKEN) if ends else ()
        if _has_seal(name, {rounded_text(exact, digits), *coarse}, [seal]):
            return mistake.hint
    return ""


def _near_miss(name: str, value: float, digits: int, seal: str) -> str:
    unit = _last_digit(value, digits)
    if _has_seal(name, {rounded_text(value + shift, digits) for shift in (-unit, unit)}, [seal]):
        return f"`{name}` is very close: keep all digits on the way, and round at the end if at all."
    return ""


#: The numbers of digits that count, as a hint says them.
DIGIT_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def written_digits(value: float) -> int:
    """Return with how many significant digits a number is written.

    Examples
    --------
    >>> [written_digits(value) for value in (80, 79, 78.9, 78.947)]
    [1, 2, 3, 5]
    """
    return next(
        (digits for digits in range(1, MOST_DIGITS) if float(rounded_text(value, digits)) == value), MOST_DIGITS
    )


def _roundings(value: float, digits: int) -> set[str]:
    """Round to the digits that count what a student may have rounded before: 78.95 may stand for 78.947."""
    written = written_digits(value)
    ends = _rounding_ends(value, written) if written > digits else []
    return {rounded_text(one, digits) for one in (value, *ends)}


def _rounded_from(value: float, digits: int) -> Iterator[str]:
    """Write the numbers with so many digits that round to a value with fewer: to whole numbers rather than to tens."""
    written = written_digits(value)
    half = _last_digit(value, written) / 2
    if value.is_integer() and written < digits - 1:
        half = min(half, 0.5)
    return _between([value - half, value + half], digits, MOST_CANDIDATES)


def _rounding_ends(value: float, written: int) -> list[float]:
    """Return the two ends of what rounds to a number with so many digits."""
    half = _last_digit(value, written) / 2
    return [value - half, value + half]


def _between(ends: list[float], digits: int, most: int) -> Iterator[str]:
    """Write the numbers from one end to the other in steps of the last digit; none if there are too many."""
    low, high = min(ends), max(ends)
    step = _last_digit(min(abs(low), abs(high)), digits)
    count = round((high - low) / step) + 1
    return (rounded_text(low + place * step, digits) for place in range(count if count <= most else 0))


def _last_digit(value: float, digits: int) -> float:
    """Return how much one unit in the last of so many significant digits is."""
    return 10.0 ** ((math.floor(math.log10(abs(value))) if value else 0) - digits + 1)


def _has_seal(name: str, candidates: set[str], seals: list[str]) -> bool:
    sought = {part for seal in seals for part in seal.split("|")}
    return any(make_seal(name, candidate) in sought for candidate in candidates)
