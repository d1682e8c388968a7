"""The reports that programs read: marks, Canvas's gradebook, JUnit; and the names of students' files."""

import csv
import io
import random
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from axis.grading.records import UNMARKED_STATES, MarkedSubmission, Result, State, Submission
from axis.grading.reports import gradebook, junit_xml, marks_table, report_text
from axis.grading.reports.all_reports import ReportError
from axis.grading.reports.safe_filenames import student_filenames
from synthetic_class import ANSWERS, ENERGY, NAMES, hostile, mark, ordinary, students, submit

CLASS = ordinary(students(60))
HOSTILE = [report_text.clean_record(one) for one in hostile()]
KNOWN = {"3-2-energy": ENERGY}


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def with_state(student: str, state: State, number: str = "") -> MarkedSubmission:
    return submit(student, ENERGY, tuple(mark(q, state, "Why.") for q in ENERGY.questions), number)


# The table of all marks


def test_the_table_has_one_row_for_each_check_of_each_submission() -> None:
    frame = marks_table.build_marks_table(CLASS)
    assert list(frame.columns) == list(marks_table.TABLE_COLUMNS)
    assert len(frame) == 60 * len(ENERGY.questions)
    assert list(frame["check"][:10]) == [question.check for question in ENERGY.questions]
    assert frame["points"].sum() == sum(one.result.points for one in CLASS)
    assert frame.loc[frame["state"] == "to mark", "points"].isna().all()


def test_the_table_does_not_depend_on_the_order_of_submissions() -> None:
    mixed = CLASS.copy()
    random.Random(2).shuffle(mixed)
    pd.testing.assert_frame_equal(marks_table.build_marks_table(mixed), marks_table.build_marks_table(CLASS))


def test_a_file_that_no_exercise_claims_still_has_a_row() -> None:
    stray = marks_table.build_marks_table(HOSTILE).query("student == 'stray'")
    assert stray[["check", "state", "reason"]].values.tolist() == [
        ["", "refused", "The file is not a notebook of this course."]
    ]


# marks.csv


def test_marks_are_sorted_and_say_what_each_check_earned(tmp_path: Path) -> None:
    path = marks_table.write_marks_csv(tmp_path, CLASS[::-1])
    header, *body = rows(path)
    assert header == ["student", "exercise", "check", "points", "out_of", "state", "reason"]
    assert [row[0] for row in body] == sorted(row[0] for row in body)
    assert len(body) == 600
    assert {row[3] for row in body if row[5] == "to mark"} == {""}
    assert {row[3] for row in body if row[5] == "right"} == {"1", "2", "3"}


def test_marks_open_in_excel_and_in_pandas(tmp_path: Path) -> None:
    path = marks_table.write_marks_csv(tmp_path, [with_state("Zoë Ärger", State.RIGHT)])
    assert path.read_bytes().startswith(b"\xef\xbb\xbfstudent,")
    assert pd.read_csv(path)["student"].unique().tolist() == ["Zoë Ärger"]


