"""What a Binder or JupyterLab user meets: a real server, a real kernel, a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

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
    for name in ("chapters", "data", "exercises"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("_config.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, folder / name)
    subprocess.run([sys.executable, "-m", "axis.notebooks"], cwd=folder, check=True)
    subprocess.run([sys.executable, "-m", "axis.cli", "release", "--to", "assignments"], cwd=folder, check=True)
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


@pytest.fixture
def page(browser: Browser, lab: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.route(lambda address: not address.startswith(lab), lambda route: route.abort())
    yield page
    context.close()


def _open_and_run(page: Page, lab: str, path: str) -> dict[str, Any]:
    page.goto(f"{lab}/lab/tree/{path}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_function(f"() => ({SUMMARY})().kernel === 'idle'", timeout=60_000)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    done = "s => s.kernel === 'idle' && s.code.every(c => c.done)"
    page.wait_for_function(f"() => ({done})(({SUMMARY})())", timeout=120_000)
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
    page.wait_for_function(f"() => ({SUMMARY})().code.at(-1).text !== ''", timeout=20_000)
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


def test_an_exercise_opens_as_a_student_gets_it(page: Page, lab: str) -> None:
    page.goto(f"{lab}/lab/tree/assignments/3-2-energy.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_function(f"() => ({SUMMARY})().kernel === 'idle'", timeout=60_000)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")
    summary = page.evaluate(SUMMARY)
    assert summary["code"], "the exercise has no code cell"
    assert "BEGIN SOLUTION" not in page.content()
