"""What a Binder or JupyterLab user meets: a real server, a real kernel, a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, BrowserContext, Page, expect

from axis.notebooks.chapter_notebook import find_chapters
from processes import running

#: One worker starts JupyterLab, once for all tests.
pytestmark = pytest.mark.xdist_group("jupyterlab")

ROOT = Path(__file__).parent.parent

SUMMARY = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = panel.content.model.sharedModel.cells.map((cell) => cell.toJSON());
  return {
    kernel: panel.sessionContext.session?.kernel?.status ?? "none",
    code: cells.filter((cell) => cell.cell_type === "code" && String(cell.source).trim()).map((cell) => ({
      done: cell.execution_count !== null,
      errors: cell.outputs.filter((output) => output.output_type === "error").map((o) => o.evalue),
      text: cell.outputs.map((output) => String(output.text ?? "")).join(""),
    })),
  };
}"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of the repository as Binder sees them after binder/postBuild."""
    folder = tmp_path_factory.mktemp("binder")
    for name in ("chapters", "data", "exercises", "tests"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.ipynb") if name == "chapters" else None
        )
    for name in ("_config.yml", "CITATION.cff", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    script = ROOT / "binder/postBuild"
    assert script.stat().st_mode & 0o111
    install, *steps = [line for line in script.read_text().splitlines() if not line.startswith(("#", "set"))]
    assert "pip install" in install  # the test environment has the package already
    tools = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(folder / ".jupyter"),
    }
    command = ["/usr/bin/env", "bash", "-euc", "\n".join(steps)]
    subprocess.run(command, cwd=folder, env={**os.environ, **tools}, check=True)
    return folder


@pytest.fixture(scope="module")
def lab(workspace: Path) -> Iterator[str]:
    """The address of a JupyterLab on loopback that serves the workspace."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "ServerApp.root_dir": workspace,
        "ServerApp.port": port,
        "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": "",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    settings = {**os.environ, "JUPYTER_CONFIG_DIR": str(workspace / ".jupyter")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *arguments]
    with (
        (workspace / "server.log").open("w") as log,
        running(command, cwd=workspace, env=settings, stdout=log, stderr=log),
    ):
        _wait_for(f"http://127.0.0.1:{port}/api", workspace / "server.log")
        yield f"http://127.0.0.1:{port}"


def _wait_for(address: str, log: Path) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(address, timeout=1).close()  # noqa: S310  an address on loopback
            return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def context(browser: Browser, lab: str) -> Iterator[BrowserContext]:
    """One browser profile for all tests: the ten megabytes of JupyterLab are fetched once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route(lambda address: not address.startswith(lab), lambda route: route.abort())
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


def _wait_until(page: Page, condition: str, timeout: float = 60_000) -> None:
    """Wait for a condition on what `SUMMARY` gives, asked four times a second: it copies the whole notebook."""
    page.wait_for_function(f"() => ({condition})(({SUMMARY})())", timeout=timeout, polling=250)


