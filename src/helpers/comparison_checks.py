"""The check of a comparison that a student builds: its control, and the numbers that its marks and tooltips show."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from helpers.answers import WrongAnswerError, is_number, require_answer, type_name
from helpers.seals import shown_seal

if TYPE_CHECKING:
    import pandas as pd

    from helpers.comparison import Comparison

#: The channels of a mark by which a reader sees a number.
SEEN = ("x", "y", "x2", "y2", "size", "theta", "radius", "color", "fill", "opacity", "angle")


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
    # Imported here, because a browser checks numbers before it has fetched pandas.
    from helpers.comparison import Comparison
    from helpers.figures.controls import option_values

    require_answer(name, answer)
    if not isinstance(answer, Comparison):
        raise WrongAnswerError(f"`{name}` must be a Comparison; it is {type_name(answer)}.")
    if control not in answer.controls:
        raise WrongAnswerError(f"`{name}` has no control `{control}`: pass your widget as `{control}=`.")
    if sorted(map(str, option_values(answer.controls[control]))) != sorted(options):
        raise WrongAnswerError(f"The control `{control}` must offer these and nothing else: {', '.join(options)}.")
    for option, seal in seals.items():
        shown = _shown_table(name, answer, control, option)
        _check_shown(name, shown, column, seal, f"{control} is {option!r}")
        _check_marks(name, answer, {control: option}, column, seal)
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
    if not all(is_number(value) for value in values):
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


def _check_marks(name: str, answer: "Comparison", state: Mapping[str, Any], column: str, seal: str) -> None:
    """Require that the marks show what the tooltip says, and do not stay where they are."""
    from helpers.chart_checks import drawn_numbers
    from helpers.figures.evaluate import with_state
    from helpers.figures.spec import unit_specs

    spec = with_state(answer.chart.to_dict(), {**answer.state, **state})
    for view in unit_specs(spec):
        encoding = view.get("encoding", {})
        tooltips = encoding.get("tooltip")
        told = (
            [one.get("field") for one in tooltips if one.get("title", one.get("field")) == column]
            if isinstance(tooltips, list)
            else []
        )
        for channel in SEEN if told else ():
            shown = encoding.get(channel, {})
            if shown.get("field") in told or (
                "field" in shown and shown_seal(name, drawn_numbers(spec, view, channel)) == seal
            ):
                return
    raise WrongAnswerError(
        f"The tooltip {column!r} of `{name}` has the right numbers, but the marks do not move with them: "
        "put the same field on x or on y."
    )
