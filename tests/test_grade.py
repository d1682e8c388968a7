"""`axis grade` as an instructor sees it: from a folder or a zip to marks, feedback and reports."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
import zipfile
from pathlib import Path
from typing import NoReturn

import nbformat
import psutil
import pytest
from click.testing import CliRunner

from axis.cli import main
from axis.grading.grade_command import mark_class
from axis.grading.marking import mark
from axis.grading.records import Policy
from classes import EXERCISES, exercise, points, text
from processes import running
from submissions import cases

# In one worker, which marks the class of most tests once.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("grade")]

AXIS = Path(sys.executable).parent / "axis"
ENERGY, INVESTMENT = exercise("3-2-energy"), exercise("3-3-investment")
#: The last check that a machine makes of an answer that is not a text.
LAST = [question.check for question in ENERGY.questions if not question.by_hand][-2]


def grade(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the console script as it is installed."""
    command = [AXIS, "grade", *arguments, "--from", EXERCISES, "--workers", "2"]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


def grade_here(*arguments: str | Path) -> str:
    """Run the command in this process, where a kernel is a fork of one that is warm, and return what it says."""
    command = ["grade", *map(str, arguments), "--from", str(EXERCISES), "--workers", "1"]
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def totals(folder: Path) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for row in rows(folder / "marks.csv"):
        key = row["student"], row["exercise"]
        found[key] = found.get(key, 0.0) + float(row["points"] or 0)
    return found


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three students as nbgrader collects them; one file is broken."""
    folder = tmp_path_factory.mktemp("submitted")
    notebooks = {
        "ada/3-2-energy": text(ENERGY, "ada"),
        "ada/3-3-investment": text(INVESTMENT, "ada", 0.5),
        "bo/3-2-energy": text(ENERGY, "bo", 0.5),
        "cy/3-2-energy": "{",
    }
    for place, content in notebooks.items():
        (folder / place).mkdir(parents=True)
        (folder / place / f"{place.split('/')[1]}.ipynb").write_text(content)
    return folder


Reports = tuple[Path, "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def reports(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    folder = tmp_path_factory.mktemp("reports")
    return folder, grade(handed_in, "--to", folder)


def test_every_file_gets_its_marks_and_the_command_says_what_it_did(reports: Reports) -> None:
    folder, done = reports
    assert done.returncode == 0, done.stderr
    assert "4 submissions from 3 students, 4 of them marked now." in done.stdout
    assert re.search(
        r"Not marked: 3-2-energy\.ipynb is not JSON .*\. \(cy/3-2-energy/3-2-energy\.ipynb\)\n", done.stdout
    )
    assert "1 free text is waiting for your points: enter them in free_text.csv" in done.stdout
    assert totals(folder) == {
        ("ada", "3-2-energy"): points(ENERGY, 1.0),
        ("ada", "3-3-investment"): points(INVESTMENT, 0.5),
        ("bo", "3-2-energy"): points(ENERGY, 0.5),
        ("cy", "3-2-energy"): 0.0,
    }


def test_it_writes_every_report_and_says_where(reports: Reports) -> None:
    folder, done = reports
    names = ["class_report.html", "free_text.csv", "gradebook.csv", "junit.xml", "marks.csv"]
    assert [line for name in names for line in done.stdout.splitlines() if line == str(folder / name)] == [
        str(folder / name) for name in names
    ]
    assert sorted(path.name for path in (folder / "feedback").iterdir()) == ["ada.html", "bo.html", "cy.html"]
    assert sorted(path.name for path in folder.iterdir()) == sorted([".results", "feedback", *names])


@pytest.fixture
def faulty_planner(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A fault of the program that affects each notebook; undo the patch to correct it."""

    def fail(*_: object) -> NoReturn:
        raise LookupError("a fault of ours\x1b[2J")

    monkeypatch.setattr(mark, "plan_run", fail)
    return monkeypatch


def mark_here(submissions: Path, target: Path) -> str:
    """Do in this process what the command does."""
    done = mark_class(submissions, EXERCISES, target, Policy(), workers=1, cluster="", only=["bo"])
    return "\n".join([*done.lines, "complete" if done.complete else "incomplete"])


