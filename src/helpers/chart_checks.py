"""The check of a chart that a student repairs or designs.

It judges the specification and not the picture: the mark, what each channel shows, whether bars begin at zero, in which
order they stand, and what an axis is called. The values are those that Vega draws, whatever the tooltips say.
"""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helpers import vega
from helpers.answers import WrongAnswerError, require_answer
from helpers.figures.spec import read_figure, unit_specs
from helpers.seals import shown_seal

#: How a check names the kind of a channel, and the types of Vega-Lite that count as it.
KINDS = {
    "number": ("quantitative",),
    "category": ("nominal", "ordinal"),
    "date": ("temporal",),
}
_NAMES = {"x": "x-axis", "y": "y-axis"}
_START, _SEPARATOR = "\x1d", "\x1e"


def chart(
    name: str,
    answer: object,
    marks: Sequence[str],
    channels: Mapping[str, str],
    shown: Mapping[str, str],
    from_zero: str = "",
    sorted_by: str = "",
    named: Mapping[str, str] | None = None,
) -> None:
    """Check a chart with one kind of mark.

    Parameters
    ----------
    marks
        The marks that will do, the best one first.
    channels
        What each channel must show: ``"number"``, ``"category"`` or ``"date"``. Where one of several channels will
        do, they stand in one key: ``"color|shape"``.
    shown
        For channels with numbers, what `checks.shown_seal` returns for the values of the marks.
    from_zero
        The channel whose scale must begin at zero.
    sorted_by
        The channel of numbers by which the marks must be ordered along the other axis, either way.
    named
        For an axis, a word that its title must have, such as the unit.

    Raises
    ------
    WrongAnswerError
        If the answer is not a chart, or misses one of these.
    """
    spec = _require_specification(name, answer)
    unit = _require_marked_view(name, spec, marks)
    for channel, kind in channels.items():
        _check_channel_kind(name, unit, channel, kind)
    if from_zero:
        _check_zero(name, unit, from_zero)
    for channel, word in (named or {}).items():
        _check_axis_title(name, unit, channel, word)
    drawn = _drawn_marks(name, spec, unit, tuple(shown))
    for channel, seal in shown.items():
        _check_drawn_values(name, channel, [values[channel] for values, _ in drawn], seal)
    if sorted_by:
        _check_order(name, drawn, sorted_by)
    print(f"Right: {name}.")


def _require_specification(name: str, answer: object) -> dict[str, Any]:
    require_answer(name, answer)
    if not hasattr(answer, "to_dict") or hasattr(answer, "columns"):
        raise WrongAnswerError(f"`{name}` must be a chart, such as alt.Chart(…).mark_bar().encode(…).")
    try:
        spec: dict[str, Any] = copy.deepcopy(answer.to_dict())
        read_figure(spec)
    except ValueError as error:
        if "has no title" in str(error) or "has no description" in str(error):
            raise WrongAnswerError(str(error)) from error
        raise _unwritable(name) from error
    except Exception as error:  # Altair has an error of its own for each thing that a chart can get wrong
        raise _unwritable(name) from error
    return spec


def _unwritable(name: str) -> WrongAnswerError:
    return WrongAnswerError(f"Altair cannot write `{name}` as a chart: show it in a cell, and read why.")


def _require_marked_view(name: str, spec: dict[str, Any], marks: Sequence[str]) -> dict[str, Any]:
    """Return the view with the mark that is asked for."""
    views = list(unit_specs(spec))
    if not views:
        raise WrongAnswerError(f"`{name}` has no mark: add .mark_{marks[0]}().")
    for view in views:
        if _mark_type(view) in marks:
            return view
    raise WrongAnswerError(
        f"`{name}` draws its numbers with mark_{_mark_type(views[0])}: another mark fits the question better."
    )


def _mark_type(view: Mapping[str, Any]) -> str:
    mark = view["mark"]
    return str(mark.get("type", "")) if isinstance(mark, dict) else str(mark)


def _channel(view: Mapping[str, Any], channel: str) -> dict[str, Any]:
    found = view.get("encoding", {}).get(channel, {})
    return found if isinstance(found, dict) else {}


def _check_channel_kind(name: str, view: Mapping[str, Any], channel: str, kind: str) -> None:
    options = channel.split("|")
    used = [one for one in options if _channel(view, one).get("type")]
    if not used:
        raise WrongAnswerError(f"`{name}` shows nothing by {' or '.join(options)}: the question needs it.")
    if not any(_channel(view, one)["type"] in KINDS[kind] for one in used):
        code = KINDS[kind][0][0].upper()
        raise WrongAnswerError(
            f"`{name}` does not treat what {used[0]} shows as a {kind}: choose the field, and its type with `:{code}`."
        )


