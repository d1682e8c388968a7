"""A student can open the released folder without the book and without a network, and check an exercise there."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import yaml
from nbgrader.apps import NbGraderAPI
from nbgrader.utils import is_grade, is_solution
from packaging.requirements import Requirement
from traitlets.config import Config

from axis.exercises import handout as module
from axis.exercises import release
from axis.exercises.handout import RECORD_FILE, write_handout
from axis.exercises.release import ReleaseError, release_all, student_version
from axis.exercises.source import Exercise
from axis.portable import helpers_wheel
from helpers.files import write_atomically

ROOT = Path(__file__).parent.parent
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
NAMES = [path.stem for path in EXERCISES]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released folder, which each test gets as a copy of its own."""
    folder = tmp_path_factory.mktemp("released")
    release_all(EXERCISES, folder)
    write_handout(folder)
    return folder


@pytest.fixture
def folder(released: Path, tmp_path: Path) -> Path:
    """A released folder as a student gets it."""
    return Path(shutil.copytree(released, tmp_path / "student"))


# What lies in the folder


def test_the_folder_holds_notebooks_tables_package_requirements_and_a_guide(folder: Path) -> None:
    found = files(folder)
    tables = {f"data/{path.name}" for path in (ROOT / "data").iterdir() if path.suffix != ".bib"}
    assert {name for name in found if name.startswith("data/")} == tables
    assert {name for name in found if "/" not in name} == {
        "README.md",
        "requirements.txt",
        helpers_wheel.wheel_filename(),
        RECORD_FILE,
        *(path.name for path in EXERCISES),
    }
    package = {name.removeprefix("helpers/") for name in found if name.startswith("helpers/")}
    assert {"__init__.py", "checks.py", "tables.py", "figures/__init__.py", "figures/templates/figure.html"} <= package
    sources = ROOT / "src/helpers"
    kept = {path for path in sources.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert package == {path.relative_to(sources).as_posix() for path in kept}
    assert all((folder / name).read_bytes() == (ROOT / name).read_bytes() for name in tables)


def test_the_folder_holds_no_answer(folder: Path) -> None:
    text = "".join(path.read_text() for path in folder.rglob("*") if path.suffix in {".ipynb", ".py", ".md", ".json"})
    assert "BEGIN SOLUTION" not in text
    assert "BEGIN HIDDEN TESTS" not in text


def test_the_requirements_pin_what_the_package_needs_and_the_tools(folder: Path) -> None:
    lines = (folder / "requirements.txt").read_text().splitlines()
    pinned = {line.name: str(line.specifier) for line in map(Requirement, lines)}
    needed = map(Requirement, importlib.metadata.requires("axis-of-collusion-book") or [])
    runtime = {line.name for line in needed if line.marker is None or line.marker.evaluate({"extra": ""})}
    assert {"altair", "frictionless", "pandas"} <= runtime
    assert set(pinned) == runtime | {"ipykernel", "jupyterlab", "nbval", "pytest"} | {"matplotlib", "seaborn"}
    assert all(specifier == f"=={importlib.metadata.version(name)}" for name, specifier in pinned.items())


def test_a_tool_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUDENT_TOOLS", ("pytest", "no-such-tool"))
    assert "pytest==" in module.installed_requirements()
    assert "no-such-tool" not in module.installed_requirements()


def test_without_the_distribution_nothing_tells_what_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "DISTRIBUTION", "no-such-book")
    with pytest.raises(ReleaseError, match="no-such-book: is not installed; run make env"):
        write_handout(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_guide_says_how_to_make_an_environment_to_open_and_to_check(folder: Path) -> None:
    guide = (folder / "README.md").read_text(encoding="utf-8")
    for command in ("-m venv .venv", "pip install -r requirements.txt", "jupyter lab", "pytest --nbval-lax NAME.ipynb"):
        assert command in guide


@pytest.mark.parametrize("path", EXERCISES, ids=NAMES)
def test_the_first_cell_of_each_exercise_names_its_own_file(path: Path) -> None:
    (first, *_) = nbformat.read(path, as_version=4).cells
    assert f"`pytest --nbval-lax {path.name}`" in first.source


# Working in it


@pytest.fixture(scope="module")
def students_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as the requirements make it: every package of this one except the book's.

    A path in a .pth file is searched for packages, but .pth files in it, such as that of the book's editable install,
    are not read.
    """
    home = tmp_path_factory.mktemp("environment") / ".venv"
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin/python"


@pytest.fixture
def students_environment(tmp_path: Path) -> dict[str, str]:
    """The variables of a student's terminal."""
    ours = ("PYTHON", "JUPYTER", "IPYTHON", "PYTEST")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(ours)}, "HOME": str(tmp_path)}


