"""What a student gets back and what an instructor reads: the pages, in a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from axis.exercises.source import read_exercises
from axis.grading.records import Mark, MarkedSubmission, Result, State, Submission
from axis.grading.reports import report_text
from axis.grading.reports.all_reports import write_all_reports
from pages import Mode, axe_violations
from synthetic_class import (
    ANSWERS,
    ENERGY,
    ESSAY,
    EXERCISES,
    hostile,
    mark,
    nearly_perfect,
    ordinary,
    students,
    submit,
)

# In one worker, which writes the pages for the browser once.
pytestmark = pytest.mark.xdist_group("report pages")

KNOWN = read_exercises(EXERCISES)
PHONE, DESKTOP = 390, 1280
REASON = "The notebook ran longer than 60 seconds."


class Text(HTMLParser):
    """The text of a page, and its elements by name."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.words = re.sub(r"[\s\u00a0]+", " ", self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.words += " " if tag in ("td", "th", "p", "li", "br") else ""

    def handle_data(self, data: str) -> None:
        self.words += data if self.tags[-1:] != [("style", {})] else ""


def ada(**changes: Mark) -> MarkedSubmission:
    """One student's work with a check in each state."""
    states = [*State, State.RIGHT, State.RIGHT]
    marks = {
        q.check: mark(q, state, "Check the `unit`.", "586.3") for q, state in zip(ENERGY.questions, states, strict=True)
    }
    return submit("Ada", ENERGY, tuple({**marks, **changes}.values()), notes=("One cell was copied twice.",))


def feedback_of(folder: Path, *marked: MarkedSubmission) -> Text:
    write_all_reports(folder, marked, KNOWN)
    return Text(folder / "feedback/Ada.html")


# Everything that is written


def test_all_reports_are_written_once_and_whole(tmp_path: Path) -> None:
    paths = write_all_reports(tmp_path / "marks", ordinary(students(3)), KNOWN)
    names = ["class_report.html", "marks.csv", "gradebook.csv", "junit.xml", "free_text.csv"]
    names += [f"feedback/student00{number}.html" for number in (1, 2, 3)]
    assert [str(path.relative_to(tmp_path / "marks")) for path in paths] == names
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(paths)


def test_the_same_marks_in_another_order_give_the_same_files(tmp_path: Path) -> None:
    marked = [*ordinary(students(12)), *hostile()]
    first = {path: path.read_bytes() for path in write_all_reports(tmp_path, marked, KNOWN)}
    again = {path: path.read_bytes() for path in write_all_reports(tmp_path, marked[::-1], KNOWN)}
    assert again == first


