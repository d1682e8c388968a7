"""The directive `forecasts`: for each claim the reader says what will become of it, then sees.

It is of use with its script alone, which shows it; without one the list of verdicts has it all.
"""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from helpers.audit.verdicts import HELD, MIXED, OVERTAKEN
from helpers.tables import load
from helpers.templates import render

#: What a reader can forecast, as the table of verdicts names it, and in words about the future.
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
