"""Join the styles of all pages in one file, and the scripts that every page needs in another.

On a phone far from the server, each request costs more time than its bytes. What no page uses of the styles is left
out at the end of a build, when all pages are there.
"""

import hashlib
import importlib.resources
import re
from pathlib import Path
from typing import Any

from pydata_sphinx_theme.pygments import overwrite_pygments_css
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import ExtensionError

from axis.book.html_theme.assets import minify_script
from axis.book.html_theme.unused_rules import page_words, remove_unused_rules, script_words
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
    "figure.css",
    "figure-menu.css",
    "questions.css",
    "my-work.css",
    "listing.css",
    "entrance.css",
    "tests-card.css",
    "search.css",
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
#: The script at the start of each page, which bears the same version as the shared one.
START = "page-start.js"
VERSION = "shared_version"
ADDRESS = re.compile(r"shared\.css\?v=\w+")
#: Scripts that hold text, whose words are no classes.
DATA = frozenset({"search-texts.js"})


def setup(app: Sphinx) -> None:
    """Register the writing of the two files, and their place in every page."""
    app.connect("html-page-context", _use_shared_files, priority=950)
    # After the files that no page loads are gone, whose words are in no use.
    app.connect("build-finished", _leave_out_unused_rules, priority=800)


def has_written_pages(app: Sphinx) -> bool:
    """Tell, at the end of a build, whether it has written pages: one without changes writes none."""
    return VERSION in getattr(app.builder, "globalcontext", {})


def _use_shared_files(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
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
    _remove_shared_files(context.get("script_files", []), SCRIPTS)


def _remove_shared_files(files: list[Any], names: tuple[str, ...]) -> None:
    paths = [Path(f"_static/{name}") for name in names]

    def shared(file: Any) -> bool:
        name = str(getattr(file, "filename", None) or "").split("?")[0]
        return any(Path(name).match(str(path)) for path in paths)

    files[:] = [file for file in files if not shared(file)]


def _write_shared_files(static: Path) -> str:
    """Write the two files, and return a version that changes with the shared scripts, so that browsers drop old ones.

    The style gets a version of its own once the rules that no page uses are left out.
    """
    for target, names, between in (("shared.css", STYLES, "\n"), ("shared.js", SCRIPTS, "\n;\n")):
        parts = [_find_part(static, name).read_text(encoding="utf-8") for name in names]
        parts = list(map(minify_script, parts)) if names == SCRIPTS else parts
        write_atomically(static / target, between.join(parts).replace('@charset "UTF-8";', ""))
    scripts = [(static / "shared.js").read_bytes(), _find_part(static, START).read_bytes()]
    return hashlib.sha256(b"".join(scripts)).hexdigest()[:8]


def _leave_out_unused_rules(app: Sphinx, exception: Exception | None) -> None:
    """Shorten the shared style to what pages use, and name it anew on each page."""
    if exception or not has_written_pages(app):
        return
    folder = Path(app.outdir)
    pages = {file: file.read_text(encoding="utf-8") for file in [*folder.glob("*.html"), *folder.glob("*/*.html")]}
    scripts = [file.read_text(encoding="utf-8") for file in (folder / "_static").glob("*.js") if file.name not in DATA]
    words = set().union(*map(page_words, pages.values()), *map(script_words, scripts))
    style = remove_unused_rules((folder / "_static/shared.css").read_text(encoding="utf-8"), words, scripts)
    write_atomically(folder / "_static/shared.css", style)
    address = f"shared.css?v={hashlib.sha256(style.encode()).hexdigest()[:8]}"
    for file, text in pages.items():
        renamed = ADDRESS.sub(address, text)
        if renamed != text:
            write_atomically(file, renamed)


def _find_part(static: Path, name: str) -> Path:
    if name.startswith("mystnb."):
        # MyST-NB copies its style only after the last page.
        return Path(str(importlib.resources.files("myst_nb.static") / "mystnb.css"))
    if not (static / name).is_file():
        raise ExtensionError(
            f"The theme has no file {name}: update the lists in src/axis/book/html_theme/shared_files.py."
        )
    return static / name
