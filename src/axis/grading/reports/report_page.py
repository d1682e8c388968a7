"""What the HTML reports share: a page that needs no other file, and the names of exercises and checks."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from axis.exercises.source import Exercise
from axis.grading.reports.report_text import UNCONFINED
from helpers.templates import render
from helpers.theme import dark_screen_style

IN_BACKTICKS = re.compile(r"`([^`\n]+)`")


def render_report_page(template: str, *, title: str, confined: bool, **values: Any) -> str:
    """Render one of the templates of this package.

    Parameters
    ----------
    title
        The page's name.
    confined
        Whether all submissions ran confined; if not, the page says so.
    **values
        The other values that the template prints.
    """
    warning = "" if confined else UNCONFINED
    style = dark_screen_style(".picture")
    return render(__package__, template, title=title, warning=warning, hint=hint_html, dark_charts=style, **values)


def hint_html(text: str) -> Markup:
    """Return a hint as HTML, with names in backticks as code and everything else escaped."""
    return Markup(IN_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))


def labels_by_check(titles: Mapping[str, str]) -> dict[str, str]:
    """Name each check by its heading; checks with the same heading are its parts, as in ``9. Judge (part 2)``.

    Parameters
    ----------
    titles
        The heading of each check, by its id, in the order of the notebook.
    """
    counts, parts = Counter(titles.values()), Counter[str]()
    labels = {}
    for check, title in titles.items():
        parts[title] += 1
        labels[check] = title if counts[title] == 1 else f"{title} (part\N{NO-BREAK SPACE}{parts[title]})"
    return labels


def exercise_title(name: str, exercises: Mapping[str, Exercise]) -> str:
    """Return the heading of an exercise, or its name if it has none."""
    if name not in exercises:
        return name or "A file that belongs to no exercise"
    for cell in exercises[name].source.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return str(cell.source.splitlines()[0].removeprefix("# ").strip())
    return name
