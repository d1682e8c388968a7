"""Write the files that a reader of the site finds: chapters, exercises and tables."""

import shutil
from pathlib import Path

import nbformat

from axis.book_identity import read_book_identity
from axis.exercises.release import release_all
from axis.notebooks.chapter_notebook import find_chapters, write_chapter_notebooks
from axis.portable.setup_cells import replace_setup_code


def write_site_contents(root: Path, target: Path, host: str) -> None:
    """Write the chapters as notebooks, the student versions of the exercises, and the tables.

    Parameters
    ----------
    root
        The folder of the book.
    target
        The folder to write to. It gets the same folders as the repository on Binder, so that links between
        notebooks work.
    host
        The host from which a browser gets the packages that the site does not have.

    Raises
    ------
    ChapterError, ReleaseError
        If a chapter cannot be translated, or an exercise cannot be released.
    """
    book = read_book_identity(root)
    exercises = sorted((root / "exercises").glob("*.ipynb"))
    chapters = write_chapter_notebooks(find_chapters(root), target / "chapters", root, book)
    for path in [*chapters, *release_all(exercises, target / "assignments")]:
        notebook = nbformat.read(path, as_version=4)
        replace_setup_code(notebook, host)
        # JupyterLite would show an output that is stored line by line with a comma after each line.
        path.write_text(nbformat.writes(notebook, split_lines=False), encoding="utf-8")
    shutil.copytree(root / "data", target / "data")
