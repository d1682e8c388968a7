"""The links with which a reader downloads or opens a chapter and its exercise, and the files that they lead to.

The links to Binder and Colab need the address of the repository, which comes from BOOK_REPOSITORY_URL or from git's
remote `origin`. If neither is known, the book has no such links. The downloads are always there: each notebook, the
wheel of the package that all of them import, and all exercises in one archive.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from docutils import nodes
from markupsafe import escape
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import axis
import helpers
from axis.book import lite_link
from axis.book.checksums import make_if_changed
from axis.book.page_tools import PageTool
from axis.book.settings import book_identity
from axis.errors import BookError
from axis.notebooks.chapter_notebook import find_chapters, write_chapter_notebooks
from axis.notebooks.plain_markdown import is_chapter
from axis.portable.helpers_wheel import build_helpers_wheel, wheel_filename
from axis.portable.setup_cells import WHEEL_FOLDER
from helpers.files import write_atomically
from helpers.tables import data_folder

LOGGER = logging.getLogger(__name__)

#: The branch to which the workflow "Book" writes the notebooks of the site, because Colab opens files of a repository.
NOTEBOOK_BRANCH = "notebooks"
#: What a reader should know before a notebook is opened elsewhere; what it needs is a link to the wheel.
RUNS_ANYWHERE = "In Jupyter, VS Code, Colab or Kaggle, its first cell installs {needed}."


def repository_url(root: Path) -> str | None:
    """Return the public address of the repository, or None if it has none.

    Parameters
    ----------
    root
        A folder inside the checkout.
    """
    address = os.environ.get("BOOK_REPOSITORY_URL", "").strip() or _git_remote_url(root)
    address = re.sub(r"^ssh://[^@/]*@([^:/]+)(:\d+)?/", r"https://\1/", address)
    address = re.sub(r"^git@([^:/]+):", r"https://\1/", address)
    address = re.sub(r"^https://[^@/]*@", "https://", address)  # a password must not reach a page
    return address.removesuffix("/").removesuffix(".git") if address.startswith("https://") else None


def binder_launch_url(address: str, notebook: str) -> str:
    """Return the address that opens a notebook of the repository in JupyterLab on Binder."""
    kinds = {"https://github.com/": "gh", "https://gitlab.com/": "gl"}
    for host, kind in kinds.items():
        if address.startswith(host):
            name = address.removeprefix(host)
            place = f"{kind}/{quote(name, safe='/' if kind == 'gh' else '')}"
            break
    else:
        place = f"git/{quote(address, safe='')}"
    return f"https://mybinder.org/v2/{place}/HEAD?urlpath={quote('lab/tree/' + notebook)}"


def colab_launch_url(address: str, notebook: str) -> str:
    """Return the address that opens a notebook of the site in Colab, or "" for a repository that Colab cannot read."""
    name = address.removeprefix("https://github.com/")
    if name == address:
        return ""
    return f"https://colab.research.google.com/github/{quote(name)}/blob/{NOTEBOOK_BRANCH}/{quote(notebook)}"


def _git_remote_url(root: Path) -> str:
    if not shutil.which("git"):
        return ""
    command = ["git", "-C", str(root), "remote", "get-url", "origin"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


class ExerciseDirective(SphinxDirective):
    """``{exercise} NAME``: links to the student version of an exercise."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write the links, or fail if there is no such exercise."""
        name = self.arguments[0]
        if not (Path(self.env.srcdir) / "exercises" / f"{name}.ipynb").is_file():
            raise self.error(f'There is no exercise "{name}": correct the name, or add exercises/{name}.ipynb.')
        up = "../" * self.env.docname.count("/")
        links = _notebook_links(self.env.app, up, f"exercises/{name}.ipynb", f"assignments/{name}.ipynb", "exercise")
        archive = escape(f"{up}exercises/{handout_filename(self.env.app)}")
        all_of_them = f'<a href="{archive}" download>Download all exercises, with everything that they need</a>'
        return [PageTool(html=f'<p class="book-links">{links} {all_of_them} {_runs_anywhere(up)}</p>\n')]


