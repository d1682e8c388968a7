"""The directives `my-work` and `question-files`: a reader's own answers, and the questions for class platforms."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from axis.book.page_tools import PageTool
from axis.book.published_questions import FOLDER, SCRIPT, collect_chapter_titles, question_file_names
from helpers.templates import render


class QuestionFiles(nodes.General, nodes.Element):
    """The place of the list of files, which is known only when every page has been read."""


class MyWorkDirective(SphinxDirective):
    """``{my-work}``: everything that a reader has answered, which only the script can show."""

    def run(self) -> list[nodes.Node]:
        """Write the empty page."""
        html = render("axis.book", "my-work.html", script=f"../{FOLDER}/{SCRIPT}")
        return [nodes.raw("", html, format="html")]


class QuestionFilesDirective(SphinxDirective):
    """``{question-files}``: the packages and files of each chapter's questions."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for the list."""
        return [QuestionFiles()]


def _write_file_lists(app: Sphinx, doctree: nodes.document, _page: str) -> None:
    titles = {app.config.book_slug: "The whole book", **collect_chapter_titles(app)}
    for place in list(doctree.findall(QuestionFiles)):
        files = [(title, *question_file_names(name)) for name, title in titles.items()]
        place.replace_self(
            PageTool(html=render("axis.book", "question-files.html", folder=f"../{FOLDER}", files=files))
        )


def setup(app: Sphinx) -> None:
    """Register the directives, and the writing of the list."""
    app.add_directive("my-work", MyWorkDirective)
    app.add_directive("question-files", QuestionFilesDirective)
    app.connect("doctree-resolved", _write_file_lists)
