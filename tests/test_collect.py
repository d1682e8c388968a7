"""Whatever a platform, a browser or a student makes of a file, it reaches the right student and exercise.

What cannot be marked costs only its own submission, and says in one sentence why.
"""

import copy
import io
import json
import os
import random
import stat
import struct
import tempfile
import time
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from axis.exercises.release import student_version
from axis.exercises.source import read_exercises
from axis.grading.intake.collect import CollectError, collect_submissions
from axis.grading.intake.notebook_content import ContentError, is_untouched, read_notebook
from axis.grading.intake.submitted_files import MAX_FILE_SIZE
from axis.grading.records import Submission

SOURCES = Path(__file__).parent.parent / "exercises"
EXERCISES = read_exercises(SOURCES)
ENERGY, INVESTMENT = "3-2-energy", "3-3-investment"
UUID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def released(name: str) -> bytes:
    return nbformat.writes(student_version(SOURCES / f"{name}.ipynb")).encode()


def worked(name: str, mark: str = "1") -> bytes:
    """A notebook in which somebody has worked."""
    notebook = json.loads(released(name))
    answer = next(cell for cell in notebook["cells"] if cell["id"].endswith("-answer"))
    answer["source"] = [f"{mark}\n", *answer["source"]]
    return json.dumps(notebook).encode()


WORK = {name: worked(name) for name in (ENERGY, INVESTMENT)}
ANY = WORK[ENERGY]
#: Another state of the same notebook.
OTHER = worked(ENERGY, "2")

#: What lies where, by path; bytes, or None for a folder.
Files = dict[str, bytes | None]


def as_folder(files: Files, folder: Path) -> Path:
    for place, content in files.items():
        path = folder / place
        (path if content is None else path.parent).mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content)
    return folder


def zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in files.items():
            archive.writestr(place + "/" * (content is None), content or b"")
    return packed.getvalue()


def as_zip(files: Files, folder: Path) -> Path:
    path = folder / "download.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(files))
    return path


def gathered(source: Path) -> list[Submission]:
    return collect_submissions(source, EXERCISES).submissions


def who_and_what(source: Path) -> list[tuple[str, str]]:
    return [(one.student, one.exercise) for one in gathered(source) if not one.problem]


def the_problem(source: Path) -> Submission:
    """The one submission with a problem; every other must be markable."""
    (refused,) = [one for one in gathered(source) if one.problem]
    assert refused.content == b""
    assert refused.problem.count(". ") == 0
    assert refused.problem.endswith(".")
    return refused


BOTH = pytest.mark.parametrize("written", [as_folder, as_zip], ids=["folder", "zip"])
ALICE_AND_BOB = [("alice", ENERGY), ("bob", INVESTMENT)]

#: For each form: the paths of two students, and what the platform calls them.
FORMS: dict[str, tuple[list[str], list[str]]] = {
    "nbgrader": (["alice/3-2-energy/3-2-energy.ipynb", "bob/3-3-investment/3-3-investment.ipynb"], []),
    "nbgrader, submitted above": (
        ["submitted/alice/3-2-energy/3-2-energy.ipynb", "submitted/bob/3-3-investment/3-3-investment.ipynb"],
        [],
    ),
    "nbgrader, the assignment tells": (["alice/3-2-energy/work.ipynb", "bob/3-3-investment/work.ipynb"], []),
    "nbgrader, the notebook tells": (["alice/week1/3-2-energy.ipynb", "bob/week1/3-3-investment.ipynb"], []),
    "nbgrader, in a folder of its own": (
        ["course/alice/3-2-energy/3-2-energy.ipynb", "course/bob/3-3-investment/3-3-investment.ipynb"],
        [],
    ),
    "a folder for each student": (["alice/3-2-energy.ipynb", "bob/3-3-investment.ipynb"], []),
    "a folder for each student, in one more": (["c/alice/3-2-energy.ipynb", "c/bob/3-3-investment.ipynb"], []),
    "a folder for each exercise": (["3-2-energy/alice.ipynb", "3-3-investment/bob.ipynb"], []),
    "flat, student first": (["alice_3-2-energy.ipynb", "bob_3-3-investment.ipynb"], []),
    "flat, student first, hyphen": (["alice-3-2-energy.ipynb", "bob-3-3-investment.ipynb"], []),
    "flat, student last": (["3-2-energy_alice.ipynb", "3-3-investment_bob.ipynb"], []),
    "flat, only underscores": (["alice_3_2_energy.ipynb", "bob_3_3_investment.ipynb"], []),
    "flat, in a folder": (["all/alice_3-2-energy.ipynb", "all/bob_3-3-investment.ipynb"], []),
    "flat, the content tells": (["alice.ipynb", "bob.ipynb"], []),
    "Canvas": (["alice_101_9001_3-2-energy.ipynb", "bob_LATE_102_9002_3-3-investment.ipynb"], ["101", "102"]),
    "Canvas, in a folder": (
        ["w/alice_101_9001_3-2-energy.ipynb", "w/bob_102_9002_3-3-investment.ipynb"],
        ["101", "102"],
    ),
    "Canvas, a folder for each download": (
        ["w1/alice_101_9001_3-2-energy.ipynb", "w2/bob_LATE_102_9002_3-3-investment.ipynb"],
        ["101", "102"],
    ),
    "Moodle": (
        ["alice_71_assignsubmission_file_/3-2-energy.ipynb", "bob_72_assignsubmission_file_/3-3-investment.ipynb"],
        [],
    ),
    "Moodle 4": (
        ["alice_71_assignsubmission_file/3-2-energy.ipynb", "bob_72_assignsubmission_file/sub/3-3-investment.ipynb"],
        [],
    ),
    "Moodle, without folders": (
        ["alice_71_assignsubmission_file_3-2-energy.ipynb", "bob_72_assignsubmission_file_3-3-investment.ipynb"],
        [],
    ),
    "Moodle, a folder for each download": (
        ["w/alice_71_assignsubmission_file_/3-2-energy.ipynb", "x/bob_72_assignsubmission_file_/3-3-investment.ipynb"],
        [],
    ),
    "Blackboard": (
        [
            "Exercise 3.2_alice_attempt_2026-03-29-12-05-11_3-2-energy.ipynb",
            "Exercise 3.3_bob_attempt_2026-03-29-12-05-12_work.ipynb",
        ],
        [],
    ),
    "Brightspace": (
        [
            "70412-90333 - alice - Mar 29, 2026 1205 PM - 3-2-energy.ipynb",
            "70413-90333 - bob - Mar 30, 2026 906 AM - work.ipynb",
        ],
        [],
    ),
    "Brightspace, a folder for each attempt": (
        [
            "70412-90333 - alice - Mar 29, 2026 1205 PM/3-2-energy.ipynb",
            "70413-90333 - bob - Mar 30, 2026 906 AM/3-3-investment.ipynb",
        ],
        [],
    ),
    "flat, a word for the work first": (["Homework_3-2-energy_alice.ipynb", "HW2 3.3 investment bob.ipynb"], []),
    "flat, a copy in Drive": (["alice - Copy of 3-2-energy.ipynb", "bob - copy of 3-3-investment (1).ipynb"], []),
    "flat, endings of browsers and systems": (["alice_3-2-energy.ipynb.download", "bob_3-3-investment.json"], []),
    "flat, two endings and none": (["alice_3-2-energy.ipynb.ipynb", "bob_3-3-investment"], []),
}


