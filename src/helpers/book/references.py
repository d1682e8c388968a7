"""Print a work with its title as printed, and the title's translation in brackets behind it."""

from typing import Any

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.alpha import Style as Alpha
from pybtex.style.template import Node, field, first_of, optional, sentence, words
from sphinx.application import Sphinx
from sphinx.config import Config


class Style(Alpha):  # type: ignore[misc]  # pybtex has no annotations
    """The style ``alpha`` with the field ``translation``, which BibTeX itself does not know."""

    def format_title(self, e: Entry, which_field: str, as_sentence: bool = True) -> Node:
        """Give the title of an article or a page."""
        return _translated(super().format_title(e, which_field, as_sentence=False), e, which_field, as_sentence)

    def format_btitle(self, e: Entry, which_field: str, as_sentence: bool = True) -> Node:
        """Give the title of a book or a collection."""
        return _translated(super().format_btitle(e, which_field, as_sentence=False), e, which_field, as_sentence)


def setup(app: Sphinx) -> None:
    """Register the style, and make it the one of every list of works."""
    register_plugin("pybtex.style.formatting", "book", Style, force=True)
    app.connect("config-inited", _choose_style)


def _choose_style(_app: Sphinx, config: Config) -> None:
    config.bibtex_default_style = "book"


def _translated(title: Any, entry: Entry, which: str, as_sentence: bool) -> Node:
    if which == "title" and "translation" in entry.fields:
        title = words[title, first_of[optional["[", field("translation"), "]"]]]
    return sentence[title] if as_sentence else title
