"""What a check asks of any answer: that it is there, and of the right kind."""

import math
import numbers
from typing import TypeGuard


class WrongAnswerError(AssertionError):
    """An answer that does not pass; the message is the hint."""

    def _render_traceback_(self) -> list[str]:
        """Show students the hint alone in IPython, without the traceback through this package."""
        return [f"Not yet: {self}"]


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a real number; a bool is none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def require_answer(name: str, answer: object) -> None:
    """Raise `WrongAnswerError` if the student has assigned nothing yet."""
    if answer is ...:
        raise WrongAnswerError(f"`{name}` is still `...`: write your answer in the cell above and run it.")
    if answer is None:
        raise WrongAnswerError(f"`{name}` is `None`: assign your answer to it in the cell above and run that cell.")


def require_real_number(name: str, answer: object) -> float:
    """Return an answer that is one finite number, of whatever type; raise `WrongAnswerError` if it is not."""
    require_answer(name, answer)
    if isinstance(answer, str):
        raise WrongAnswerError(f"`{name}` is text: write the number without quotation marks and without its unit.")
    if getattr(answer, "size", 1) == 1 and hasattr(answer, "item"):
        answer = answer.item()
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        raise WrongAnswerError(f"`{name}` must be one number; it is {type_name(answer)}.")
    if not math.isfinite(answer):
        raise WrongAnswerError(f"`{name}` is {answer}: look for a division by zero or a missing value.")
    return float(answer)


def type_name(answer: object) -> str:
    """Name the type of an answer, with its article."""
    name = type(answer).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