@BOTH
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_hand_in_tells_student_exercise_and_number(
    form: str, written: Callable[[Files, Path], Path], tmp_path: Path
) -> None:
    paths, numbers = FORMS[form]
    files: Files = dict(zip(paths, WORK.values(), strict=True))
    source = written(files, tmp_path)
    assert who_and_what(source) == ALICE_AND_BOB
    assert [one.number for one in gathered(source)] == (numbers or ["", ""])
    assert [one.content for one in gathered(source)] == list(WORK.values())
    assert [one.path for one in gathered(source)] == paths


@BOTH
def test_names_of_people_come_as_the_platform_writes_them(
    written: Callable[[Files, Path], Path], tmp_path: Path
) -> None:
    moodle = "_assignsubmission_file_/3-2-energy.ipynb"
    people = ["Jean-Luc O Neil", "Zoë Müller", "李 小龙", "Default group"]
    files: Files = {f"{person}_{number}{moodle}": ANY for number, person in enumerate(people[:3], 1)}
    source = written({**files, f"Default group{moodle}": ANY}, tmp_path)
    assert who_and_what(source) == [(person, ENERGY) for person in sorted(people)]


def test_canvas_tells_who_was_late_and_hides_who_is_anonymous(tmp_path: Path) -> None:
    names = ["doe2jane_LATE_101_9001", "LATE_anon_aB3x9_9002", "anon_Zz1_9003"]
    one, two, three = gathered(as_zip({f"{name}_3-2-energy-2.ipynb": ANY for name in names}, tmp_path))
    assert [one.student, two.student, three.student] == ["anon_Zz1", "anon_aB3x9", "doe2jane"]
    late = ("Canvas marked this submission as late.",)
    assert [one.notes, two.notes, three.notes] == [(), late, late]


COPIES = [
    "3-2-energy (1).ipynb",
    "3-2-energy(2).ipynb",
    "3-2-energy-1.ipynb",
    "Copy of 3-2-energy.ipynb",
    "Copy_of_3-2-energy.ipynb",
    "3-2-energy-Copy1.ipynb",
    "3-2-energy - Copy.ipynb",
    "3-2-energy - Copy (2).ipynb",
    "3-2-energy copy 2.ipynb",
    f"3-2-energy-{UUID}.ipynb",
    "3-2-Energy.IPYNB",
    "3-2-energy.ipynb.txt",
    "3-2-energy.ipynb.json",
    "3-2-energy_final_version.ipynb",
    "my 3-2-energy.ipynb",
]


@pytest.mark.parametrize("name", COPIES)
def test_a_file_that_a_browser_or_a_student_renamed_is_still_its_exercise(name: str, tmp_path: Path) -> None:
    unknown = b'{"cells": [{"cell_type": "markdown", "source": "", "metadata": {}}], "metadata": {}, "nbformat": 4}'
    files: Files = {f"alice_1_assignsubmission_file_/{name}": unknown, f"bob_101_9001_{name}": unknown}
    assert who_and_what(as_folder(files, tmp_path)) == [("alice", ENERGY), ("bob", ENERGY)]


@pytest.mark.parametrize("name", [f"alice_{name}" for name in COPIES[:3] + COPIES[5:13]] + ["3-2-energy-1_alice.ipynb"])
def test_a_copy_in_a_flat_folder_still_names_its_student(name: str, tmp_path: Path) -> None:
    assert who_and_what(as_folder({name: ANY}, tmp_path)) == [("alice", ENERGY)]


def test_students_whose_names_end_in_numbers_are_not_copies_of_each_other(tmp_path: Path) -> None:
    names = ["3-2-energy_user-1.ipynb", "3-2-energy_user-2.ipynb", "3-2-energy_77.ipynb", "88_3-2-energy.ipynb"]
    students = ["77", "88", "user-1", "user-2"]
    assert who_and_what(as_folder(dict.fromkeys(names, ANY), tmp_path)) == [(one, ENERGY) for one in students]
    folders: Files = {f"Jane Roe ({number})/3-2-energy.ipynb": ANY for number in (1, 2)}
    assert [one for one, _ in who_and_what(as_folder(folders, tmp_path / "x"))] == ["Jane Roe (1)", "Jane Roe (2)"]


def test_the_longest_name_of_an_exercise_wins(tmp_path: Path) -> None:
    exercises = {"energy": EXERCISES[INVESTMENT], ENERGY: EXERCISES[ENERGY]}
    files: Files = {"alice_3-2-energy.ipynb": WORK[ENERGY], "alice_energy.ipynb": WORK[INVESTMENT]}
    found = collect_submissions(as_folder(files, tmp_path), exercises).submissions
    assert [(one.exercise, one.problem) for one in found] == [(ENERGY, ""), ("energy", "")]


# What the content says


def edited(name: str, change: Callable[[dict[str, object]], object]) -> bytes:
    """A student's notebook with each cell changed by `change`."""
    notebook = json.loads(worked(name))
    for cell in notebook["cells"]:
        change(cell)
    return json.dumps(notebook).encode()


def only_nbgrader(cell: dict[str, object]) -> None:
    cell.pop("id")


def only_colab(cell: dict[str, object]) -> None:
    cell["metadata"] = {"id": cell.pop("id")}


def no_ids(cell: dict[str, object]) -> None:
    cell.pop("id")
    cell["metadata"] = {}


@pytest.mark.parametrize("change", [len, only_nbgrader, only_colab], ids=["Jupyter", "nbgrader", "Colab"])
def test_if_no_name_says_which_exercise_it_is_its_cells_do(
    change: Callable[[dict[str, object]], object], tmp_path: Path
) -> None:
    files: Files = {"alice/homework.ipynb": edited(ENERGY, change), "bob/homework.ipynb": edited(INVESTMENT, change)}
    source = as_folder(files, tmp_path)
    assert who_and_what(source) == ALICE_AND_BOB
    assert {one.notes for one in gathered(source)} == {()}


def test_a_file_that_neither_its_name_nor_its_content_identifies_is_refused(tmp_path: Path) -> None:
    files: Files = {"alice/homework.ipynb": edited(ENERGY, no_ids), "bob/3-2-energy.ipynb": ANY}
    refused = the_problem(as_folder(files, tmp_path))
    assert (refused.student, refused.exercise, refused.path) == ("alice", "", "alice/homework.ipynb")
    assert refused.problem.startswith("homework.ipynb matches no exercise by its name or cells: name it after")


