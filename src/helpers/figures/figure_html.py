"""Write a figure as HTML that is complete without a kernel, a network or JavaScript."""

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
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
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.title for column in figure.columns])
    writer.writerows([["" if cell.value is None else cell.value for cell in row] for row in rows])
    return text.getvalue()


def _script_payload(figure: Figure, controls: Sequence[Control]) -> Markup:
    """Write what the page's script needs as JSON that can stand inside a script element."""
    content = {
        "spec": figure.spec,
        "says": figure.says,
        "widths": [picture.WIDE, picture.NARROW],
        "columns": [vars(column) for column in figure.columns],
        "controls": list(controls),
    }
    return Markup(json.dumps(content, ensure_ascii=False).replace("<", "\\u003c"))
