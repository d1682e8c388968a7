"""`axis answers`: a class of sixty files, twenty of which nobody should have handed in, becomes marks and a lesson."""

import csv
import io
import json
import os
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Browser

from axis.cli import main
from axis.page_answers.class_answers import collect_class_answers
from axis.page_answers.class_spread import brier_score, spread_choices, spread_forecasts, spread_numbers
from axis.quizzes.question_bank import (
    FORECAST,
    PREDICTION,
    QUESTION,
    BankClaim,
    BankOption,
    BankQuestion,
    QuestionBank,
)
from pages import PHONE, axe_violations

BOOK = "a-book"


def option(text: str, is_right: bool) -> BankOption:
    return BankOption(text, text, f"<p>About <em>{text}</em>.</p>", is_right)


CHOICE = BankQuestion(
    "one/question-who",
    QUESTION,
    "aaaaaaaa",
    "Who?",
    "<p>Who?</p>",
    (option("China", False), option("Japan", False), option("India", True)),
)
SECOND = BankQuestion(
    "two/question-why", QUESTION, "bbbbbbbb", "Why?", "<p>Why?</p>", (option("Yes", True), option("No", False))
)
NUMBER = BankQuestion(
    "one/prediction-price", PREDICTION, "cccccccc", "Price?", "<p>Price?</p>", answer="1,200", unit="dollars"
)
CLAIMS = tuple(
    BankClaim(f"v{place}", f"Claim {place}", "A rule.", verdict)
    for place, verdict in enumerate(("held", "mixed", "overtaken"))
)
SHEET = BankQuestion("two/forecasts", FORECAST, "dddddddd", "How likely?", "", claims=CLAIMS)
BANK = QuestionBank(BOOK, "A book", {"one": "Chapter 1", "two": "Chapter 2"}, (CHOICE, NUMBER, SECOND, SHEET))


def record(question: BankQuestion, answer: object, **changes: object) -> dict[str, Any]:
    given = {"answer": answer, "said": "words", "at": "2026-11-02T10:00:00.000Z"}
    found = {"id": question.id, "kind": question.kind, "version": question.version, "asked": question.text}
    return {**found, "first": given, "last": given, "tries": 1, **changes}


def saved(*records: dict[str, Any], **changes: object) -> dict[str, Any]:
    content = {"format": "book-answers", "formatVersion": 1, "book": BOOK, "saved": "2026-11-02T10:00:00.000Z"}
    return {**content, "answers": list(records), **changes}


def text(*records: dict[str, Any], **changes: object) -> bytes:
    return json.dumps(saved(*records, **changes)).encode()


def good(student: int) -> bytes:
    """What student number `student` saved: the right option with every third, the first wrong one most otherwise."""
    choice = 2 if student % 3 == 0 else 1 if student % 7 == 0 else 0
    guess = {"guess": 1000 + 10 * student} | ({"low": 900, "high": 1300} if student % 2 else {})
    chances = {"v0": 60 + student % 40, "v1": student % 50} | ({"v2": 10} if student % 2 else {})
    return text(record(CHOICE, choice), record(NUMBER, guess), record(SECOND, student % 2), record(SHEET, chances))


#: Twenty kinds of files that cannot be read, and a part of what is said of each.
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n ", "is empty"),
    "picture": (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "is not text"),
    "page": (b"<!DOCTYPE html><p>Sign in", "is not JSON from line 1 on"),
    "half": (text(record(CHOICE, 1))[:-40], "is not JSON from line 1 on"),
    "list": (b"[]", "is not a file of answers"),
    "number": (b"7", "is not a file of answers"),
    "notebook": (b'{"cells": [], "nbformat": 4}', "is not a file of answers"),
    "newer": (text(formatVersion=2), "was saved by another edition"),
    "other-book": (text(record(CHOICE, 1), book="another"), 'belongs to another book, "another"'),
    "no-answers": (json.dumps({k: v for k, v in saved().items() if k != "answers"}).encode(), "does not have the form"),
    "extra": (text(record(CHOICE, 1), name="me"), "does not have the form"),
    "negative": (text(record(CHOICE, -1)), "at $.answers[0]"),
    "path": (text({**record(CHOICE, 1), "id": "../../etc/passwd"}), "at $.answers[0].id"),
    "kind": (text({**record(CHOICE, 1), "kind": "exam"}), "at $.answers[0].kind"),
    "infinite": (text(record(NUMBER, {"guess": float("inf")})), "a number that no answer can be"),
    "digits": (b'{"format": ' + b"1" * 5000 + b"}", "a number that no answer can be"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "twice": (text(record(CHOICE, 1), record(CHOICE, 2)), "has two answers to the question"),
    "huge": (b" " * (2 * 2**20 + 1), "is larger than 2 MB"),
}
#: The students of the class whose files can be read.
GOOD = [f"student{place:02}" for place in range(1, 41)]


