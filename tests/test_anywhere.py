"""A notebook that was downloaded from the page runs in an environment that has never heard of the book."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup

from axis.lite.pinned_packages import find_uv
from axis.portable import setup_cells
from axis.portable.helpers_wheel import wheel_filename

#: One worker makes the environment.
pytestmark = pytest.mark.xdist_group("elsewhere")

ROOT = Path(__file__).parent.parent
EXERCISES = [f"exercises/{path.name}" for path in sorted((ROOT / "exercises").glob("*.ipynb"))]
CHAPTERS = [
    f"notebooks/{path.stem}.ipynb"
    for path in sorted((ROOT / "chapters").glob("*.md"))
    if path.read_text(encoding="utf-8").startswith("---\njupytext:")
]
#: Run in every run of the tests; `make anywhere` runs all.
SOME = ["notebooks/3-2-energy.ipynb", "notebooks/3-3-investment.ipynb", "exercises/3-2-energy.ipynb"]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment with what Colab has, and without the book; uv takes it from its cache."""
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    python = home / "bin/python"
    commands = [
        ["venv", "--quiet", "--seed", "--python", sys.executable, str(home)],
        ["pip", "install", "--quiet", "--python", str(python), "--requirement", str(ROOT / "tests/colab.txt")],
    ]
    for command in commands:
        # Not in the repository, whose settings change what packages need.
        subprocess.run([find_uv(), *command], cwd=home.parent, check=True)
    return python


@pytest.fixture
def run_elsewhere(elsewhere: Path, book: Path, site: str, tmp_path: Path) -> Callable[[list[str]], dict[str, Any]]:
    """Download notebooks from the site into a folder of their own, and run them to their ends."""

    def run(names: list[str]) -> dict[str, Any]:
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            shutil.copy(book / name, tmp_path / name)
            prepare(tmp_path / name, site)
        ours = ("PYTHON", "JUPYTER", "IPYTHON", "HELPERS")
        settings = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        # The first cell may ask the site for the wheel, and no index for anything.
        settings |= {"PIP_NO_INDEX": "1", "IPYTHONDIR": str(tmp_path / "ipython")}
        command = [str(elsewhere), str(ROOT / "tests/run_elsewhere.py"), *(str(tmp_path / name) for name in names)]
        done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
        answers = dict(json.loads(line) for line in done.stdout.splitlines())
        assert set(answers) == {str(tmp_path / name) for name in names}, done.stderr
        return {name: answers[str(tmp_path / name)] for name in names}

    return run


def prepare(path: Path, site: str) -> None:
    """Give the first cell the address of the site, which this build does not know, and an exercise its solutions."""
    notebook = nbformat.read(path, as_version=4)
    code = notebook.cells[2]
    assert code.id == "setup-code"
    code.source = re.sub(r'^SITE = ".*"', f'SITE = "{site}/"', code.source, flags=re.MULTILINE)
    if path.parent.name == "exercises":
        source = nbformat.read(ROOT / "exercises" / path.name, as_version=4)
        solutions = {cell.id: cell.source for cell in source.cells if "BEGIN SOLUTION" in cell.source}
        for cell in notebook.cells:
            cell.source = solutions.get(cell.id, cell.source)
    nbformat.write(notebook, path)


def assert_runs(results: dict[str, Any], book: Path) -> None:
    assert {name: found["faults"] for name, found in results.items() if found["faults"]} == {}
    for name, found in results.items():
        kept = [BeautifulSoup(data["text/html"], "html.parser") for data in found["shown"] if is_figure(data)]
        live = [data for data in found["shown"] if "application/vnd.jupyter.widget-view+json" in data]
        assert len(kept) == len(live)
        if name.startswith("notebooks/"):
            assert kept
            page = BeautifulSoup((book / f"chapters/{Path(name).stem}.html").read_text(encoding="utf-8"), "html.parser")
            # The same numbers as on the page, whatever the versions of pandas and Altair.
            assert [cells(figure) for figure in kept] == [cells(f) for f in page.select("figure.book-figure")]


def is_figure(data: dict[str, Any]) -> bool:
    return '<figure class="saved-' in str(data.get("text/html", ""))