def handout_filename(app: Sphinx) -> str:
    """Return the name of the archive of all exercises."""
    return f"{app.config.book_slug}-exercises.zip"


def _notebook_links(app: Sphinx, up: str, download: str, opened: str, what: str) -> str:
    """Write the links of one notebook: to its file and, if the book has them, into the browser, to Binder and Colab."""
    links = [f'<a href="{escape(up + download)}" download>Download the {what} as a notebook</a>']
    here = lite_link.lite_launch_url(app, up, opened)
    if here:
        links.append(f'<a href="{escape(here)}">Run the {what} in this browser</a>')
    address = repository_url(Path(app.srcdir))
    if address:
        links.append(f'<a href="{escape(binder_launch_url(address, opened))}">Open the {what} on Binder</a>')
        if elsewhere := colab_launch_url(address, download):
            links.append(f'<a href="{escape(elsewhere)}">Open the {what} in Colab</a>')
    return " ".join(links)


def _runs_anywhere(up: str) -> str:
    needed = "what it needs"
    with suppress(BookError):  # without the installed project there is no wheel, as the end of the build says
        needed = f'<a href="{escape(f"{up}{WHEEL_FOLDER}/{wheel_filename()}")}">{needed}</a>'
    return f"<span>{RUNS_ANYWHERE.format(needed=needed)}</span>"


class ChapterLinks(SphinxTransform):
    """Put a chapter's links under its title."""

    default_priority = 500

    def apply(self, **_: Any) -> None:
        """Insert the links, if the page is a chapter."""
        page, title = self.env.docname, self.document.next_node(nodes.title)
        if title is None or not is_chapter(Path(self.env.doc2path(page))):
            return
        name = PurePath(page).name
        up = "../" * page.count("/")
        links = _notebook_links(self.app, up, f"notebooks/{name}.ipynb", f"chapters/{name}.ipynb", "chapter")
        line = PageTool(html=f'<p class="book-links">{links} {_runs_anywhere(up)}</p>\n')
        title.parent.insert(title.parent.index(title) + 1, line)


def _write_notebook_downloads(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    root, pages, tools = Path(app.srcdir), Path(app.outdir), Path(axis.__file__).parent
    chapters = [source for source in find_chapters(root) if app.env.path2doc(str(source)) in app.env.found_docs]
    exercises = sorted((root / "exercises").glob("*.ipynb"))
    book, site = book_identity(app), str(app.config.html_baseurl)
    # Each folder has the package and its tables, too, as a wheel or in the archive.
    shared = [tools / "portable", Path(helpers.__file__).parent, data_folder(), root / "uv.lock"]
    # The notebook of a chapter quotes headings of other chapters, and the works that it cites.
    made_of = [root / "chapters", root / "data/references.bib", tools / "notebooks", *shared]

    def write_chapters() -> Iterable[Path]:
        yield from write_chapter_notebooks(chapters, pages / WHEEL_FOLDER, root, book, site)
        yield write_atomically(pages / WHEEL_FOLDER / wheel_filename(), build_helpers_wheel())

    def write_exercises() -> Iterable[Path]:
        # Importing nbgrader takes a quarter of a second, which a build without changes can do without.
        from axis.exercises.handout import write_handout_archive
        from axis.exercises.release import release_all

        written = release_all(exercises, pages / "exercises", site)
        return [*written, write_handout_archive(written, pages / "exercises" / handout_filename(app))]

    try:
        make_if_changed(app, pages / WHEEL_FOLDER, made_of, (chapters, book, site), write_chapters)
        make_if_changed(app, pages / "exercises", [*exercises, tools / "exercises", *shared], site, write_exercises)
    except BookError as error:
        LOGGER.warning("%s", error)


def setup(app: Sphinx) -> None:
    """Register the directive, the links under the title, and the files that they name."""
    app.add_directive("exercise", ExerciseDirective)
    app.add_transform(ChapterLinks)
    app.connect("build-finished", _write_notebook_downloads, priority=700)
