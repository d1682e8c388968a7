"""What an instructor writes beside the reports changes marks as it says, and platforms take back what is written."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from axis.grading.records import MarkedSubmission, State, Submission
from axis.grading.reports.all_reports import ReportError, write_all_reports
from axis.grading.reports.deadlines import apply_policy
from axis.grading.reports.overrides import apply_overrides
from axis.grading.reports.platform_places import PlaceReader
from synthetic_class import ENERGY, mark, submit

KNOWN = {"3-2-energy": ENERGY, "3-3-investment": ENERGY}
OUT_OF = sum(question.out_of for question in ENERGY.questions)


def hand_in(student: str, path: str = "", *, wrong: str = "", waits: bool = False) -> MarkedSubmission:
    """Make a submission in which all is right but one check."""
    marks = [
        mark(q, State.WRONG, "Check the unit.", "1")
        if q.check == wrong
        else mark(q, State.WAITING, answer="A text.")
        if q.by_hand and waits
        else mark(q, State.RIGHT, answer="1")
        for q in ENERGY.questions
    ]
    one = submit(student, ENERGY, tuple(marks))
    return replace(one, submission=Submission(student, "3-2-energy", path or f"{student}.ipynb"))


def check_of(one: MarkedSubmission, check: str) -> tuple[State, float | None, str]:
    found = next(mark for mark in one.result.marks if mark.check == check)
    return found.state, found.points, found.reason


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / name).write_text("\n".join(lines), encoding="utf-8")


def test_points_that_an_instructor_changes_reach_every_report_and_hold_for_later_runs(tmp_path: Path) -> None:
    marked = [hand_in("0042", wrong="bill-check"), hand_in("Ada", waits=True)]
    assert apply_overrides(tmp_path, marked) == marked
    # A spreadsheet program has taken the zeros away, and uses semicolons.
    write(
        tmp_path,
        "overrides.csv",
        "student;check;points;reason",
        "42;bill-check;1,5;You used the tariff of 2021, which the question allows.",
    )
    for _ in range(2):
        write_all_reports(tmp_path, marked, KNOWN)
    rows = read_csv(tmp_path / "marks.csv")
    (bill,) = (row for row in rows if row["student"] == "0042" and row["check"] == "bill-check")
    told = "Your instructor changed the points from 0 to 1.5: You used the tariff of 2021, which the question allows."
    assert (bill["points"], bill["state"], bill["reason"]) == ("1.5", "marked", told)
    lost = next(question.out_of for question in ENERGY.questions if question.check == "bill-check")
    (line,) = (row for row in read_csv(tmp_path / "gradebook.csv") if row["Student"] == "0042")
    assert float(line["3-2-energy"]) == OUT_OF - lost + 1.5
    assert told in (tmp_path / "feedback/0042.html").read_text(encoding="utf-8")
    # An override of a free text is final, and the sheet still asks nothing that it did not ask before.
    write(tmp_path, "overrides.csv", "student,check,points,reason", "Ada,judgement-answer,4,Said in class.")
    sheet = (tmp_path / "free_text.csv").read_text(encoding="utf-8")
    write_all_reports(tmp_path, marked, KNOWN)
    assert (tmp_path / "free_text.csv").read_text(encoding="utf-8") == sheet
    (line,) = (row for row in read_csv(tmp_path / "gradebook.csv") if row["Student"] == "Ada")
    assert float(line["3-2-energy"]) == OUT_OF


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Eve,bill-check,1,x", r'row 2: names the student "Eve", but there is no such student'),
        ("Ada,bill,1,x", r'row 2: names "bill", but Ada has no such check'),
        ("Ada,bill-check,lots,x", r'row 2: has "lots" as points; write a number from 0 to'),
        ("Ada,bill-check,-1,x", "from 0 to"),
        ("Ada,bill-check,99,x", "from 0 to"),
        ("Ada,bill-check,1,", "has no reason; the student reads it"),
        ("ada1,bill-check,1,x", "several students could be meant"),
    ],
)
def test_a_row_that_fits_nothing_is_named_before_a_report_is_written(line: str, fault: str, tmp_path: Path) -> None:
    write(tmp_path, "overrides.csv", "student,check,points,reason", line)
    with pytest.raises(ReportError, match=fault):
        write_all_reports(tmp_path, [hand_in("Ada"), hand_in("ADA1"), hand_in("Ada1")], KNOWN)
    assert [path.name for path in tmp_path.iterdir()] == ["overrides.csv"]


def test_a_check_that_two_exercises_have_needs_the_exercise(tmp_path: Path) -> None:
    first = hand_in("Ada", wrong="bill-check")
    second = replace(first, result=replace(first.result, exercise="3-3-investment"))
    write(tmp_path, "overrides.csv", "student,check,points,reason", "Ada,bill-check,1,x")
    with pytest.raises(ReportError, match='which several exercises have; add a column "exercise"'):
        apply_overrides(tmp_path, [first, second])
    write(tmp_path, "overrides.csv", "student,check,points,reason,exercise", "Ada,bill-check,1,x,3-3-investment")
    changed = apply_overrides(tmp_path, [first, second])
    assert [check_of(one, "bill-check")[1] for one in changed] == [0, 1]


#: Names as the platforms write them.
BLACKBOARD = "Gas_{student}_attempt_{time}_3-2-energy.ipynb"
BRIGHTSPACE = "12-34 - {student} - {time}/3-2-energy.ipynb"
LATE = "ada_LATE_101_555_3-2-energy.ipynb"


@pytest.mark.parametrize(
    ("path", "days"),
    [
        (BLACKBOARD.format(student="ada", time="2026-11-20-23-59-00"), 0),
        (BLACKBOARD.format(student="ada", time="2026-11-21-00-05-00"), 1),
        (BLACKBOARD.format(student="ada", time="2026-11-22-10-00-00"), 2),
        (BRIGHTSPACE.format(student="ada", time="Nov 20, 2026 930 AM"), 0),
        (BRIGHTSPACE.format(student="ada", time="Nov 23, 2026 1130 PM"), 3),
        (LATE, 1),
        ("ada_101_555_3-2-energy.ipynb", 0),
        ("ada.ipynb", 0),
    ],
)
def test_a_delay_costs_what_the_policy_says(path: str, days: int, tmp_path: Path) -> None:
    one = hand_in("ada", path)
    assert apply_policy(tmp_path, [one], KNOWN) == [one]
    write(tmp_path, "policy.csv", "exercise,student,due,penalty", "3-2-energy,,2026-11-20 23:59,10%")
    (changed,) = apply_policy(tmp_path, [one], KNOWN)
    assert changed.result.points == pytest.approx(OUT_OF * (1 - days / 10))
    assert changed.result.out_of == OUT_OF
    if days:
        told = "late, as the platform says" if path == LATE else f"{days} day{'s' * (days > 1)} late"
        assert check_of(changed, "late")[2] == (
            f"This was handed in {told}: {10 * days} percent of the points are taken off."
        )
    # Three more days for this student, and none for the others.
    write(
        tmp_path,
        "policy.csv",
        "exercise,student,due,penalty",
        "3-2-energy,,20.11.2026,10",
        "3-2-energy,ada,2026-11-23,",
    )
    extended, other = apply_policy(
        tmp_path, [one, replace(one, submission=replace(one.submission, student="b"))], KNOWN
    )
    assert extended.result.points == OUT_OF
    assert (other.result.points < OUT_OF) == bool(days)


def test_a_penalty_takes_no_more_than_there_is_and_shows_in_the_reports(tmp_path: Path) -> None:
    path = BLACKBOARD.format(student="ada", time="2027-01-20-23-59-00")
    write(tmp_path, "policy.csv", "exercise,student,due,penalty", "3-2-energy,,2026-11-20,10")
    write_all_reports(tmp_path, [hand_in("ada", path), hand_in("bob", path)], KNOWN)
    assert {row["3-2-energy"] for row in read_csv(tmp_path / "gradebook.csv")[1:]} == {"0"}
    page = (tmp_path / "feedback/ada.html").read_text(encoding="utf-8")
    assert "61 days late: 100 percent of the points are taken off" in page
    # A deduction is no check: the report on the class does not draw it.
    assert "Handed in late" not in (tmp_path / "class_report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("3-9-gas,,2026-11-20,10", 'names the exercise "3-9-gas", which is not one of 3-2-energy, 3-3-investment'),
        ("3-2-energy,,soon,10", 'has "soon" as due; write a date as 2026-11-20 or 2026-11-20 23:59'),
        ("3-2-energy,,2026-11-20,", 'has "" as penalty; write a number from 0 to 100'),
        ("3-2-energy,eve,2026-11-20,", "there is no such student"),
    ],
)
def test_a_policy_that_cannot_be_read_is_told(line: str, fault: str, tmp_path: Path) -> None:
    write(tmp_path, "policy.csv", "exercise,student,due,penalty", line)
    with pytest.raises(ReportError, match=re.escape(fault)):
        apply_policy(tmp_path, [hand_in("ada")], KNOWN)
    write(tmp_path, "policy.csv", "exercise,due", line)
    with pytest.raises(ReportError, match='has no column "student"; its first row must name exercise, student, due'):
        apply_policy(tmp_path, [hand_in("ada")], KNOWN)


def archive_of(path: Path) -> Mapping[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_canvas_finds_the_student_and_the_upload_of_each_page(tmp_path: Path) -> None:
    marked = [
        hand_in("doejane", "doejane_LATE_101_555_3-2-energy-1.ipynb"),
        hand_in("o_neil", "week 1/o_neil_102_556_3-2-energy.ipynb"),
        hand_in("loose", "loose.ipynb"),
    ]
    write_all_reports(tmp_path, marked, KNOWN)
    pages = archive_of(tmp_path / "feedback_canvas_3-2-energy.zip")
    # As Canvas reads a name: the first two parts that are numbers are the user and the upload.
    found = {tuple(part for part in name.split("_") if part.isdigit())[:2]: page for name, page in pages.items()}
    assert set(found) == {("101", "555"), ("102", "556")}
    assert "Feedback for <bdi>doejane</bdi>" in found["101", "555"]
    assert not [name for name in pages if name.split("_")[-1].startswith("link") or name.startswith("._")]
    assert not (tmp_path / "grades_moodle_3-2-energy.csv").exists()


def test_moodle_finds_the_participant_of_each_page_and_mark(tmp_path: Path) -> None:
    marked = [
        hand_in("Jane Roe", "Jane Roe_71_assignsubmission_file_/3-2-energy.ipynb"),
        hand_in("Omar_Ali", "Omar_Ali_72_assignsubmission_file/work/3-2-energy.ipynb", wrong="bill-check"),
        hand_in("Zoë", "Zoë_73_assignsubmission_file_3-2-energy.ipynb", waits=True),
    ]
    write_all_reports(tmp_path, marked, KNOWN)
    pages = archive_of(tmp_path / "feedback_moodle_3-2-energy.zip")
    # As Moodle reads a folder: the name, the participant, and the kind of the submission.
    parts = [name.split("/")[0].split("_", 4) for name in pages]
    assert [part[1:4] for part in parts] == [[n, "assignsubmission", "file"] for n in ("71", "72", "73")]
    assert {name.split("/")[1] for name in pages} == {"feedback-3-2-energy.html"}
    rows = read_csv(tmp_path / "grades_moodle_3-2-energy.csv")
    # A mark that is not complete is not published.
    lost = next(question.out_of for question in ENERGY.questions if question.check == "bill-check")
    assert [(row["Identifier"], float(row["Grade"])) for row in rows] == [
        ("Participant 71", OUT_OF),
        ("Participant 72", OUT_OF - lost),
    ]
    assert list(rows[0]) == ["Identifier", "Full name", "Grade", "Last modified (grade)"]


def test_a_time_that_no_clock_has_is_no_time() -> None:
    reader = PlaceReader(KNOWN)
    for path in (
        "a_attempt_2026-99-99-00-00-00_3-2-energy.ipynb",
        "1-2 - Jane - Nov 99, 2026 1030 AM/3-2-energy.ipynb",
    ):
        assert reader.read_place(hand_in("a", path)).time is None
