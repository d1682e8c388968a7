"""Put the styles that every page needs into one file, and the scripts into another.

A phone far from the server pays for each request more than for its bytes.
"""

import functools
import hashlib
import importlib.metadata
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from axis.book.html_theme.assets import STATIC

STYLES = (
    "basic.css",
    "styles/bootstrap.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "mystnb.*.css",
    "book.css",
)
SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "scripts/sphinx-book-theme.js",
    "scripts/pydata-sphinx-theme.js",
    "book.js",
)
#: What decides the contents: these packages, and the book's own two files.
MAKERS = ("sphinx", "pydata-sphinx-theme", "sphinx-book-theme", "myst-nb")


def setup(app: Sphinx) -> None:
    """Register the writing of the two files, and their place in every page."""
    # A line of the theme's layout names the page in this object, before the shared script makes it.
    app.add_js_file(None, body="window.DOCUMENTATION_OPTIONS = {};", priority=100)
    app.connect("html-page-context", _use_shared_files, priority=950)
    # After MyST-NB, which brings its style only now.
    app.connect("build-finished", _write_shared_files, priority=600)


def _use_shared_files(app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    if app.builder.name != "html":
        return
    context["shared_version"] = _shared_files_version()
    _remove_shared_files(context.get("css_files", []), STYLES)
    # The search page calls functions of these scripts while it loads: there they stay apart.
    if page != "search":
        _remove_shared_files(context.get("script_files", []), SCRIPTS)


@functools.cache
def _shared_files_version() -> str:
    """Give a text that changes with the contents, so that browsers do not keep old files."""
    parts = [importlib.metadata.version(name).encode() for name in MAKERS]
    parts += [(STATIC / name).read_bytes() for name in ("book.css", "book.js")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:8]


def _remove_shared_files(files: list[Any], names: tuple[str, ...]) -> None:
    paths = [Path(f"_static/{name}") for name in names]

    def shared(file: Any) -> bool:
        name = str(getattr(file, "filename", None) or "").split("?")[0]
        return any(Path(name).match(str(path)) for path in paths)

    files[:] = [file for file in files if not shared(file)]


def _write_shared_files(app: Sphinx, exception: Exception | None) -> None:
    static = Path(app.outdir) / "_static"
    if exception or app.builder.name != "html":
        return
    for target, names, between in (("shared.css", STYLES, "\n"), ("shared.js", SCRIPTS, "\n;\n")):
        text = between.join(_find_single_file(static, name).read_text(encoding="utf-8") for name in names)
        (static / target).write_text(text.replace('@charset "UTF-8";', ""), encoding="utf-8")


def _find_single_file(static: Path, name: str) -> Path:
    found = sorted(static.glob(name))
    if len(found) != 1:
        raise ExtensionError(
            f"{static} has {len(found)} files {name}, not one: mend src/axis/book/html_theme/shared_files.py."
        )
    return found[0]