def test_a_fault_of_the_program_blames_no_file_gives_no_points_and_is_not_kept(
    handed_in: Path, tmp_path: Path, faulty_planner: pytest.MonkeyPatch
) -> None:
    said = mark_here(handed_in, tmp_path)
    assert said.endswith("\nincomplete")
    told = "bo/3-2-energy/3-2-energy.ipynb: marking itself failed here (LookupError: a fault of ours\\x1b[2J)"
    assert f"Not marked: {told}. Run the same command again." in said
    marks = rows(tmp_path / "marks.csv")
    assert {(row["state"], row["points"]) for row in marks} == {("not marked", "")}
    assert {row["reason"] for row in marks} == {
        "Marking itself failed here. The file is not the cause; it will be marked again."
    }
    assert [row["3-2-energy"] for row in rows(tmp_path / "gradebook.csv") if row["Student"] == "bo"] == [""]
    page = (tmp_path / "feedback/bo.html").read_text()
    assert "0 of 18 points so far; 18 points are not marked yet" in page
    assert "The file is not the cause" in page
    assert "a fault of ours" not in page
    report = (tmp_path / "class_report.html").read_text()
    assert "0&nbsp;refused, 1&nbsp;not marked" in report
    assert "Marking itself failed on 1 submission: run the same command again." in report
    assert 'failures="0" errors="10" skipped="0"' in (tmp_path / "junit.xml").read_text()
    assert list((tmp_path / ".results").glob("*.json")) == []
    assert f"The tracebacks are in {tmp_path / '.results/log.txt'}; with --debug the command stops" in said
    log = (tmp_path / ".results/log.txt").read_text()
    assert "Marking itself failed on bo/3-2-energy/3-2-energy.ipynb\n    Traceback (most recent call last):" in log
    assert log.endswith("    LookupError: a fault of ours\\x1b[2J\n")

    faulty_planner.undo()
    assert "1 submission from 1 student, 1 of them marked now." in mark_here(handed_in, tmp_path)
    assert totals(tmp_path) == {("bo", "3-2-energy"): points(ENERGY, 0.5)}


@pytest.mark.usefixtures("faulty_planner")
def test_debug_stops_at_the_first_failure_and_shows_it(handed_in: Path, tmp_path: Path) -> None:
    command = ["grade", str(handed_in), "--to", str(tmp_path), "--from", str(EXERCISES), "--debug"]
    done = CliRunner().invoke(main, command)
    assert isinstance(done.exception, LookupError)
    assert [frame.name for frame in traceback.extract_tb(done.exception.__traceback__)][-2:] == ["mark", "fail"]
    assert not (tmp_path / "marks.csv").exists()


@pytest.mark.parametrize("others", [["--workers", "2"], ["--dask", "tcp://127.0.0.1:9"]], ids=["workers", "a cluster"])
def test_debug_marks_in_one_process_alone(others: list[str], handed_in: Path, tmp_path: Path) -> None:
    command = ["grade", str(handed_in), "--to", str(tmp_path), "--from", str(EXERCISES), "--debug", *others]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "--debug marks in one process on this machine: leave out --workers and --dask." in done.output


def test_a_log_beside_the_results_says_what_each_process_did(reports: Reports) -> None:
    log = (reports[0] / ".results/log.txt").read_text()
    assert "MainProcess: Marking 4 of 4 submissions: Policy(seconds=60.0, " in log
    assert re.search(r"INFO MainProcess: Marked ada/3-3-investment/3-3-investment.ipynb in \d+\.\d\d s\n", log)


def test_the_log_tells_why_a_kernel_ended(tmp_path: Path) -> None:
    (crash,) = (case for case in cases("hostile") if case.name == "segmentation-fault")
    for name in ("s1", "s2"):
        (tmp_path / f"{name}_3-2-energy.ipynb").write_bytes(crash.content())
    grade(tmp_path, "--to", tmp_path / "reports")
    log = (tmp_path / "reports/.results/log.txt").read_text()
    assert re.search(r"LokyProcess-\d+: s1_3-2-energy.ipynb was stopped: the kernel ended in cell 14.\n", log)
    assert "    Its kernel wrote:\n    Fatal Python error: Segmentation fault\n" in log