def starts_a_formula(text: str, delimiter: str) -> list[str]:
    """The cells that a spreadsheet program with this separator would run."""
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]
    return [cell for cell in cells if cell.startswith(tuple("=+-@\t\r＝＋－＠"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula_in_whatever_country_the_file_is_opened(tmp_path: Path, delimiter: str) -> None:
    for path in (marks_table.write_marks_csv(tmp_path, HOSTILE), gradebook.write_gradebook(tmp_path, HOSTILE, KNOWN)):
        content = path.read_text(encoding="utf-8-sig")
        assert "=HYPERLINK" in content
        assert starts_a_formula(content, delimiter) == []


def test_no_control_character_reaches_a_table(tmp_path: Path) -> None:
    for path in (marks_table.write_marks_csv(tmp_path, HOSTILE), gradebook.write_gradebook(tmp_path, HOSTILE, KNOWN)):
        assert report_text.ILLEGAL.search(path.read_text(encoding="utf-8-sig")) is None


# gradebook.csv


def test_the_gradebook_has_the_form_that_canvas_reads(tmp_path: Path) -> None:
    essays_read = [
        with_state("Ada", State.RIGHT, "4711"),
        with_state("Bob", State.WRONG, "4712"),
    ]
    path = gradebook.write_gradebook(tmp_path, essays_read, KNOWN)
    assert path.read_bytes().startswith(b"Student,ID,")
    assert rows(path) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "3-2-energy"],
        ["    Points Possible", "", "", "", "", "18"],
        ["Ada", "4711", "", "", "", "18"],
        ["Bob", "4712", "", "", "", "0"],
    ]


def test_half_a_mark_is_never_published(tmp_path: Path) -> None:
    cells = {row[0]: row[5] for row in rows(gradebook.write_gradebook(tmp_path, CLASS, KNOWN))[2:]}
    waits, unmarked = (
        {one.submission.student for one in CLASS if any(m.state in states for m in one.result.marks)}
        for states in ({State.WAITING}, UNMARKED_STATES)
    )
    assert unmarked - waits
    assert 0 < len(waits) < 60
    assert {student for student, cell in cells.items() if cell == ""} == waits | unmarked


def test_an_exercise_not_handed_in_has_an_empty_cell(tmp_path: Path) -> None:
    other = with_state("Bob", State.RIGHT)
    other = replace(other, result=replace(other.result, exercise="3-3-investment"))
    _, possible, ada, bob = rows(gradebook.write_gradebook(tmp_path, [with_state("Ada", State.RIGHT), other], KNOWN))
    assert [possible[5:], ada[5:], bob[5:]] == [["18", "18"], ["18", ""], ["", "18"]]


def test_a_refused_file_is_no_zero_and_does_not_hide_a_better_one(tmp_path: Path) -> None:
    ada = [with_state("Ada", State.RIGHT), with_state("Ada", State.REFUSED)]
    handed_in = [*ada, with_state("Bob", State.REFUSED)]
    cells = {row[0]: row[5] for row in rows(gradebook.write_gradebook(tmp_path, handed_in, KNOWN))[2:]}
    assert cells == {"Ada": "18", "Bob": ""}


@pytest.mark.parametrize("number", ["12abc", "١٢", "-1", "1 OR 1"])
def test_only_a_number_of_canvas_is_written_as_one(tmp_path: Path, number: str) -> None:
    assert rows(gradebook.write_gradebook(tmp_path, [with_state("Ada", State.RIGHT, number)], KNOWN))[2][1] == ""


def test_no_student_can_pass_for_the_row_of_possible_points(tmp_path: Path) -> None:
    found = [row for row in rows(gradebook.write_gradebook(tmp_path, HOSTILE, KNOWN)) if "Points Possible" in row[0]]
    assert len(found) == 1


# junit.xml


def test_junit_counts_as_pytest_does(tmp_path: Path) -> None:
    root = ET.parse(junit_xml.write_junit_xml(tmp_path, CLASS)).getroot()
    states = Counter(m.state for one in CLASS for m in one.result.marks)
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "600",
        "failures": str(states[State.WRONG] + states[State.UNANSWERED]),
        "errors": str(states[State.STOPPED] + states[State.REFUSED]),
        "skipped": str(states[State.WAITING]),
    }
    assert len(root.findall("testsuite")) == 60
    for suite in root:
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
        assert float(suite.attrib["time"]) >= 0


def test_a_wrong_answer_is_a_failure_with_its_hint(tmp_path: Path) -> None:
    root = ET.parse(junit_xml.write_junit_xml(tmp_path, [with_state("Ada", State.WRONG)])).getroot()
    case = root.find("testsuite/testcase")
    assert (case.get("classname"), case.get("name")) == ("3-2-energy.Ada", "qatar_price-check")
    assert case.find("failure").get("message") == case.find("failure").text == "Why."
    assert case.find("properties/property[@name='out_of']").get("value") == "1"


