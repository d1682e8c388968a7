"""Print a work with its original title, its translation in brackets, its full date and the number of its issue."""

import copy
from typing import Any

from pybtex.backends import plaintext
from pybtex.database import BibliographyData, Entry
from pybtex.plugin import register_plugin
from pybtex.style import FormattedEntry
from pybtex.style.formatting.alpha import Style as Alpha
from pybtex.style.formatting.unsrt import date, pages, toplevel
from pybtex.style.template import Node, field, join, optional, optional_field, sentence, tag, words
from sphinx.application import Sphinx
from sphinx.config import Config


class ReferenceStyle(Alpha):
    """The style ``alpha`` with the fields ``translation`` and ``day``, and with numbers of issues without a volume."""

    def format_entry(self, label: str, entry: Entry, bib_data: BibliographyData | None = None) -> FormattedEntry:
        """Format a work; the stock templates know months, but not days."""
        if "day" in entry.fields:
            entry = copy.deepcopy(entry)
            entry.fields["month"] = f"{entry.fields['day']} {entry.fields['month']}"
        return super().format_entry(label, entry, bib_data)

    def get_article_template(self, e: Entry) -> Node:
        """Return the template of an article; the stock one drops a number without a volume."""
        if "volume" in e.fields:
            return super().get_article_template(e)
        place = sentence[tag("em")[field("journal")], optional["no. ", field("number")], optional[pages], date]
        start = self.format_names("author"), self.format_title(e, "title")
        return toplevel[(*start, place, sentence[optional_field("note")], self.format_web_refs(e))]

    def format_title(self, e: Entry, which_field: str, as_sentence: bool = True) -> Node:
        """Format the title of an article or a page."""
        return _append_translation(super().format_title(e, which_field, as_sentence=False), e, which_field, as_sentence)

    def format_btitle(self, e: Entry, which_field: str, as_sentence: bool = True) -> Node:
        """Format the title of a book or a collection."""
        return _append_translation(
            super().format_btitle(e, which_field, as_sentence=False), e, which_field, as_sentence
        )


def setup(app: Sphinx) -> None:
    """Register the style, and use it for every list of works."""
    register_plugin("pybtex.style.formatting", "book", ReferenceStyle, force=True)
    # Without this, each citation has pybtex search all installed packages for its own backend.
    register_plugin("pybtex.backends", "plaintext", plaintext.Backend, force=True)
    app.connect("config-inited", _set_bibtex_style)


def _set_bibtex_style(_app: Sphinx, config: Config) -> None:
    config.bibtex_default_style = "book"


def _append_translation(title: Any, entry: Entry, which: str, as_sentence: bool) -> Node:
    if which == "title" and "translation" in entry.fields:
        title = words[title, join["[", field("translation"), "]"]]
    return sentence[title] if as_sentence else title
