"""What a chart must bring to become a figure of the book."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]

#: What the tables call 0 and 5 has no number in the report: its name in a list, and in a sentence.
UNNUMBERED = {"0": ("opening", "the opening"), "5": ("policy", "the part on policy")}


@dataclass(frozen=True)
class Column:
    """One column of a figure's table: a field of the chart's data and how to print it."""

    field: str
    title: str
    format: str = ""


@dataclass(frozen=True)
class Figure:
    """A Vega-Lite specification with what a reader needs beside the picture."""

    spec: Spec
    name: str
    title: str
    subtitle: str
    description: str
    source: str
    says: str
    columns: tuple[Column, ...]

    @property
    def parameters(self) -> dict[str, Any]:
        """The chart's variable parameters with their default values."""
        return {p["name"]: p.get("value") for p in self.spec.get("params", []) if is_variable(p)}


def is_variable(parameter: Mapping[str, Any]) -> bool:
    """Tell whether a parameter holds a plain value, as against a selection or an expression."""
    return "select" not in parameter and "expr" not in parameter


def read_figure(spec: Spec) -> Figure:
    """Check one chart against what a figure must bring.

    Parameters
    ----------
    spec
        A top-level Vega-Lite specification, as ``chart.to_dict()`` gives it.

    Raises
    ------
    ValueError
        If the chart has no title or no description.
    """
    title, subtitle = _title_and_subtitle(spec)
    name = spec.get("name") or _title_slug(title)
    if not title:
        raise ValueError(
            f'The chart {name or "(no name)"} has no title: add .properties(title="What the chart finds").'
        )
    description = str(spec.get("description", "")).strip()
    if not description:
        raise ValueError(
            f'The chart "{title}" has no description: add .properties(description="…"), '
            "a sentence for readers who cannot see it."
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
    """Walk through the single views of a chart, those inside layers and concatenations included."""
    children = [*spec.get("layer", []), *spec.get("hconcat", []), *spec.get("vconcat", [])]
    children += [*spec.get("concat", []), *([spec["spec"]] if "spec" in spec else [])]
    if "mark" in spec:
        yield spec
    for child in children:
        yield from unit_specs(child)


def inline_rows(spec: Spec) -> list[dict[str, Any]]:
    """Give the data that the chart holds inline, all its tables one after another."""
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
    """Take the columns from the first tooltip list, or else from the encoded fields."""
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
    """Make the source line from the sections and notes that the chart's own rows name."""
    sections, notes = set(), set()
    for row in inline_rows(spec):
        sections |= {row["section"]} if row.get("section") else set()
        notes |= {note.strip() for note in str(row.get("notes") or "").split(";") if note.strip()}
    if not sections:
        return ""
    line = f"Balzer (2021), {_section_names(sorted(sections))}"
    if notes:
        line += f", note{'s' if len(notes) > 1 else ''} {', '.join(sorted(notes, key=int))}"
    return line + "."


def _section_names(sections: list[str]) -> str:
    """Name sections as a reader of the report finds them: two of its parts bear no number."""
    named = [UNNUMBERED[section][1] for section in sections if section in UNNUMBERED]
    numbered = [section for section in sections if section not in UNNUMBERED]
    if numbered:
        *others, last = numbered
        named.append(f"sections {', '.join(others)} and {last}" if others else f"section {last}")
    return " and ".join(named)