def test_the_content_of_another_exercise_is_a_wrong_notebook(tmp_path: Path) -> None:
    files: Files = {"alice/3-2-energy.ipynb": WORK[INVESTMENT], "bob/3-2-energy.ipynb": ANY}
    refused = the_problem(as_folder(files, tmp_path))
    assert (refused.student, refused.exercise) == ("alice", ENERGY)
    assert refused.problem == (
        "3-2-energy.ipynb was handed in for 3-2-energy but is the notebook of 3-3-investment: hand in the right one."
    )


def test_ids_that_exercises_share_make_no_wrong_notebook(tmp_path: Path) -> None:
    shared = {"claim-check", "judgement-answer"}
    notebook = json.loads(released("3-4-regions"))
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] in shared]
    assert len(notebook["cells"]) == 2
    notebook["cells"][-1]["source"] = "judgement = 1"
    found = gathered(as_folder({"alice/3-2-energy.ipynb": json.dumps(notebook).encode()}, tmp_path))
    assert [(one.exercise, one.problem) for one in found] == [(ENERGY, "")]
    assert "No cell has the id of the check of 1. Read the table, 2. A difference," in found[0].notes[0]


def test_a_file_that_names_no_student_is_refused_with_a_name_to_use(tmp_path: Path) -> None:
    files: Files = {"3-2-energy.ipynb": ANY, "3-2-energy (1).ipynb": ANY, "alice_3-2-energy.ipynb": ANY}
    one, two, three = gathered(as_folder(files, tmp_path))
    assert [one.student, two.student, three.student] == ["(no student)", "(no student)", "alice"]
    for refused, name in ((one, "3-2-energy (1).ipynb"), (two, "3-2-energy.ipynb")):
        assert refused.problem == f"{name} does not say which student it is from: rename it to STUDENT_{name}."


# What is ignored


@BOTH
def test_files_that_are_not_submissions_are_ignored(written: Callable[[Files, Path], Path], tmp_path: Path) -> None:
    junk = b"junk"
    files: Files = {
        "alice/3-2-energy.ipynb": ANY,
        "alice/.ipynb_checkpoints/3-2-energy-checkpoint.ipynb": junk,
        "alice/.3-2-energy.ipynb": junk,
        "alice/._3-2-energy.ipynb": junk,
        "alice/notes.pdf": junk,
        "alice/solution.py": junk,
        "alice/feedback/3-2-energy.ipynb": junk,
        "__MACOSX/alice/._3-2-energy.ipynb": junk,
        ".git/3-2-energy.ipynb": junk,
        "Jane_1_assignfeedback_file_/3-2-energy.ipynb": junk,
        "feedback/alice/3-2-energy/3-2-energy.ipynb": junk,
        "marks.csv": junk,
    }
    (found,) = gathered(written(files, tmp_path))
    assert (found.student, found.exercise, found.problem, found.notes) == ("alice", ENERGY, "", ())


@BOTH
def test_of_a_whole_course_only_what_was_submitted_counts(
    written: Callable[[Files, Path], Path], tmp_path: Path
) -> None:
    place = "3-2-energy/3-2-energy.ipynb"
    parts = ["source", "release", "autograded/bob", "submitted/alice"]
    files: Files = {f"course/{part}/{place}": ANY for part in parts}
    assert who_and_what(written({**files, "course/gradebook.db": b"", "course/mine.ipynb": ANY}, tmp_path)) == [
        ("alice", ENERGY)
    ]


@BOTH
def test_a_student_without_a_notebook_is_reported(written: Callable[[Files, Path], Path], tmp_path: Path) -> None:
    files: Files = {"alice/3-2-energy.ipynb": ANY, "bob/solution.py": b"1", "carol": None, "dan/x/a.pdf": b"%PDF"}
    _, *without = gathered(written(files, tmp_path))
    assert [(one.student, one.exercise, one.path) for one in without] == [
        ("bob", "", "bob"),
        ("carol", "", "carol"),
        ("dan", "", "dan"),
    ]
    assert without[0].problem == "bob handed in no notebook: ask for the file that ends in .ipynb."


@BOTH
def test_a_student_who_uploaded_something_else_is_reported(
    written: Callable[[Files, Path], Path], tmp_path: Path
) -> None:
    files: Files = {
        "alice_101_9001_3-2-energy.ipynb": ANY,
        "alice_101_9002_notes.pdf": b"%PDF",
        "bob_102_9003_solution.py": b"1",
        "carol_LATE_103_text.html": b"<p>",
        "dan_4_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
    }
    _, *without = gathered(written(files, tmp_path))
    assert [(one.student, one.number) for one in without] == [("bob", "102"), ("carol", "103"), ("dan", "")]
    assert all("handed in no notebook" in one.problem for one in without)


def test_a_folder_of_data_beside_a_flat_class_is_not_a_student(tmp_path: Path) -> None:
    files: Files = {"alice_3-2-energy.ipynb": ANY, "data/gas.csv": b"1", "README.md": b"1"}
    assert [one.student for one in gathered(as_folder(files, tmp_path))] == ["alice"]


# Zips in zips and folders

HANDOUT: Files = {"work/3-2-energy.ipynb": ANY, "work/data/gas.csv": b"1", "work/helpers/tables.py": b"1"}


@BOTH
def test_a_students_zip_is_opened(written: Callable[[Files, Path], Path], tmp_path: Path) -> None:
    inner = zipped({"3-2-energy.ipynb": ANY})
    files: Files = {
        "alice_1_assignsubmission_file_/all.zip": zipped(HANDOUT),
        "bob_101_9001_work.ZIP": inner,
        "carol_3-2-energy.zip": zipped({"x.ipynb": edited(ENERGY, no_ids)}),
        "dan.zip": inner,
        "eve/hand-in.zip": inner,
    }
    assert who_and_what(written(files, tmp_path)) == [(one, ENERGY) for one in ["alice", "bob", "carol", "dan", "eve"]]


def test_a_folder_may_hold_the_zip_of_each_assignment(tmp_path: Path) -> None:
    work: Files = {"3-2-energy.ipynb": ANY}
    files: Files = {
        "week 1.zip": zipped({"alice_101_9001_3-2-energy.ipynb": ANY, "bob_102_9002_work.zip": zipped(work)}),
        "week 2.zip": zipped({"carol_7_assignsubmission_file_/3-2-energy.ipynb": ANY}),
    }
    assert who_and_what(as_folder(files, tmp_path)) == [(one, ENERGY) for one in ["alice", "bob", "carol"]]


def test_a_zip_is_opened_one_level_deep_and_no_deeper(tmp_path: Path) -> None:
    deep = zipped({"deeper.zip": zipped({"3-2-energy.ipynb": ANY})})
    refused = the_problem(as_zip({"alice/all.zip": deep, "bob/3-2-energy.ipynb": ANY}, tmp_path))
    assert (refused.student, refused.path) == ("alice", "alice/all.zip/deeper.zip")
    assert refused.problem == "deeper.zip is a zip inside too many other zips: hand in the notebook itself."


# The same student twice


