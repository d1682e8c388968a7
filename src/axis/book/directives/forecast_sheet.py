"""The directive `forecasts`: the reader says what will become of each claim, then sees the verdicts.

The sheet needs its script, which is why only the script shows it. Without it, the list of verdicts says it all.
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from helpers.audit.verdicts import HELD, MIXED, OVERTAKEN
from helpers.tables import load
from helpers.templates import render

#: What a reader can forecast: the name in the table of verdicts, and the words for the future.
FORECASTS = {HELD: "will hold", MIXED: "some of both", OVERTAKEN: "will be overtaken"}


class ForecastsDirective(SphinxDirective):
    """``{forecasts}``: a sheet with one menu for each claim of the table `later_verdicts`."""

    def run(self) -> list[nodes.Node]:
        """Write the sheet."""
        claims = load("later_verdicts", Path(self.env.srcdir) / "data").to_dict("records")
        html = render("axis.book", "forecast-sheet.html", claims=claims, forecasts=FORECASTS)
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("forecasts", ForecastsDirective)