def _open_and_run(page: Page, lab: str, path: str) -> dict[str, Any]:
    page.goto(f"{lab}/lab/tree/{path}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    _wait_until(page, "s => s.kernel === 'idle'")
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    _wait_until(page, "s => s.kernel === 'idle' && s.code.every(c => c.done)", timeout=120_000)
    return page.evaluate(SUMMARY)


def _run_code(page: Page, source: str) -> str:
    """Add a cell at the end, run it, and give what it prints."""
    page.evaluate(
        """async (source) => {
          const { commands, shell } = window.jupyterapp;
          const notebook = shell.currentWidget.content;
          notebook.activeCellIndex = notebook.widgets.length - 1;
          await commands.execute('notebook:insert-cell-below');
          notebook.activeCell.model.sharedModel.setSource(source);
          await commands.execute('notebook:run-cell');
        }""",
        source,
    )
    _wait_until(page, "s => s.code.at(-1).text !== ''", timeout=20_000)
    return page.evaluate(SUMMARY)["code"][-1]["text"]


@pytest.mark.parametrize(
    ("chapter", "name", "control", "values"),
    [
        ("3-2-energy", "suppliers", "baseline", ["Russia, pipeline", "Russia to Europe"]),
        ("3-3-investment", "stocks_by_country", "china", [1.81, 0.48]),
        ("3-4-regions", "funnel", "base", [91, 20]),
        (
            "3-6-dollar",
            "pairs",
            "chosen",
            ["yuan and ruble, 2020, the ambassador", "US dollar in imports, reported in 2017"],
        ),
    ],
)
def test_a_widget_moves_the_chart_and_the_python_value(
    page: Page, lab: str, chapter: str, name: str, control: str, values: list[Any]
) -> None:
    summary = _open_and_run(page, lab, f"chapters/{chapter}.ipynb")
    assert [cell["errors"] for cell in summary["code"] if cell["errors"]] == []

    box = page.locator(".widget-vbox").first
    box.locator("svg").wait_for()
    before = box.locator("svg").inner_html()

    box.locator(".widget-dropdown select").first.select_option(index=1)

    after = _wait_for_change(page, before)
    assert _run_code(page, f"print({name}.state['{control}'])") == f"{values[1]}\n"

    _run_code(page, f"{name}.controls['{control}'].value = {values[0]!r}; print('set')")
    _wait_for_change(page, after)
    assert box.locator(".widget-dropdown select").first.evaluate("menu => menu.selectedIndex") == 0


def _wait_for_change(page: Page, before: str) -> str:
    """Wait until the first comparison's chart is drawn anew; give what it then shows."""
    drawn = "document.querySelector('.widget-vbox svg')?.innerHTML"
    page.wait_for_function(f"(before) => {drawn} && {drawn} !== before", arg=before, timeout=20_000)
    return page.evaluate(f"() => {drawn}")


def test_binder_gets_chapters_and_student_versions_and_nothing_that_tells_an_answer(workspace: Path) -> None:
    assert {path.name for path in workspace.iterdir() if not path.name.startswith((".", "server"))} == {
        *("CITATION.cff", "_config.yml", "assignments", "chapters", "data", "pyproject.toml"),
    }
    assert {path.stem for path in (workspace / "chapters").glob("*.ipynb")} == {p.stem for p in find_chapters(ROOT)}
    # JupyterLab makes a folder of its own beside a notebook that another test saves.
    opened = {path for path in (workspace / "chapters").iterdir() if path.name != ".ipynb_checkpoints"}
    assert {path.suffix for path in opened} == {".ipynb"}
    assignments = [path.read_text() for path in sorted(workspace.glob("assignments/*.ipynb"))]
    assert len(assignments) == len(list(ROOT.glob("exercises/*.ipynb"))) > 0
    assert not any("BEGIN SOLUTION" in text for text in assignments)
    # What the first cell says works from here, where the repository's own settings for pytest apply.
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--collect-only", "assignments/3-2-energy.ipynb"]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False)
    assert "assignments/3-2-energy.ipynb::" in done.stdout, done.stdout + done.stderr


def test_what_was_saved_is_there_without_its_kernel(
    browser: Browser, page: Page, lab: str, workspace: Path, tmp_path: Path
) -> None:
    summary = _open_and_run(page, lab, "chapters/3-4-regions.ipynb")
    assert [cell["errors"] for cell in summary["code"] if cell["errors"]] == []
    page.locator(".widget-vbox svg").first.wait_for()
    kept = "[...document.querySelectorAll('figure[class^=saved-]')].map((one) => getComputedStyle(one).display)"
    # While the live figures are there, nothing stands twice.
    assert set(page.evaluate(f"() => {kept}")) == {"none"}
    # Not awaited: a dialog that nobody answers would keep the test waiting without end.
    page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:save'); }")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
    _wait_until(page, "s => ['none', 'dead', 'unknown'].includes(s.kernel)")
    page.goto(f"{lab}/lab/tree/chapters/3-4-regions.ipynb?reset")
    page.locator("figure[class^=saved-] img").first.wait_for()
    page.wait_for_function(f"() => {kept}.length > 0 && {kept}.every((one) => one === 'block')")
    page.wait_for_function("() => !document.body.innerText.includes('Loading widget')")
    assert "model not found" not in page.evaluate("() => document.body.innerText")
    assert page.locator("figure[class^=saved-] img").first.evaluate("image => image.naturalWidth") > 600

    # The same notebook as a page, which has no network.
    saved = nbformat.read(workspace / "chapters/3-4-regions.ipynb", as_version=4)
    exporter: Any = HTMLExporter
    text, _ = exporter().from_notebook_node(saved)
    (tmp_path / "saved.html").write_text(text, encoding="utf-8")
    with closing(browser.new_context(offline=True)) as offline:
        alone = offline.new_page()
        alone.goto((tmp_path / "saved.html").as_uri())
        shown = alone.locator("figure[class^=saved-] img").evaluate_all(
            "images => images.map((one) => one.checkVisibility() && one.naturalWidth > 600)"
        )
    outputs = [output for cell in saved.cells for output in cell.get("outputs", [])]
    assert len(shown) == len([one for one in outputs if "image/png" in one.get("data", {})]) > 0
    assert all(shown)


def test_an_exercise_opens_as_a_student_gets_it(page: Page, lab: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 9000})
    page.goto(f"{lab}/lab/tree/assignments/3-2-energy.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    _wait_until(page, "s => s.kernel === 'idle'")
    # Of nbgrader's tools a student has the button that validates, and none for authors.
    assert page.get_by_text("Validate", exact=True).count() == 1
    assert page.get_by_text("Create Assignment").count() == page.get_by_text("Nbgrader", exact=True).count() == 0
    # The hints of a check are folded away, and the answer cells are open. The window is so high that all are drawn.
    grades = page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map((cell) => cell.toJSON())
          .filter((cell) => cell.cell_type === "code").map((cell) => cell.metadata.nbgrader?.grade_id ?? "")"""
    )
    checks = [grade for grade in grades if grade.endswith("-check")]
    assert len(checks) > 5
    folds = page.locator(".jp-CodeCell .jp-InputPlaceholder")
    # The cell that brings the package is folded, too.
    expect(folds).to_have_count(len(checks) + 1, timeout=20_000)
    assert all(fold.is_visible() for fold in folds.all())
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")
    summary = page.evaluate(SUMMARY)
    assert summary["code"], "the exercise has no code cell"
    assert "BEGIN SOLUTION" not in page.content()
