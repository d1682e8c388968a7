"""A kept result is used again exactly as long as nothing has changed on which the mark depends."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from axis.errors import ResultsError
from axis.exercises.source import Exercise
from axis.grading.marking.mark import refused_result
from axis.grading.records import Policy, Submission
from axis.grading.result_store import ResultStore, result_key
from axis.kernels.limits import Limits
from classes import exercise

# In one worker, which changes each file of the program once.
pytestmark = pytest.mark.xdist_group("result store")

ROOT = Path(__file__).parent.parent
SUBMISSION = Submission("ada", "3-2-energy", "ada.ipynb", b"{}")
EXERCISE = Exercise("3-2-energy", "{}")

#: Changes each file of a copy of the program in turn, and prints whether the key of a result changes with it.
CHANGES = """
import json
from pathlib import Path
from axis.exercises.source import Exercise
from axis.grading import result_store
from axis.grading.records import Policy, Submission

root = Path(result_store.__file__).parents[3]

def key():
    result_store._program_checksum.cache_clear()
    return result_store.result_key(Submission("ada", "energy", "ada.ipynb"), Exercise("energy", "{}"), Policy())

before, changed = key(), {}
for path in sorted(path for folder in ("src", "data") for path in (root / folder).rglob("*") if path.is_file()):
    content = path.read_bytes()
    path.write_bytes(content + b"\\n")
    changed[path.relative_to(root).as_posix()] = key() != before
    path.write_bytes(content)
assert key() == before
print(json.dumps({"root": str(root), "changed": changed}))
"""


def run_in(folder: Path, program: str) -> str:
    """Run a program that imports the packages of this folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Whether a change in each file of the program, of the book and of its data changes the key."""
    copy = tmp_path_factory.mktemp("copy")
    for folder in ("src", "data"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    found = json.loads(run_in(copy, CHANGES))
    assert found["root"] == str(copy)
    return dict(found["changed"])


@pytest.mark.parametrize("package", ["helpers", "axis/exercises", "axis/grading/marking", "axis/kernels"])
def test_after_a_change_of_what_marks_everything_is_marked_again(package: str, changed: dict[str, bool]) -> None:
    modules = [path for path in changed if path.startswith(f"src/{package}/") and path.endswith(".py")]
    assert len(modules) > 3
    assert [path for path in modules if not changed[path]] == []


def test_after_a_change_of_a_table_or_of_what_reads_a_submission_everything_is_marked_again(
    changed: dict[str, bool],
) -> None:
    tables = [path for path in changed if path.startswith("data/") and not path.endswith(".bib")]
    assert len(tables) > 40
    for path in (*tables, "src/axis/grading/intake/notebook_content.py"):
        assert changed[path], path


@pytest.mark.parametrize("package", ["book", "editions", "grading/intake", "grading/reports", "lite", "notebooks"])
def test_after_a_change_elsewhere_results_are_kept(package: str, changed: dict[str, bool]) -> None:
    modules = [path for path in changed if path.startswith(f"src/axis/{package}/")]
    assert len(modules) > 2
    assert [path for path in modules if changed[path]] in ([], ["src/axis/grading/intake/notebook_content.py"])


def test_marking_stands_on_nothing_else_of_this_program_that_could_change_a_mark() -> None:
    program = "import sys, axis.grading.marking.mark\nprint(*(n for n in sys.modules if n.split('.')[0] == 'axis'))"
    parts = ("axis.exercises", "axis.grading.marking", "axis.kernels")
    others = {name for name in run_in(ROOT, program).split() if not name.startswith(parts)}
    assert others == {
        *("axis", "axis.errors", "axis.grading", "axis.grading.intake", "axis.grading.records"),
        "axis.grading.intake.notebook_content",
        # Only the names of cells in notes come from here, and notes are in the key.
        "axis.grading.intake.submitted_files",
    }


def test_another_file_exercise_or_condition_has_another_key() -> None:
    keys = {
        result_key(SUBMISSION, EXERCISE, Policy()),
        result_key(replace(SUBMISSION, content=b"[]"), EXERCISE, Policy()),
        result_key(replace(SUBMISSION, problem="It is empty."), EXERCISE, Policy()),
        result_key(replace(SUBMISSION, notes=("It is late.",)), EXERCISE, Policy()),
        result_key(SUBMISSION, replace(EXERCISE, text="[]"), Policy()),
        result_key(SUBMISSION, EXERCISE, Policy(seconds=5)),
        result_key(SUBMISSION, EXERCISE, Policy(limits=Limits(processes=5))),
        result_key(SUBMISSION, EXERCISE, Policy(confined=False)),
    }
    assert len(keys) == 8


def test_another_student_or_a_fresh_kernel_has_the_same_key() -> None:
    key = result_key(SUBMISSION, EXERCISE, Policy())
    assert result_key(replace(SUBMISSION, student="bo", path="bo.ipynb", number="7"), EXERCISE, Policy()) == key
    assert result_key(SUBMISSION, EXERCISE, Policy(fresh=True)) == key


def test_a_kept_result_comes_back_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    store = ResultStore(tmp_path / "results")
    result = refused_result(exercise(), "It is empty.", Policy())
    store.keep("key", result)
    assert store.get("key") == result
    assert store.get("other") is None
    for damaged in ("{", "[]", "{}", '{"marks": [{}], "notes": []}', "\x00"):
        (tmp_path / "results/key.json").write_text(damaged)
        assert store.get("key") is None


def test_a_result_that_cannot_be_kept_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(ResultsError, match=r"results: cannot be written \(.*\); make room there and run"):
        ResultStore(tmp_path / "results").keep("key", refused_result(exercise(), "It is empty.", Policy()))