def cells(figure: Any) -> list[str]:
    return [cell.get_text() for cell in figure.select("td, th")]


def test_notebooks_from_the_site_run_to_their_ends_where_the_book_is_not_installed(
    run_elsewhere: Callable[[list[str]], dict[str, Any]], book: Path, elsewhere: Path
) -> None:
    assert_runs(run_elsewhere(SOME), book)
    asked = "import importlib.metadata as m; print(*(m.version(n) for n in ('altair', 'ipywidgets', 'pandas')))"
    have = subprocess.run([elsewhere, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert have[:2] == ["5.5.0", "7.7.1"]
    assert have[2].startswith("2.2.")


@pytest.mark.anywhere
def test_every_notebook_from_the_site_runs_to_its_end_where_the_book_is_not_installed(
    run_elsewhere: Callable[[list[str]], dict[str, Any]], book: Path
) -> None:
    assert_runs(run_elsewhere([*CHAPTERS, *EXERCISES]), book)


# ---- the first code cell


class Pip:
    """What the cell asks pip for, and what pip answers."""

    def __init__(self, returncode: int = 0, stderr: str = "") -> None:
        self.asked: list[str] = []
        self.answer = SimpleNamespace(returncode=returncode, stderr=stderr)

    def run(self, command: list[str], **_: object) -> SimpleNamespace:
        self.asked.append(command[-1])
        return self.answer


def run_setup(monkeypatch: pytest.MonkeyPatch, folder: Path, site: str, pip: Pip, *, missing: bool = True) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title")])
    setup_cells.insert_setup_cells(notebook, folded="", site=site)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(subprocess, "run", pip.run)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if missing and name == "vl_convert" else name)
    exec(notebook.cells[2].source, {})  # noqa: S102  the cell as a kernel runs it


def test_the_first_cell_does_nothing_where_all_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pip = Pip()
    run_setup(monkeypatch, tmp_path, "", pip, missing=False)
    assert pip.asked == []


@pytest.mark.parametrize("place", ["one", "notebooks"], ids=["beside it", "in the book taken along"])
def test_the_first_cell_prefers_the_file_on_this_computer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    for folder in ("one", "notebooks"):
        (tmp_path / folder).mkdir()
    wheel = tmp_path / place / wheel_filename()
    wheel.touch()
    pip = Pip()
    run_setup(monkeypatch, tmp_path / "one", "https://book.example/", pip)
    assert pip.asked == [str(wheel)]


def test_the_first_cell_otherwise_asks_the_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pip = Pip()
    run_setup(monkeypatch, tmp_path, "https://book.example/", pip)
    assert pip.asked == [f"https://book.example/notebooks/{wheel_filename()}"]


@pytest.mark.parametrize(
    ("site", "pip", "said"),
    [
        ("", Pip(), f"{wheel_filename()} is missing: put it beside this notebook, from where you have the notebook."),
        (
            "https://book.example/",
            Pip(1, "WARNING: one\nERROR: No route to host\n"),
            f"https://book.example/notebooks/{wheel_filename()} could not be installed (ERROR: No route to host): "
            "install it in this kernel's Python by hand.",
        ),
    ],
    ids=["no file and no site", "pip fails"],
)
def test_the_first_cell_says_in_one_sentence_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, site: str, pip: Pip, said: str
) -> None:
    with pytest.raises(Exception, match=re.escape(said)) as error:
        run_setup(monkeypatch, tmp_path, site, pip)
    shown: Any = error.value
    assert shown._render_traceback_() == [said]  # IPython shows this alone


def test_the_cells_come_after_the_title_locked_and_folded() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title")])
    setup_cells.insert_setup_cells(notebook, folded=setup_cells.FOLDED_CHARTS, site="https://book.example/")
    title, note, code = notebook.cells
    assert title.source == "# Title"
    assert note.source.startswith("**To run this notebook,** run all its cells")
    assert 'SITE = "https://book.example/"' in code.source
    assert code.metadata == {
        "deletable": False,
        "editable": False,
        "jupyter": {"source_hidden": True},
        "cellView": "form",
    }
