"""What `axis release` writes, and what it says about a source that it cannot release."""

import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import is_grade, is_solution

from axis.cli import main
from axis.exercises.release import ReleaseError, release_exercise

EXERCISES = Path(__file__).parent.parent / "exercises"
NAMES = ["3-2-energy", "3-3-investment"]


def axis(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def solutions(name: str) -> list[str]:
    """The lines of code that only the instructor's notebook contains."""
    cells = nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4).cells
    found = []
    for cell in cells:
        for kind in ("SOLUTION", "HIDDEN TESTS"):
            parts = cell.source.split(f"### BEGIN {kind}\n")[1:]
            found += [line for part in parts for line in part.split(f"### END {kind}")[0].splitlines()]
    return [line.strip() for line in found if len(line.strip()) > 2]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The student versions, made by the console script as it is installed."""
    folder = tmp_path_factory.mktemp("released")
    script = Path(sys.executable).parent / "axis"
    subprocess.run([script, "release", "--from", EXERCISES, "--to", folder], check=True)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_student_version_has_no_solution_no_hidden_test_and_no_answer(released: Path, name: str) -> None:
    cells = nbformat.read(released / f"{name}.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    assert len(solutions(name)) > 9
    assert [line for line in solutions(name) if line in text] == []
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_student_version_shows_nothing_that_the_solution_printed(released: Path, name: str) -> None:
    notebook = nbformat.read(released / f"{name}.ipynb", as_version=4)
    assert "widgets" not in notebook.metadata
    outputs = [
        (cell.id, cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code" and (is_grade(cell) or is_solution(cell))
    ]
    assert outputs == [(cell_id, []) for cell_id, _ in outputs]


@pytest.mark.parametrize("name", NAMES)
def test_prompts_and_checks_are_locked_and_answers_are_not(released: Path, name: str) -> None:
    for cell in nbformat.read(released / f"{name}.ipynb", as_version=4).cells:
        assert cell.metadata.get("editable", True) is cell.id.endswith("-answer")


def test_checks_are_folded_and_no_dollar_begins_a_formula(released: Path) -> None:
    for path in released.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            is_hint = cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)
            folded = (cell.metadata.get("jupyter", {}).get("source_hidden", False), cell.metadata.get("cellView"))
            assert folded == ((True, "form") if is_hint or cell.id == "setup-code" else (False, None))
            if cell.cell_type == "markdown":
                assert not re.search(r"(?<!\\)\$", re.sub(r"`[^`]+`", "", cell.source))


@pytest.mark.parametrize("name", NAMES)
def test_nbgrader_accepts_the_source_and_the_student_version(released: Path, name: str) -> None:
    for folder in (EXERCISES, released):
        MetadataValidator().validate_nb(nbformat.read(folder / f"{name}.ipynb", as_version=4))


def test_a_release_twice_is_the_same(released: Path, tmp_path: Path) -> None:
    axis("release", "3-2-energy", "--from", EXERCISES, "--to", tmp_path)
    again = (tmp_path / "3-2-energy.ipynb").read_bytes()
    assert again == (released / "3-2-energy.ipynb").read_bytes()


def test_one_name_releases_one_notebook_and_prints_where(tmp_path: Path) -> None:
    done = axis("release", "3-2-energy", "--from", EXERCISES, "--to", tmp_path / "out")
    assert done.output.split() == [str(tmp_path / "out/3-2-energy.ipynb")]
    assert [path.name for path in (tmp_path / "out").glob("*.ipynb")] == ["3-2-energy.ipynb"]


def test_an_unknown_name_is_told_the_known_ones(tmp_path: Path) -> None:
    done = axis("release", "4-moon", "--from", EXERCISES, "--to", tmp_path / "out")
    assert done.exit_code == 1
    known = ", ".join(sorted(path.stem for path in EXERCISES.glob("*.ipynb")))
    assert f'has no exercise "4-moon"; it has: {known}.' in done.output
    assert not (tmp_path / "out").exists()


def test_the_sources_are_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "3-2-energy.ipynb"
    source.write_bytes((EXERCISES / source.name).read_bytes())
    done = axis("release", "--from", tmp_path, "--to", tmp_path)
    assert done.exit_code == 1
    assert "is the source itself; write the student version to another folder." in done.output
    assert source.read_bytes() == (EXERCISES / source.name).read_bytes()


def test_a_notebook_that_was_worked_in_is_never_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    names = [f"{name}.ipynb" for name in NAMES]
    for name in NAMES:
        axis("release", name, "--from", EXERCISES, "--to", out)
    before = {name: (out / name).read_bytes() for name in names}
    assert axis("release", "--from", EXERCISES, "--to", out, *NAMES).exit_code == 0
    work = before[names[1]].replace(b"# Write your answer here.", b"# Mine.", 1)
    (out / names[1]).write_bytes(work)
    (out / "README.md").unlink()
    # The source of the first has changed since, so that a new version of it would be written.
    source = tmp_path / "source"
    source.mkdir()
    for name in names:
        text = (EXERCISES / name).read_text(encoding="utf-8")
        (source / name).write_text(text.replace("## 1. ", "## 1. Again: ", 1), encoding="utf-8")
    done = axis("release", "--from", source, "--to", out)
    assert done.exit_code == 1
    assert f"{names[1]}: was not written by a release or has been changed since; move it away, or" in done.output
    assert (out / names[0]).read_bytes() == before[names[0]]
    assert (out / names[1]).read_bytes() == work
    assert not (out / "README.md").exists()
    (out / names[1]).unlink()
    assert axis("release", "--from", source, "--to", out).exit_code == 0
    assert b"## 1. Again: " in (out / names[0]).read_bytes()


def test_a_target_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("notes")
    done = axis("release", "--from", EXERCISES, "--to", tmp_path / "out")
    assert done.exit_code == 1
    assert "cannot be written" in done.output
    assert (tmp_path / "out").read_text() == "notes"


def _changed(old: str, new: str) -> str:
    """The text of a real exercise with one thing changed."""
    source = (EXERCISES / "3-2-energy.ipynb").read_text()
    assert old in source
    return source.replace(old, new)


EMPTY = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
PLACE = 'bad.ipynb, cell 5 ("qatar_price-answer"): no end solution statement found; close each BEGIN marker'


def test_an_error_carries_file_place_and_reason_to_another_process(tmp_path: Path) -> None:
    (tmp_path / "bad.ipynb").write_text(_changed("### END SOLUTION", "### THE END"))
    with pytest.raises(ReleaseError) as refused:
        release_exercise(tmp_path / "bad.ipynb", tmp_path / "out.ipynb")
    arrived = pickle.loads(pickle.dumps(refused.value))  # noqa: S301  written in the same line
    for error in (refused.value, arrived):
        assert (error.file, error.place) == (tmp_path / "bad.ipynb", 'cell 5 ("qatar_price-answer")')
        assert error.reason.startswith("no end solution statement found; close each BEGIN marker")
        assert str(error) == f"{error.file}, {error.place}: {error.reason}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not a notebook; save it again from JupyterLab"),
        ("[1]", "is not a notebook"),
        ("{}", "is not a notebook"),
        (EMPTY, "has no cell with nbgrader's metadata"),
        (_changed("### END SOLUTION", "### THE END"), PLACE),
        (_changed("### END HIDDEN TESTS", "### THE END"), "No end hidden tests statement found; close"),
        (_changed("### BEGIN SOLUTION", "### BEGIN SOLUTON"), "no begin solution statement found; close"),
        (_changed("### BEGIN HIDDEN TESTS", "### BEGIN HIDEN TESTS"), "no begin hidden tests statement found; close"),
        (_changed('"grade_id": "premium-check"', '"grade_id": "bill-check"'), "nbgrader refuses its metadata"),
    ],
    ids=[
        "not JSON",
        "a list",
        "an object",
        "no metadata",
        "open solution",
        "open hidden test",
        "misspelled solution",
        "misspelled hidden test",
        "same id twice",
    ],
)
def test_a_bad_source_is_refused_in_one_sentence_and_nothing_is_written(
    content: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/a-good.ipynb").write_bytes((EXERCISES / "3-2-energy.ipynb").read_bytes())
    (tmp_path / "source/bad.ipynb").write_text(content)
    done = axis("release", "--from", tmp_path / "source", "--to", tmp_path / "out")
    assert done.exit_code == 1
    assert "bad.ipynb" in done.output
    assert message in done.output
    assert len(done.output.splitlines()) == 1
    assert not (tmp_path / "out").exists()
