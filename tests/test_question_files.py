"""The questions for class platforms: read back from the files, question by question, and compared with the pages."""

import html
import io
import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup, Tag
from moodle_xml_parser.parser import parse_string

from axis.book.directives.questions import name_question
from axis.book.published_questions import question_file_names, read_page_questions
from axis.quizzes.moodle_xml import write_moodle_xml
from axis.quizzes.qti_package import write_qti_package
from axis.quizzes.question_bank import PREDICTION, QUESTION, BankOption, BankQuestion, QuestionBank

QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


@pytest.fixture(scope="module")
def folder(book: Path) -> Path:
    return book / "questions"


@pytest.fixture(scope="module")
def bank(folder: Path) -> QuestionBank:
    return QuestionBank.from_json((folder / "questions.json").read_text(encoding="utf-8"))


def plain(markup: str) -> str:
    return " ".join(BeautifulSoup(markup, "html.parser").get_text(" ").split())


def asked(bank: QuestionBank) -> list[BankQuestion]:
    return [question for question in bank.questions if question.kind in {QUESTION, PREDICTION}]


def as_choice(question: BankQuestion) -> tuple[str, list[tuple[str, bool, str]]]:
    """What a student reads of a question: what is asked, and each option with whether it is right and its feedback."""
    options = [(plain(one.wording), one.is_right, plain(one.feedback)) for one in question.options]
    return plain(question.prompt), options


def choices_of(bank: QuestionBank) -> list[tuple[str, list[tuple[str, bool, str]]]]:
    return sorted(as_choice(question) for question in asked(bank) if question.options)


def numbers_of(bank: QuestionBank) -> list[tuple[str, float]]:
    return sorted((plain(one.prompt), one.number) for one in asked(bank) if one.number is not None)


