"""HTML that serves a page and is not part of its text, such as links to download it: search does not index it."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxTranslator
from sphinx.writers.html5 import HTML5Translator


class PageTool(nodes.General, nodes.Element):
    """A piece of HTML, in the attribute ``html``; builders of other formats leave it out."""


def setup(app: Sphinx) -> None:
    """Register how each builder writes the node."""
    left_out = (_skip_node, None)
    app.add_node(
        PageTool, html=(_write_html, _do_nothing), latex=left_out, text=left_out, man=left_out, texinfo=left_out
    )


def _write_html(translator: HTML5Translator, node: PageTool) -> None:
    translator.body.append(node["html"])


def _do_nothing(_translator: HTML5Translator, _node: PageTool) -> None:
    pass


def _skip_node(_translator: SphinxTranslator, _node: PageTool) -> None:
    raise nodes.SkipNode
