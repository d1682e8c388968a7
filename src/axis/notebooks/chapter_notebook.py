"""Write a chapter as a notebook that JupyterLab shows as the page does.

``python -m axis.notebooks`` writes every chapter below the current folder beside its source.
"""

import sys
from pathlib import Path

import jupytext
import nbformat

from axis.book_identity import BookIdentity, read_book_identity
from axis.notebooks.chapter_error import ChapterError
from axis.notebooks.chapter_facts import texts_from_facts
from axis.notebooks.plain_markdown import collect_reference_targets, is_chapter, translate_markdown

__all__ = ["ChapterError", "is_chapter", "main", "write_chapter_notebook"]


def write_chapter_notebook(source: Path, target: Path, references: Path, book: BookIdentity) -> Path:
    """Write one chapter as a notebook.

    Parameters
    ----------
    source
        The chapter, MyST Markdown with jupytext's header.
    target
        The notebook to write; its folder is made where it is missing.
    references
        The bibliography that the chapter cites.
    book
        The book that the chapter belongs to.

    Returns
    -------
    Path
        `target`.

    Raises
    ------
    ChapterError
        If the chapter cites a work that the bibliography lacks, or if a fact is missing in its front matter.
    """
    around = collect_reference_targets(source.parent, references)
    notebook = jupytext.read(source, fmt="md:myst")
    # A front end whose kernel has another name, as in a browser, chooses by language instead of asking.
    notebook.metadata["language_info"] = {"name": "python"}
    try:
        own_texts = texts_from_facts(source, around.titles.get(source.stem, source.stem), book)
        for index, cell in enumerate(notebook.cells):
            # jupytext draws identifiers at random, but the same chapter should give the same file.
            cell.id = f"cell-{index}"
            if cell.cell_type == "markdown":
                cell.source = translate_markdown(cell.source, around, own_texts)
    except ChapterError as error:
        raise error.located_in(source) from error
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def main(root: Path) -> None:
    """Write every chapter below `root` beside its source, for JupyterLab and Binder.

    Parameters
    ----------
    root
        The folder that holds ``_config.yml``, ``chapters`` and ``data``.
    """
    sources = [path for path in sorted((root / "chapters").glob("*.md")) if is_chapter(path)]
    if not sources:
        sys.exit(f"{root}/chapters holds no chapter: run this in the folder of the book.")
    book = read_book_identity(root)
    for source in sources:
        try:
            print(write_chapter_notebook(source, source.with_suffix(".ipynb"), root / "data/references.bib", book))
        except ChapterError as error:
            sys.exit(str(error))