def test_where_a_worker_is_killed_what_is_marked_is_kept_and_the_rest_is_named_and_empty(tmp_path: Path) -> None:
    slow = text(ENERGY, "s1").replace("# s1", "import time; time.sleep(30)", 1)
    (tmp_path / "s1_3-2-energy.ipynb").write_text(text(ENERGY, "s1"))
    (tmp_path / "s2_3-2-energy.ipynb").write_text(slow)
    command: list[str | Path] = [AXIS, "grade", tmp_path, "--to", tmp_path / "reports", "--from", EXERCISES]
    command += ["--workers", "2"]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as marking:
        until = time.monotonic() + 60
        while not list(tmp_path.glob("reports/.results/*.json")) and time.monotonic() < until:
            time.sleep(0.02)
        for process in psutil.Process(marking.pid).children():
            if "LokyProcess" in " ".join(process.cmdline()):
                process.kill()
        said, errors = marking.communicate(timeout=60)
    assert marking.returncode == 1
    assert "A marking process was killed, most likely because memory ran out. Run the same command" in said
    assert "Not marked: s2_3-2-energy.ipynb: marking itself failed here (a marking process was killed)." in said
    assert "Traceback" not in errors
    states = {(row["student"], row["state"], row["points"]) for row in rows(tmp_path / "reports/marks.csv")}
    assert {one for one in states if one[0] == "s2"} == {("s2", "not marked", "")}
    assert ("s1", "right", "2") in states
    assert len(list(tmp_path.glob("reports/.results/*.json"))) == 1


def test_what_has_not_changed_is_not_run_again(reports: Reports, handed_in: Path, tmp_path: Path) -> None:
    again = Path(shutil.copytree(reports[0], tmp_path / "reports"))
    before = (again / "marks.csv").read_bytes()
    said = grade_here(handed_in, "--to", again)
    assert "4 submissions from 3 students, 0 of them marked now." in said
    assert (again / "marks.csv").read_bytes() == before
    changed = Path(shutil.copytree(handed_in, tmp_path / "changed"))
    (changed / "bo/3-2-energy/3-2-energy.ipynb").write_text(text(ENERGY, "bo", 1.0))
    said = grade_here(changed, "--to", again)
    assert "4 submissions from 3 students, 1 of them marked now." in said
    assert totals(again)["bo", "3-2-energy"] == points(ENERGY, 1.0)


def test_points_given_by_hand_are_merged_and_kept(reports: Reports, handed_in: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(reports[0], tmp_path / "reports"))
    (sheet,) = rows(folder / "free_text.csv")
    assert (sheet["student"], sheet["check"], sheet["out_of"]) == ("ada", "judgement-answer", "4")
    with (folder / "free_text.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sheet)
        writer.writeheader()
        writer.writerow({**sheet, "points": "3.5", "comment": "Name the source."})
    said = grade_here(handed_in, "--to", folder)
    assert "0 of them marked now" in said
    assert "free text" not in said
    assert totals(folder)["ada", "3-2-energy"] == points(ENERGY, 1.0) + 3.5
    assert "Name the source." in (folder / "feedback/ada.html").read_text()
    assert rows(folder / "free_text.csv")[0]["points"] == "3.5"


def test_only_names_students_or_exercises(handed_in: Path, tmp_path: Path) -> None:
    said = grade_here(handed_in, "--to", tmp_path, "--only", "B*")
    assert "1 submission from 1 student, 1 of them marked now." in said
    assert "3 submissions were skipped by --only and have no marks yet." in said
    said = grade_here(handed_in, "--to", tmp_path, "--only", "3-3-*")
    assert set(totals(tmp_path)) == {("ada", "3-3-investment"), ("bo", "3-2-energy")}


@pytest.mark.parametrize("option", ["--only", "--again"])
def test_a_name_that_fits_nobody_is_told_before_anything_runs(option: str, handed_in: Path, tmp_path: Path) -> None:
    command = ["grade", str(handed_in), "--to", str(tmp_path / "x"), "--from", str(EXERCISES), option, "Alise"]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, (tmp_path / "x").exists()) == (1, False)
    assert f'{option} "Alise" fits no student and no exercise; the students are: ada, bo, cy.' in done.output


