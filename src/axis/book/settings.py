"""The book's own settings in ``_config.yml``, beside those of Sphinx, and the identity that follows from them."""

from pathlib import Path

from sphinx.application import Sphinx

from axis.book.checksums import files_checksum
from axis.book_identity import BookIdentity, read_citation_file, report_url
from axis.notebooks import chapter_facts
from axis.numbers import number_rules
from helpers.audit import computed_numbers


def setup(app: Sphinx) -> None:
    """Register the settings."""
    # How the names of the book's files begin.
    app.add_config_value("book_slug", "book", "env", [str])
    # The report that the book discusses, as a key of the bibliography.
    app.add_config_value("book_report", "", "env", [str])
    # The address of those who answer for the book, for readers of a copy whose repository is not known.
    app.add_config_value("book_contact", "", "env", [str])
    # The licence of the text, as an address.
    app.add_config_value("book_licence", "", "html", [str])
    # Nobody sets this. It makes Sphinx read every page again when what makes the pages changes: this extension with
    # its templates and styles, the texts that it prints from a chapter's front matter, and the rules for numbers.
    rules = Path(number_rules.__file__).parent
    own = files_checksum(Path(__file__).parent, Path(chapter_facts.__file__), rules, Path(computed_numbers.__file__))
    app.add_config_value("book_extension", own, "env", [str])


def book_identity(app: Sphinx) -> BookIdentity:
    """Return what the book is called, and which report it is about."""
    return BookIdentity(
        title=app.config.html_title,
        author=app.config.author,
        language=app.config.language,
        slug=app.config.book_slug,
        report=app.config.book_report,
        report_url=report_url(read_citation_file(Path(app.srcdir))),
    )
