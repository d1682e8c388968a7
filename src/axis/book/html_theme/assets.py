"""Add the book's scripts and styles to the pages that need them, each once."""

import hashlib
import importlib.metadata
from pathlib import Path
from typing import Any

import minify
import vl_convert
from sphinx.application import Sphinx
from sphinx.config import Config

from helpers.files import write_atomically
from helpers.theme import dark_style
from helpers.vega.native import svg_to_png

STATIC = Path(__file__).parent / "static"

#: The HTML by which a page shows that it needs scripts, and their names.
NEEDED_BY = {
    'class="book-figure"': ("figure", "figure-menu"),
    'class="book-question': ("questions",),
    'class="book-prediction': ("questions",),
    'class="book-forecasts': ("questions",),
    'class="book-work"': ("my-work",),
    'class="book-listing"': ("listing",),
}


def setup(app: Sphinx) -> None:
    """Register the copying of files and the choice for each page."""
    app.connect("config-inited", _add_static_folders)
    app.connect("html-page-context", _add_page_assets)


def _add_static_folders(app: Sphinx, config: Config) -> None:
    build = Path(app.outdir).parent
    made = (_write_vega_script(build), _write_touch_icon(build), _write_palette(build))
    config.html_static_path += map(str, (STATIC, *made))


def _write_touch_icon(build: Path) -> Path:
    """Write the favicon as phones want it for their home screen, 180 pixels wide, and return its folder."""
    svg = (STATIC / "favicon.svg").read_text(encoding="utf-8")
    # Each drawing has a folder of its own, since Sphinx copies only files that are newer than those it has.
    folder = build / ".icons" / hashlib.sha256(svg.encode()).hexdigest()[:8]
    icon = folder / "apple-touch-icon.png"
    if not icon.exists():
        write_atomically(icon, svg_to_png(svg, scale=180 / 32))
    return folder


def _write_palette(build: Path) -> Path:
    """Write the style that shows charts brighter on dark pages, and return its folder, one for each palette."""
    # Paper is white, whatever the screen was.
    style = "@media screen {\n" + dark_style('html[data-theme="dark"] .book-figure') + "}\n"
    folder = build / ".palette" / hashlib.sha256(style.encode()).hexdigest()[:8]
    if not (folder / "palette.css").exists():
        write_atomically(folder / "palette.css", style)
    return folder


def _write_vega_script(build: Path) -> Path:
    """Write Vega, Vega-Lite and vega-embed as one script, and return its folder, one for each version."""
    folder = build / ".vega" / importlib.metadata.version("vl-convert-python")
    script = folder / "vega.js"
    if not script.exists():
        # The bundle is put into a function, since its short names would collide with the theme's.
        bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        write_atomically(script, f"(() => {{\n{bundle}\n}})();\n")
    return folder


def _add_page_assets(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    body = context.get("body", "")
    needed = dict.fromkeys(name for mark, names in NEEDED_BY.items() if mark in body for name in names)
    if needed:
        # This is a classic script, since a browser refuses modules on pages that are opened from a file.
        app.add_js_file(join_scripts(app, tuple(needed)), loading_method="defer")
    app.add_js_file("book.js", loading_method="defer")
    app.add_js_file("answers.js", loading_method="defer")
    app.add_css_file("book.css")
    app.add_css_file("palette.css")
    app.add_css_file("favicon.svg", rel="icon", type="image/svg+xml")
    app.add_css_file("apple-touch-icon.png", rel="apple-touch-icon", type="image/png")


def minify_script(script: str) -> str:
    """Write a script without what only its authors read."""
    return str(minify.string("application/javascript", script))


def join_scripts(app: Sphinx, names: tuple[str, ...]) -> str:
    """Join some of our scripts in one file, and return its name, so that a page asks for one.

    Pages of one kind need the same scripts, so there are few such files.
    """
    name = f"page-{'-'.join(names)}.js"
    texts = [minify_script((STATIC / f"{part}.js").read_text(encoding="utf-8")) for part in names]
    script, file = "\n;\n".join(texts), Path(app.outdir) / "_static" / name
    if not file.is_file() or file.read_text(encoding="utf-8") != script:
        write_atomically(file, script)
    return name
