"""Redirect from the site's address to the first page, with the head of the book for clients that ignore redirects."""

from pathlib import Path

from markupsafe import Markup
from sphinx.application import Sphinx

from axis.book.head import metadata
from axis.book.html_theme.shared_files import has_written_pages
from axis.book.site_address import absolute_url
from helpers.templates import render


def setup(app: Sphinx) -> None:
    """Register the writing of the page."""
    # Before sphinx-external-toc, which writes a page without a head where there is none.
    app.connect("build-finished", _write_redirect_page, priority=400)


def _write_redirect_page(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html" or app.config.root_doc == "index":
        return
    first, target = app.builder.get_target_uri(app.config.root_doc), Path(app.outdir) / "index.html"
    # The times of the files do not tell whether this build has written pages: some change after this one is written.
    if target.is_file() and not has_written_pages(app):
        return
    values = {"language": app.config.language, "title": app.config.html_title, "first": first}
    canonical, head = absolute_url(app, first) or first, Markup(metadata.render_book_head(app, "index"))
    page = render("axis.book", "root-redirect.html", canonical=canonical, head=head, **values)
    target.write_text(page, encoding="utf-8")
