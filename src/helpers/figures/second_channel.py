"""Make the series of a chart differ by more than their colour.

Points differ by their shapes, which chapters choose. Lines get dashes here, and bars outlines, in
the order of the colours: filled, outlined, outlined with dashes, outlined with dots.
"""

from collections.abc import Iterator
from typing import Any

from helpers.figures.spec import Spec
from helpers.theme import SERIES, faint_colour

#: The dashes of the first, second, third and fourth series; the fifth starts again.
BAR_DASHES: list[list[int]] = [[1, 0], [1, 0], [5, 3], [2, 2]]
LINE_DASHES: list[list[int]] = [[1, 0], [7, 4], [2, 3], [9, 3, 2, 3]]

#: The channels that show to which series a mark belongs, without colour.
COLOURLESS_CHANNELS = {"shape", "strokeDash", "x", "y", "xOffset", "yOffset", "row", "column", "facet", "text"}


def add_redundant_encoding(spec: Spec) -> None:
    """Add outlines or dashes to the bars and lines whose series differ by colour alone.

    Parameters
    ----------
    spec
        A top-level Vega-Lite specification, which is changed in place.

    Raises
    ------
    ValueError
        If the series of other marks, such as points, differ by colour alone: the chapter must
        decide which shapes or dashes they get.
    """
    for unit, colour in list(_colour_only_views(spec)):
        if not _add_redundant_channel(unit, colour):
            raise ValueError(
                f'In the chart "{spec.get("name", "")}", `{colour["field"]}` differs by colour alone: '
                f'add shape="{colour["field"]}" to its encoding, or strokeDash= if it draws rules.'
            )


def _colour_only_views(spec: Spec) -> Iterator[tuple[Spec, dict[str, Any]]]:
    for unit, encoding, siblings in _coloured_views(spec, {}, []):
        colour = encoding["color"]
        continuous = colour.get("type") in ("quantitative", "temporal")
        if not continuous and not any(_encodes_field(one, colour["field"]) for one in [encoding, *siblings]):
            yield unit, colour


def _coloured_views(
    spec: Spec, above: dict[str, Any], siblings: list[dict[str, Any]]
) -> Iterator[tuple[Spec, dict[str, Any], list[dict[str, Any]]]]:
    """Yield each view that colours by a field, with its encoding and those of the layers beside it."""
    encoding = {**above, **spec.get("encoding", {})}
    # A text mark says what it stands for.
    if "mark" in spec and "field" in encoding.get("color", {}) and _mark_type(spec) != "text":
        yield spec, encoding, siblings
    layers = [{**encoding, **one.get("encoding", {})} for one in spec.get("layer", [])]
    for child in spec.get("layer", []):
        yield from _coloured_views(child, encoding, layers)
    for child in [*spec.get("hconcat", []), *spec.get("vconcat", []), *spec.get("concat", [])]:
        yield from _coloured_views(child, encoding, [])


def _encodes_field(encoding: dict[str, Any], field: str) -> bool:
    channels = (encoding.get(name) for name in COLOURLESS_CHANNELS)
    return any(isinstance(channel, dict) and channel.get("field") == field for channel in channels)


def _mark_type(unit: Spec) -> str:
    return unit["mark"] if isinstance(unit["mark"], str) else unit["mark"]["type"]


def _add_redundant_channel(unit: Spec, colour: dict[str, Any]) -> bool:
    """Add the second channel if the kind of mark can have one, and return whether it can."""
    encoding = unit.setdefault("encoding", {})
    scale = colour.get("scale", {})
    colours = scale.get("range", SERIES)

    def channel(values: list[Any]) -> dict[str, Any]:
        return {**colour, "scale": {**scale, "range": values}}

    if _mark_type(unit) == "line":
        encoding["strokeDash"] = channel(LINE_DASHES)
        return True
    if _mark_type(unit) in ("bar", "rect", "area"):
        # The opacity is part of the colours because a legend does not show a channel of opacity.
        encoding["fill"] = channel([colours[0], *map(faint_colour, colours[1:])])
        encoding |= {"stroke": channel(colours), "strokeDash": channel(BAR_DASHES)}
        encoding.pop("color", None)
        return True
    return False