def fill(folder: Path) -> Path:
    """Write a flat folder of sixty files, as students name them who type a name on the page."""
    folder.mkdir()
    for place, student in enumerate(GOOD, 1):
        (folder / f"{BOOK}-answers-{student}.json").write_bytes(good(place))
    for kind, (content, _) in BAD.items():
        (folder / f"{BOOK}-answers-{kind}.json").write_bytes(content)
    return folder


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "questions.json"
    path.write_text(BANK.to_json(), encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path: Path, bank: Path) -> Callable[[Path], Result]:
    def command(source: Path) -> Result:
        arguments = ["answers", str(source), "--to", str(tmp_path / "lesson"), "--questions", str(bank)]
        return CliRunner().invoke(main, arguments)

    return command


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_a_class_of_sixty_files_becomes_marks_and_a_lesson(
    tmp_path: Path, run: Callable[[Path], Result], browser: Browser
) -> None:
    done = run(fill(tmp_path / "class"))
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "60 files from 60 students, 20 of them not read."
    for kind, (_, said) in BAD.items():
        (line,) = [line for line in lines if f"-{kind}.json " in line]
        assert line.startswith(f"Not read: {BOOK}-answers-{kind}.json ")
        assert said in line
    lesson = tmp_path / "lesson"
    assert [Path(line).name for line in lines[21:]] == [
        "lesson.html",
        "marks.csv",
        "gradebook.csv",
        "class_forecasts.json",
    ]

    # Marks: what each student answered, and what was right at the first try.
    marks = {(row["student"], row["exercise"], row["check"]): row for row in rows(lesson / "marks.csv")}
    assert len(marks) == 40 * 4 + 20
    third = (
        marks["student03", "answers", "one"],
        marks["student03", "first-try", "one"],
        marks["student03", "first-try", "two"],
    )
    assert [(row["points"], row["out_of"]) for row in third] == [("2", "2"), ("1", "1"), ("0", "1")]
    assert marks["picture", "answers", ""]["state"] == "refused"
    grades = {row["Student"]: row for row in rows(lesson / "gradebook.csv")}
    assert (grades["    Points Possible"]["answers"], grades["    Points Possible"]["first-try"]) == ("4", "2")
    assert (grades["student02"]["answers"], grades["student02"]["first-try"]) == ("4", "1")

    # The page for the lesson: no name of anybody whose file was read, and no script.
    page = browser.new_page(viewport={"width": PHONE, "height": 844})
    page.goto((lesson / "lesson.html").as_uri())
    shown = re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", page.locator("main").inner_text())
    assert not any(student in shown for student in GOOD)
    right = sum(place % 3 == 0 for place in range(1, 41))
    wrong = sum(place % 3 != 0 and place % 7 != 0 for place in range(1, 41))
    assert f"{100 * right / 40:.0f}\N{NO-BREAK SPACE}% of 40 were right at the first try." in shown
    assert f"Chosen most among the wrong options, by {wrong}: China About China." in shown
    assert "Guesses from 1010 to 1400, the middle one 1210; the answer is 1,200 dollars." in shown
    assert "20 of 20 ranges held the answer." in shown
    assert "is no measure of knowledge" in shown
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.close()

    told = json.loads((lesson / "class_forecasts.json").read_text(encoding="utf-8"))
    chances = [60 + place % 40 for place in range(1, 41)]
    assert told["means"] == pytest.approx(
        {"v0": sum(chances) / 40, "v1": sum(p % 50 for p in range(1, 41)) / 40, "v2": 10}
    )
    assert (told["students"], told["version"]) == (40, SHEET.version)
    assert "student" not in {key.rstrip("s") for key in told["means"]}


#: Probabilities, outcomes, and what `scores.probability.brier_score` of scores 2.7.0 gives for them.
REFERENCE = [
    ([0.32], [0], 0.1024),
    ([0.39, 0.05], [0, 1], 0.5273),
    ([0.58, 0.91, 0.21, 0.09, 0.42], [0, 0, 1, 0, 0], 0.39462),
    (
        [0.95, 0.63, 0.58, 0.06, 0.59, 0.05, 0.22, 0.56, 0.13, 0.42, 0.54, 0.57, 0.56, 0.68],
        [0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1],
        0.2755571428571428,
    ),
]


@pytest.mark.parametrize(("chances", "outcomes", "expected"), REFERENCE)
def test_scores_are_those_of_a_reference_implementation(
    chances: list[float], outcomes: list[int], expected: float
) -> None:
    assert brier_score(chances, outcomes) == pytest.approx(expected)


