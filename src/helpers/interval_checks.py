"""The check of an estimate with an interval: two ends, each judged by its own seal."""

import contextlib
import io
from collections.abc import Mapping, Sequence

from helpers.answers import WrongAnswerError
from helpers.number_checks import number


def interval(
    name: str,
    answer: object,
    low: str,
    high: str,
    unit: str,
    hints: Mapping[str, str] | None = None,
) -> None:
    """Check the two ends of an interval.

    Parameters
    ----------
    answer
        The lower end and the upper end, as a tuple or a list.
    low, high
        What `checks.number_seal` returns for each end, under the name of the interval.
    unit
        The unit of both ends.
    hints
        Messages for typical wrong ends; the keys are their seals.

    Raises
    ------
    WrongAnswerError
        If the answer is missing, not a pair of numbers, or if one of the ends is wrong.
    """
    if answer is ...:
        raise WrongAnswerError(f"`{name}` is still `...`: write your answer in the cell above and run it.")
    if not isinstance(answer, Sequence) or isinstance(answer, str) or len(answer) != 2:
        raise WrongAnswerError(f"`{name}` must be a pair: {name} = (lower, upper).")
    for end, seal in zip(answer, (low, high), strict=True):
        # `number` says that its number is right; the interval says so once, for both.
        with contextlib.redirect_stdout(io.StringIO()):
            number(name, end, seal, unit=unit, hints=hints)
    print(f"Right: {name}.")