def test_the_newest_file_in_a_folder_is_kept_and_the_other_is_named(tmp_path: Path) -> None:
    files: Files = {"alice/3-2-energy.ipynb": edited(ENERGY, only_colab), "alice/3-2-energy (1).ipynb": ANY}
    source = as_folder(files, tmp_path)
    os.utime(source / "alice/3-2-energy (1).ipynb", (1_600_000_000, 1_600_000_000))
    (found,) = gathered(source)
    assert found.content == files["alice/3-2-energy.ipynb"]
    assert found.notes == ("This is the newest of 2 files for this exercise; ignored: alice/3-2-energy (1).ipynb.",)
    os.utime(source / "alice/3-2-energy.ipynb", (1_500_000_000, 1_500_000_000))
    assert gathered(source)[0].content == ANY


def test_a_zips_own_times_tell_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("alice/3-2-energy.ipynb", (2026, 3, 1, 12, 0, 0)), ANY)
        archive.writestr(zipfile.ZipInfo("alice/3-2-energy-1.ipynb", (2026, 2, 1, 12, 0, 0)), ANY)
        archive.writestr(zipfile.ZipInfo("bob/3-2-energy.ipynb", (1980, 0, 0, 0, 0, 0)), ANY)
    assert [one.path for one in gathered(path)] == ["alice/3-2-energy.ipynb", "bob/3-2-energy.ipynb"]


@pytest.mark.parametrize(
    "names",
    [
        ["doe_101_9001_3-2-energy.ipynb", "doe_101_9001_3-2-energy-1.ipynb", "doe_101_9001_3-2-energy-2.ipynb"],
        ["doe_101_9001_3-2-energy.ipynb", "doe_101_9002_3-2-energy-7.ipynb", f"doe_101_9003_3-2-energy-{UUID}.ipynb"],
        ["doe_101_9001_3-2-energy-1.ipynb", "doe_LATE_101_10000_3-2-energy.ipynb"],
    ],
    ids=["by number", "by Canvas's last resort", "by upload"],
)
def test_canvas_numbers_resubmissions_and_its_word_counts_before_the_clock(names: list[str], tmp_path: Path) -> None:
    source = as_folder(dict.fromkeys(names, ANY), tmp_path)
    for age, name in enumerate(names):
        os.utime(source / name, (1_700_000_000 - age, 1_700_000_000 - age))
    (found,) = gathered(source)
    assert found.path == names[-1]
    assert all(name in found.notes[-1] for name in names[:-1])


def test_names_that_differ_in_normal_form_or_case_of_the_extension_are_the_same(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "Zoë_3-2-energy") for form in ("NFC", "NFD")]
    files: Files = {f"{names[0]}.ipynb": ANY, f"{names[1]}.ipynb": ANY, f"{names[0]}.IPYNB": ANY}
    (found,) = gathered(as_zip(files, tmp_path))
    assert found.student == "Zoë"
    assert "newest of 3" in found.notes[0]


def test_a_scratch_file_never_replaces_the_exercise(tmp_path: Path) -> None:
    files: Files = {
        "alice/3-2-energy/3-2-energy.ipynb": ANY,
        "alice/3-2-energy/Untitled.ipynb": b'{"cells": [{"cell_type": "code", "source": "1"}]}',
    }
    source = as_folder(files, tmp_path)
    os.utime(source / "alice/3-2-energy/3-2-energy.ipynb", (1_500_000_000, 1_500_000_000))
    (found,) = gathered(source)
    assert found.path == "alice/3-2-energy/3-2-energy.ipynb"


def test_two_people_of_one_name_stay_two(tmp_path: Path) -> None:
    canvas: Files = {
        "doejane_101_9001_3-2-energy.ipynb": ANY,
        "doejane_202_9002_3-3-investment.ipynb": WORK[INVESTMENT],
    }
    moodle: Files = {f"Jane Doe_{number}_assignsubmission_file_/3-2-energy.ipynb": ANY for number in (7, 8)}
    assert who_and_what(as_folder(canvas, tmp_path / "c")) == [("doejane (101)", ENERGY), ("doejane (202)", INVESTMENT)]
    assert who_and_what(as_folder(moodle, tmp_path / "m")) == [("Jane Doe (7)", ENERGY), ("Jane Doe (8)", ENERGY)]


def test_moodle_numbers_one_person_anew_in_each_assignment(tmp_path: Path) -> None:
    files: Files = {
        "w1/Jane Doe_7_assignsubmission_file_/3-2-energy.ipynb": ANY,
        "w2/Jane Doe_9_assignsubmission_file_/3-3-investment.ipynb": WORK[INVESTMENT],
    }
    assert who_and_what(as_folder(files, tmp_path)) == [("Jane Doe", ENERGY), ("Jane Doe", INVESTMENT)]


# Nobody can hand in for somebody else


@BOTH
def test_a_name_inside_a_students_folder_cannot_hand_in_for_another(
    written: Callable[[Files, Path], Path], tmp_path: Path
) -> None:
    names = [
        "bob_102_9002_3-2-energy.ipynb",
        "bob_72_assignsubmission_file_/3-2-energy.ipynb",
        "submitted/bob/3-2-energy/3-2-energy.ipynb",
        "bob_3-2-energy.ipynb",
    ]
    files: Files = {"mallory_71_assignsubmission_file_/" + name: ANY for name in names}
    files["mallory_71_assignsubmission_file_/all.zip"] = zipped(dict.fromkeys(names, ANY))
    files["bob_72_assignsubmission_file_/3-2-energy.ipynb"] = ANY
    bob, mallory = gathered(written(files, tmp_path))
    assert (bob.student, bob.path, bob.notes) == ("bob", "bob_72_assignsubmission_file_/3-2-energy.ipynb", ())
    assert mallory.student == "mallory"


@pytest.mark.parametrize("name", ["mallory.zip", "mallory_3-2-energy.zip"])
@pytest.mark.parametrize("form", ["Bob_2_assignsubmission_file_/3-2-energy.ipynb", "bob_9_9_3-2-energy.ipynb"])
def test_a_zip_beside_notebooks_is_one_students_whatever_it_holds(name: str, form: str, tmp_path: Path) -> None:
    files: Files = {"bob_3-2-energy.ipynb": ANY, name: zipped({form: OTHER})}
    found = {one.student: one.content for one in gathered(as_folder(files, tmp_path))}
    assert found == {"bob": ANY, "mallory": OTHER}


def test_what_a_zip_of_the_exercise_holds_never_replaces_what_lies_beside_it(tmp_path: Path) -> None:
    files: Files = {"bob_3-2-energy.ipynb": ANY, "3-2-energy.zip": zipped({"bob_9_9_3-2-energy.ipynb": OTHER})}
    source = as_folder(files, tmp_path)
    os.utime(source / "bob_3-2-energy.ipynb", (1_000_000_000, 1_000_000_000))
    (found,) = gathered(source)
    assert (found.content, found.replaces) == (ANY, ("3-2-energy.zip/bob_9_9_3-2-energy.ipynb",))


# Who a file belongs to


