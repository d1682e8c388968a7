"""Join the styles that every page needs in one file, and the scripts in another.

On a phone far from the server, each request costs more time than its bytes.
"""

import hashlib
import importlib.resources
from pathlib import Path
from typing import Any

from pydata_sphinx_theme.pygments import overwrite_pygments_css
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import ExtensionError

from helpers.files import write_atomically

STYLES = (
    "basic.css",
    "styles/bootstrap.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "mystnb.*.css",
    "book.css",
    "answers.css",
    "palette.css",
)
SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "scripts/sphinx-book-theme.js",
    "scripts/pydata-sphinx-theme.js",
    "book.js",
    "answers.js",
)
VERSION = "shared_version"


def setup(app: Sphinx) -> None:
    """Register the writing of the two files, and their place in every page."""
    app.connect("html-page-context", _use_shared_files, priority=950)


def _use_shared_files(app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    if not isinstance(app.builder, StandaloneHTMLBuilder) or app.builder.name != "html":
        return
    # Sphinx copies the parts before it writes the first page, and starts each build with a new dictionary.
    for_all_pages = app.builder.globalcontext
    if VERSION not in for_all_pages:
        # The theme itself writes its colours for code only after the last page.
        overwrite_pygments_css(app)
        for_all_pages[VERSION] = _write_shared_files(Path(app.outdir) / "_static")
    context[VERSION] = for_all_pages[VERSION]
    _remove_shared_files(context.get("css_files", []), STYLES)
    # The search page calls functions of these scripts while it loads, so it keeps the separate files.
    if page != "search":
        _remove_shared_files(context.get("script_files", []), SCRIPTS)


def _remove_shared_files(files: list[Any], names: tuple[str, ...]) -> None:
    paths = [Path(f"_static/{name}") for name in names]

    def shared(file: Any) -> bool:
        name = str(getattr(file, "filename", None) or "").split("?")[0]
        return any(Path(name).match(str(path)) for path in paths)

    files[:] = [file for file in files if not shared(file)]


def _write_shared_files(static: Path) -> str:
    """Write the two files, and return a version that changes with their contents, so that browsers drop old files."""
    digest = hashlib.sha256()
    for target, names, between in (("shared.css", STYLES, "\n"), ("shared.js", SCRIPTS, "\n;\n")):
        parts = [_find_part(static, name).read_text(encoding="utf-8") for name in names]
        text = between.join(parts).replace('@charset "UTF-8";', "")
        write_atomically(static / target, text)
        digest.update(text.encode())
    return digest.hexdigest()[:8]


def _find_part(static: Path, name: str) -> Path:
    if name.startswith("mystnb."):
        # MyST-NB copies its style only after the last page.
        return Path(str(importlib.resources.files("myst_nb.static") / "mystnb.css"))
    if not (static / name).is_file():
        raise ExtensionError(
            f"The theme has no file {name}: update the lists in src/axis/book/html_theme/shared_files.py."
        )
    return static / name
