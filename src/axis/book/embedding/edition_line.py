"""Say at the foot of every page which edition of the book it is, from ``CITATION.cff`` alone."""

import json
from pathlib import Path

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.config import Config

from axis.book.citation import author_names
from axis.book_identity import edition_words, read_citation_file

LINE = Markup('<p class="book-edition" data-book="{}">{}</p>')


def setup(app: Sphinx) -> None:
    """Register the line; Sphinx writes all pages again when it changes."""
    app.connect("config-inited", _set_footer)


def edition_line(root: Path, title: str, page: str = "") -> Markup:
    """Write the line that readers see, with what the scripts need to cite a figure; a book of nobody has none.

    Parameters
    ----------
    root
        The folder of ``CITATION.cff``.
    title
        The title of the book.
    page
        The page of the book that a figure comes from, relative to this one, if it is another.
    """
    book = read_citation_file(root)
    if not book:
        return Markup("")
    known = {
        "authors": author_names(book),
        "title": title,
        "version": str(book["version"]),
        "date": str(book["date-released"]),
        **({"page": page} if page else {}),
    }
    return LINE.format(json.dumps(known, ensure_ascii=False), edition_words(book))


def _set_footer(app: Sphinx, config: Config) -> None:
    config.html_theme_options["extra_footer"] = edition_line(Path(app.srcdir), config.html_title)
