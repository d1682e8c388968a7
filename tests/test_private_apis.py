"""What the code leans on that its dependencies do not promise to keep, each with the reason.

When an upgrade of a dependency fails here, the table names the file to look at. Code that begins to use another
private name has to be entered below.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import anywidget
import ipywidgets
import nbval.kernel
import nbval.plugin
import pydata_sphinx_theme.pygments
import pytest
import sphinx_book_theme
import vl_convert
from _pytest.config import default_plugins
from ipykernel.kernelbase import Kernel
from jupyter_cache.executors import list_executors
from playwright.sync_api import Browser
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.testing.util import SphinxTestApp
from sphinx.util import logging

from axis.book.html_theme import shared_files, theme_cleanup
from axis.grading.marking import nbval_session

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
THEMES = [
    Path(package.__file__).parent / "theme" / package.__name__ for package in (pydata_sphinx_theme, sphinx_book_theme)
]

#: A library as its authors publish it, whose own names are its own affair.
LIBRARY = "minisearch.js"
#: Each name, the files that use it, and why nothing public does.
USES: dict[str, tuple[list[str], str]] = {
    "_render_traceback_": (
        ["helpers/answers.py", "helpers/undefined_names.py"],
        "IPython shows a student what it returns in place of a traceback; no setting does so for one error.",
    ),
    "_warncount": (
        ["axis/book/build_rules.py"],
        "Sphinx counts warnings there; its public `keep_going` sets the exit status, but the next build would pass.",
    ),
    "myst_slugs": (
        ["axis/book/directives/listing.py"],
        "MyST resolves `findings.md#A07` by it; a label of Sphinx would need another form of link in the chapters.",
    ),
    "source_map": (
        ["axis/book/build_rules.py"],
        "MyST-NB keeps the line of each cell in it, and says nothing of a cell that failed in the cache.",
    ),
    "globalcontext": (
        ["axis/book/html_theme/shared_files.py"],
        "Sphinx has no event between the copying of static files and the first page.",
    ),
    "overwrite_pygments_css": (
        ["axis/book/html_theme/shared_files.py"],
        "The theme writes its colours of code when the build has ended, which is too late to join them.",
    ),
    "webpack-macros.html": (
        ["axis/book/html_theme/theme_cleanup.py"],
        "The theme has no setting for the styles and scripts that it loads.",
    ),
    "data-bs-spy": (
        ["axis/book/html_theme/static/listing.js"],
        "The theme's script stumbles over a link to a view where a page has no contents.",
    ),
    "bd-toc-nav": (
        ["axis/book/html_theme/static/book.js", "axis/book/html_theme/static/listing.js"],
        "The contents of a page, in which `book.js` marks what is being read.",
    ),
    "local-parallel": (
        ["axis/book/execution_cache.py"],
        "jupyter-cache's executor that runs several notebooks at a time; MyST-NB uses the serial one.",
    ),
    "_esm": (
        ["axis/lite/lite_site.py", "helpers/vega/native.py", "helpers/vega/pyodide_engine.py"],
        "anywidget's name for a widget's script, which its guide tells authors to set.",
    ),
    "_css": (
        ["helpers/figures/live_figure.py"],
        "anywidget's name for a widget's style, which its guide tells authors to set.",
    ),
    "_options_labels": (
        ["helpers/figures/controls.py"],
        "`options` is what the author wrote: labels, pairs or a mapping. ipywidgets makes pairs of it here alone.",
    ),
    "_options_values": (
        ["helpers/figures/controls.py"],
        "As `_options_labels`.",
    ),
    "_execute_sleep": (
        ["axis/grading/marking/nbval_session.py", "axis/grading/marking/run.py"],
        "A setting that ipykernel does not document; without it each cell takes some milliseconds more.",
    ),
    "_ensure_iopub_up": (
        ["axis/grading/marking/nbval_session.py"],
        "nbval starts a kernel of its own in `RunningKernel`; ours is started as marking starts kernels.",
    ),
    "setup_sanitize_files": (
        ["axis/grading/marking/nbval_session.py"],
        "The rest of nbval's `setup` starts a kernel.",
    ),
    "test_outputs": (
        ["axis/grading/marking/nbval_session.py"],
        "What a cell printed, from which the hint is taken; nbval reports only whether it passed.",
    ),
    "-pno:": (
        ["axis/grading/marking/nbval_session.py"],
        "pytest has no switch for a run without its own plugins.",
    ),
    "--disable-plugin-autoload": (
        ["axis/grading/marking/nbval_session.py"],
        "Public, but only since pytest 8.4.",
    ),
    "_viewWidth": (
        ["helpers/vega/engine.js"],
        "Vega paints SVG without a document only by its renderer, which wants the measures of the view.",
    ),
    "_viewHeight": (["helpers/vega/engine.js"], "As `_viewWidth`."),
    "_origin": (["helpers/vega/engine.js"], "As `_viewWidth`."),
}
#: Documented, in spite of the underscore.
PUBLIC = {"os._exit"}


def _private_names_in_python(path: Path) -> Iterator[str]:
    """Find the attributes with an underscore that are not those of the object itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr):
            own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if not own and ast.unparse(node) not in PUBLIC:
                yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (name.name for name in node.names if name.name.startswith("_"))
            yield from (part for part in (node.module or "").split(".") if re.match(r"_[^_]", part))


