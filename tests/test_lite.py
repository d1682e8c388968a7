"""What a reader gets who runs a notebook in the browser: the files, and a real kernel in a real browser.

NumPy, pandas, MarkupSafe and rpds-py have compiled parts, which lie on Pyodide's own host. No test
reaches it, so what needs them is not run here: everything else is.
"""

import hashlib
import json
import os
import re
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
import vl_convert
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_VERSION
from packaging.requirements import Requirement
from playwright.sync_api import Browser, Page, Route

from axis.errors import LiteError
from axis.lite import lite_site, package_lock, pinned_packages
from helpers import checks, load, vega
from helpers.figures import evaluate
from helpers.figures.spec import read_figure

#: One worker makes the site and starts Python in a browser, once for all tests.
pytestmark = pytest.mark.xdist_group("the site in the browser")

ROOT = Path(__file__).parent.parent
NAMES = sorted(path.stem for path in (ROOT / "exercises").glob("*.ipynb"))
#: What a browser has to fetch from Pyodide's own host.
ELSEWHERE = {"markupsafe", "numpy", "pandas", "rpds-py"}


@pytest.fixture(scope="session")
def lite(once: Callable[[str, list[str]], None]) -> Path:
    """The folder of the site, built by the command that `make lite` runs."""
    once("lite", [sys.executable, "-m", "axis.lite"])
    return ROOT / "_build/lite"


@pytest.fixture(scope="session")
def packages(lite: Path) -> dict[str, Any]:
    """What the site tells Pyodide of each package."""
    return json.loads((lite / "static/pyodide/pyodide-lock.json").read_text())["packages"]


def test_the_site_has_every_chapter_exercise_and_table(lite: Path, measured: Callable[[str], None]) -> None:
    files = [path for path in lite.rglob("*") if path.is_file()]
    measured(f"notebooks in the browser: {len(files)} files, {sum(f.stat().st_size for f in files) / 1e6:.0f} MB")
    assert sorted(path.stem for path in (lite / "files/assignments").glob("*.ipynb")) == NAMES
    assert {path.stem for path in (lite / "files/chapters").glob("*.ipynb")} >= {*NAMES, "timeline"}
    for table in (ROOT / "data").iterdir():
        assert (lite / "files/data" / table.name).read_bytes() == table.read_bytes()
    for folder, count in {"assignments": len(NAMES), "data": len(list((ROOT / "data").iterdir()))}.items():
        listed = json.loads((lite / f"api/contents/{folder}/all.json").read_text())["content"]
        assert len(listed) == count
    assert not list(lite.rglob("*.map"))


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_of_the_site_holds_no_solution_and_no_hidden_test(lite: Path, name: str) -> None:
    given = nbformat.read(lite / f"files/assignments/{name}.ipynb", as_version=4)
    source = nbformat.read(ROOT / f"exercises/{name}.ipynb", as_version=4)
    solutions = {cell.id: cell.source for cell in source.cells if "BEGIN SOLUTION" in cell.source}
    assert solutions
    for cell in given.cells:
        assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN)", cell.source)
        if cell.id in solutions:
            assert cell.source != solutions[cell.id]
            assert cell.outputs == []


def test_nothing_else_of_the_site_holds_a_solution(lite: Path) -> None:
    suspicious = [path for path in lite.rglob("*.ipynb") if b"BEGIN SOLUTION" in path.read_bytes()]
    with zipfile.ZipFile(next(lite.rglob("axis_of_collusion_book-*.whl"))) as wheel:
        names = wheel.namelist()
    assert suspicious == []
    assert not [name for name in names if re.search(r"/exercises/|\.ipynb$|helpers/(book|grading|kernels|lite)/", name)]
    assert {"helpers/data/datapackage.json", "helpers/vega/vega.js", "helpers/vega/chart.js"} <= {*names}


