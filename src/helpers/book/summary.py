"""Tell search engines and previews what a page is about; jupyter-book leaves that out."""

from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx

SHORTEST, LONGEST = 80, 200


def setup(app: Sphinx) -> None:
    """Register the writing of the page's meta elements."""
    app.connect("html-page-context", _add_to_page)


def first_sentences(tree: nodes.document) -> str:
    """Give the start of the first paragraph of running text, not a list's or a line of a few words."""
    for paragraph in tree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if isinstance(paragraph.parent, nodes.section) and len(text) >= SHORTEST:
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + "…"
    return ""


def _add_to_page(app: Sphinx, _page: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    if tree is None:
        return
    said, title = first_sentences(tree), Markup(context["title"]).striptags()
    tags = [
        Markup('<meta name="description" content="{}">').format(said),
        Markup('<meta property="og:title" content="{}">').format(title),
        Markup('<meta property="og:description" content="{}">').format(said),
        Markup('<meta property="og:site_name" content="{}">').format(app.config.html_title),
        Markup('<meta property="og:type" content="article">'),
    ]
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)
