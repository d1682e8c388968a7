"""Write a figure as HTML that is complete without a kernel, a network or JavaScript."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from helpers.figures import evaluate, picture
from helpers.figures.compact_svg import simplify_svg
from helpers.figures.spec import Figure
from helpers.templates import render

#: How each picture of a page begins; editions that have no box around it replace this by a description.
HIDDEN_SVG = '<svg aria-hidden="true" focusable="false"'


def figure_html(figure: Figure, controls: Sequence[dict[str, Any]] = ()) -> str:
    """Write one figure.

    Parameters
    ----------
    figure
        The chart, as `spec.read_figure` gives it.
    controls
        Native controls, as `helpers.figures.controls.describe_control` gives them, in the order of the page.
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
    """Let the picture scale with its box, and leave naming it to the box."""
    return Markup(simplify_svg(svg).replace("<svg ", f"{HIDDEN_SVG} ", 1))


def _table_csv(figure: Figure, rows: list[list[tuple[Any, str]]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.title for column in figure.columns])
    writer.writerows([["" if raw is None else raw for raw, _ in row] for row in rows])
    return text.getvalue()


def _script_payload(figure: Figure, controls: Sequence[dict[str, Any]]) -> Markup:
    """Give what the script needs, safe inside a script element."""
    content = {
        "spec": figure.spec,
        "says": figure.says,
        "widths": [picture.WIDE, picture.NARROW],
        "columns": [vars(column) for column in figure.columns],
        "controls": list(controls),
    }
    return Markup(json.dumps(content, ensure_ascii=False).replace("<", "\\u003c"))
