"""A kept result is used again exactly as long as nothing has changed on which the mark depends."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from axis.errors import ResultsError
from axis.exercises.source import Exercise
from axis.grading import result_store
from axis.grading.class_marking import ClassMarking
from axis.grading.marking.mark import refused_result
from axis.grading.records import Policy, Result, State, Submission
from axis.grading.result_store import ResultStore, result_key
from axis.kernels.limits import Limits
from classes import exercise
from synthetic_class import mark

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
        result_key(SUBMISSION, EXERCISE, Policy(confined=False)),
    }
    assert len(keys) == 6


def test_limits_matter_only_to_what_they_stopped() -> None:
    policies = (Policy(), Policy(seconds=5), Policy(limits=Limits(processes=5)))
    assert len({result_key(SUBMISSION, EXERCISE, policy) for policy in policies}) == 1
    assert len({result_key(SUBMISSION, EXERCISE, policy, stopped=True) for policy in policies}) == 3


def test_after_a_package_was_installed_or_upgraded_everything_is_marked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    known = result_store.installed_packages()
    assert any(name.startswith("pandas-") for name in known)
    keys = set()
    for names in (known, [*known, "seaborn-0.13.2.dist-info"], known[1:]):
        monkeypatch.setattr(result_store, "installed_packages", lambda names=names: names)
        result_store._program_checksum.cache_clear()
        keys.add(result_key(SUBMISSION, EXERCISE, Policy()))
    result_store._program_checksum.cache_clear()
    assert len(keys) == 3


def test_another_student_or_a_fresh_kernel_has_the_same_key() -> None:
    key = result_key(SUBMISSION, EXERCISE, Policy())
    assert result_key(replace(SUBMISSION, student="bo", path="bo.ipynb", number="7"), EXERCISE, Policy()) == key
    assert result_key(SUBMISSION, EXERCISE, Policy(fresh=True)) == key


def test_a_kept_result_comes_back_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    store, own, policy = ResultStore(tmp_path / "results"), exercise(), Policy()
    result = refused_result(own, "It is empty.", policy)
    store.keep(SUBMISSION, own, policy, result)
    assert store.find(SUBMISSION, own, policy) == result
    assert store.find(SUBMISSION, own, Policy(seconds=5)) == result
    changed = replace(SUBMISSION, content=b"[]")
    assert (store.find(changed, own, policy), store.find_last(changed)) == (None, result)
    assert store.find_last(replace(SUBMISSION, student="bo")) is None
    for damaged in ("{", "[]", "{}", '{"marks": [{}], "notes": []}', "\x00"):
        for path in (tmp_path / "results").rglob("*.json"):
            path.write_text(damaged)
        assert (store.find(SUBMISSION, own, policy), store.find_last(SUBMISSION)) == (None, None)


def test_a_stopped_notebook_runs_again_under_other_limits_and_replaces_what_it_had_before(tmp_path: Path) -> None:
    store, own, policy = ResultStore(tmp_path / "results"), exercise(), Policy()
    stop = (mark(question, State.STOPPED, "It ran longer than 60 seconds.") for question in own.questions)
    stopped, whole = Result(own.name, tuple(stop), out_of_time=True), refused_result(own, "It is empty.", policy)
    store.keep(SUBMISSION, own, policy, stopped)
    assert store.find(SUBMISSION, own, policy) == stopped
    assert store.find(SUBMISSION, own, Policy(seconds=90)) is None
    store.keep(SUBMISSION, own, Policy(seconds=90), whole)
    assert store.find(SUBMISSION, own, policy) == whole
    store.keep(SUBMISSION, own, policy, stopped)
    assert store.find(SUBMISSION, own, policy) == store.find_last(SUBMISSION) == stopped


def test_a_result_that_cannot_be_kept_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    result = refused_result(exercise(), "It is empty.", Policy())
    with pytest.raises(ResultsError, match=r"results: cannot be written \(.*\); make room there and run"):
        ResultStore(tmp_path / "results").keep(SUBMISSION, exercise(), Policy(), result)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT], ids=["full", "read-only", "quota"])
def test_a_disk_without_room_is_told_before_anything_runs(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    grading = ClassMarking([SUBMISSION], {SUBMISSION.exercise: exercise()}, tmp_path, Policy())
    with pytest.raises(ResultsError, match=rf"cannot be written \({os.strerror(number)}\); make room there or choose"):
        grading.run(workers=1)
    assert list((tmp_path / ".results").iterdir()) == []