def test_a_word_that_several_people_write_before_the_exercise_is_nobodys_name(tmp_path: Path) -> None:
    names = [
        *("PSY101_3-2-energy_Jane Roe", "PSY101_3-2-energy_Omar Ali", "PSY101_3-2-energy"),
        *("HW 3-2-energy Kim Lee", "Homework_3.2 energy_Ann Poe", "Exercise_3-2-energy", "my 3-2-energy final v2"),
        *("zoe_3-2-energy_final", "zoe_3-2-energy_draft 2"),
    ]
    found = gathered(as_folder({f"{name}.ipynb": ANY for name in names}, tmp_path))
    people = ["(no student)"] * 3 + ["Ann Poe", "Jane Roe", "Kim Lee", "Omar Ali", "zoe"]
    assert [one.student for one in found] == people
    assert [one.student for one in found if one.replaces] == ["zoe"]


def test_one_number_is_one_person_whatever_the_name(tmp_path: Path) -> None:
    files: Files = {
        "w1/doejane_101_9001_3-2-energy.ipynb": ANY,
        "w2/roejane_101_9102_3-3-investment.ipynb": WORK[INVESTMENT],
        "w1/leekim_102_9002_3-2-energy.ipynb": ANY,
    }
    found = gathered(as_folder(files, tmp_path))
    assert [(one.student, one.number) for one in found] == [("leekim", "102"), ("roejane", "101"), ("roejane", "101")]
    assert found[1].notes == ('The number 101 belonged to "doejane" here and to "roejane" later: one student.',)


def test_where_moodle_hides_names_nobody_is_joined_to_another(tmp_path: Path) -> None:
    files: Files = {
        "w1/Participant_654321_assignsubmission_file_/3-2-energy.ipynb": ANY,
        "w2/Participant_654400_assignsubmission_file_/3-3-investment.ipynb": WORK[INVESTMENT],
    }
    found = who_and_what(as_folder(files, tmp_path))
    assert found == [("Participant 654321", ENERGY), ("Participant 654400", INVESTMENT)]


def test_of_two_attempts_the_later_counts(tmp_path: Path) -> None:
    files: Files = {
        "Exercise 3.2_ada_attempt_2026-03-30-01-05-11_3-2-energy.ipynb": OTHER,
        "Exercise 3.2_ada_attempt_2026-03-29-12-05-11_3-2-energy.ipynb": ANY,
        "Exercise 3.2_ada_attempt_2026-03-29-12-05-11.txt": b"Name: ada",
        "Exercise 3.2_cy_attempt_2026-03-29-12-05-11.txt": b"Name: cy",
        "70412-90333 - Bo Roe - Mar 30, 2026 906 AM - 3-2-energy.ipynb": OTHER,
        "70412-90333 - Bo Roe - Mar 29, 2026 1205 PM - 3-2-energy.ipynb": ANY,
        "index.html": b"<html>",
    }
    found = gathered(as_folder(files, tmp_path))
    assert [(one.student, one.content, one.number) for one in found] == [
        ("Bo Roe", OTHER, ""),
        ("ada", OTHER, ""),
        ("cy", b"", ""),
    ]


def test_a_form_that_is_not_known_is_told(tmp_path: Path) -> None:
    name = "4711 - 2026-03-29 12.05 - ada"
    collected = collect_submissions(as_folder({f"{name}.ipynb": ANY, "bo.ipynb": ANY}, tmp_path), EXERCISES)
    assert [one.student for one in collected.submissions] == [name, "bo"]
    assert collected.remarks == [
        f'Not a form that is known: 1 names such as "{name}". The whole name was taken for the student, so rename '
        "the files to STUDENT_EXERCISE.ipynb if that is wrong."
    ]


def test_a_file_of_another_kind_that_names_student_and_exercise_is_reported(tmp_path: Path) -> None:
    kinds = ["7z", "py", "html", "pdf", "docx"]
    files: Files = {f"s{kind}_3-2-energy.{kind}": b"%PDF" for kind in kinds}
    files |= {"ada_3-2-energy.ipynb": ANY, "ada_3-2-energy.html": b"<html>", "notes.txt": b"{}", "data.json": b"{}"}
    _, *others = gathered(as_folder(files, tmp_path))
    assert {one.student for one in others} == {f"s{kind}" for kind in kinds}
    assert others[0].problem == "s7z_3-2-energy.7z is not a notebook: ask s7z for the file that ends in .ipynb."


# What nobody has worked in


@BOTH
def test_an_untouched_notebook_does_not_count_and_replaces_nothing(
    written: Callable[[Files, Path], Path], tmp_path: Path
) -> None:
    fresh = {name: released(name) for name in (ENERGY, INVESTMENT, "3-4-regions")}
    saved = nbformat.reads(fresh[ENERGY].decode(), as_version=4)
    saved.cells[1].outputs = [nbformat.v4.new_output("stream", text="run")]
    saved.cells.append(nbformat.v4.new_code_cell(" "))
    handout = zipped({"3-2-energy.ipynb": OTHER, "3-3-investment.ipynb": fresh[INVESTMENT]})
    files: Files = {
        "week2/jroe_5_1_3-3-investment.ipynb": WORK[INVESTMENT],
        "week3/jroe_5_2_handout.zip": handout,
        "week3/kim_6_3_3-2-energy.ipynb": nbformat.writes(saved).encode(),
        "week3/kim_6_4_3-4-regions.ipynb": fresh["3-4-regions"],
        "week3/lee_7_5_3-2-energy.ipynb": ANY,
        "week3/lee_7_6_3-4-regions.ipynb": fresh["3-4-regions"],
    }
    collected = collect_submissions(written(files, tmp_path), EXERCISES)
    assert [(one.student, one.exercise, one.content) for one in collected.submissions] == [
        ("jroe", ENERGY, OTHER),
        ("jroe", INVESTMENT, WORK[INVESTMENT]),
        ("kim", "", b""),
        ("lee", ENERGY, ANY),
    ]
    kept = collected.submissions[1]
    assert kept.replaces == ("week3/jroe_5_2_handout.zip/3-3-investment.ipynb",)
    assert kept.notes == (f"Of 2 files for this exercise this was worked in; ignored: {kept.replaces[0]}.",)
    assert "kim handed in only notebooks as they were released" in collected.submissions[2].problem
    untouched = "Not counted, because nobody has worked in it since its release"
    assert collected.remarks == [f"{untouched}: 3-2-energy, 3-4-regions of kim.", f"{untouched}: 3-4-regions of lee."]


def test_what_was_released_before_the_exercise_changed_is_untouched_too() -> None:
    notebook = nbformat.reads(released(ENERGY).decode(), as_version=4)
    for cell in notebook.cells:
        cell.source += " As it was worded before."
        cell.metadata.nbgrader.checksum = compute_checksum(cell)
    assert is_untouched(EXERCISES[ENERGY], nbformat.writes(notebook).encode())
    answer = next(cell for cell in notebook.cells if cell.id.endswith("-answer"))
    answer.source += "\n1"
    assert not is_untouched(EXERCISES[ENERGY], nbformat.writes(notebook).encode())


