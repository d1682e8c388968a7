"""Write chapters as notebooks that JupyterLab shows as the pages do.

``python -m axis.notebooks`` writes every chapter below the current folder beside its source.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import jupytext
import nbformat

from axis.book_identity import BookIdentity, read_book_identity
from axis.errors import BookError
from axis.notebooks.chapter_error import ChapterError
from axis.notebooks.chapter_facts import texts_from_facts
from axis.notebooks.plain_markdown import ReferenceTargets, collect_reference_targets, is_chapter, translate_markdown
from axis.portable.setup_cells import FOLDED_CHARTS, fold_cell, insert_setup_cells


def find_chapters(root: Path) -> list[Path]:
    """Find the chapters of the book in the folder `root`: the pages that are notebooks in text form."""
    return [path for path in sorted((root / "chapters").glob("*.md")) if is_chapter(path)]


def write_chapter_notebooks(
    sources: Iterable[Path], target: Path, root: Path, book: BookIdentity, site: str = ""
) -> Iterator[Path]:
    """Write chapters as notebooks, one after another.

    Parameters
    ----------
    sources
        The chapters, MyST Markdown with jupytext's header.
    target
        The folder to write to; it is made if it is missing.
    root
        The folder of the book, with the other chapters and the bibliography.
    book
        What the book is called.
    site
        The address of the published book with a slash at its end, from which a notebook elsewhere gets the package
        that it imports; "" if none is known.

    Yields
    ------
    Path
        Each notebook once it is written.

    Raises
    ------
    ChapterError
        If a chapter cites a work that the bibliography lacks, or if a fact is missing in its front matter.
    """
    around = collect_reference_targets(root, book)
    target.mkdir(parents=True, exist_ok=True)
    for source in sources:
        notebook = target / f"{source.stem}.ipynb"
        nbformat.write(_translate_chapter(source, around, site), notebook)
        yield notebook


def _translate_chapter(source: Path, around: ReferenceTargets, site: str) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = jupytext.read(source, fmt="md:myst")
    # A front end whose kernel has another name, as in a browser, chooses by language instead of asking.
    notebook.metadata["language_info"] = {"name": "python"}
    try:
        own_texts = texts_from_facts(source, around.titles.get(source.stem, source.stem), around.book)
        notebook.cells = _join_figure_code(notebook.cells)
        for index, cell in enumerate(notebook.cells):
            # jupytext draws identifiers at random, but the same chapter should give the same file.
            cell.id = f"cell-{index}"
            if cell.cell_type == "markdown":
                cell.source = translate_markdown(cell.source, around, own_texts)
    except ChapterError as error:
        raise error.located_in(source) from error
    insert_setup_cells(notebook, folded=FOLDED_CHARTS, site=site)
    return notebook


def _join_figure_code(cells: Iterable[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Make one folded cell of the code of each figure, as `axis.book.code_folds` does on the page."""
    joined: list[nbformat.NotebookNode] = []
    for cell in cells:
        if _is_folded(cell):
            fold_cell(cell)
        if joined and _is_folded(cell) and _is_folded(joined[-1]) and not _shows_something(joined[-1]):
            joined[-1].source += f"\n\n{cell.source}"
        else:
            joined.append(cell)
    return joined


def _is_folded(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "code" and "hide-input" in cell.metadata.get("tags", [])


def _shows_something(cell: nbformat.NotebookNode) -> bool:
    """Tell whether a cell ends with a value, which the front end shows; a cell that is no plain Python may do so."""
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:
        return True
    return bool(statements) and isinstance(statements[-1], ast.Expr)


def main(root: Path) -> None:
    """Write every chapter below `root` beside its source, for JupyterLab and Binder.

    Parameters
    ----------
    root
        The folder that holds ``_config.yml``, ``chapters`` and ``data``.
    """
    sources = find_chapters(root)
    if not sources:
        sys.exit(f"{root}/chapters has no chapter: run this in the folder of the book.")
    try:
        for path in write_chapter_notebooks(sources, root / "chapters", root, read_book_identity(root)):
            print(path)
    except BookError as error:
        sys.exit(str(error))