def test_only_and_a_longer_limit_leave_all_other_rows_as_they_are(tmp_path: Path) -> None:
    for student, seconds in (("s1", 0), ("s2", 2.5)):
        slow = text(ENERGY, student).replace(f"# {student}", f"import time; time.sleep({seconds})", 1)
        (tmp_path / f"{student}_3-2-energy.ipynb").write_text(slow)
    folder = tmp_path / "reports"

    def marked(*options: str) -> tuple[str, dict[str, str]]:
        said = grade_here(tmp_path, "--to", folder, *options)
        return said, {row["student"]: row["state"] for row in rows(folder / "marks.csv") if row["check"] == LAST}

    said, states = marked("--time-limit", "1")
    assert states == {"s1": "right", "s2": "stopped"}
    assert "Not marked to its end: s2_3-2-energy.ipynb. Not reached: the notebook ran longer than 1 seconds" in said
    assert "It ran twice, the second time alone." in said
    assert {row["points"] for row in rows(folder / "marks.csv") if row["state"] == "stopped"} == {""}
    log = (folder / ".results/log.txt").read_text()
    assert log.count("s2_3-2-energy.ipynb was stopped: ") == 2
    assert "Marking s2_3-2-energy.ipynb once more, alone" in log
    said, states = marked("--time-limit", "20", "--only", "s2")
    assert "2 submissions from 2 students, 1 of them marked now." in said
    assert states == {"s1": "right", "s2": "right"}
    (tmp_path / "s1_3-2-energy.ipynb").write_text(text(ENERGY, "s1", 0.2))
    said, states = marked("--only", "s2")
    assert "1 submission was skipped by --only and keeps earlier marks, though something has changed since." in said
    assert states == {"s1": "right", "s2": "right"}
    said, states = marked("--again", "S2", "--only", "s2")
    assert "2 submissions from 2 students, 1 of them marked now." in said
    said, states = marked()
    assert states == {"s1": "unanswered", "s2": "right"}


def test_a_file_that_is_not_used_is_named_with_the_one_that_is(tmp_path: Path) -> None:
    for name in ("3-2-energy", "3-2-energy (1)"):
        (tmp_path / f"ada_{name}.ipynb").write_text("{" if "(" in name else text(ENERGY, "ada", 0.1))
    (tmp_path / "bo_3-2-energy.ipynb").write_text(text(ENERGY, "bo", 0.0))
    os.utime(tmp_path / "ada_3-2-energy (1).ipynb", (1_500_000_000, 1_500_000_000))
    said = grade_here(tmp_path, "--to", tmp_path / "marked")
    assert "Used: ada_3-2-energy.ipynb. Not used: ada_3-2-energy (1).ipynb." in said
    assert "Not counted, because nobody has worked in it since its release: 3-2-energy of bo." in said
    assert "Not marked: bo handed in only notebooks as they were released: ask for the one with the answers." in said
    assert "What is not marked has an empty cell in gradebook.csv: enter a zero there if you want one." in said


def test_where_nothing_could_be_marked_the_command_fails_and_still_writes_why(tmp_path: Path) -> None:
    (tmp_path / "ada_3-2-energy.ipynb").write_text("{")
    command = ["grade", str(tmp_path), "--to", str(tmp_path / "marked"), "--from", str(EXERCISES), "--workers", "1"]
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == 1
    assert "Not marked: ada_3-2-energy.ipynb is not JSON" in done.output
    assert [row["points"] for row in rows(tmp_path / "marked/marks.csv")] == [""] * len(ENERGY.questions)


def test_a_package_that_is_missing_is_named_as_the_cause_of_what_follows(tmp_path: Path) -> None:
    notebook = nbformat.reads(text(ENERGY, "ada", 0.0), as_version=4)
    notebook.cells.insert(1, nbformat.v4.new_code_cell("import seabornx as sns\nimport numpy as np"))
    answer = next(cell for cell in notebook.cells if cell.id == LAST.replace("check", "answer"))
    answer.source = f"{ENERGY.answer_names[LAST][0]} = np.float64(1)"
    nbformat.write(notebook, tmp_path / "ada_3-2-energy.ipynb")
    said = grade_here(tmp_path, "--to", tmp_path / "marked")
    assert "Not installed here: seabornx, which 1 notebook imported. Install the package with pip" in said
    page = (tmp_path / "marked/feedback/ada.html").read_text()
    assert "The notebook imports seabornx, which is not installed where it was marked." in page
    (reason,) = (row["reason"] for row in rows(tmp_path / "marked/marks.csv") if row["check"] == LAST)
    assert "cell 2 failed with ModuleNotFoundError: No module named 'seabornx'" in reason


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"s{number}_3-2-energy.ipynb").write_text(text(ENERGY, f"s{number}", (number + 1) / 8))
    folder = tmp_path / "reports"
    command: list[str | Path] = [AXIS, "grade", tmp_path, "--to", folder, "--from", EXERCISES, "--workers", "1"]
    with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as marking:
        until = time.monotonic() + 60
        while len(kept := list((folder / ".results").glob("*.json"))) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        marking.send_signal(signal.SIGKILL)
        marking.wait()
        assert 3 <= len(kept) < 8
        assert [path.name for path in folder.iterdir()] == [".results"]
        # What the killed run started is still there for a moment, and must not disturb the next run.
        done = grade(tmp_path, "--to", folder, "--only", "s*")
    run_now = int(done.stdout.split(" of them marked now")[0].split()[-1])
    assert 0 < run_now <= 8 - len(kept)
    assert totals(folder) == {(f"s{n}", "3-2-energy"): points(ENERGY, (n + 1) / 8) for n in range(8)}