def _check_zero(name: str, view: Mapping[str, Any], channel: str) -> None:
    scale = _channel(view, channel).get("scale") or {}
    if scale.get("type", "linear") != "linear":
        raise WrongAnswerError(
            f"The {_axis_name(channel)} of `{name}` does not count in equal steps: choose no type of scale."
        )
    domain = scale.get("domain")
    given = domain if isinstance(domain, list) else [scale.get("domainMin", 0)]
    ends = [end for end in given if isinstance(end, int | float)] or [0]
    starts_above = min(ends) > 0 or (len(ends) > 1 and max(ends) < 0)
    points_cut = scale.get("zero") is False and not isinstance(domain, list)
    if starts_above or points_cut:
        raise WrongAnswerError(
            f"The {_axis_name(channel)} of `{name}` does not begin at zero, so lengths do not show how large the "
            "numbers are."
        )


def _check_axis_title(name: str, view: Mapping[str, Any], channel: str, word: str) -> None:
    found = _channel(view, channel)
    axis = found.get("axis") or {}
    title = found.get("title", axis.get("title") if isinstance(axis, dict) else None)
    text = " ".join(title) if isinstance(title, list) else str(title or "")
    if word.lower() not in text.lower():
        raise WrongAnswerError(
            f"The title of the {_axis_name(channel)} of `{name}` does not say what is counted, and in which unit."
        )


def _axis_name(channel: str) -> str:
    return _NAMES.get(channel, channel)


def _drawn_marks(
    name: str, spec: dict[str, Any], view: dict[str, Any], channels: Sequence[str]
) -> list[tuple[dict[str, float], dict[str, float]]]:
    """Return for each mark the numbers of its channels, and where it stands."""
    fields = [json.dumps(_drawn_field(_channel(view, channel))) for channel in channels]
    values = f" + '{_SEPARATOR}' + ".join(f"datum[{field}]" for field in fields)
    view.setdefault("encoding", {})["description"] = {"value": {"expr": f"'{_START}' + {values}"}}
    try:
        nodes = list(_described_nodes(vega.scenegraph(spec)))
        rows = [[float(part) for part in node["description"][1:].split(_SEPARATOR)] for node in nodes]
    except ValueError as error:
        raise WrongAnswerError(
            f"`{name}` does not draw a number for every mark: check the names of your fields, and your transforms."
        ) from error
    if not rows:
        raise WrongAnswerError(f"`{name}` draws no mark: check the names of your fields, and your filters.")
    return [(dict(zip(channels, row, strict=True)), node) for row, node in zip(rows, nodes, strict=True)]


def drawn_numbers(spec: dict[str, Any], view: dict[str, Any], channel: str) -> list[float]:
    """Return the number that each mark of a view shows by a channel; none if it shows something else.

    `view` is a part of `spec`, and is left as it was.
    """
    before = copy.deepcopy(view)
    try:
        return [values[channel] for values, _ in _drawn_marks("", spec, view, (channel,))]
    except WrongAnswerError:
        return []
    finally:
        view.clear()
        view.update(before)


def _drawn_field(channel: Mapping[str, Any]) -> str:
    """Return the name under which Vega holds what a channel shows."""
    aggregate, field = channel.get("aggregate"), channel.get("field", "")
    if isinstance(aggregate, str):
        return "__count" if aggregate == "count" else f"{aggregate}_{field}"
    return str(field)


def _described_nodes(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if str(node.get("description", "")).startswith(_START):
            yield node
        for child in node.values():
            yield from _described_nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _described_nodes(child)


def _check_drawn_values(name: str, channel: str, values: Sequence[float], seal: str) -> None:
    if shown_seal(name, values) != seal:
        raise WrongAnswerError(
            f"The marks of `{name}` do not show the right numbers by {channel}: check which rows and field you draw."
        )


def _check_order(name: str, drawn: Sequence[tuple[dict[str, float], dict[str, float]]], channel: str) -> None:
    across = "y" if channel == "x" else "x"
    ordered = [values[channel] for values, _ in sorted(drawn, key=lambda one: one[1].get(across, 0))]
    if ordered not in (sorted(ordered), sorted(ordered, reverse=True)):
        raise WrongAnswerError(
            f"The marks of `{name}` are not in the order of their numbers: sort them along {across}."
        )
