"""Fail the build of a book that readers should not get, and name the place of each fault.

Every warning counts. Sphinx itself warns about broken references and unresolved citations. The rules here add
cells that fail, pictures without alternative text, and files that a page would load from another host.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

#: Relations of a link element that make a browser fetch its address.
FETCHED = {"stylesheet", "preload", "modulepreload", "icon", "manifest", "preconnect", "dns-prefetch"}
#: A file that was written when the pages were last checked without a fault.
CHECKED = "third-party-urls.checked"
LOADING = ["script", "img", "iframe", "source", "video", "audio", "embed", "track"]


def setup(app: Sphinx) -> None:
    """Register the rules."""
    app.connect("doctree-read", _check_cell_errors)
    app.connect("doctree-resolved", _check_alt_texts)
    app.connect("build-finished", _check_third_party_urls, priority=800)
    app.connect("build-finished", _fail_on_warnings, priority=900)


def cell_errors(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, str]]:
    """Return the line in the chapter and the message of each error among a notebook's outputs.

    A cell counts as failed, too, if only showing its result fails: IPython reports that it ran, but keeps the error.
    """
    lines = notebook.metadata.get("source_map", [])
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield lines[index] if lines else index + 1, f"{output.ename}: {_strip_terminal_colours(output.evalue)}"


def third_party_urls(page: str) -> list[str]:
    """Return the addresses of other hosts that a browser would load for a page of HTML."""
    found = BeautifulSoup(page, "html.parser", parse_only=SoupStrainer([*LOADING, "link"]))
    addresses = [element.get("src") for element in found.find_all(LOADING)]
    addresses += [link.get("href") for link in found.find_all("link") if FETCHED & set(link.get("rel") or [])]
    return [str(address) for address in addresses if re.match(r"(https?:)?//", str(address))]


def _strip_terminal_colours(text: str) -> str:
    """Remove the colours that a terminal would show."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _check_cell_errors(app: Sphinx, _doctree: nodes.document) -> None:
    name = app.env.docname
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{name}.ipynb"
    if "source_map" not in app.env.metadata[name] or not executed.exists():
        return
    notebook = nbformat.read(executed, as_version=4)
    for line, message in cell_errors(notebook):
        LOGGER.warning("the cell that starts here fails (%s): correct it.", message, location=(name, line))


def _check_alt_texts(_app: Sphinx, doctree: nodes.document, name: str) -> None:
    for picture in doctree.findall(nodes.image):
        if not picture.get("alt", "").strip():
            place = (name, picture.line or getattr(picture.parent, "line", None))
            message = "the picture %s has no alternative text: describe it between the square brackets."
            LOGGER.warning(message, picture["uri"], location=place)


def _check_third_party_urls(app: Sphinx, exception: Exception | None) -> None:
    """Check the pages that are new since the last build without a fault."""
    if exception or app.builder.format != "html":
        return
    checked = Path(app.doctreedir) / CHECKED
    since = checked.stat().st_ctime_ns if checked.is_file() else 0
    # The time at which a page was put here, not its own date: a site of notebooks is copied with its dates.
    pages = [path for path in sorted(Path(app.outdir).rglob("*.html")) if path.stat().st_ctime_ns > since]
    for path in pages:
        for address in third_party_urls(path.read_text(encoding="utf-8")):
            message = "%s loads %s from another host: put a copy into the book, or link to it instead."
            LOGGER.warning(message, path, address)
    checked.write_text("", encoding="utf-8")


def _fail_on_warnings(app: Sphinx, exception: Exception | None) -> None:
    """Make the build fail if there were warnings, and have the next build read every page again."""
    count = app._warncount  # noqa: SLF001  see tests/test_private_apis.py
    if not count and not exception:
        return
    for record in ("environment.pickle", CHECKED):
        (Path(app.doctreedir) / record).unlink(missing_ok=True)
    app.statuscode = 1
    problems = "1 problem" if count == 1 else f"{count} problems"
    LOGGER.info("The build found %s; each is named above with its file and line.", problems)