def test_a_zip_of_canvas_is_marked_as_it_was_downloaded(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr("lovelaceada_101_9001_3-2-energy.ipynb", text(ENERGY, "ada"))
        archive.writestr("khanbo_LATE_102_9002_3-2-energy-1.ipynb", text(ENERGY, "bo", 0.5))
    grade_here(tmp_path / "submissions.zip", "--to", tmp_path / "reports")
    book = {row["Student"]: row for row in rows(tmp_path / "reports/gradebook.csv")}
    assert book["khanbo"]["ID"] == "102"
    assert float(book["khanbo"]["3-2-energy"]) == points(ENERGY, 0.5)
    # One of her texts is still waiting for points, so an incomplete mark is not published.
    assert book["lovelaceada"]["3-2-energy"] == ""


def test_without_bubblewrap_it_refuses_unless_told_and_then_says_so(handed_in: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = grade(handed_in, "--to", tmp_path / "reports", PATH=str(tmp_path / "empty"))
    assert done.returncode == 1
    assert "cannot be confined on this machine: bubblewrap is not installed (apt install bubblewrap" in done.stderr
    assert "--unconfined" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "reports").exists()
    only = ["--only", "bo", "--unconfined"]
    done = grade(handed_in, "--to", tmp_path / "reports", *only, PATH=str(tmp_path / "empty"))
    assert done.returncode == 0, done.stderr
    assert totals(tmp_path / "reports")["bo", "3-2-energy"] == points(ENERGY, 0.5)
    for report in ("class_report.html", "feedback/bo.html"):
        assert "without confinement" in (tmp_path / "reports" / report).read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere"),
        ([".", "--from", "empty"], "contains no exercise"),
        ([".", "--dask", "tcp://127.0.0.1:9"], "There is no Dask scheduler at tcp://127.0.0.1:9"),
    ],
    ids=["no folder", "no exercises", "no cluster"],
)
def test_a_wrong_call_is_answered_in_one_sentence(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "s1_3-2-energy.ipynb").write_text(text(ENERGY, "s1"))
    (tmp_path / "empty").mkdir()
    command: list[str | Path] = [AXIS, "grade", "--from", EXERCISES, "--to", "reports", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("marks.csv"))


def test_the_instructors_page_names_every_option() -> None:
    page = (EXERCISES.parent / "chapters/marking.md").read_text()
    told = subprocess.run([AXIS, "grade", "--help"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"--[a-z-]+", told)) - {"--help"}
    assert len(options) > 8
    assert [option for option in sorted(options) if option not in page] == []


def test_the_source_of_a_hidden_test_is_in_no_report(reports: Reports) -> None:
    hidden = [cell.source for cell in ENERGY.source.cells if "BEGIN HIDDEN TESTS" in cell.source]
    lines = [line for source in hidden for line in source.split("### BEGIN HIDDEN TESTS\n")[1].splitlines()[:-1]]
    assert lines
    for path in reports[0].rglob("*"):
        if path.is_file():
            assert not any(line.strip() in path.read_text(errors="replace") for line in lines), path


def test_an_answer_key_handed_in_as_it_is_earns_what_its_answers_earn(tmp_path: Path) -> None:
    notebook = nbformat.reads(ENERGY.text, as_version=4)
    nbformat.write(notebook, tmp_path / "key_3-2-energy.ipynb")
    grade_here(tmp_path, "--to", tmp_path / "reports")
    assert totals(tmp_path / "reports") == {("key", "3-2-energy"): points(ENERGY, 1.0)}
