"""Remove what the stock theme loads and writes although no page needs it.

Hosts with a strict policy run no script that stands inside a page. So `templates` has the theme's layout and its
buttons without such scripts, and `page-start.js` does what they did before a page is painted.
`templates/static/webpack-macros.html` replaces the theme's list of styles and scripts. It leaves out Font Awesome,
since `book.css` draws the ten icons that pages show, and Bootstrap's script, of which pages used one part:
`book.js` marks the section that is being read.
"""

import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

TEMPLATES = Path(__file__).parent / "templates"

#: Files of the theme that no page loads.
UNUSED = (
    "vendor",
    "locales",
    "searchtools.js",
    "language_data.js",
    "scripts/bootstrap.*",
    "**/*.map",
    "images/logo_*",
    "*webpack-macros.html",
)

WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


#: Names, punctuation and white space have the default colour of code. Operators have a colour of their own, which
#: tells a reader nothing, and make up every second element of a cell that draws a chart.
PLAIN = re.compile(r'<span class="(?:n|nn|o|p|w)">([^<]*)</span>')
#: All parts of a string have the same colour.
STRING = re.compile(r'<span class="(?:s1|s2|sa|se|si)">')
NEIGHBOURS = re.compile(r'<span class="(\w+)">([^<]*)</span><span class="\1">')


def setup(app: Sphinx) -> None:
    """Register the templates and the removal of files."""
    # jupyter-book sets this option, although `_config.yml` leaves its extension out.
    app.add_config_value("comments_config", {}, "")
    app.connect("config-inited", _prefer_own_templates)
    app.connect("html-page-context", _defer_scripts, priority=900)
    app.connect("html-page-context", _fix_aria_attributes, priority=900)
    app.connect("html-page-context", _simplify_page_code, priority=900)
    app.connect("build-finished", _remove_unused_files)


def _prefer_own_templates(_app: Sphinx, config: Config) -> None:
    config.templates_path.insert(0, str(TEMPLATES))


def _defer_scripts(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Let the text appear before the theme's scripts run.

    The state of ipywidgets is removed, since a page without a kernel shows no widget.
    """
    scripts = context.get("script_files", [])
    scripts[:] = [one for one in scripts if getattr(one, "attributes", {}).get("type") != WIDGET_STATE]
    scripts[:] = [one for one in scripts if not _is_page_name(one)]
    for script in scripts:
        if getattr(script, "filename", None):
            script.attributes.setdefault("defer", "defer")


def _is_page_name(script: Any) -> bool:
    """Whether this is the inline script that names the page for a menu of versions, which the book does not have."""
    return "DOCUMENTATION_OPTIONS.pagename" in (getattr(script, "attributes", {}).get("body") or "")


def _fix_aria_attributes(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Make the entries of a bibliography items of its list, and name folded code by its visible label.

    Docutils gives entries a role that ARIA has dropped, and MyST-NB gives folded code a name that nobody sees.
    """
    if "body" in context:
        body = context["body"].replace(' role="doc-biblioentry"', ' role="listitem"')
        context["body"] = body.replace(' aria-label="Toggle hidden content"', "")


def simplify_highlighting(code: str) -> str:
    """Write highlighted code with a third of the elements: none around plain words, one around equal neighbours."""
    code = STRING.sub('<span class="s">', PLAIN.sub(r"\1", code))
    while NEIGHBOURS.search(code):
        code = NEIGHBOURS.sub(r'<span class="\1">\2', code)
    return code


def _simplify_page_code(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    if "body" in context:
        context["body"] = simplify_highlighting(context["body"])


def _remove_unused_files(app: Sphinx, _exception: Exception | None) -> None:
    static = Path(app.outdir) / "_static"
    for path in [path for pattern in UNUSED for path in static.glob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
