"""Write the files that a reader of the site finds: chapters, exercises and tables."""

import shutil
from pathlib import Path

import nbformat

from axis.book_identity import read_book_identity
from axis.exercises.release import release_all
from axis.notebooks.chapter_notebook import find_chapters, write_chapter_notebooks


def write_site_contents(root: Path, target: Path) -> None:
    """Write the chapters as notebooks, the student versions of the exercises, and the tables.

    Parameters
    ----------
    root
        The folder of the book.
    target
        The folder to write to. It gets the same folders as the repository on Binder, so that links between
        notebooks work.

    Raises
    ------
    ChapterError, ReleaseError
        If a chapter cannot be translated, or an exercise cannot be released.
    """
    book = read_book_identity(root)
    list(write_chapter_notebooks(find_chapters(root), target / "chapters", root, book))
    for path in release_all(sorted((root / "exercises").glob("*.ipynb")), target / "assignments"):
        # JupyterLite would show an output that is stored line by line with a comma after each line.
        path.write_text(nbformat.writes(nbformat.read(path, as_version=4), split_lines=False), encoding="utf-8")
    shutil.copytree(root / "data", target / "data")
