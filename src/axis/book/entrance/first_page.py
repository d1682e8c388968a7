"""What the first page asks for: its figure, the steps of the argument and the cards of the chapters."""

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from axis.book.entrance import chapter_pictures
from axis.book.entrance.chapter_pictures import picture_path
from axis.book.entrance.opening_figure import opening_comparison
from axis.book.page_tools import PageTool
from axis.notebooks.chapter_facts import read_chapter_facts
from helpers.audit.summaries import FOUND, tally_statements
from helpers.tables import load
from helpers.templates import render

#: The chapters that go beyond the report, after those that follow its sections.
BEYOND = ["6-audit", "7-after-2021"]


class ChapterCards(nodes.General, nodes.Element):
    """The place of the cards, whose titles are known when all pages have been read."""


class OpeningFigureDirective(SphinxDirective):
    """``{opening-figure}``: the comparison that opens the book."""

    def run(self) -> list[nodes.Node]:
        """Draw it in its first setting."""
        return [nodes.raw("", opening_comparison().to_html(), format="html")]


class ArgumentKeyDirective(SphinxDirective):
    """``{argument-key}``: what the patterns of the bars under the steps stand for."""

    def run(self) -> list[nodes.Node]:
        """Write one line."""
        return [nodes.raw("", render("axis.book", "argument-key.html", names=FOUND), format="html")]


class ArgumentStepDirective(SphinxDirective):
    """``{argument-step} claim``: one step of the report's argument, with what the audit found in its sections.

    The text says where the evidence is strong and where it fails.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"sections": str}

    def run(self) -> list[nodes.Node]:
        """Write the claim, the text, and the tally of the sections."""
        step = nodes.container(classes=["argument-step"])
        claim = nodes.paragraph(classes=["claim"])
        words, _ = self.parse_inline(self.arguments[0], lineno=self.lineno)
        claim += words
        step += [claim, *self.parse_content_to_nodes()]
        if sections := self.options.get("sections", "").split():
            step += nodes.raw("", _tally_html(sections), format="html")
        return [step]


class ChapterCardsDirective(SphinxDirective):
    """``{chapter-cards}``: a card for each chapter, with its first chart as a small picture."""

    def run(self) -> list[nodes.Node]:
        """Leave the place."""
        return [ChapterCards()]


def setup(app: Sphinx) -> None:
    """Register the directives and the small pictures."""
    app.add_node(ChapterCards)
    app.add_directive("opening-figure", OpeningFigureDirective)
    app.add_directive("argument-key", ArgumentKeyDirective)
    app.add_directive("argument-step", ArgumentStepDirective)
    app.add_directive("chapter-cards", ChapterCardsDirective)
    app.connect("doctree-resolved", _write_cards)
    chapter_pictures.setup(app)


def _tally_html(sections: list[str]) -> str:
    """Write how many figures of some sections hold."""
    tally, chapters = tally_statements(), load("sections").set_index("section")["chapter"]
    counts = tally[tally["section"].isin(sections)][FOUND].sum()
    parts = [{"name": name, "count": int(counts[name])} for name in FOUND if counts[name]]
    return render(
        "axis.book", "argument-tally.html", parts=parts, whole=int(counts.sum()), chapters=chapters[sections].nunique()
    )


def _write_cards(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for place in list(doctree.findall(ChapterCards)):
        chapters = dict.fromkeys([*load("sections", Path(app.srcdir) / "data")["chapter"], *BEYOND])
        cards = [_chapter_card(app, page, name) for name in chapters if f"chapters/{name}" in app.env.titles]
        place.replace_self(PageTool(html=render("axis.book", "chapter-cards.html", cards=cards)))


def _chapter_card(app: Sphinx, page: str, name: str) -> dict[str, Any]:
    document = f"chapters/{name}"
    facts = read_chapter_facts(Path(app.env.doc2path(document)))
    return {
        "href": app.builder.get_relative_uri(page, document),
        "title": app.env.titles[document].astext(),
        "minutes": facts.minutes if facts else None,
        "picture": "../" * page.count("/") + picture_path(name),
    }