def _private_names(path: Path) -> set[str]:
    if path.suffix == ".py":
        return set(_private_names_in_python(path))
    return set(re.findall(r"\w\.(_[a-zA-Z]\w*)", path.read_text(encoding="utf-8")))


def test_every_private_name_that_the_code_uses_is_in_the_table() -> None:
    found = {
        (name, path.relative_to(SOURCE).as_posix())
        for pattern in ("*.py", "*.js")
        for path in SOURCE.rglob(pattern)
        if path.name != LIBRARY
        for name in _private_names(path)
    }
    listed = {(name, file) for name, (files, _) in USES.items() for file in files}
    assert found - listed == set()


@pytest.mark.parametrize("name", USES)
def test_what_the_table_lists_is_still_used(name: str) -> None:
    for file in USES[name][0]:
        assert name in (SOURCE / file).read_text(encoding="utf-8"), f"{file} no longer uses {name}: take it out"


def test_a_private_name_is_found_in_python_and_in_javascript(tmp_path: Path) -> None:
    python, script = tmp_path / "a.py", tmp_path / "a.js"
    python.write_text("from _x import y\nself._own = os._exit\nthing._hidden\nobject.__dict__\n")
    script.write_text("const a = view._hidden + __own;\n")
    assert _private_names(python) == {"_x", "_hidden"}
    assert _private_names(script) == {"_hidden"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Sphinx]:
    settings = ["extensions = ['myst_parser']", "myst_heading_anchors = 2", "html_theme = 'pydata_sphinx_theme'"]
    (tmp_path / "conf.py").write_text("\n".join(settings))
    (tmp_path / "index.md").write_text("# A title\n")
    app = SphinxTestApp("html", srcdir=tmp_path)
    yield app
    app.cleanup()


def test_sphinx_counts_warnings(app: Sphinx) -> None:
    before = app._warncount
    logging.getLogger("sphinx.axis").warning("one")
    assert app._warncount == before + 1


def test_myst_keeps_the_places_of_a_page_that_links_lead_to(app: Sphinx) -> None:
    app.build()
    assert app.env.metadata["index"]["myst_slugs"] == {"a-title": (1, "a-title", "A title")}


def test_sphinx_has_copied_static_files_before_it_writes_a_page(app: Sphinx) -> None:
    seen = []

    def look(app: Sphinx, *_: object) -> None:
        assert isinstance(app.builder, StandaloneHTMLBuilder)
        seen.append(((Path(app.outdir) / "_static/basic.css").is_file(), "shared" in app.builder.globalcontext))
        app.builder.globalcontext["shared"] = True

    app.connect("html-page-context", look)
    app.build()
    app.build(force_all=True)
    assert seen[0] == (True, False)
    assert seen[1] == (True, True)
    # The second build begins a new dictionary.
    assert seen.count((True, False)) == 2


def test_the_theme_has_the_styles_and_scripts_that_are_joined() -> None:
    for name in (*shared_files.STYLES, *shared_files.SCRIPTS):
        if name.startswith(("styles/", "scripts/")):
            assert any((theme / "static" / name).is_file() for theme in THEMES), name


def test_the_theme_takes_its_files_from_macros_of_these_names() -> None:
    macros = "{% macro "
    theirs, ours = (
        set(re.findall(rf"{re.escape(macros)}(\w+)", path.read_text(encoding="utf-8")))
        for path in (
            THEMES[0] / "static/webpack-macros.html",
            theme_cleanup.TEMPLATES / "static/webpack-macros.html",
        )
    )
    assert theirs == ours
    layout = (THEMES[0] / "layout.html").read_text(encoding="utf-8")
    assert re.search(r'import "static/webpack-macros\.html"', layout)
    assert 'data-bs-spy="scroll"' in layout