def test_a_folder_of_reports_among_the_submissions_is_not_a_student(tmp_path: Path) -> None:
    files: Files = {"alice/3-2-energy.ipynb": ANY, "old/.results/a.json": b"{}", "old/feedback/a.html": b"<p>"}
    source = as_folder({**files, "marked/notes.csv": b"1"}, tmp_path)
    found = collect_submissions(source, EXERCISES, source / "marked").submissions
    assert [one.student for one in found] == ["alice"]


# Bad content

DEEP = b"[" * 100_000


def nested(levels: int) -> bytes:
    """JSON that Python's parser just reads, and that nbformat cannot."""
    return b'{"cells": [], "metadata": ' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"


BAD_CONTENT = {
    "empty": (b"", "is empty: save it again"),
    "blank": (b" \n", "is empty: save it again"),
    "binary": (bytes(range(1, 256)) * 9, "is not text, so it is not a notebook"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text, so it is not a notebook"),
    "not JSON": (b'{"cells": [\n,', "is not JSON from line 2 on"),
    "cut short": (ANY[: len(ANY) // 2], "is not JSON from line"),
    "Python": (b"print(1)", "is not JSON from line 1 on"),
    "a list": (b"[1]", "has no cells, so it is not a notebook"),
    "a number": (b"1", "has no cells, so it is not a notebook"),
    "no cells": (b"{}", "has no cells, so it is not a notebook"),
    "empty cells": (b'{"cells": [], "nbformat": 4}', "has no cells: hand in the notebook with your answers"),
    "cells of text": (b'{"cells": "all", "nbformat": 4}', "has no cells"),
    "a cell of text": (b'{"cells": ["x"], "nbformat": 4}', "has no cells"),
    "a cell without source": (b'{"cells": [{"cell_type": "code"}], "nbformat": 4}', "has no cells"),
    "nested too deep for JSON": (DEEP, "is nested too deeply for a notebook"),
    "nested too deep for nbformat": (nested(600), "has no cells"),
    "a number of 5,000 digits": (b'{"cells": [' + b"9" * 5000 + b"]}", "contains a number that is too long"),
    "format 2, broken": (b'{"worksheets": [3], "nbformat": 2}', "has notebook format 2, which cannot be converted"),
    "format 3, broken": (b'{"worksheets": 3}', "has notebook format 3, which cannot be converted"),
    "format 3, empty": (b'{"worksheets": [], "metadata": {}, "nbformat": 3}', "has no cells"),
    "format 99": (b'{"cells": [1], "nbformat": 99}', "has notebook format 99, which cannot be converted"),
}


@BOTH
@pytest.mark.parametrize("kind", BAD_CONTENT)
def test_bad_content_affects_only_its_own_submission(
    kind: str, written: Callable[[Files, Path], Path], tmp_path: Path
) -> None:
    content, reason = BAD_CONTENT[kind]
    source = written({"alice/3-2-energy.ipynb": content, "bob/3-2-energy.ipynb": ANY}, tmp_path)
    refused = the_problem(source)
    assert (refused.student, refused.exercise) == ("alice", ENERGY)
    assert refused.problem.startswith(f"3-2-energy.ipynb {reason}")
    assert who_and_what(source) == [("bob", ENERGY)]


@pytest.mark.parametrize("levels", [100, *range(200, 1100, 50), 50_000])
def test_no_depth_of_nesting_gets_through_as_an_exception(levels: int, tmp_path: Path) -> None:
    content = nested(levels).replace(b"[]", b'[{"cell_type": "code", "source": "1"}]')
    (found,) = gathered(as_folder({"alice/3-2-energy.ipynb": content}, tmp_path))
    assert found.problem in {"", "3-2-energy.ipynb is nested too deeply for a notebook: hand in the notebook itself."}
    assert bool(found.content) is not bool(found.problem)
    assert levels > 100 or found.content
    assert levels < 50_000 or found.problem


def duplicated() -> bytes:
    notebook = json.loads(ANY)
    notebook["cells"].append(copy.deepcopy(notebook["cells"][-1]))
    return json.dumps(notebook).encode()


def format_3() -> bytes:
    cells = [{"cell_type": "code", "language": "python", "input": "1", "outputs": [], "metadata": {}}]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (format_3(), "The file has the old notebook format 3 and was converted."),
        (edited(ENERGY, no_ids), "30 of the 30 cells have no id."),
        (duplicated(), "More than one cell has the id judgement-check."),
        (edited(ENERGY, no_ids), "No cell has the id of the check of 1. Read the table, 2. A difference, 3."),
    ],
    ids=["format 3", "no ids", "an id twice", "checks missing"],
)
def test_what_can_still_be_marked_is_noted_and_not_refused(content: bytes, note: str, tmp_path: Path) -> None:
    (found,) = gathered(as_folder({"alice/3-2-energy.ipynb": content}, tmp_path))
    assert (found.problem, found.content) == ("", content)
    assert any(one.startswith(note) for one in found.notes), found.notes


ODD = {
    "a byte order mark": b"\xef\xbb\xbf" + ANY,
    "UTF-16": ANY.decode().encode("utf-16"),
    "no metadata": b'{"cells": [{"cell_type": "code", "source": ["1\\n", "2"]}]}',
    "metadata that is none": b'{"cells": [{"cell_type": "code", "source": "1", "metadata": 3}], "metadata": []}',
    "outputs that are none": b'{"cells": [{"cell_type": "code", "source": "1", "outputs": [{"data": 1}, 2]}]}',
    "nbgrader's field that is none": b'{"cells": [{"cell_type": "raw", "source": "", "metadata": {"nbgrader": 1}}]}',
}


@pytest.mark.parametrize("kind", ODD)
def test_a_notebook_with_odd_fields_is_read_into_one_that_has_them_all(kind: str, tmp_path: Path) -> None:
    (found,) = gathered(as_folder({"alice/3-2-energy.ipynb": ODD[kind]}, tmp_path))
    assert found.problem == ""
    cells = read_notebook(found.content).cells
    assert all(isinstance(cell.source, str) and isinstance(cell.metadata, dict) for cell in cells)
    assert all(isinstance(cell.outputs, list) for cell in cells if cell.cell_type == "code")


def test_bytes_that_are_not_a_notebook_raise_one_error() -> None:
    with pytest.raises(ContentError, match="is empty"):
        read_notebook(b"")


def test_cells_without_a_text_are_left_out_and_noted(tmp_path: Path) -> None:
    notebook = json.loads(ANY)
    notebook["cells"][2:2] = [None, {"cell_type": "code", "source": None}]
    (found,) = gathered(as_folder({"alice/3-2-energy.ipynb": json.dumps(notebook).encode()}, tmp_path))
    assert (found.problem, found.notes) == ("", ("2 cells without a text were left out.",))


def test_signs_that_take_long_to_compare_and_old_outputs_hold_nothing_up(tmp_path: Path) -> None:
    signs = "\u0301\u0323" * 400_000
    cell = {"cell_type": "code", "source": "1", "id": signs}
    text = {"output_type": "stream", "stream": "stdout", "text": ["x\n"] * 100}
    old = {"cell_type": "code", "language": "python", "input": "1", "outputs": [text] * 2_000, "metadata": {}}
    files: Files = {
        "alice/3-2-energy.ipynb": json.dumps({"cells": [cell, cell], "nbformat": 4}).encode(),
        "bob/3-2-energy.ipynb": json.dumps(
            {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [old]}]}
        ).encode(),
    }
    source, before = as_folder(files, tmp_path), time.process_time()
    one, two = gathered(source)
    assert time.process_time() - before < 5
    assert all(len(note) < 200 for note in one.notes)
    assert not two.problem