def read_qti(package: bytes) -> list[tuple[str, list[tuple[str, bool, str]], list[float]]]:
    """Read a package as a platform does: which response gets points, and which feedback it shows."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert archive.testzip() is None
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        listed = [one.get("href") for one in manifest.iter() if one.tag.endswith("}file")]
        (name,) = [one for one in listed if one and not one.endswith("assessment_meta.xml")]
        root = ElementTree.fromstring(archive.read(name))
    return [_read_item(item) for item in root.iter(f"{QTI}item")]


def _material(element: ElementTree.Element | None) -> str:
    assert element is not None
    return plain(element.findtext(f".//{QTI}mattext") or "")


def _read_item(item: ElementTree.Element) -> tuple[str, list[tuple[str, bool, str]], list[float]]:
    feedback = {one.get("ident"): _material(one) for one in item.iter(f"{QTI}itemfeedback")}
    shown, right, exact = {}, set(), []
    for condition in item.iter(f"{QTI}respcondition"):
        chosen = [one.text for one in condition.iter(f"{QTI}varequal")]
        display = condition.find(f"{QTI}displayfeedback")
        if display is not None and chosen:
            shown[chosen[0]] = feedback[display.get("linkrefid")]
        if condition.findtext(f"{QTI}setvar") == "100":
            right |= set(chosen)
            exact += [float(one) for one in chosen if one and re.fullmatch(r"-?[\d.]+", one)]
    labels = item.findall(f".//{QTI}render_choice/{QTI}response_label")
    prompt = item.find(f"{QTI}presentation/{QTI}material")
    options = [(_material(one), one.get("ident") in right, shown.get(one.get("ident"), "")) for one in labels]
    return _material(prompt), options, [] if labels else exact


def test_the_bank_has_everything_that_the_pages_ask(bank: QuestionBank, book: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (book / "chapters").glob("*.html")]
    tasks = [name for page in pages for name in re.findall(r'data-task="([^"]+)"', page)]
    assert sorted(question.id for question in bank.questions) == sorted(tasks)
    assert len(tasks) == len(set(tasks))
    assert all(sum(one.is_right for one in question.options) == 1 for question in bank.questions if question.options)
    assert all(one.feedback for question in bank.questions if question.kind == QUESTION for one in question.options)
    stated = json.loads(html.unescape(re.search(r'<meta name="book-work" content="([^"]+)"', pages[0])[1]))
    assert sum(stated["tasks"].values()) == len(tasks)


def test_the_qti_packages_say_what_the_pages_say(bank: QuestionBank, folder: Path) -> None:
    whole, _ = question_file_names(bank.book)
    items = read_qti((folder / whole).read_bytes())
    assert sorted((prompt, options) for prompt, options, _ in items if options) == choices_of(bank)
    assert sorted((prompt, exact[0]) for prompt, options, exact in items if not options) == numbers_of(bank)
    by_chapter = [read_qti((folder / question_file_names(chapter)[0]).read_bytes()) for chapter in bank.chapters]
    assert [item for chapter in by_chapter for item in chapter] == items


def test_the_moodle_files_say_what_the_pages_say(bank: QuestionBank, folder: Path) -> None:
    text = (folder / question_file_names(bank.book)[1]).read_text(encoding="utf-8")
    found = parse_string(text)["multichoice"]
    read = [
        (
            plain(one.text_pre_parse),
            [(plain(o.answer), o.score_fraction == 100, plain(o.feedback or "")) for o in one.options],
        )
        for one in found
    ]
    assert sorted(read) == choices_of(bank)
    root = ElementTree.fromstring(text)
    numbers = [one for one in root if one.get("type") == "numerical"]
    told = [
        (plain(one.findtext("questiontext/text") or ""), float(one.findtext("answer/text") or "")) for one in numbers
    ]
    assert sorted(told) == numbers_of(bank)
    names = [one.findtext("idnumber") for one in root if one.get("type") != "category"]
    assert names == [question.id for question in asked(bank)]
    chapters = [ElementTree.parse(folder / question_file_names(name)[1]).getroot() for name in bank.chapters]
    assert [one.findtext("idnumber") for root in chapters for one in root[1:]] == names


HARD = BankQuestion(
    "one/question-hard",
    QUESTION,
    "12345678",
    "Is 3 < 5 & $4 more than `2`?",
    "<p>Is 3 &lt; 5 &amp; $4 more than `2`? Москва</p>",
    (
        BankOption("*a)", "*a) <em>no</em>", "<p>Not.</p><ul><li>1. one</li></ul>", False),
        BankOption("= 5", "= 5", "<p>... yes $5$ and $6</p>", True),
    ),
)


def test_signs_that_mean_something_to_a_format_stay_what_they_are() -> None:
    package = write_qti_package("Hard & <simple>", [HARD])
    assert package == write_qti_package("Hard & <simple>", [HARD])
    ((prompt, options, _),) = read_qti(package)
    assert (prompt, options) == as_choice(HARD)
    (found,) = parse_string(write_moodle_xml("A & B", [HARD]))["multichoice"]
    assert plain(found.text_pre_parse) == as_choice(HARD)[0]
    assert [plain(one.answer) for one in found.options] == [text for text, _, _ in as_choice(HARD)[1]]


def test_links_leave_the_book_only_where_its_address_is_known() -> None:
    page = (
        '<fieldset class="book-question" data-task="one/question-x" data-version="1"><legend>See <a class="x" '
        'href="two.html#a">that</a>?</legend><div class="option"><input><label>Yes</label>'
        '<div class="feedback right"><strong>✓ Right. </strong><p>So <span class="n">it</span> is.</p></div></div>'
        "</fieldset>"
    )
    (known,) = read_page_questions(page, "https://example.org/book/one.html")
    (unknown,) = read_page_questions(page, "")
    assert known.prompt == '<p>See <a href="https://example.org/book/two.html#a">that</a>?</p>'
    assert unknown.prompt == "<p>See that?</p>"
    assert unknown.options == (BankOption("Yes", "Yes", "<p>So it is.</p>", True),)


def test_a_number_or_a_later_word_of_a_title_does_not_rename_a_question() -> None:
    title = "China paid {printed}`150.2` and Europe {printed}`143` dollars for the same gas in one year"
    assert name_question(title) == name_question(title.replace("150.2", "151")) == name_question(f"{title}, or two")
    assert name_question("How much?") != name_question("How many?")


def test_the_page_for_teachers_offers_each_file(book: Path, bank: QuestionBank, folder: Path) -> None:
    page = BeautifulSoup((book / "chapters/class-answers.html").read_text(encoding="utf-8"), "html.parser")
    links = [str(link["href"]).removeprefix("../questions/") for link in page.select("table.question-files a")]
    assert links == [name for chapter in (bank.book, *bank.chapters) for name in question_file_names(chapter)]
    assert all((folder / name).is_file() for name in links)
    first = page.select_one("table.question-files tbody th")
    assert isinstance(first, Tag)
    assert first.get_text() == "The whole book"