def test_a_version_that_was_rewritten_counts_as_work_and_never_as_right_or_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    old = {"version": "00000000"}
    content = text(record(CHOICE, 2, **old), record(NUMBER, "300", **old), record(SHEET, {"v0": 50}, **old))
    (folder / "ada.json").write_bytes(content)
    (answers,) = collect_class_answers(folder, BOOK)
    spread = spread_choices(CHOICE, [answers])
    assert (answers.student, spread.students, spread.earlier, spread.favourite_mistake) == ("ada", 0, 1, None)
    numbers = spread_numbers(NUMBER, [answers])
    assert (numbers.guesses, numbers.earlier) == ((), 1)
    assert spread_forecasts(SHEET, [answers]) is None


def test_chances_and_options_that_no_page_can_give_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "eve.json").write_bytes(text(record(CHOICE, 9), record(SHEET, {"v0": 900, "v1": 25, "zz": 3})))
    answers = collect_class_answers(tmp_path, BOOK)
    assert spread_choices(CHOICE, answers).students == 0
    spread = spread_forecasts(SHEET, answers)
    assert spread is not None
    assert [(one.claim.id, one.chances) for one in spread.claims] == [("v1", (25.0,))]
    assert spread.scores == pytest.approx((0.0625,))


def packed(members: dict[str, bytes], path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_download_of_a_platform_is_read_unopened(tmp_path: Path) -> None:
    again = text(record(CHOICE, 2), record(SECOND, 0))
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("my work.json", again)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.json", bytes(20 * 2**20))
    source = packed(
        {
            "adalovelace_101_2001_a-book-answers.json": good(1),
            "adalovelace_101_2009_a-book-answers-1.json": again,
            "bobross_LATE_102_2002_a-book-answers.json": good(2),
            "chris_103_2003_answers.json.txt": good(3),
            "chris_104_2004_answers.json": good(4),
            "dora_105_2005_packed.zip": inner.getvalue(),
            "eve_106_2006_bomb.zip": bomb.getvalue(),
            "fay_107_2007_essay.docx": b"text",
            "../gus_108_2008_a-book-answers.json": good(5),
            "__MACOSX/._adalovelace_101_2001_a-book-answers.json": b"x",
            "=cmd_109_2010_a-book-answers.json": good(6),
        },
        tmp_path / "download.zip",
    )
    found = {one.student: one for one in collect_class_answers(source, BOOK)}
    assert found["adalovelace"].first["one/question-who"].answer == 2
    assert "newest of 2 files" in " ".join(found["adalovelace"].notes)
    assert "marked this submission as late" in " ".join(found["bobross"].notes)
    assert {"chris (103)", "chris (104)"} <= set(found)
    assert found["dora"].first
    assert "larger than 2 MB" in found["eve"].problem
    assert found["fay"].problem.startswith("fay handed in no file of answers")
    (outside,) = [one.problem for one in found.values() if ".." in one.problem]
    assert outside.startswith('../gus_108_2008_a-book-answers.json has ".." in its path in the zip: pack the zip again')
    assert found["=cmd"].first


def test_nothing_that_is_no_file_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    (folder / "ann").mkdir(parents=True)
    (folder / "ann/answers.json").write_bytes(good(1))
    secret = tmp_path / "secret.json"
    secret.write_bytes(good(2))
    for name in ("bea", "cal", "dan"):
        (folder / name).mkdir()
    (folder / "bea/answers.json").symlink_to(secret)
    os.mkfifo(folder / "cal/answers.json")
    (folder / "dan/answers.json").write_bytes(good(3))
    linked = zipfile.ZipInfo("eli/answers.json")
    linked.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(linked, str(secret))
        archive.writestr("flo/answers.json", good(4))
    found = {one.student: one for one in collect_class_answers(folder, BOOK)}
    assert "symbolic link" in found["bea"].problem
    assert "cannot be read (not a regular file)" in found["cal"].problem or "Invalid" in found["cal"].problem
    assert found["ann"].first
    assert found["dan"].first
    packed_class = {one.student: one for one in collect_class_answers(tmp_path / "class.zip", BOOK)}
    assert "is a link" in packed_class["eli"].problem
    assert packed_class["flo"].first


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (Path.exists, "does not exist; name the folder or zip"),
        (Path.mkdir, "contains no file of answers"),
        (lambda path: path.write_bytes(b"no zip"), "is damaged or not a zip"),
    ],
)
def test_a_source_without_answers_is_refused_and_nothing_is_written(
    tmp_path: Path, run: Callable[[Path], Result], prepare: Callable[[Path], object], said: str
) -> None:
    source = tmp_path / "source"
    prepare(source)
    done = run(source)
    assert done.exit_code != 0
    assert said in done.output
    assert not (tmp_path / "lesson").exists()


def test_a_missing_book_is_named_with_the_remedy(tmp_path: Path, run: Callable[[Path], Result], bank: Path) -> None:
    fill(tmp_path / "class")
    bank.write_text("{}", encoding="utf-8")
    assert "is not the file of questions of a built book" in run(tmp_path / "class").output
    bank.unlink()
    assert re.search("questions.json: cannot be read; build the book with `make book`", run(tmp_path / "class").output)