def test_outputs_are_stored_as_jupyterlite_shows_them(lite: Path) -> None:
    shown = 0
    for path in (lite / "files/assignments").glob("*.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            for output in cell.get("outputs", []):
                assert all(isinstance(value, (str, dict)) for value in output.get("data", {}).values())
                shown += len(output.get("data", {}))
    assert shown > 0


def test_what_npm_brings_is_what_the_kernel_and_the_book_ask_for() -> None:
    versions = dict(name.rsplit("-", 1) for name in pinned_packages.ARCHIVES)
    assert versions["pyodide"] == PYODIDE_VERSION
    assert versions["vega"] == vl_convert.get_vega_version()
    assert f'"{versions["vega-lite"]}"' in vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def _closure(packages: dict[str, Any], names: set[str]) -> set[str]:
    found: set[str] = set()
    while names - found:
        found |= names
        names = {need for name in found for need in packages[name]["depends"]}
    return found


def test_every_package_of_the_book_lies_on_the_site_but_for_compiled_ones(lite: Path, packages: dict[str, Any]) -> None:
    needed = _closure(packages, {"axis-of-collusion-book", *lite_site.KERNEL})
    elsewhere = {name for name in needed if packages[name]["file_name"].startswith(PYODIDE_CDN_URL)}
    assert elsewhere == ELSEWHERE
    for name in needed - elsewhere:
        file = lite / "static/pyodide" / packages[name]["file_name"]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == packages[name]["sha256"]
    assert packages["axis-of-collusion-book"]["imports"] == ["helpers"]


def test_the_versions_that_a_browser_gets_suit_the_book(lite: Path, packages: dict[str, Any]) -> None:
    with zipfile.ZipFile(next(lite.rglob("axis_of_collusion_book-*.whl"))) as wheel:
        metadata = wheel.read(next(name for name in wheel.namelist() if name.endswith("METADATA"))).decode()
    wanted = [Requirement(line) for line in re.findall(r"^Requires-Dist: (.+)$", metadata, re.MULTILINE)]
    here = [one for one in wanted if not one.marker or one.marker.evaluate({"sys_platform": "emscripten", "extra": ""})]
    assert {one.name for one in here} == {
        *("altair", "anywidget", "ipython", "ipywidgets", "jinja2", "markupsafe", "pandas", "traitlets"),
    }
    for one in here:
        assert one.specifier.contains(packages[one.name]["version"]), one


def test_a_wheel_that_a_browser_cannot_have_is_named(lite: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "needy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("needy.py", "")
        head = "Metadata-Version: 2.1\nName: needy\nVersion: 1.0\n"
        archive.writestr("needy-1.0.dist-info/METADATA", head + "Requires-Dist: nowhere-to-be-had\n")
        archive.writestr("needy-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    spec = package_lock.read_pyodide_lock(lite / "static/pyodide/pyodide-lock.json", PYODIDE_VERSION)
    with pytest.raises(LiteError, match=r"needy needs nowhere-to-be-had, .*: add it to the group browser"):
        package_lock.merge_wheels(spec, "https://packages.example", [wheel])


def test_without_npm_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LiteError, match=r"^Pyodide comes from npm, which is missing: install it, .*\.$"):
        pinned_packages.fetch_npm_package("vega-6.2.0", tmp_path / "cache")


def test_another_file_than_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho tampered > vega-6.2.0.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(LiteError, match=r"The vega-6\.2\.0 from npm is not the pinned one"):
        pinned_packages.fetch_npm_package("vega-6.2.0", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


# ---- a kernel in a browser

CELL = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const cells = panel?.content?.model?.sharedModel.cells ?? [];
  const last = [...cells].reverse().find((cell) => cell.cell_type === "code")?.toJSON();
  return {
    kernel: panel?.sessionContext?.session?.kernel?.status ?? "none",
    done: last?.execution_count !== null,
    errors: (last?.outputs ?? []).filter((output) => output.output_type === "error").map((output) => output.evalue),
    text: (last?.outputs ?? []).map((output) => String(output.text ?? "")).join(""),
  };
}"""
RUN = """async (source) => {
  const { commands, shell } = window.jupyterapp;
  const notebook = shell.currentWidget.content;
  notebook.activeCellIndex = notebook.widgets.length - 1;
  await commands.execute("notebook:insert-cell-below");
  notebook.activeCell.model.sharedModel.setSource(source);
  commands.execute("notebook:run-cell");
}"""

#: Specifications as the book asks Vega for them; the kernel fetches them from the server of the test.
QUESTIONS: dict[str, bytes] = {"/questions.json": b"[]"}


class _Host(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in QUESTIONS:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(QUESTIONS[self.path])
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """Keep the report of the tests readable."""


class Kernel:
    """A student version, open in a browser that reaches no host but this machine."""

    def __init__(self, page: Page, refused: list[str]) -> None:
        self.page = page
        self.refused = refused

    def run(self, source: str) -> tuple[str, list[str]]:
        """Run a cell; give what it prints, and what its error says."""
        self.page.evaluate(RUN, source)
        self.page.wait_for_function(f"() => (s => s.kernel === 'idle' && s.done)(({CELL})())", timeout=120_000)
        state = self.page.evaluate(CELL)
        return state["text"], state["errors"]


@pytest.fixture(scope="module")
def kernel(browser: Browser, lite: Path) -> Iterator[Kernel]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Host, directory=str(lite))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        context = browser.new_context()
        refused: list[str] = []
        context.route(lambda url: not url.startswith(address), partial(_refuse, refused))
        context.route("**/jupyter-lite.json*", _expose)
        page = context.new_page()
        page.goto(f"{address}/notebooks/index.html?path=assignments/3-2-energy.ipynb")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
        page.wait_for_function(f"() => ({CELL})().kernel === 'idle'", timeout=120_000)
        yield Kernel(page, refused)
        context.close()
        server.shutdown()


def _refuse(refused: list[str], route: Route) -> None:
    refused.append(route.request.url)
    route.abort()


def _expose(route: Route) -> None:
    """Let the test speak to the application, as JupyterLab lets its own tests."""
    answer = route.fetch()
    if answer.ok:
        content = answer.json()
        content.setdefault("jupyter-config-data", {})["exposeAppInBrowser"] = True
        route.fulfill(response=answer, json=content)
    else:
        route.fulfill(response=answer)


def test_a_kernel_starts_from_the_site_alone_and_runs_a_cell(kernel: Kernel) -> None:
    text, errors = kernel.run("import sys\nprint(1 + 1, sys.platform)")
    assert (text, errors) == ("2 emscripten\n", [])
    opened = kernel.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    assert opened == "assignments/3-2-energy.ipynb"


def test_a_check_judges_an_answer_as_it_does_elsewhere(kernel: Kernel) -> None:
    seal = checks.number_seal("gap", 59.8)
    call = f"from helpers import checks\nchecks.number('gap', {{}}, {seal!r}, 'dollars')"
    assert kernel.run(call.format("59.8")) == ("Right: gap.\n", [])
    with pytest.raises(checks.WrongAnswerError) as wrong:
        checks.number("gap", -59.8, seal, "dollars")
    assert kernel.run(call.format("-59.8")) == ("", [str(wrong.value)])


def _asked(book: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], Any]]:
    """Collect what the book asks Vega about each figure, for its table and its sentence, with the answers."""
    asked: list[tuple[dict[str, Any], Any]] = []

    def scenegraph(spec: dict[str, Any]) -> Any:
        asked.append((spec, vega.scenegraph(spec)))
        return asked[-1][1]

    monkeypatch.setattr(evaluate, "vega", SimpleNamespace(scenegraph=scenegraph))
    pattern = re.compile(r'<script type="application/json" class="figure-data">(.*?)</script>', re.DOTALL)
    for page in sorted((book / "chapters").glob("*.html")):
        for payload in pattern.findall(page.read_text(encoding="utf-8")):
            figure = read_figure(json.loads(payload)["spec"])
            evaluate.evaluate_table(figure, {})
            evaluate.evaluate_sentence(figure, {})
    return asked


TOLD = """
def told(node):
    if isinstance(node, dict):
        found = [node["description"]] if str(node.get("description", "")).startswith(chr(29)) else []
        return found + [line for child in node.values() for line in told(child)]
    return [line for child in node for line in told(child)] if isinstance(node, list) else []
"""
ASK = """
import json
from js import location
from pyodide.http import pyfetch
from helpers import vega
questions = await (await pyfetch(location.origin + "/questions.json")).json()
answers = [told(vega.scenegraph(question)) for question in questions]
print(json.dumps(answers))
"""


def test_a_browser_computes_every_number_and_sentence_of_the_book_as_the_pages_do(
    kernel: Kernel, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _asked(book, monkeypatch)
    space: dict[str, Any] = {}
    exec(TOLD, space)  # noqa: S102  the text above
    expected = [space["told"](answer) for _, answer in asked]
    assert len(expected) > 60
    assert sum(map(len, expected)) > 800
    monkeypatch.setitem(QUESTIONS, "/questions.json", json.dumps([question for question, _ in asked]).encode())
    text, errors = kernel.run(TOLD + ASK)
    assert errors == []
    for given, owed in zip(json.loads(text), expected, strict=True):
        assert [_rounded(line) for line in given] == [_rounded(line) for line in owed]


def _rounded(line: str) -> str:
    """Leave out the last digits, which two builds of a mathematical library may round differently."""
    return re.sub(r"-?\d+\.\d{8,}", lambda number: f"{float(number[0]):.12g}", line)


def test_a_browser_paints_a_chart(kernel: Kernel) -> None:
    spec = {
        "data": {"values": load("gas_prices")[["entity", "value"]].to_dict("records")},
        "mark": {"type": "text"},
        "encoding": {"y": {"field": "entity", "type": "nominal"}, "text": {"field": "value"}},
    }
    text, errors = kernel.run(f"from helpers import vega\nprint(vega.render_svg({spec!r}), vega.render_png({spec!r}))")
    assert errors == []
    assert text.startswith("<svg ")
    assert text.endswith("</svg> None\n")
    written = [re.findall(r"<text[^>]*>([^<]*)</text>", svg) for svg in (text, vega.render_svg(spec))]
    assert written[0] == written[1]
    assert len(written[0]) > 10


def test_a_package_with_compiled_parts_is_asked_of_pyodides_host_and_of_no_other(kernel: Kernel) -> None:
    _, errors = kernel.run("from helpers import load")
    assert "pandas" in errors[0]
    assert kernel.refused
    assert all(address.startswith(PYODIDE_CDN_URL) for address in kernel.refused)
    names = {re.split(r"-\d", address.rsplit("/", 1)[1])[0].replace("_", "-") for address in kernel.refused}
    assert names == ELSEWHERE
