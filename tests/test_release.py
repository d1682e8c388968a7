"""What `axis release` writes, and what it says of a source that it cannot release."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

EXERCISES = Path(__file__).parent.parent / "exercises"
NAMES = ["3-2-energy", "3-3-investment"]


def axis(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "helpers.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    done = axis("release", "--from", EXERCISES, "--to", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_student_version_has_no_solution_no_hidden_test_and_no_answer(released: Path, name: str) -> None:
    text = (released / f"{name}.ipynb").read_text()
    for secret in ("BEGIN SOLUTION", "HIDDEN", "4.1 * 150.2) <", "16.6 / 9\\n", "100 / 2.5"):
        assert secret not in text
    source = (EXERCISES / f"{name}.ipynb").read_text()
    assert "BEGIN SOLUTION" in source
    assert "BEGIN HIDDEN TESTS" in source


@pytest.mark.parametrize("name", NAMES)
def test_prompts_and_checks_are_locked_and_answers_are_not(released: Path, name: str) -> None:
    for cell in nbformat.read(released / f"{name}.ipynb", as_version=4).cells:
        assert cell.metadata.get("editable", True) is cell.id.endswith("-answer")


@pytest.mark.parametrize("name", NAMES)
def test_nbgrader_accepts_the_source(name: str) -> None:
    notebook = nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4)
    MetadataValidator().validate_nb(notebook)


def test_one_name_releases_one_notebook(tmp_path: Path) -> None:
    assert axis("release", "3-2-energy", "--from", EXERCISES, "--to", tmp_path / "out").returncode == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["3-2-energy.ipynb"]


def test_an_unknown_name_is_told_the_known_ones(tmp_path: Path) -> None:
    done = axis("release", "4-moon", "--from", EXERCISES, "--to", tmp_path / "out")
    assert done.returncode == 1
    assert 'has no exercise "4-moon"; it has: 3-2-energy, 3-3-investment.' in done.stderr
    assert not (tmp_path / "out").exists()


def _without_metadata() -> str:
    return json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _unclosed() -> str:
    source = json.loads((EXERCISES / "3-2-energy.ipynb").read_text())
    for cell in source["cells"]:
        cell["source"] = [line for line in cell["source"] if "END SOLUTION" not in line]
    return json.dumps(source)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not a notebook"),
        (_without_metadata(), "no cell has nbgrader's metadata"),
        (_unclosed(), "Close each BEGIN marker"),
    ],
    ids=["not JSON", "no metadata", "unclosed solution"],
)
def test_a_bad_source_is_refused_in_one_sentence_and_leaves_nothing(
    content: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/bad.ipynb").write_text(content)
    done = axis("release", "--from", tmp_path / "source", "--to", tmp_path / "out")
    assert done.returncode == 1
    assert "bad.ipynb" in done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
