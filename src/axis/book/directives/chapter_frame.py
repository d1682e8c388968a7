"""The directives `chapter-opening` and `cite-this-chapter`: what a reader needs to know about a chapter.

Both print what the block ``book`` of the chapter's front matter states, so that no other part of the program has
to read it out of a sentence.
"""

from pathlib import Path, PurePath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from axis.book.citation import bibtex_entry
from axis.book.page_tools import PageTool
from axis.book.reader_tasks import WORK_PAGE
from axis.book.settings import book_identity
from axis.book.site_address import absolute_url
from axis.book_identity import read_citation_file
from axis.notebooks.chapter_error import ChapterError
from axis.notebooks.chapter_facts import (
    CITATION,
    MISSING_BLOCK,
    OPENING,
    ChapterFacts,
    citation_markdown,
    opening_markdown,
    read_chapter_facts,
)
from helpers.templates import render

LOGGER = logging.getLogger(__name__)


class BibtexEntry(nodes.General, nodes.Element):
    """The place of a chapter's BibTeX entry, which names an address that is known only when the page is written."""


class ChapterOpeningDirective(SphinxDirective):
    """``{chapter-opening}``: the section of the report, the reading time, the objectives, what to know before."""

    def run(self) -> list[nodes.Node]:
        """Print the facts, or say which one the front matter lacks."""
        try:
            facts = page_facts(self.env.app, self.env.docname)
        except ChapterError as error:
            LOGGER.warning("%s", error, location=(self.env.docname, error.line))
            return []
        if facts is None:
            raise self.error(MISSING_BLOCK)
        _depend_on_citation_file(self)
        progress = nodes.raw("", render("axis.book", "chapter-progress.html", work=self._work_address()), format="html")
        return [*self.parse_text_to_nodes(opening_markdown(facts, book_identity(self.env.app))), progress]

    def _work_address(self) -> str:
        """Return where a reader finds all answers, or "" if the book has no such page."""
        page = PurePath(self.env.docname).with_name(WORK_PAGE)
        return f"{WORK_PAGE}.html" if str(page) in self.env.found_docs else ""


class CiteThisChapterDirective(SphinxDirective):
    """``{cite-this-chapter}``: how to cite the chapter, with a BibTeX entry."""

    def run(self) -> list[nodes.Node]:
        """Write the line, and leave a place for the BibTeX entry."""
        _depend_on_citation_file(self)
        # Sphinx warns of a page without a title.
        title = self.state.document.next_node(nodes.title)
        line = citation_markdown(title.astext() if title else self.env.docname, book_identity(self.env.app))
        return [*self.parse_text_to_nodes(line), BibtexEntry()]


def setup(app: Sphinx) -> None:
    """Register the directives, and the writing of the BibTeX entries."""
    app.add_directive(OPENING, ChapterOpeningDirective)
    app.add_directive(CITATION, CiteThisChapterDirective)
    app.connect("doctree-resolved", _write_bibtex_entries)


def page_facts(app: Sphinx, page: str) -> ChapterFacts | None:
    """Read what a page states about itself; a page that is not a chapter states nothing.

    Raises
    ------
    ChapterError
        If a fact is missing or wrong.
    """
    return read_chapter_facts(Path(app.env.doc2path(page)))


def _depend_on_citation_file(directive: SphinxDirective) -> None:
    """Have Sphinx read the chapter again when the authors, the version or the address of the report change."""
    directive.env.note_dependency(str(Path(directive.env.srcdir) / "CITATION.cff"))


def _write_bibtex_entries(app: Sphinx, doctree: nodes.document, page: str) -> None:
    book = read_citation_file(Path(app.srcdir))
    for place in list(doctree.findall(BibtexEntry)):
        if not book:
            place.parent.remove(place)
            continue
        address = absolute_url(app, app.builder.get_target_uri(page))
        entry = bibtex_entry(PurePath(page).name, app.env.titles[page].astext(), book, address)
        place.replace_self(PageTool(html=render("axis.book", "bibtex-entry.html", entry=entry) + "\n"))
