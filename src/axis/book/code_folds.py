"""Put the code of one figure into one fold, which has the figure's name, however many cells the code has.

The cells of a chapter are short, each with one idea. On its page, consecutive cells whose code is hidden become one:
the last of them shows the figure, and the fold above it has all their code.
"""

import re
from collections.abc import Iterator
from html import unescape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

#: The title of a figure in the HTML that `helpers.figures` writes.
FIGURE_TITLE = re.compile(r"<figcaption><strong>(.*?)</strong>", re.DOTALL)


def setup(app: Sphinx) -> None:
    """Register the joining of cells."""
    app.add_post_transform(JoinFigureCode)


class JoinFigureCode(SphinxPostTransform):
    """Join consecutive cells with hidden code, before MyST-NB writes a fold for each."""

    default_priority = 198
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Join the cells of the page, and name each fold."""
        for cells in list(_hidden_runs(self.document)):
            *earlier, last = cells
            code = [block for cell in cells for block in cell[0].findall(nodes.literal_block)]
            for cell in earlier:
                cell.parent.remove(cell)
            last[0] = nodes.container("", *code, nb_element="cell_code_source", classes=["cell_input"])
            last["prompt_show"] = last["prompt_hide"] = _fold_name(last)


def _hidden_runs(document: nodes.document) -> Iterator[list[nodes.Element]]:
    """Yield the cells that follow one another up to one with an output, or up to text."""
    run: list[nodes.Element] = []
    for cell in filter(_has_hidden_code, document.findall(nodes.container)):
        if run and (len(run[-1]) > 1 or cell.previous_sibling() is not run[-1]):
            yield run
            run = []
        run.append(cell)
    if run:
        yield run


def _has_hidden_code(node: nodes.container) -> bool:
    hidden = node.get("nb_element") == "cell_code" and node.get("hide_mode") == "input"
    return hidden and isinstance(node[0], nodes.container) and node[0].get("nb_element") == "cell_code_source"


def _fold_name(cell: nodes.Element) -> str:
    for output in cell.findall(nodes.raw):
        if title := FIGURE_TITLE.search(output.astext()):
            return f"Code of this figure: {unescape(title[1])}"
    return "Code of this page: what its figures share"
