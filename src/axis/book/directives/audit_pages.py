"""The directives of the pages on method: the tests, how to object, the findings as a file, the sheet for a class."""

from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from axis.book.downloads import repository_url
from axis.book.page_tools import PageTool
from helpers.audit.agreement import CHOICES, STATED, audit_sheet
from helpers.audit.moves import MOVES
from helpers.templates import render

#: Where a repository takes objections, by its host.
ISSUES = {"github.com": "/issues", "gitlab.com": "/-/issues"}


def objection_sentence(repository: str, contact: str) -> Markup:
    """Say where a reader can object.

    Parameters
    ----------
    repository
        The public address of the repository, or "".
    contact
        An e-mail or web address of those who answer for the book, or "".
    """
    host = urlsplit(repository).hostname or ""
    if repository:
        link = Markup('<a href="{}">{}</a>').format(repository + ISSUES.get(host, ""), "open an issue")
        return Markup("In the repository of the book, {}.").format(link)
    if contact:
        address = contact if urlsplit(contact).scheme else f"mailto:{contact}"
        return Markup('Write to <a href="{}">{}</a>.').format(address, contact)
    return Markup(
        "This copy of the book names no repository and no address, so send your objection to whoever published it or "
        "gave it to you, and ask them to pass it on."
    )


class ObjectionDirective(SphinxDirective):
    """``{where-to-object}``: the address of the repository's issues, or whom to write to."""

    def run(self) -> list[nodes.Node]:
        """Write the sentence."""
        repository = repository_url(Path(self.env.srcdir)) or ""
        sentence = objection_sentence(repository, self.env.config.book_contact)
        return [nodes.raw("", f'<p class="where-to-object">{sentence}</p>\n', format="html")]


class FindingsFileDirective(SphinxDirective):
    """``{findings-file}``: the links to the findings as JSON and to the description of the file."""

    def run(self) -> list[nodes.Node]:
        """Write the links."""
        return [PageTool(html=render("axis.book", "findings-links.html"))]


class AuditSheetDirective(SphinxDirective):
    """``{audit-sheet}``: ten findings to judge on paper, and the same sheet as a file."""

    def run(self) -> list[nodes.Node]:
        """Write the link and the table."""
        rows = audit_sheet().to_dict("records")
        table = render("axis.book", "audit-sheet.html", rows=rows, stated=STATED, choices=CHOICES)
        return [PageTool(html=render("axis.book", "audit-sheet-link.html")), nodes.raw("", table, format="html")]


class TestsCardDirective(SphinxDirective):
    """``{tests-card}``: the tests of the audit, each with the question that it asks."""

    def run(self) -> list[nodes.Node]:
        """Write the card."""
        tests = [
            {"name": name.replace("_", " "), "asks": _question(str(one.test.__doc__))} for name, one in MOVES.items()
        ]
        return [nodes.raw("", render("axis.book", "tests-card.html", tests=tests), format="html")]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("tests-card", TestsCardDirective)
    app.add_directive("where-to-object", ObjectionDirective)
    app.add_directive("findings-file", FindingsFileDirective)
    app.add_directive("audit-sheet", AuditSheetDirective)


def _question(sentence: str) -> str:
    """Turn "Test whether the parts add up." into what the test asks."""
    return sentence.strip().split("\n")[0].removeprefix("Test ").removesuffix(".")
