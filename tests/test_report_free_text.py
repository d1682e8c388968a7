"""The sheet on which free texts are marked by hand: nothing typed is lost, nothing stale is published."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from axis.grading.records import MarkedSubmission, State
from axis.grading.reports import free_text_sheet
from axis.grading.reports.all_reports import ReportError, write_all_reports
from synthetic_class import ENERGY, ESSAY, hostile, mark, submit

Change = Callable[[list[dict[str, str]]], None]


def hand_in(student: str, essay: str = ESSAY) -> MarkedSubmission:
    marks = (mark(q, State.WAITING if q.by_hand else State.RIGHT, answer=essay) for q in ENERGY.questions)
    return submit(student, ENERGY, tuple(marks))


CLASS = [hand_in("Ada"), hand_in("Bob"), hand_in("0042")]
ESSAY_QUESTION = ("3-2-energy", "judgement-answer")


def read_blind(folder: Path, delimiter: str = ",") -> list[dict[str, str]]:
    text = (folder / "free_text.csv").read_text(encoding="utf-8-sig")
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def read(folder: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Read the sheet as somebody does who knows whose texts they are."""
    numbers = {f"row-{free_text_sheet._text_digest(name, *ESSAY_QUESTION)}": name for name in ("Ada", "Bob", "0042")}
    rows = read_blind(folder, delimiter)
    for row in rows:
        row["student"] = row["student"] or numbers.get(row["row"][:16], "")
    return rows