def test_the_theme_has_the_parts_that_our_scripts_and_templates_name() -> None:
    assert (THEMES[1] / "components/navbar-logo.html").is_file() or (
        THEMES[0] / "components/navbar-logo.html"
    ).is_file()
    assert 'class="bd-toc-nav' in (THEMES[1] / "components/page-toc.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["search-button", "search-button-field", "theme-switcher"])
def test_the_theme_writes_these_buttons_by_scripts_and_we_write_the_same(name: str) -> None:
    theirs = (THEMES[0] / f"components/{name}.html").read_text(encoding="utf-8")
    theirs = theirs.split("document.write(`")[1].split("`")[0]
    ours = (theme_cleanup.TEMPLATES / f"{name}.html").read_text(encoding="utf-8")
    ours = re.sub(r"{#.*?#}", "", ours, flags=re.DOTALL)
    if name == "search-button-field":
        theirs = theirs.replace(""" aria-label="{{ _('Search') }}\"""", "")  # see our template
    assert re.sub(r"\s*\n\s*", "", ours) == re.sub(r"\s*\n\s*", "", theirs)


def test_the_theme_begins_a_page_by_the_script_and_the_styles_that_our_layout_replaces() -> None:
    layout = (THEMES[0] / "layout.html").read_text(encoding="utf-8")
    (block,) = re.findall(r"{%- block css %}(.*?){%- endblock css %}", layout, re.DOTALL)
    plain = re.sub(r"{#.*?#}", "", block)
    assert re.findall(r"dataset\.(\w+) = localStorage", plain) == ["mode", "theme"]
    assert re.findall(r"{{-? (.*?) }}", plain.split("</script>")[1]) == [
        "_webpack.head_pre_assets()",
        "_webpack.head_pre_icons()",
        "css()",
        "_webpack.head_js_preload()",
    ]


def test_the_theme_writes_its_colours_of_code_when_it_is_asked(app: Sphinx) -> None:
    app.build()
    sheet = Path(app.outdir) / "_static/pygments.css"
    sheet.write_text("")
    pydata_sphinx_theme.pygments.overwrite_pygments_css(app)
    assert 'html[data-theme="light"] .highlight' in sheet.read_text(encoding="utf-8")


def test_jupyter_cache_has_an_executor_for_several_notebooks_at_a_time() -> None:
    assert "local-parallel" in list_executors()


def test_a_widget_keeps_its_options_as_labels_and_values() -> None:
    widget = ipywidgets.Dropdown(options=[("One", 1), ("Two", 2)])
    assert (widget._options_labels, widget._options_values) == (("One", "Two"), (1, 2))


def test_a_widget_of_anywidget_holds_its_script() -> None:
    class Widget(anywidget.AnyWidget):
        _esm = "export default {};"

    assert Widget._esm == "export default {};"
    assert Widget().has_trait("_esm")


@pytest.mark.xdist_group("together")
def test_a_worker_has_the_group_of_a_test_in_its_name(request: pytest.FixtureRequest) -> None:
    grouping = request.config.getoption("loadgroup", default=False)
    assert request.node.nodeid.endswith("@together") == grouping


def test_a_kernel_has_a_setting_for_how_long_it_sleeps_after_a_cell() -> None:
    assert Kernel(_execute_sleep=0)._execute_sleep == 0


def test_nbval_runs_cells_in_a_kernel_that_it_did_not_start() -> None:
    for name in ("_ensure_iopub_up", "get_message", "execute_cell_input", "await_reply", "await_idle"):
        assert callable(getattr(nbval.kernel.RunningKernel, name))
    assert callable(nbval.plugin.IPyNbFile.setup_sanitize_files)
    assert "test_outputs" in nbval.plugin.IPyNbCell.__init__.__code__.co_names
    assert "kernel" in nbval.plugin.IPyNbCell.runtest.__code__.co_names


def test_pytest_has_the_plugins_that_are_switched_off() -> None:
    assert set(nbval_session._UNUSED_PLUGINS) <= set(default_plugins)
    assert pytest.version_tuple >= (8, 4)


VEGA = """async (library) => {
  (0, eval)(library);
  const spec = { $schema: "https://vega.github.io/schema/vega/v6.json", width: 30, height: 20, padding: 5 };
  const { view } = await window.vegaEmbed(document.body, spec, { mode: "vega", actions: false });
  return [view._viewWidth, view._viewHeight, view._origin];
}"""


def test_a_view_of_vega_knows_its_measures(browser: Browser) -> None:
    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    page = browser.new_page()
    assert page.evaluate(VEGA, f"(() => {{\n{library}\n}})()") == [30, 20, [0, 0]]
    page.close()