def test_junit_is_xml_whatever_students_write(tmp_path: Path) -> None:
    root = ET.parse(junit_xml.write_junit_xml(tmp_path, HOSTILE)).getroot()
    assert len(root.findall("testsuite")) == len(NAMES) + 1
    hints = [failure.text or "" for failure in root.iter("failure")]
    assert any(ANSWERS[0][:40] in hint for hint in hints)
    assert root.find("testsuite/testcase[@name='file']/error").text == "The file is not a notebook of this course."


# Without confinement


def test_marks_and_junit_say_where_a_submission_ran_unconfined(tmp_path: Path) -> None:
    ada, bob = with_state("Ada", State.RIGHT), with_state("Bob", State.RIGHT)
    bob = replace(bob, result=replace(bob.result, confined=False))
    header, *body = rows(marks_table.write_marks_csv(tmp_path, [ada, bob]))
    assert header[-1] == "note"
    assert {(row[0], row[-1]) for row in body} == {("Ada", ""), ("Bob", report_text.UNCONFINED)}
    said = [node.text for node in ET.parse(junit_xml.write_junit_xml(tmp_path, [ada, bob])).iter("system-err")]
    assert said == [report_text.UNCONFINED]


# Files


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("notes")
    with pytest.raises(ReportError, match=r"marks\.csv: cannot be written \(.*\); close it in other programs"):
        marks_table.write_marks_csv(tmp_path / "out", CLASS)
    assert (tmp_path / "out").read_text() == "notes"


def test_an_empty_class_has_empty_tables(tmp_path: Path) -> None:
    assert len(rows(marks_table.write_marks_csv(tmp_path, []))) == 1
    assert [row[0] for row in rows(gradebook.write_gradebook(tmp_path, [], KNOWN))] == [
        "Student",
        "    Points Possible",
    ]
    assert ET.parse(junit_xml.write_junit_xml(tmp_path, [])).getroot().get("tests") == "0"


# Names of students' files

PORTS = {f"{port}{n}" for port in ("com", "lpt") for n in [*range(10), "\u00b9"]}
RESERVED = {"con", "prn", "aux", "nul", *PORTS}


def test_a_plain_name_names_its_file() -> None:
    assert student_filenames(["ada", "Zoë Ärger", "0042", "张伟", "O'Neill"]) == {
        "ada": "ada.html",
        "Zoë Ärger": "Zoë-Ärger.html",
        "0042": "0042.html",
        "张伟": "张伟.html",
        "O'Neill": "O'Neill.html",
    }


def test_names_of_files_are_safe() -> None:
    devices = [f"{before}{device}{after}" for device in RESERVED for before in ("", "-") for after in ("", ".", ".x")]
    for name in student_filenames([*NAMES, *devices]).values():
        assert not set(name) & set('/\\:*?"<>|\0\n\u202e')
        assert name.isprintable()
        assert ".." not in name
        assert name[0] not in ".-"
        assert name.split(".")[0].casefold() not in RESERVED
        assert len(name.encode()) <= 100
        assert name.endswith(".html")


def test_no_two_students_share_a_file_on_any_system() -> None:
    names = student_filenames([*NAMES, "ada", "ADA ", "straße", "STRASSE", "ﬁnn", "finn"])
    assert len({name.casefold() for name in names.values()}) == len(names)


def test_a_student_cannot_take_the_file_of_another_by_name() -> None:
    taken = student_filenames(["Ada", "ADA"])["Ada"].removesuffix(".html")
    names = student_filenames(["Ada", "ADA", taken])
    assert len(set(names.values())) == 3


def test_names_of_files_stay_the_same_in_any_order() -> None:
    assert student_filenames(NAMES[::-1]) == student_filenames(NAMES)


def test_an_unknown_exercise_is_out_of_what_its_marks_say(tmp_path: Path) -> None:
    one = MarkedSubmission(
        Submission("Ada", "old", "Ada/old.ipynb"), Result("old", with_state("Ada", State.RIGHT).result.marks)
    )
    assert rows(gradebook.write_gradebook(tmp_path, [one], KNOWN))[1][5] == "18"
