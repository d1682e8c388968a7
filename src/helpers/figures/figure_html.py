"""Write a figure as HTML that is complete without a kernel, a network or JavaScript."""

import base64
import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from helpers.figures import evaluate, picture
from helpers.figures.compact_svg import simplify_svg
from helpers.figures.controls import Control
from helpers.figures.evaluate import Cell
from helpers.figures.spec import Figure, ParameterValue
from helpers.templates import render

#: How each picture of a page begins; editions that have no box around it replace this by a description.
HIDDEN_SVG = '<svg aria-hidden="true" focusable="false"'

#: A chart that computes the name of a column, or shows whole rows: `datum['high_' + x]`, `{"content": "data"}`.
ASKS_FOR_ANY_COLUMN = re.compile(r"""datum\[(?!\\?["'][^"'\\]*\\?["']\])|"content": "data\"""")
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def figure_html(figure: Figure, controls: Sequence[Control] = ()) -> str:
    """Write one figure.

    Parameters
    ----------
    figure
        The chart, as `spec.read_figure` returns it.
    controls
        Its controls in their order on the page, as `helpers.figures.controls.describe_control` returns them.
    """
    rows = evaluate.evaluate_table(figure, {})
    return render(
        "helpers.figures",
        "figure.html",
        figure=figure,
        controls=controls,
        sentence=evaluate.evaluate_sentence(figure, {}),
        wide=_inline_svg(picture.chart_svg(figure.spec, picture.WIDE)),
        narrow=_inline_svg(picture.chart_svg(figure.spec, picture.NARROW)),
        rows=rows,
        csv=_csv_address(figure, rows),
        payload=_script_payload(figure, controls),
    )


def saved_figure_html(figure: Figure, png: bytes | None, mark: str, *, has_controls: bool) -> str:
    """Write one figure for a notebook that is opened again without its kernel, or converted to a page.

    The picture is an image, because front ends take an SVG out of a notebook that they do not trust.

    Parameters
    ----------
    figure
        The chart, as `spec.read_figure` returns it.
    png
        The picture, or None if Python cannot paint it here, as in a browser; then it is painted as SVG.
    mark
        The class by which the live chart hides this figure.
    has_controls
        Whether the figure has controls, so that a sentence says what it shows.
    """
    rows = evaluate.evaluate_table(figure, {})
    return render(
        "helpers.figures",
        "saved-figure.html",
        figure=figure,
        mark=mark,
        image=_image_address(figure, png),
        sentence=evaluate.evaluate_sentence(figure, {}) if has_controls else "",
        rows=rows,
        csv=_csv_address(figure, rows),
    )


def numbers_html(figure: Figure, state: Mapping[str, ParameterValue]) -> str:
    """Write the numbers of a figure in some state as a table, with a link that saves them as a CSV file."""
    rows = evaluate.evaluate_table(figure, state)
    return render("helpers.figures", "numbers.html", figure=figure, rows=rows, csv=_csv_address(figure, rows))


def _image_address(figure: Figure, png: bytes | None) -> str:
    kind, content = ("png", png) if png else ("svg+xml", picture.printed_svg(figure.spec).encode())
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _csv_address(figure: Figure, rows: list[list[Cell]]) -> str:
    return "data:text/csv;charset=utf-8," + quote(_table_csv(figure, rows))


def _inline_svg(svg: str) -> Markup:
    """Prepare a picture for its box, which has the description that screen readers read."""
    return Markup(simplify_svg(svg).replace("<svg ", f"{HIDDEN_SVG} ", 1))


def _table_csv(figure: Figure, rows: list[list[Cell]]) -> str:
    """Write the numbers as they are shown, with the mark by which a spreadsheet knows that the text is Unicode."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.title for column in figure.columns])
    writer.writerows([[_plain_value(cell) for cell in row] for row in rows])
    return "\ufeff" + text.getvalue()


def _plain_value(cell: Cell) -> str:
    """Write a value without the signs of a language; a number has the digits that readers see. So does figure.js."""
    if not isinstance(cell.value, float):
        return cell.value or ""
    shown = cell.text.replace(",", "").replace("−", "-")
    number = Decimal(shown) if NUMBER.fullmatch(shown) else Decimal(f"{cell.value:.12g}")
    # Without the zeros at the end of decimals, and without an exponent.
    return format(number.normalize() + 0, "f")


def _script_payload(figure: Figure, controls: Sequence[Control]) -> Markup:
    """Write what the page's script needs as JSON that can stand inside a script element."""
    content: dict[str, Any] = {
        "spec": {key: value for key, value in figure.spec.items() if key != "datasets"},
        "says": figure.says,
        "widths": [picture.WIDE, picture.NARROW],
        "columns": [vars(column) for column in figure.columns],
        "controls": list(controls),
    }
    if "datasets" in figure.spec:
        content["spec"]["datasets"] = _used_columns(figure.spec["datasets"], json.dumps(content, ensure_ascii=False))
    return Markup(json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _used_columns(datasets: dict[str, list[Any]], asks: str) -> dict[str, list[Any]]:
    """Leave out the columns of a chart's tables that nothing in the chart asks for.

    `asks` is the rest of the chart as JSON. A column stays if its name is anywhere in it, even as a part of a word.
    """
    if ASKS_FOR_ANY_COLUMN.search(asks):
        return datasets
    return {
        name: [{key: row[key] for key in row if key in asks} if isinstance(row, dict) else row for row in rows]
        for name, rows in datasets.items()
    }
