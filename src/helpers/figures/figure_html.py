"""Write a figure as HTML that is complete without a kernel, a network or JavaScript."""

import csv
import io
import json
from collections.abc import Sequence
from urllib.parse import quote

from markupsafe import Markup

from helpers.figures import evaluate, picture
from helpers.figures.compact_svg import simplify_svg
from helpers.figures.controls import Control
from helpers.figures.evaluate import Cell
from helpers.figures.spec import Figure
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
        csv="data:text/csv;charset=utf-8," + quote(_table_csv(figure, rows)),
        payload=_script_payload(figure, controls),
    )


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