def run(python: Path, environment: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(python), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_without_the_folder_the_students_python_has_no_package(
    students_python: Path, students_environment: dict[str, str], tmp_path: Path
) -> None:
    done = run(students_python, students_environment, tmp_path, "-c", "import pandas, helpers.checks")
    assert "No module named 'helpers.checks'" in done.stderr


def test_the_package_and_its_tables_come_from_the_folder(
    students_python: Path, students_environment: dict[str, str], folder: Path
) -> None:
    code = "import helpers; from helpers.tables import *; load('gas_prices'); print(helpers.__file__, data_folder())"
    done = run(students_python, students_environment, folder, "-c", code)
    assert done.stdout.split() == [str(folder / "helpers/__init__.py"), str(folder / "data")], done.stderr


def answered(path: Path) -> list[str]:
    """Put right answers into a student version, and return the checks that should pass."""
    notebook = nbformat.read(path, as_version=4)
    right = {one["question"]: one["answer"] for one in answers(path.stem)}
    for cell in notebook.cells:
        question = cell.id.removesuffix("-answer")
        if cell.id.endswith("-answer") and question in right:
            cell.source = right[question]
    where = f"import helpers; assert helpers.__file__ == {str(path.parent / 'helpers/__init__.py')!r}"
    notebook.cells.append(nbformat.v4.new_code_cell(where, execution_count=1))
    nbformat.write(notebook, path)
    return [f"{question}-check" for question in right]


def answers(name: str) -> list[dict[str, str]]:
    content = yaml.safe_load((ROOT / f"tests/answers/{name}.yml").read_text(encoding="utf-8"))
    return content["right"]


@pytest.mark.kernel
def test_the_self_check_passes_right_answers_in_the_folder_alone(
    students_python: Path, students_environment: dict[str, str], folder: Path
) -> None:
    path = folder / "3-2-energy.ipynb"
    right = answered(path)
    command = ["-m", "pytest", "--nbval-lax", path.name, "--junitxml=report.xml"]
    done = run(students_python, students_environment, folder, *command)
    cases = list(ElementTree.parse(folder / "report.xml").iter("testcase"))
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    failed = {cell.get("id") for cell, case in zip(cells, cases, strict=True) if case.find("failure") is not None}
    unanswered = {cell.id for cell in cells if cell.id.endswith("-check")} - set(right)
    assert len(right) >= 5
    assert failed == unanswered, done.stdout[-3000:]


# Releasing twice


def test_an_earlier_handout_is_replaced_and_what_it_no_longer_holds_is_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STUDENT_README", "Another guide.\n")
    smaller = {name: content for name, content in helpers_wheel.package_files().items() if name != "theme.py"}
    monkeypatch.setattr(module, "package_files", lambda: smaller)
    written = write_handout(folder)
    assert (folder / "README.md").read_text() == "Another guide.\n"
    assert not (folder / "helpers/theme.py").exists()
    assert {path.relative_to(folder).as_posix() for path in written} == {
        name for name in files(folder) if not name.endswith(".ipynb") and name != RECORD_FILE
    }


def test_a_handout_twice_is_the_same(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in files(folder)}
    write_handout(folder)
    assert {name: (folder / name).read_bytes() for name in files(folder)} == before


def test_files_of_anyone_else_stay(folder: Path) -> None:
    own = {"notes.txt": "mine", "data/my.csv": "1", "helpers/extra.py": "x = 1", ".venv/pyvenv.cfg": "home"}
    for name, text in own.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    write_handout(folder)
    assert {name: (folder / name).read_text() for name in own} == own


@pytest.mark.parametrize("name", ["README.md", "data/gas_prices.csv", "helpers/__init__.py", "requirements.txt"])
def test_a_file_of_someone_else_in_the_place_of_ours_stops_the_handout(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(ReleaseError) as refused:
        write_handout(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path / name}: was not written by a release or has been changed since; "
        "move it away, or release to another folder."
    )
    assert refused.value.file == tmp_path / name
    assert files(tmp_path) == {name}
    assert (tmp_path / name).read_text() == "mine"


def test_a_guide_that_the_instructor_changed_stays(folder: Path) -> None:
    (folder / "README.md").write_text("Our course")
    with pytest.raises(ReleaseError, match="or has been changed since"):
        write_handout(folder)
    assert (folder / "README.md").read_text() == "Our course"


def test_a_handout_that_was_interrupted_is_completed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(target: Path, content: bytes) -> Path:
        if target.name == "requirements.txt":
            raise OSError(28, "No space left on device")
        return write_atomically(target, content)

    with monkeypatch.context() as patch:
        patch.setattr(module, "STUDENT_README", "The second guide.\n")
        patch.setattr(module, "STUDENT_TOOLS", ())
        patch.setattr(module, "write_atomically", fail)
        with pytest.raises(ReleaseError, match=r"cannot be written \(No space left on device\)"):
            write_handout(folder)
    monkeypatch.setattr(module, "STUDENT_README", "The third guide.\n")
    write_handout(folder)
    assert (folder / "README.md").read_text() == "The third guide.\n"
    assert set(json.loads((folder / RECORD_FILE).read_text())) == files(folder) - {RECORD_FILE} - {
        p.name for p in EXERCISES
    }


def test_a_record_that_someone_forged_deletes_nothing_elsewhere(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "thesis.txt"
    outside.write_text("mine")
    digest = module._content_checksum(b"mine")
    for forged in ({"../thesis.txt": [digest], str(outside): [digest]}, ["x"], {"README.md": 3}):
        (folder / RECORD_FILE).write_text(json.dumps(forged))
        write_handout(folder)
        assert outside.read_text() == "mine"


def test_a_target_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("notes")
    with pytest.raises(ReleaseError, match="cannot be written"):
        write_handout(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "notes"


# Releasing several exercises


def test_several_exercises_are_released_together(tmp_path: Path) -> None:
    written = release_all(EXERCISES[:2], tmp_path)
    assert written == [tmp_path / path.name for path in EXERCISES[:2]]
    for path in written:
        notebook = nbformat.read(path, as_version=4)
        assert [cell.id for cell in notebook.cells[1:3]] == ["setup-note", "setup-code"]
        del notebook.cells[1:3]
        version = student_version(ROOT / "exercises" / path.name)
        for cell in filter(is_check, version.cells):
            cell.metadata.update(jupyter={"source_hidden": True}, cellView="form")
        assert notebook == version


def is_check(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(is_grade(cell)) and not is_solution(cell)


def test_each_student_version_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(path: Path) -> nbformat.NotebookNode:
        made.append(path)
        return student_version(path)

    monkeypatch.setattr(release, "student_version", counted)
    release_all(EXERCISES[:3], tmp_path)
    assert made == EXERCISES[:3]


def test_one_bad_source_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "bad.ipynb").write_text("{")
    with pytest.raises(ReleaseError, match="is not a notebook"):
        release_all([EXERCISES[0], tmp_path / "bad.ipynb"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_source_is_overwritten_whatever_its_order(tmp_path: Path) -> None:
    copy = tmp_path / EXERCISES[0].name
    copy.write_bytes(EXERCISES[0].read_bytes())
    with pytest.raises(ReleaseError, match="is the source itself; write the student version to another folder"):
        release_all([EXERCISES[1], copy], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {copy.name}
    with pytest.raises(ReleaseError, match="would be written from two sources with this name"):
        release_all([EXERCISES[0], copy], tmp_path / "out")
    assert not (tmp_path / "out").exists()


# nbgrader takes the sources as they are


@pytest.mark.kernel
def test_nbgrader_generates_an_assignment_from_each_source_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One test and one process for all exercises, because nbgrader takes seconds to start."""
    for path in EXERCISES:
        place = tmp_path / "source" / path.stem / path.name
        place.parent.mkdir(parents=True)
        place.write_bytes(path.read_bytes())
    # nbgrader makes its database with a program in this environment.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    api = NbGraderAPI(config=Config({"CourseDirectory": {"root": str(tmp_path)}}))
    for path in EXERCISES:
        result = api.generate_assignment(path.stem)
        assert result["success"], result
        theirs = nbformat.read(tmp_path / "release" / path.stem / path.name, as_version=4)
        _compare(path, theirs)


def _compare(path: Path, theirs: nbformat.NotebookNode) -> None:
    """Compare nbgrader's student version with the source and with ours."""
    source, ours = nbformat.read(path, as_version=4), student_version(path)
    assert [cell.id for cell in theirs.cells] == [cell.id for cell in source.cells] == [cell.id for cell in ours.cells]
    text = "\n".join(cell.source for cell in theirs.cells)
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert [line for line in secrets(source) if line in text] == []
    pairs = zip(theirs.cells, ours.cells, strict=True)
    checks = [(cell.source, mine.source) for cell, mine in pairs if is_grade(cell) and not is_solution(cell)]
    assert len(checks) > 6
    assert [check for check, _ in checks] == [mine for _, mine in checks]
    # Marking shows students the same text, without nbgrader.
    shown = Exercise.from_file(path).visible
    assert [check for check, _ in checks] == [shown[c.id] for c in theirs.cells if is_grade(c) and not is_solution(c)]
    # The state of the solution's widgets would show the answer.
    assert "widgets" not in theirs.metadata


def secrets(source: nbformat.NotebookNode) -> list[str]:
    """The lines that students must not see: those that appear only between the markers."""
    text = "\n".join(cell.source for cell in source.cells)
    marked = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)
    given = marked.sub("", text)
    lines = [line.strip() for part in marked.finditer(text) for line in part[2].splitlines()]
    hidden = [line for line in lines if len(line) > 2 and line not in given]
    assert len(hidden) > 9
    return hidden
