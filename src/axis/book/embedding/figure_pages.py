"""Write a page for each figure that shows it alone, and its numbers as a file beside it.

A frame in Canvas, in Moodle or on a slide asks for ``figures/NAME.html``. The state of the controls is in the
fragment of the address, as on the page of the chapter. ``?edition=0.1.0`` says for which edition the page around the
frame was written; a later one shows the figure as it is now, and says so.
"""

import re
from pathlib import Path
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util import logging

from axis.book.embedding.edition_line import edition_line
from axis.book.embedding.figure_data import CSV_LINK, describe_csv, read_figure_data
from axis.book.html_theme.assets import join_scripts
from axis.book.html_theme.shared_files import VERSION
from axis.book.site_address import absolute_url
from axis.book_identity import edition_words, read_citation_file
from helpers.files import write_atomically
from helpers.templates import render

LOGGER = logging.getLogger(__name__)

FOLDER = "figures"
FIGURE = re.compile(r'<figure class="book-figure" id="([^"]+)">.*?</figure>', re.DOTALL)


def setup(app: Sphinx) -> None:
    """Register the writing of the pages, after all else that changes the text of a chapter."""
    app.connect("html-page-context", _write_figure_pages, priority=960)


def _write_figure_pages(app: Sphinx, name: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    if tree is None or not isinstance(app.builder, StandaloneHTMLBuilder) or app.builder.name != "html":
        return
    up = "../" * name.count("/")
    owners: dict[str, str] = app.builder.globalcontext.setdefault("figure_owners", {})

    def write_figure(found: re.Match[str]) -> str:
        owner = owners.setdefault(found[1], name)
        if owner != name:
            message = 'the figure "%s" is on the page %s, too: give each chart a name of its own.'
            LOGGER.warning(message, found[1], owner, location=name)
        html = CSV_LINK.sub(f'href="{up}{FOLDER}/{found[1]}.csv"', found[0])
        _write_figure_files(app, found[0], app.builder.get_target_uri(name), context)
        return html

    context["body"] = FIGURE.sub(write_figure, context["body"])


def _write_figure_files(app: Sphinx, figure: str, page: str, context: dict[str, Any]) -> None:
    data = read_figure_data(figure)
    folder, root = Path(app.outdir) / FOLDER, Path(app.srcdir)
    in_book = f"{page}#{data.name}"
    address = absolute_url(app, in_book) or f"../{in_book}"
    edition = edition_words(read_citation_file(root))
    write_atomically(folder / f"{data.name}.csv", data.csv)
    described = describe_csv(data, address, app.config.book_licence, edition)
    write_atomically(folder / f"{data.name}.csv-metadata.json", described)
    html = CSV_LINK.sub(f'href="{data.name}.csv"', figure)
    shown = render(
        "axis.book",
        "figure-page.html",
        data=data,
        figure=Markup(html),
        language=app.config.language or "en",
        site=app.config.html_title,
        chapter=Markup(context["title"]).striptags(),
        address=address,
        canonical=absolute_url(app, page),
        edition=edition_line(root, app.config.html_title, f"../{page}"),
        licence=app.config.book_licence,
        style=context[VERSION],
        script=join_scripts(app, ("embed", "figure", "figure-menu")),
    )
    write_atomically(folder / f"{data.name}.html", shown)
