"""The directives `forecasts` and `draw-series`: the reader commits to a future before the page shows it.

In the first a reader says of each claim how likely it is to hold, and in the second where a line will go, year by
year. Both need their script, which is why only the script shows them. Without it, the list of verdicts and the figures
say it all.
"""

import json
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from axis.book.reader_tasks import register_task, task_attributes
from helpers.audit.verdicts import later_figures
from helpers.tables import load
from helpers.templates import render


class ForecastsDirective(SphinxDirective):
    """``{forecasts}``: a sheet that asks for a probability of each claim of the table `later_verdicts`."""

    def run(self) -> list[nodes.Node]:
        """Write the sheet."""
        claims = load("later_verdicts", Path(self.env.srcdir) / "data").to_dict("records")
        wording = [str(claim[column]) for claim in claims for column in ("id", "claim", "criterion")]
        task = register_task(self.env, "forecasts", wording)
        if task is None:
            raise self.error("A page can have only one sheet of forecasts.")
        html = render("axis.book", "forecast-sheet.html", claims=claims, attributes=Markup(task_attributes(task)))
        return [nodes.raw("", html, format="html")]


class DrawSeriesDirective(SphinxDirective):
    """``{draw-series} TITLE``: one slider for each later year of a series, for the figure that it names.

    The figure has the parameters ``drawn``, a list of numbers, and ``shown``, whether to show the later figures.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("figure", "series", "basis", "most", "step"), directives.unchanged_required
    )

    def run(self) -> list[nodes.Node]:
        """Write the sliders."""
        if missing := sorted(set(self.option_spec) - set(self.options)):
            raise self.error(f"draw-series needs the option :{missing[0]}:.")
        known, later = self._split_series()
        if known.empty or later.empty:
            raise self.error(f'"{self.options["series"]}" has no yearly figures before and after the report.')
        title, unit = self.arguments[0], str(later["unit"].iloc[0])
        years = later["period"].tolist()
        task = register_task(self.env, f"drawing-{nodes.make_id(title)}", [title, unit, *years])
        if task is None:
            raise self.error("Another drawing on this page has the same title: give each one a title of its own.")
        prompt = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, prompt)
        values = {
            "attributes": Markup(task_attributes(task)),
            "title": title,
            "unit": unit,
            "figure": self.options["figure"],
            "years": years,
            "start": round(float(known["value"].iloc[-1])),
            "counted": json.dumps(later["value"].tolist()),
            "most": self.options["most"],
            "step": self.options["step"],
        }
        before, after = render("axis.book", "draw-series.html", **values).split("<!-- prompt -->")
        return [nodes.raw("", before, format="html"), *prompt.children, nodes.raw("", after, format="html")]

    def _split_series(self) -> tuple[Any, Any]:
        """Return the yearly figures of the series before the report and after it."""
        figures = later_figures(Path(self.env.srcdir) / "data")
        own = (figures["series"] == self.options["series"]) & (figures["basis"] == self.options["basis"])
        yearly = figures[own & figures["period"].str.fullmatch(r"\d{4}")].sort_values("period")
        return yearly[yearly["stage"] == "before"], yearly[yearly["stage"] == "after"]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("forecasts", ForecastsDirective)
    app.add_directive("draw-series", DrawSeriesDirective)
