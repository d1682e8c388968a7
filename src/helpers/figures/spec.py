"""What a chart must have to become a figure of the book."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.vega import Spec

__all__ = [
    "Column",
    "Figure",
    "OptionValue",
    "ParameterValue",
    "Spec",
    "inline_rows",
    "is_variable",
    "read_figure",
    "unit_specs",
]

#: What a reader can choose; true and false count as numbers.
OptionValue = str | int | float

#: What a variable parameter of a chart holds.
ParameterValue = OptionValue | Sequence[OptionValue]

#: Two parts that have no number in the report, and are 0 and 5 in the tables: their names in a list, and in a sentence.
UNNUMBERED_SECTIONS = {"0": ("opening", "the opening"), "5": ("policy", "the part on policy")}


@dataclass(frozen=True)
class Column:
    """One column of a figure's table: a field of the chart's data and how to write it."""

    field: str
    title: str
    format: str = ""


@dataclass(frozen=True)
class Figure:
    """A Vega-Lite specification, and what a reader needs beside the picture."""

    spec: Spec
    name: str
    title: str
    subtitle: str
    description: str
    source: str
    says: str
    columns: tuple[Column, ...]


def is_variable(parameter: Mapping[str, Any]) -> bool:
    """Whether a parameter holds a plain value, and is not a selection or an expression."""
    return "select" not in parameter and "expr" not in parameter


def read_figure(spec: Spec) -> Figure:
    """Read a chart as a figure, and check that it has what a figure needs.

    Parameters
    ----------
    spec
        A top-level Vega-Lite specification, as ``chart.to_dict()`` returns it.

    Raises
    ------
    ValueError
        If the chart has no title or no description.
    """
    title, subtitle = _title_and_subtitle(spec)
    name = spec.get("name") or _title_slug(title)
    if not title:
        raise ValueError(
            f'The chart {name or "(no name)"} has no title: add .properties(title="What the chart shows").'
        )
    description = str(spec.get("description", "")).strip()
    if not description:
        raise ValueError(
            f'The chart "{title}" has no description: add .properties(description="…"), '
            "what it shows, for readers who cannot see it."
        )
    extra = spec.get("usermeta", {})
    return Figure(
        spec=spec,
        name=name,
        title=title,
        subtitle=subtitle,
        description=description,
        source=extra.get("source") or _source_line(spec),
        says=extra.get("says", ""),
        columns=_table_columns(spec),
    )


def unit_specs(spec: Spec) -> Iterator[Spec]:
    """Yield the single views of a chart, including those inside layers and concatenations."""
    children = [*spec.get("layer", []), *spec.get("hconcat", []), *spec.get("vconcat", [])]
    children += [*spec.get("concat", []), *([spec["spec"]] if "spec" in spec else [])]
    if "mark" in spec:
        yield spec
    for child in children:
        yield from unit_specs(child)


def inline_rows(spec: Spec) -> list[dict[str, Any]]:
    """Return the rows that are written into the chart, from all its tables."""
    found = [row for table in spec.get("datasets", {}).values() for row in table]
    values = spec.get("data", {}).get("values", [])
    return [row for row in [*found, *values] if isinstance(row, dict)]


def _title_and_subtitle(spec: Spec) -> tuple[str, str]:
    title = spec.get("title", "")
    if isinstance(title, dict):
        return _joined_text(title.get("text", "")), _joined_text(title.get("subtitle", ""))
    return _joined_text(title), ""


def _joined_text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value)


def _title_slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _table_columns(spec: Spec) -> tuple[Column, ...]:
    """Take the columns from the first list of tooltips, or else from the encoded fields."""
    for unit in unit_specs(spec):
        tooltip = unit.get("encoding", {}).get("tooltip")
        if isinstance(tooltip, list):
            return tuple(_channel_column(channel) for channel in tooltip if "field" in channel)
    channels = [c for unit in unit_specs(spec) for c in unit.get("encoding", {}).values()]
    named = [c for c in channels if isinstance(c, dict) and "field" in c and "aggregate" not in c]
    return tuple({c["field"]: _channel_column(c) for c in named}.values())


def _channel_column(channel: Mapping[str, Any]) -> Column:
    title = channel.get("title") or channel["field"]
    return Column(channel["field"], _joined_text(title), channel.get("format", ""))


def _source_line(spec: Spec) -> str:
    """Write the source line from the sections and notes that the rows of the chart name."""
    rows = inline_rows(spec)
    sections = {row["section"] for row in rows if row.get("section")}
    listed = [note.strip() for row in rows for note in str(row.get("notes") or "").split(";")]
    notes = {note for note in listed if note}
    if not sections:
        return ""
    line = f"Balzer (2021), {_section_names(sorted(sections))}"
    if notes:
        line += f", note{'s' if len(notes) > 1 else ''} {', '.join(sorted(notes, key=int))}"
    return line + "."


def _section_names(sections: list[str]) -> str:
    """Name sections as the report does: two of them have no number."""
    named = [UNNUMBERED_SECTIONS[section][1] for section in sections if section in UNNUMBERED_SECTIONS]
    numbered = [section for section in sections if section not in UNNUMBERED_SECTIONS]
    if numbered:
        *others, last = numbered
        named.append(f"sections {', '.join(others)} and {last}" if others else f"section {last}")
    return " and ".join(named)
