"""Write what a reader of the site finds in its folders: chapters, exercises and tables."""

import shutil
from pathlib import Path

import nbformat

from axis.book_identity import read_book_identity
from axis.exercises.release import student_version
from axis.notebooks.chapter_notebook import is_chapter, write_chapter_notebook


def write_site_contents(root: Path, target: Path) -> None:
    """Write the chapters as notebooks, the exercises as students get them, and the tables.

    Parameters
    ----------
    root
        The folder of the book.
    target
        The folder to write to. It gets the folders that the repository has on Binder, so that the
        notebooks' links among each other lead on.

    Raises
    ------
    ChapterError, ReleaseError
        If a chapter cannot be translated, or an exercise cannot be released.
    """
    references, book = root / "data/references.bib", read_book_identity(root)
    for source in sorted((root / "chapters").glob("*.md")):
        if is_chapter(source):
            write_chapter_notebook(source, target / "chapters" / f"{source.stem}.ipynb", references, book)
    (target / "assignments").mkdir(parents=True)
    for source in sorted((root / "exercises").glob("*.ipynb")):
        # JupyterLite would show an output that is stored line by line with a comma after each line.
        text = nbformat.writes(student_version(source), split_lines=False)
        (target / "assignments" / source.name).write_text(text, encoding="utf-8")
    shutil.copytree(root / "data", target / "data")