# Bad files in folders


def with_bob(folder: Path) -> Path:
    return as_folder({"bob/3-2-energy.ipynb": ANY, "alice": None}, folder)


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    secret = as_folder({"3-2-energy.ipynb": ANY}, tmp_path / "secret")
    source = with_bob(tmp_path / "in")
    (source / "alice/3-2-energy.ipynb").symlink_to(secret / "3-2-energy.ipynb")
    (source / "carol").symlink_to(secret)
    (source / "dan").symlink_to(source)
    found = [one for one in gathered(source) if one.student != "bob"]
    assert [(one.student, one.exercise, one.content) for one in found] == [
        ("alice", ENERGY, b""),
        ("carol", "", b""),
        ("dan", "", b""),
    ]
    assert all("is a symbolic link: hand in the file itself" in one.problem for one in found)


def test_the_source_itself_may_be_a_link_of_the_instructors(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(with_bob(tmp_path / "in"))
    assert who_and_what(tmp_path / "link") == [("bob", ENERGY)]


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    source = with_bob(tmp_path)
    os.mkfifo(source / "alice/3-2-energy.ipynb")
    os.mkfifo(source / "alice/other")
    assert the_problem(source).problem == "3-2-energy.ipynb is not a regular file: hand in the notebook itself."


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def without_rights() -> Iterator[None]:
    """Be a user without special permissions, because root can read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("place", ["alice/3-2-energy.ipynb", "alice"])
def test_a_file_that_cannot_be_read_affects_only_its_own_submission(place: str, open_folder: Path) -> None:
    as_folder({"alice/3-2-energy.ipynb": ANY, "bob/3-2-energy.ipynb": ANY}, open_folder)
    (open_folder / place).chmod(0)
    with without_rights():
        found = gathered(open_folder)
    (open_folder / place).chmod(0o700)
    assert [one.student for one in found] == ["alice", "bob"]
    assert found[0].problem.endswith(" cannot be read (Permission denied): check its permissions.")
    assert not found[1].problem


@BOTH
@pytest.mark.parametrize("name", ["3-2-energy.ipynb", "all.zip"])
def test_a_file_over_the_limit_is_refused(name: str, written: Callable[[Files, Path], Path], tmp_path: Path) -> None:
    refused = the_problem(written({f"alice/{name}": bytes(MAX_FILE_SIZE + 1), "bob/3-2-energy.ipynb": ANY}, tmp_path))
    assert refused.problem == f"{name} is larger than 16 MB: clear its outputs and hand it in again."


def test_a_class_zip_in_a_folder_may_be_over_the_limit(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("alice_101_9001_3-2-energy.ipynb", ANY)
        archive.writestr("bob_102_9002_film.mov", bytes(MAX_FILE_SIZE + 1))
    assert who_and_what(tmp_path) == [("alice", ENERGY)]


def test_characters_that_no_report_can_show_are_replaced(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\x1b[31m\xe2\x80\xaebob")
    (found,) = gathered(as_folder({f"{name}/3-2-energy.ipynb": ANY}, tmp_path))
    assert (found.student, found.content) == ("��[31m�bob", ANY)


# Bad entries in zips


def packed(path: Path, *members: tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip with bob's work and these members."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore", UserWarning)
        archive.writestr("bob/3-2-energy.ipynb", ANY, compress_type=zipfile.ZIP_DEFLATED)
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "student", "reason"),
    [
        ("../bob/3-2-energy.ipynb", "(no student)", 'has ".." in its path in the zip'),
        ("alice/../bob/3-2-energy.ipynb", "alice", 'has ".." in its path in the zip'),
        ("alice\\..\\bob\\3-2-energy.ipynb", "alice", 'has ".." in its path in the zip'),
        ("/bob/3-2-energy.ipynb", "(no student)", "has an absolute path in its zip"),
        ("C:\\bob\\3-2-energy.ipynb", "(no student)", "has an absolute path in its zip"),
        ("\\\\host\\bob\\3-2-energy.ipynb", "(no student)", "has an absolute path in its zip"),
        ("../.bashrc", "(no student)", 'has ".." in its path in the zip'),
        (f"alice/{'x' * 300}.ipynb", "(no student)", "has a name of more than 255 characters"),
    ],
)
def test_a_name_that_leaves_its_place_is_refused(name: str, student: str, reason: str, tmp_path: Path) -> None:
    source = packed(tmp_path / "download.zip", (name, ANY))
    refused = the_problem(source)
    assert (refused.student, refused.exercise, refused.path) == (student, "", name)
    assert refused.problem.startswith(f"{name} {reason}")
    assert who_and_what(source) == [("bob", ENERGY)]


def special(mode: int, name: str = "alice/3-2-energy.ipynb") -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.create_system, member.external_attr = 3, (mode | 0o644) << 16
    return member


@pytest.mark.parametrize(
    ("mode", "reason"),
    [(stat.S_IFLNK, "is a symbolic link: hand in the file itself"), (stat.S_IFIFO, "is not a regular file")],
)
def test_a_link_or_pipe_in_a_zip_is_refused(mode: int, reason: str, tmp_path: Path) -> None:
    refused = the_problem(packed(tmp_path / "download.zip", (special(mode), b"/etc/passwd")))
    assert (refused.student, refused.exercise) == ("alice", ENERGY)
    assert refused.problem.startswith(f"3-2-energy.ipynb {reason}")


def test_a_link_to_a_folder_in_a_zip_is_refused(tmp_path: Path) -> None:
    refused = the_problem(packed(tmp_path / "download.zip", (special(stat.S_IFLNK, "alice"), b"/home")))
    assert (refused.student, refused.problem) == ("alice", "alice is a symbolic link: hand in the file itself.")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bounds_are_refused(method: int, tmp_path: Path) -> None:
    source = packed(tmp_path / "download.zip", ("alice/3-2-energy.ipynb", ANY), method=method)
    assert "is compressed in an unusual way" in the_problem(source).problem


def spoiled(path: Path, change: Callable[[bytearray, int, int], None]) -> Path:
    """A zip with alice's work, whose headers are changed at their places in the file."""
    packed(path, ("alice/3-2-energy.ipynb", ANY))
    content = bytearray(path.read_bytes())
    name = b"alice/3-2-energy.ipynb"
    change(content, content.index(name) - 30, content.rindex(name) - 46)
    path.write_bytes(content)
    return path


def encrypt(content: bytearray, local: int, central: int) -> None:
    content[local + 6] |= 1
    content[central + 8] |= 1


def break_content(content: bytearray, local: int, _: int) -> None:
    content[local + 200 : local + 400] = bytes(200)


def lie_of_size(content: bytearray, local: int, central: int) -> None:
    for place in (local + 22, central + 24):
        content[place : place + 4] = struct.pack("<I", 10)


def lie_of_place(content: bytearray, _: int, central: int) -> None:
    content[central + 42 : central + 46] = struct.pack("<I", len(content) - 5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (encrypt, "is encrypted: pack the zip again without a password"),
        (break_content, "is damaged inside its zip: hand it in again"),
        (lie_of_size, "is damaged inside its zip: hand it in again"),
        (lie_of_place, "is damaged inside its zip: hand it in again"),
    ],
)
def test_a_damaged_entry_affects_only_its_own_submission(
    change: Callable[[bytearray, int, int], None], reason: str, tmp_path: Path
) -> None:
    source = spoiled(tmp_path / "download.zip", change)
    refused = the_problem(source)
    assert (refused.student, refused.exercise) == ("alice", ENERGY)
    assert refused.problem.startswith(f"3-2-energy.ipynb {reason}")
    assert who_and_what(source) == [("bob", ENERGY)]


