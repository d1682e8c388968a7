"""Ask Vega what a chart shows in a given state: its rows and its sentence.

A page and Python must never disagree about a computed number, so both ask the same engine. The
transforms and expressions of a chart run in `helpers.vega`. Each mark then reports its row in its
ARIA description, the only field of the scene graph that may contain any text.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helpers import vega
from helpers.figures.spec import Column, Figure, ParameterValue, Spec, is_variable, unit_specs

_ROW_START, _CELL_SEPARATOR, _TEXT_SEPARATOR = "\x1d", "\x1e", "\x1f"


@dataclass(frozen=True)
class Cell:
    """One cell of a figure's table: the value, which is None where it is missing, and the text that readers see."""

    value: float | str | None
    text: str


def with_state(spec: Spec, state: Mapping[str, ParameterValue]) -> Spec:
    """Return a copy of a chart whose parameters have the values of `state`."""
    changed = copy.deepcopy(spec)
    for parameter in changed.get("params", []):
        if parameter["name"] in state:
            parameter["value"] = state[parameter["name"]]
    return changed


def evaluate_table(figure: Figure, state: Mapping[str, ParameterValue]) -> list[list[Cell]]:
    """Return the rows that the marks of a figure stand for.

    Returns
    -------
    list of rows
        Each row has one cell for each of `figure.columns`. Marks that share a row, such as a bar
        and its label, count once.
    """
    spec = with_state(figure.spec, state)
    expression = f"'{_ROW_START}' + " + f" + '{_CELL_SEPARATOR}' + ".join(map(_cell_expression, figure.columns))
    for unit in _table_unit_specs(spec):
        unit.setdefault("encoding", {})["description"] = {"value": {"expr": expression}}
    found = dict.fromkeys(d for d in _mark_descriptions(spec) if d.startswith(_ROW_START))
    return [[_parse_cell(cell) for cell in row[1:].split(_CELL_SEPARATOR)] for row in found]


def evaluate_sentence(figure: Figure, state: Mapping[str, ParameterValue]) -> str:
    """Return the sentence that says what the figure shows in `state`; empty where it has none."""
    if not figure.says:
        return ""
    parameters = [p for p in figure.spec.get("params", []) if is_variable(p) or "expr" in p]
    spec: Spec = {
        "data": {"values": [{}]},
        "params": parameters,
        "mark": "point",
        "encoding": {"description": {"value": {"expr": f"'{_ROW_START}' + ({figure.says})"}}},
    }
    found = [d for d in _mark_descriptions(with_state(spec, state)) if d.startswith(_ROW_START)]
    return found[0][1:] if found else ""


def _table_unit_specs(spec: Spec) -> list[Spec]:
    every = list(unit_specs(spec))
    with_tooltip = [u for u in every if isinstance(u.get("encoding", {}).get("tooltip"), list)]
    return with_tooltip or every


def _cell_expression(column: Column) -> str:
    field = f"datum[{json.dumps(column.field)}]"
    shown = f"format({field}, {json.dumps(column.format)})" if column.format else f"'' + {field}"
    number = f"'n' + {field} + '{_TEXT_SEPARATOR}' + {shown}"
    return f"(isValid({field}) ? (isNumber({field}) ? {number} : 's' + {field} + '{_TEXT_SEPARATOR}' + {field}) : '')"


def _parse_cell(cell: str) -> Cell:
    if not cell:
        return Cell(None, "")
    raw, shown = cell[1:].split(_TEXT_SEPARATOR)
    return Cell(float(raw) if cell[0] == "n" else raw, shown)


def _mark_descriptions(spec: Spec) -> Iterator[str]:
    yield from _walk_descriptions(vega.scenegraph(spec))


def _walk_descriptions(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("description"), str):
            yield node["description"]
        for child in node.values():
            yield from _walk_descriptions(child)
    elif isinstance(node, list):
        for child in node:
            yield from _walk_descriptions(child)