def save(folder: Path, rows: list[dict[str, str]], delimiter: str = ",", encoding: str = "utf-8-sig") -> None:
    """Save the sheet as a spreadsheet program does."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    (folder / "free_text.csv").write_bytes(text.getvalue().encode(encoding))


def type_in(folder: Path, student: str, **cells: str) -> None:
    rows = read(folder)
    for row in rows:
        row.update(cells if row["student"] == student else {})
    save(folder, rows)


def essay(marked: list[MarkedSubmission], student: str) -> tuple[State, float | None, str]:
    one = next(one for one in marked if one.submission.student == student)
    found = next(m for m in one.result.marks if m.check == "judgement-answer")
    return found.state, found.points, found.reason


def test_the_sheet_lists_each_free_text_with_its_whole_answer(tmp_path: Path) -> None:
    long = "many words " * 20_000
    free_text_sheet.write_free_text_sheet(tmp_path, [hand_in("Bob", long), hand_in("Ada")])
    ada, bob = read(tmp_path)
    assert list(ada) == ["student", "exercise", "check", "title", "answer", "out_of", "points", "comment", "row"]
    fixed = {name: ada[name] for name in ("student", "exercise", "check", "title", "out_of", "points", "comment")}
    assert list(fixed.values()) == ["Ada", "3-2-energy", "judgement-answer", "9. Judge", "4", "", ""]
    assert bob["answer"] == long
    free_text_sheet.write_free_text_sheet(tmp_path, [hand_in("Bob", long), hand_in("Ada")])
    assert read(tmp_path) == [ada, bob]


def test_nobody_sees_whose_texts_they_are_until_all_have_points(tmp_path: Path) -> None:
    names = [f"student{number}" for number in range(20)]
    marked = [hand_in(name, f"Text {name}.") for name in names]
    orders = []
    for some in (marked, marked[::-1]):
        free_text_sheet.write_free_text_sheet(tmp_path, some)
        rows = read_blind(tmp_path)
        assert {row["student"] for row in rows} == {""}
        orders.append([row["answer"] for row in rows])
    assert orders[0] == orders[1] != sorted(orders[0])
    for row in rows[:19]:
        row["points"] = "3"
    save(tmp_path, rows)
    free_text_sheet.write_free_text_sheet(tmp_path, marked)
    assert {row["student"] for row in read_blind(tmp_path)} == {""}
    save(tmp_path, [{**row, "points": "3"} for row in rows])
    free_text_sheet.write_free_text_sheet(tmp_path, marked)
    named = read_blind(tmp_path)
    assert [row["student"] for row in named] == sorted(names)
    assert all(row["answer"] == f"Text {row['student']}." for row in named)


def test_the_report_says_how_far_two_markers_agree(tmp_path: Path) -> None:
    write_all_reports(tmp_path, CLASS, {})
    assert free_text_sheet.describe_agreement(tmp_path) == ""
    rows = read_blind(tmp_path)
    for row, first, second in zip(rows, ("4", "3", ""), ("4", "1,5", "2"), strict=True):
        row.update(points=first, second_points=second)
    save(tmp_path, rows, ";")
    write_all_reports(tmp_path, CLASS, {})
    said = "Two markers gave the same points to 1 of 2 free texts; on average their points are 0.75 apart, at most 1.5."
    assert said in (tmp_path / "class_report.html").read_text(encoding="utf-8")
    assert [row["second_points"] for row in read_blind(tmp_path, ";")] == ["4", "1,5", "2"]


def test_points_for_nobody_are_told(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    rows = read_blind(tmp_path)
    rows[1].update(row="", points="3")
    save(tmp_path, rows)
    with pytest.raises(ReportError, match="row 3: nothing says whose answer this is; undo the change of its last cell"):
        free_text_sheet.merge_free_text_sheet(tmp_path, CLASS)


def test_points_and_comment_reach_the_mark(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    type_in(tmp_path, "Ada", points="3.5", comment="- Which year?")
    merged = free_text_sheet.merge_free_text_sheet(tmp_path, CLASS)
    assert [one.submission for one in merged] == [one.submission for one in CLASS]
    assert essay(merged, "Ada") == (State.MARKED, 3.5, "- Which year?")
    assert essay(merged, "Bob") == (State.WAITING, None, "")
    assert free_text_sheet.merge_free_text_sheet(tmp_path, merged) == merged


def test_without_a_sheet_nothing_changes(tmp_path: Path) -> None:
    assert free_text_sheet.merge_free_text_sheet(tmp_path, CLASS) == CLASS


def test_points_that_are_taken_away_again_wait_again(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    type_in(tmp_path, "Ada", points="3")
    merged = free_text_sheet.merge_free_text_sheet(tmp_path, CLASS)
    type_in(tmp_path, "Ada", points="")
    assert essay(free_text_sheet.merge_free_text_sheet(tmp_path, merged), "Ada") == (State.WAITING, None, "")


def test_writing_again_keeps_everything_that_was_typed(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    rows = read(tmp_path)
    for row in rows:
        row.update(points="2,50", comment='=so "so";\nsee page 3', marker="JM")
    save(tmp_path, rows)
    for _ in range(2):
        free_text_sheet.write_free_text_sheet(tmp_path, free_text_sheet.merge_free_text_sheet(tmp_path, CLASS))
        again = read(tmp_path)
        assert [(row["points"], row["marker"]) for row in again] == [("2,50", "JM")] * 3
        assert {row["comment"] for row in again} == {'\'=so "so";\nsee page 3'}
    assert essay(free_text_sheet.merge_free_text_sheet(tmp_path, CLASS), "Bob") == (
        State.MARKED,
        2.5,
        '=so "so";\nsee page 3',
    )


def test_an_answer_that_changed_waits_again_and_keeps_its_old_points_in_words(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    type_in(tmp_path, "Ada", points="3", comment="Good.")
    later = [hand_in("Ada", "Something else."), *CLASS[1:]]
    assert essay(free_text_sheet.merge_free_text_sheet(tmp_path, later), "Ada") == (State.WAITING, None, "")
    free_text_sheet.write_free_text_sheet(tmp_path, later)
    ada = next(row for row in read(tmp_path) if row["student"] == "Ada")
    assert (ada["answer"], ada["points"]) == ("Something else.", "")
    assert ada["comment"] == "The answer changed after it got 3 of 4 points. Good."
    free_text_sheet.write_free_text_sheet(tmp_path, later)
    assert next(row for row in read(tmp_path) if row["student"] == "Ada") == ada
    assert essay(free_text_sheet.merge_free_text_sheet(tmp_path, later), "Ada") == (State.WAITING, None, "")


def test_a_question_whose_points_changed_waits_again_and_says_so(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    type_in(tmp_path, "Ada", points="3", comment="Good.")
    for out_of, had in ((2.0, "3 of 4"), (6.0, "1 of 2")):
        later = [
            one.with_marks(
                tuple(replace(mark, out_of=out_of) if "judge" in mark.check else mark for mark in one.result.marks)
            )
            for one in CLASS
        ]
        merged = free_text_sheet.merge_free_text_sheet(tmp_path, later)
        assert essay(merged, "Ada") == (State.WAITING, None, "")
        free_text_sheet.write_free_text_sheet(tmp_path, merged)
        (ada,) = [row for row in read(tmp_path) if row["student"] == "Ada"]
        assert (ada["points"], ada["out_of"]) == ("", f"{out_of:g}")
        assert ada["comment"].startswith(f"The question's points changed after it got {had} points.")
        type_in(tmp_path, "Ada", points="1")
        assert essay(free_text_sheet.merge_free_text_sheet(tmp_path, later), "Ada")[:2] == (State.MARKED, 1.0)


def test_an_answer_that_only_got_other_line_ends_did_not_change(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, [hand_in("Ada", "One line\nand another ")])
    type_in(tmp_path, "Ada", points="4", row="")
    assert (
        essay(free_text_sheet.merge_free_text_sheet(tmp_path, [hand_in("Ada", "One line\r\nand another")]), "Ada")[1]
        == 4
    )


def test_rows_of_students_who_left_stay_at_the_end_and_come_back(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    type_in(tmp_path, "Ada", points="3", comment="Good.")
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS[1:])
    assert [row["student"] for row in read(tmp_path)] == ["Bob", "0042", "Ada"]
    assert essay(free_text_sheet.merge_free_text_sheet(tmp_path, CLASS), "Ada") == (State.MARKED, 3, "Good.")
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    assert [row["student"] for row in read(tmp_path)] == ["Ada", "Bob", "0042"]


def test_a_text_without_an_answer_needs_no_row(tmp_path: Path) -> None:
    nothing = submit("Ada", ENERGY, tuple(mark(q, State.UNANSWERED) for q in ENERGY.questions))
    free_text_sheet.write_free_text_sheet(tmp_path, [nothing])
    assert read(tmp_path) == []
    assert free_text_sheet.merge_free_text_sheet(tmp_path, [nothing]) == [nothing]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_sheet_is_read_as_spreadsheet_programs_save_it(tmp_path: Path, delimiter: str, encoding: str) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    rows = read(tmp_path)
    for row in rows:
        row.update(points="3,5", comment="Schön, ja")
    save(tmp_path, rows, delimiter, encoding)
    merged = free_text_sheet.merge_free_text_sheet(tmp_path, CLASS)
    assert essay(merged, "Ada") == (State.MARKED, 3.5, "Schön, ja")
    free_text_sheet.write_free_text_sheet(tmp_path, merged)
    assert {row["points"] for row in read(tmp_path, delimiter)} == {"3,5"}


def test_a_european_sheet_gets_decimal_commas(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    save(tmp_path, read(tmp_path), ";")
    marked = [
        one.with_marks(tuple(replace(m, out_of=2.5) if m.state is State.WAITING else m for m in one.result.marks))
        for one in CLASS
    ]
    free_text_sheet.write_free_text_sheet(tmp_path, marked)
    assert {row["out_of"] for row in read(tmp_path, ";")} == {"2,5"}


def _mangle(row: dict[str, str]) -> None:
    row.update(student=row["student"].lstrip("0"), answer=row["answer"][:50], out_of="4.00")


def test_what_a_spreadsheet_program_spoils_does_not_cost_points(tmp_path: Path) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    rows = [{**row, "points": "4"} for row in read(tmp_path)][::-1]
    for row in rows:
        _mangle(row)
    # Programs also add an empty column and empty rows.
    save(tmp_path, [{**row, "": ""} for row in [*rows, dict.fromkeys(rows[0], "")]], ";")
    assert essay(free_text_sheet.merge_free_text_sheet(tmp_path, CLASS), "0042") == (State.MARKED, 4, "")
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    assert [row["student"] for row in read(tmp_path, ";")] == ["0042", "Ada", "Bob"]
    assert read(tmp_path, ";")[0]["answer"] == ESSAY


@pytest.mark.parametrize(
    ("points", "fault"),
    [
        ("three", 'the points "three" are not a number; write a number from 0 to 4, or leave the cell empty.'),
        ("nan", 'the points "nan" are not a number'),
        ("1/2", 'the points "1/2" are not a number'),
        ("-1", 'the points "-1" are less than 0'),
        ("4,5", 'the points "4,5" are more than 4'),
        ("inf", 'the points "inf" are more than 4'),
    ],
)
def test_impossible_points_are_one_clear_error_and_nothing_is_overwritten(
    tmp_path: Path, points: str, fault: str
) -> None:
    write_all_reports(tmp_path, CLASS, {})
    type_in(tmp_path, "Bob", points=points)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for step in (
        free_text_sheet.merge_free_text_sheet,
        free_text_sheet.write_free_text_sheet,
        lambda folder, marked: write_all_reports(folder, marked, {}),
    ):
        with pytest.raises(ReportError) as caught:
            step(tmp_path, CLASS)
        assert str(caught.value).startswith(f'{tmp_path}/free_text.csv, row 3 ("Bob"): {fault}')
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def _twice(rows: list[dict[str, str]]) -> None:
    rows.append({**rows[0], "points": "1"})


def _without_points(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["marks"] = row.pop("points")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_twice, 'row 5 ("Ada"): this student has two rows for the same question; delete one of them.'),
        (_without_points, 'row 1: the column "points" is missing; put its name back into the first row.'),
    ],
)
def test_a_spoiled_sheet_is_one_clear_error(tmp_path: Path, change: Change, fault: str) -> None:
    free_text_sheet.write_free_text_sheet(tmp_path, CLASS)
    rows = read(tmp_path)
    change(rows)
    save(tmp_path, rows)
    with pytest.raises(ReportError) as caught:
        free_text_sheet.merge_free_text_sheet(tmp_path, CLASS)
    assert str(caught.value) == f"{tmp_path}/free_text.csv, {fault}"


def test_hostile_students_get_their_own_points(tmp_path: Path) -> None:
    marked = hostile()
    free_text_sheet.write_free_text_sheet(tmp_path, marked)
    rows = read(tmp_path)
    assert len({row["row"] for row in rows}) == len(rows) == len(marked) - 1
    for row in rows:
        assert not row["answer"].startswith(tuple("=+-@\t\r"))
        row.update(points="4", comment=row["row"])
    save(tmp_path, rows, ";")
    merged = free_text_sheet.merge_free_text_sheet(tmp_path, marked)
    comments = [m.reason for one in merged for m in one.result.marks if m.check == "judgement-answer"]
    assert len(set(comments)) == len(rows)
    assert all(comment.startswith("row-") for comment in comments)
    free_text_sheet.write_free_text_sheet(tmp_path, marked)
    assert sorted(row["comment"] for row in read(tmp_path, ";")) == sorted(comments)