def test_a_bomb_is_read_no_further_than_the_limit_whatever_its_header_says(tmp_path: Path) -> None:
    bomb = packed(tmp_path / "download.zip", ("alice/3-2-energy.ipynb", bytes(20 * MAX_FILE_SIZE)))
    assert bomb.stat().st_size < MAX_FILE_SIZE
    assert "is larger than 16 MB" in the_problem(bomb).problem


def test_a_students_zip_unpacks_to_so_much_and_no_more(tmp_path: Path) -> None:
    padded = ANY[:-2] + b" " * (MAX_FILE_SIZE - len(ANY)) + ANY[-2:]
    work: Files = {f"{name}.ipynb": padded for name in list(EXERCISES)[:6]}
    found = gathered(as_zip({"alice/all.zip": zipped(work), "bob/3-2-energy.ipynb": ANY}, tmp_path))
    over = [one for one in found if "is in a zip that is too large when unpacked" in one.problem]
    assert [one.student for one in over] == ["alice", "alice"]
    assert not found[-1].problem


def test_a_students_zip_of_too_many_files_is_refused(tmp_path: Path) -> None:
    crowd = zipped(dict.fromkeys(map(str, range(20_001)), b""))
    refused = the_problem(as_zip({"alice/all.zip": crowd, "bob/3-2-energy.ipynb": ANY}, tmp_path))
    assert refused.problem == "all.zip contains 20,001 files, more than the 20,000 allowed: pack only the notebooks."


def test_a_students_file_that_is_not_a_zip_is_refused(tmp_path: Path) -> None:
    refused = the_problem(as_folder({"alice/all.zip": b"PK", "bob/3-2-energy.ipynb": ANY}, tmp_path))
    assert refused.problem == "all.zip is damaged or not a zip: download it or pack it again."


def test_utf8_names_are_read_though_the_packer_does_not_say_so(tmp_path: Path) -> None:
    name, plain = "müllerzoë_101_9001_3-2-energy.ipynb", "m__llerzo___101_9001_3-2-energy.ipynb"
    source = as_zip({plain: ANY}, tmp_path)
    source.write_bytes(source.read_bytes().replace(plain.encode(), name.encode()))
    assert who_and_what(source) == [("müllerzoë", ENERGY)]


def test_the_same_name_twice_in_a_zip_is_the_same_student_twice(tmp_path: Path) -> None:
    source = packed(tmp_path / "download.zip", ("bob/3-2-energy.ipynb", ANY))
    (found,) = gathered(source)
    assert "newest of 2" in found.notes[0]


def test_no_change_of_bytes_gets_through_as_an_exception(tmp_path: Path) -> None:
    small = b'{"cells": [{"cell_type": "code", "source": "1"}]}'
    inner = zipped({"3-2-energy.ipynb": small})
    whole = zipped({"alice/3-2-energy.ipynb": small, "bob_1_2_3-2-energy.ipynb": small, "c_1_2_all.zip": inner})
    chance = random.Random(20211221)
    outcomes: set[bool | str] = set()
    for number in range(1500):
        spoilt = bytearray(whole)
        for _ in range(chance.choice([1, 1, 3, 10])):
            spoilt[chance.randrange(len(spoilt))] = chance.choice([0, 1, 46, 47, 128, 255, chance.randrange(256)])
        path = tmp_path / f"{number}.zip"
        path.write_bytes(spoilt)
        try:
            outcomes |= {bool(one.problem) for one in gathered(path)}
        except CollectError:
            outcomes.add("refused")
    assert outcomes == {True, False, "refused"}


# Bad sources


def no_source(folder: Path) -> Path:
    return folder / "nowhere"


def empty_folder(folder: Path) -> Path:
    return folder


def no_notebook(folder: Path) -> Path:
    return as_folder({"alice/a.pdf": b"1", "bob/.hidden.ipynb": ANY}, folder)


def empty_zip(folder: Path) -> Path:
    return as_zip({}, folder)


def no_zip(folder: Path) -> Path:
    return as_folder({"download.zip": b"<html>Please log in"}, folder) / "download.zip"


def a_notebook(folder: Path) -> Path:
    return as_folder({"3-2-energy.ipynb": ANY}, folder) / "3-2-energy.ipynb"


def a_crowd(folder: Path) -> Path:
    return as_zip(dict.fromkeys(map(str, range(20_001)), b""), folder)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (no_source, "does not exist; name the folder or zip that contains the submissions."),
        (empty_folder, "contains no notebook; name the folder or zip that contains the submissions."),
        (no_notebook, "contains no notebook; name the folder or zip that contains the submissions."),
        (empty_zip, "contains no notebook; name the folder or zip that contains the submissions."),
        (no_zip, "is damaged or not a zip: download it or pack it again, or name another folder or zip."),
        (a_notebook, "is damaged or not a zip: download it or pack it again, or name another folder or zip."),
        (a_crowd, "contains 20,001 files, more than the 20,000 allowed: pack only the notebooks, or name another"),
    ],
)
def test_a_source_without_submissions_is_refused_with_a_remedy(
    source: Callable[[Path], Path], reason: str, tmp_path: Path
) -> None:
    path = source(tmp_path)
    with pytest.raises(CollectError) as refused:
        gathered(path)
    assert str(refused.value).startswith(f"{path}: {reason}")


def test_a_class_comes_by_student_then_exercise(tmp_path: Path) -> None:
    files: Files = {f"{one}/{name}.ipynb": WORK[name] for name in (INVESTMENT, ENERGY) for one in ("zoe", "amy")}
    assert who_and_what(as_zip(files, tmp_path)) == [
        ("amy", ENERGY),
        ("amy", INVESTMENT),
        ("zoe", ENERGY),
        ("zoe", INVESTMENT),
    ]