def test_every_file_is_below_the_folder_whatever_students_are_called(tmp_path: Path) -> None:
    paths = write_all_reports(tmp_path / "out", hostile(), KNOWN)
    assert len(set(paths)) == len(hostile()) + 5
    assert {path.resolve().parent for path in paths} == {tmp_path / "out", tmp_path / "out/feedback"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def hidden_lines() -> set[str]:
    """Each line of each hidden test."""
    sources = (cell.source for path in EXERCISES.glob("*.ipynb") for cell in nbformat.read(path, as_version=4).cells)
    parts = [part for source in sources for part in source.split("### BEGIN HIDDEN TESTS\n")[1:]]
    return {line.strip() for part in parts for line in part.split("### END HIDDEN TESTS")[0].splitlines()} - {""}


@pytest.fixture(scope="module")
def reports_of_all_exercises(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The reports of twelve students who handed in every exercise."""
    marked = [one for seed, exercise in enumerate(KNOWN.values()) for one in ordinary(students(12), exercise, seed)]
    return write_all_reports(tmp_path_factory.mktemp("all"), marked, KNOWN)


def test_no_report_shows_a_hidden_test(reports_of_all_exercises: list[Path]) -> None:
    hidden = hidden_lines()
    assert len(hidden) > 4
    for path in reports_of_all_exercises:
        text = path.read_text(encoding="utf-8-sig")
        assert "HIDDEN" not in text
        assert [line for line in hidden if line in text] == []


def test_every_page_says_that_submissions_ran_without_confinement(tmp_path: Path) -> None:
    marked = [ada(), *ordinary(students(2))]
    pages = [path for path in write_all_reports(tmp_path, marked, KNOWN) if path.suffix == ".html"]
    assert [path for path in pages if report_text.UNCONFINED in path.read_text()] == []
    marked[0] = replace(marked[0], result=replace(marked[0].result, confined=False))
    write_all_reports(tmp_path, marked, KNOWN)
    assert [path for path in pages if Text(path).words.count(report_text.UNCONFINED) != 1] == []


# Feedback


def test_feedback_gives_each_check_its_state_in_words_its_points_and_its_hint(tmp_path: Path) -> None:
    page = feedback_of(tmp_path, ada())
    assert "Feedback for Ada" in page.words
    assert "Exercise 3.2: what China pays for gas" in page.words
    assert "1. Read the table ✓ Right 1 of 1 point" in page.words
    assert "2. A difference ✗ Not right yet 0 of 1 point Check the unit." in page.words
    for words in ("Not answered", "Not reached", "Not marked", "Waiting for your instructor", "Marked by your"):
        assert words in page.words
    assert "One cell was copied twice." in page.words
    assert ("code", {}) in page.tags


def test_feedback_adds_up_and_says_what_still_waits(tmp_path: Path) -> None:
    assert "6 of 18 points so far; 2 points wait for your instructor" in feedback_of(tmp_path, ada()).words
    right = submit("Ada", ENERGY, tuple(mark(q, State.RIGHT) for q in ENERGY.questions))
    page = feedback_of(tmp_path, right)
    assert "18 of 18 points" in page.words
    assert "so far" not in page.words


def test_feedback_holds_all_exercises_of_a_student_and_their_total(tmp_path: Path) -> None:
    other = KNOWN["3-3-investment"]
    right = submit("Ada", other, tuple(mark(q, State.RIGHT) for q in other.questions))
    page = feedback_of(tmp_path, right, ada(), *ordinary(students(2)))
    assert page.words.index("Exercise 3.2") < page.words.index("Exercise 3.3")
    assert (
        "23 of 35 points so far; 2 points wait for your instructor, 5 points are not marked yet, in 2 exercises"
        in page.words
    )
    assert "17 of 17 points" in page.words
    assert "student001" not in page.words


def test_points_and_comment_of_the_instructor_come_back(tmp_path: Path) -> None:
    handed_in = submit("Ada", ENERGY, tuple(mark(q, State.WAITING, answer=ESSAY) for q in ENERGY.questions))
    write_all_reports(tmp_path, [handed_in], KNOWN)
    sheet = tmp_path / "free_text.csv"
    sheet.write_text(sheet.read_text().replace(",4,,,row", ",4,2.5,Which <year>?,row"))
    page = feedback_of(tmp_path, handed_in)
    assert "✎ Marked by your instructor 2.5 of 4 points Which <year>?" in page.words


def test_a_refused_file_gets_its_reason_once(tmp_path: Path) -> None:
    page = feedback_of(tmp_path, submit("Ada", ENERGY, tuple(mark(q, State.REFUSED, REASON) for q in ENERGY.questions)))
    assert page.words.count(REASON) == 1
    assert "0 of 18 points" in page.words
    stray = MarkedSubmission(Submission("Ada", "", "Ada/notes.txt", problem="This is not a notebook."), Result("", ()))
    page = feedback_of(tmp_path, stray)
    assert "A file that belongs to no exercise" in page.words
    assert "Ada/notes.txt This is not a notebook." in page.words


def test_a_reason_that_stopped_several_checks_is_shown_once(tmp_path: Path) -> None:
    page = feedback_of(tmp_path, submit("Ada", ENERGY, tuple(mark(q, State.STOPPED, REASON) for q in ENERGY.questions)))
    assert page.words.count(REASON) == 1
    assert page.words.count("Not reached") == len(ENERGY.questions)


def test_a_long_answer_is_cut_and_says_so(tmp_path: Path) -> None:
    page = feedback_of(tmp_path, ada(**{"bill-check": Mark("bill-check", "4.", State.WRONG, 0, 2.0, "", "w" * 50_000)}))
    assert "w … (shortened from 50,000 characters)" in page.words
    assert len(page.words) < 5_000


def test_what_students_write_stays_text(tmp_path: Path) -> None:
    pages = [path for path in write_all_reports(tmp_path, hostile(), KNOWN) if path.suffix == ".html"]
    tags = [tag for path in pages for tag, _ in Text(path).tags]
    assert not {"script", "iframe", "object", "embed", "form", "b"} & set(tags)
    words = " ".join(Text(path).words for path in pages)
    assert ANSWERS[0] in words
    assert "<script>alert(1)</script>" in words
    assert "{{ 7 * 7 }}" in words
    assert "\\x00\\x07\\x1b[31mred" in words


def test_pages_name_no_other_address(tmp_path: Path) -> None:
    for path in write_all_reports(tmp_path, [*ordinary(students(20)), *hostile()], KNOWN):
        if path.suffix == ".html":
            tags = Text(path).tags
            addresses = [v for _, attrs in tags for name, v in attrs.items() if name in ("src", "href", "xlink:href")]
            outward = [address for address in addresses if not str(address).startswith(("#", "data:,"))]
            # The class report leads to the page of each student, which lies beside it.
            assert [address for address in outward if not (path.parent / unquote(str(address))).is_file()] == []
            assert len(outward) == (46 if path.name == "class_report.html" else 0)
            styles = "".join(re.findall(r"<style>.*?</style>", path.read_text(), re.S))
            assert "url(" not in styles
            assert "@import" not in styles


# The class report


def test_the_class_report_counts_names_and_explains(tmp_path: Path) -> None:
    write_all_reports(tmp_path, ordinary(students(60)), KNOWN)
    page = Text(tmp_path / "class_report.html")
    assert "60 submissions from 60 students: 57 marked to the end, 3 stopped, 0 refused" in page.words
    assert "57 free texts wait for your points in free_text.csv" in page.words
    assert "Half of the 60 submissions got 43 percent or more" in page.words
    assert "The hardest check is “7. Build a comparison”: 5 % of its points were earned" in page.words
    assert "Students who do well elsewhere do worse in “6. Select rows”" in page.words
    assert "7. Build a comparison: very hard" in page.words
    assert "6. Select rows: negative discrimination" in page.words
    assert re.search(r"4\. A bill \d+ \d+ % 616,000,000 Your answer is a million times too large", page.words)
    assert "student008 student008/3-2-energy/3-2-energy.ipynb Exercise 3.2: what China pays" in page.words
    assert page.words.count("Stopped. The notebook ran longer than 60 seconds") == 3
    assert "No points yet for 9. Judge (part 1)." in page.words


def test_each_picture_has_a_finding_a_description_and_its_numbers(tmp_path: Path) -> None:
    write_all_reports(tmp_path, ordinary(students(60)), KNOWN)
    page = Text(tmp_path / "class_report.html")
    pictures = [attrs for _, attrs in page.tags if attrs.get("role") == "img"]
    assert len(pictures) == len([tag for tag, _ in page.tags if tag == "figcaption"]) == 3
    assert all(len(attrs["aria-label"] or "") > 80 for attrs in pictures)
    assert [tag for tag, _ in page.tags].count("svg") == 6
    assert page.words.count("Numbers in this chart") == 3
    assert "40 to 50 16" in page.words
    assert "6. Select rows 53 % −0.46 negative discrimination" in page.words
    # One picture is right in light and dark.
    assert "currentColor" in (tmp_path / "class_report.html").read_text()


def test_the_class_report_names_checks_by_their_questions_and_not_by_cell_ids(tmp_path: Path) -> None:
    write_all_reports(tmp_path, ordinary(students(60)), KNOWN)
    path = tmp_path / "class_report.html"
    content = path.read_text()
    assert [question.check for question in ENERGY.questions if question.check in content] == []
    assert "9. Judge (part 2)" in Text(path).words


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        ([], "0 submissions from 0 students: 0 marked to the end"),
        (ordinary(students(1)), "The one submission got 64 percent"),
        (ordinary(students(3)), "3 submissions got"),
        (
            [submit("Ada", ENERGY, tuple(mark(q, State.REFUSED, REASON) for q in ENERGY.questions))],
            "No submission has a score yet, so there is no chart.",
        ),
        (
            [submit("Ada", ENERGY, tuple(mark(q, State.WAITING) for q in ENERGY.questions))],
            "No submission has a score yet, so there is no chart.",
        ),
        (hostile()[-1:], "The file is not a notebook of this course."),
        (hostile(), "There is no discrimination for any check"),
    ],
    ids=["nobody", "one", "three", "all refused", "all waiting", "a stray file", "hostile"],
)
def test_the_class_report_works_for_any_class(tmp_path: Path, marked: list[MarkedSubmission], said: str) -> None:
    write_all_reports(tmp_path, marked, KNOWN)
    assert said in Text(tmp_path / "class_report.html").words


def test_the_class_report_holds_all_exercises(reports_of_all_exercises: list[Path]) -> None:
    (report,) = (path for path in reports_of_all_exercises if path.name == "class_report.html")
    page = Text(report)
    assert f"{12 * len(KNOWN)} submissions from 12 students" in page.words
    assert len([attrs for tag, attrs in page.tags if tag == "h2"]) >= len(KNOWN) > 10
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert [link.startswith("#exercise-") for link in links].count(True) == len(KNOWN)
    assert len(links) == len(KNOWN) + 12


# In a browser


@contextmanager
def opened(browser: Browser, path: Path, width: int, mode: Mode) -> Iterator[Page]:
    """Open a file and fail if it asks for anything else or writes an error to the console."""
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=mode)
    page = context.new_page()
    faults: list[str] = []
    page.on("request", lambda r: None if r.url in (path.as_uri(), "data:,") else faults.append(r.url))
    page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri(), wait_until="networkidle")
    yield page
    context.close()
    assert faults == []


@pytest.fixture(scope="module")
def handed_back(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages that differ most: a class and its report, every state at once, and hostile names."""
    folder = tmp_path_factory.mktemp("marks")
    marked = [*ordinary(students(40)), *hostile(), ada()]
    marked += ordinary(students(40), KNOWN["3-3-investment"], seed=2)
    paths = write_all_reports(folder, [replace(m, result=replace(m.result, confined=False)) for m in marked], KNOWN)
    script = next(path for path in paths if path.name.startswith("script"))
    # The name of 300 characters and the answer of 50,000.
    long = next(path for path in paths if path.name.startswith("xxx"))
    states = next(path for path in paths if path.name.startswith("Ada"))
    two = folder / "feedback/student001.html"
    return {"class": paths[0], "two": two, "states": states, "script": script, "long": long}


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("name", ["class", "two", "states", "script", "long"])
def test_a_page_is_quiet_fits_and_passes_axe(
    browser: Browser, handed_back: dict[str, Path], name: str, width: int, mode: Mode
) -> None:
    with opened(browser, handed_back[name], width, mode) as page:
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.scripts.length") == 0
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if mode == "light" else "rgb(18, 18, 18)")
        assert axe_violations(page) == []


def test_a_phone_gets_the_narrow_picture(browser: Browser, handed_back: dict[str, Path]) -> None:
    for width, shown, other in ((PHONE, "narrow", "wide"), (DESKTOP, "wide", "narrow")):
        with opened(browser, handed_back["class"], width, "light") as page:
            assert page.locator(f".picture.{shown} svg").first.is_visible()
            assert not page.locator(f".picture.{other} svg").first.is_visible()


def overlaps(boxes: list[dict[str, float]]) -> int:
    """Count the pairs of boxes that share more than a pixel in both directions."""
    return sum(
        min(one["right"], other["right"]) - max(one["left"], other["left"]) > 1
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 1
        for place, one in enumerate(boxes)
        for other in boxes[:place]
    )


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("heading", ["4. A bill", "4. " + "A heading that goes on " * 5])
def test_no_label_of_a_picture_lies_on_another_and_none_takes_the_bars_their_room(
    browser: Browser, tmp_path: Path, heading: str, width: int
) -> None:
    marked = [
        one.with_marks(tuple(replace(m, title=heading) if m.check == "bill-check" else m for m in one.result.marks))
        for one in nearly_perfect(students(40))
    ]
    with opened(browser, write_all_reports(tmp_path, marked, KNOWN)[0], width, "light") as page:
        pictures = page.locator(".picture svg:visible").all()
        assert len(pictures) == 3
        for picture in pictures:
            texts = picture.locator("text").all()
            boxes = [text.evaluate("text => text.getBoundingClientRect().toJSON()") for text in texts]
            assert len(boxes) > 10
            assert overlaps(boxes) == 0
            place = {text.text_content(): box for text, box in zip(texts, boxes, strict=True)}
            ends = [place["0"], place["100"]] if "100" in place else [place["0.0"], place["1.0"]]
            assert ends[1]["right"] - ends[0]["left"] > 240


def test_paper_is_white_after_a_dark_screen(browser: Browser, handed_back: dict[str, Path]) -> None:
    with opened(browser, handed_back["states"], DESKTOP, "dark") as page:
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
