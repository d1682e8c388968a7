"""Write a chapter as a notebook that JupyterLab shows as the page does.

``python -m axis.notebooks`` writes every chapter below the current folder beside its source.
"""

import sys
from pathlib import Path

import jupytext
import nbformat

from axis.notebooks.plain_markdown import ChapterError, collect_reference_targets, is_chapter, translate_markdown

__all__ = ["ChapterError", "is_chapter", "main", "write_chapter_notebook"]


def write_chapter_notebook(source: Path, target: Path, references: Path) -> Path:
    """Write one chapter as a notebook.

    Parameters
    ----------
    source
        The chapter, MyST Markdown with jupytext's header.
    target
        The notebook to write; its folder is made where it is missing.
    references
        The bibliography that the chapter cites.

    Returns
    -------
    Path
        `target`.

    Raises
    ------
    ChapterError
        If the chapter cites a work that the bibliography lacks.
    """
    around = collect_reference_targets(source.parent, references)
    notebook = jupytext.read(source, fmt="md:myst")
    # A front end whose kernel has another name, as in a browser, chooses by language instead of asking.
    notebook.metadata["language_info"] = {"name": "python"}
    for index, cell in enumerate(notebook.cells):
        # jupytext's identifiers are drawn at random: the same chapter shall give the same file.
        cell.id = f"cell-{index}"
        if cell.cell_type == "markdown":
            try:
                cell.source = translate_markdown(cell.source, around)
            except ChapterError as error:
                raise ChapterError(f"{source}:{_find_line_number(source, error.wording)}: {error}") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def _find_line_number(source: Path, wording: str) -> int:
    text = source.read_text(encoding="utf-8")
    return text[: text.find(wording)].count("\n") + 1


def main(root: Path) -> None:
    """Write every chapter below `root` beside its source, for JupyterLab and Binder.

    Parameters
    ----------
    root
        The folder that holds ``chapters`` and ``data``.
    """
    sources = [path for path in sorted((root / "chapters").glob("*.md")) if is_chapter(path)]
    if not sources:
        sys.exit(f"{root}/chapters holds no chapter: run this in the folder of the book.")
    for source in sources:
        try:
            print(write_chapter_notebook(source, source.with_suffix(".ipynb"), root / "data/references.bib"))
        except ChapterError as error:
            sys.exit(str(error))
