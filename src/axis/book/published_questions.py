"""The questions of the pages for other programs: for `axis answers`, for the page "My work", and for class platforms.

They are read from the pages that were written, where every reference has been resolved. ``questions/questions.json``
holds them all, and ``answers.schema.json`` describes the file that a reader saves. Each chapter with questions has a
package in QTI 1.2 and a file in Moodle's XML, and the whole book has one of each.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from axis import quizzes
from axis.book.checksums import files_checksum, make_if_changed
from axis.book.reader_tasks import count_tasks
from axis.book.site_address import absolute_url
from axis.quizzes.moodle_xml import write_moodle_xml
from axis.quizzes.qti_package import write_qti_package
from axis.quizzes.question_bank import (
    ANSWERS_SCHEMA,
    DRAWING,
    FORECAST,
    PREDICTION,
    QUESTION,
    BankClaim,
    BankOption,
    BankQuestion,
    QuestionBank,
)
from helpers.files import write_atomically

FOLDER = "questions"
BANK, SCRIPT, SCHEMA = "questions.json", "questions.js", "answers.schema.json"

#: What a reader answers to, as the templates and directives write it.
TASKS = re.compile(
    r'<fieldset class="book-question" .*?</fieldset>'
    r'|<div class="book-prediction" .*?</details></div>'
    r'|<form class="book-forecasts" .*?</form>'
    r'|<div class="book-drawing" .*?<p class="announcement" role="status"></p>\s*</div>',
    re.DOTALL,
)
#: What a platform keeps of a page's HTML; the content of any other element stays, without the element.
KEPT_TAGS = {"a", "blockquote", "br", "code", "em", "i", "b", "li", "ol", "p", "strong", "sub", "sup", "ul"}


def setup(app: Sphinx) -> None:
    """Register the writing of the files."""
    app.connect("build-finished", _write_questions, priority=710)


def question_file_names(chapter: str) -> tuple[str, str]:
    """Return the names of the QTI package and of the Moodle file of a chapter, or of the whole book by its slug."""
    return f"{chapter}-qti.zip", f"{chapter}-moodle.xml"


def read_page_questions(html: str, site: str) -> Iterator[BankQuestion]:
    """Read what one page asks.

    Parameters
    ----------
    html
        The page.
    site
        Its public address, for links that leave the page; "" if it is unknown, and links then lose their address.
    """
    for found in TASKS.finditer(html):
        task = _require_one(BeautifulSoup(found[0], "html.parser"), "[data-task]")
        _simplify_links(task, site)
        match task["class"][0]:
            case "book-question":
                yield _read_question(task)
            case "book-prediction":
                yield _read_prediction(task)
            case "book-forecasts":
                yield _read_forecasts(task)
            case _:
                yield _read_drawing(task)


def _read_question(task: Tag) -> BankQuestion:
    legend = _require_one(task, "legend")
    options = tuple(_read_option(option) for option in task.select(".option"))
    return BankQuestion(*_identity(task, QUESTION), _plain_text(legend), f"<p>{_platform_html(legend)}</p>", options)


def _read_option(option: Tag) -> BankOption:
    label, feedback = _require_one(option, "label"), _require_one(option, ".feedback")
    # The sign and the word before the feedback: a platform has its own.
    _require_one(feedback, "strong").decompose()
    return BankOption(_plain_text(label), _platform_html(label), _platform_html(feedback), "right" in feedback["class"])


def _read_prediction(task: Tag) -> BankQuestion:
    reveal = _require_one(task, "details")
    answer, unit = str(task["data-answer"]), str(task["data-unit"])
    options = tuple(
        BankOption(_plain_text(label), _platform_html(label), "", _plain_text(label) == " ".join(answer.split()))
        for label in task.select(".option label")
    )
    prompt = [child for child in task.children if isinstance(child, Tag)]
    asked = [child for child in prompt if child.name not in {"details", "fieldset"} and not _is_tool(child)]
    words = " ".join(_plain_text(child) for child in asked)
    _require_one(reveal, "summary").decompose()
    html = "".join(_platform_html(child, whole=True) for child in asked) + (
        "" if options else f"<p>Answer in {unit}.</p>"
    )
    return BankQuestion(*_identity(task, PREDICTION), words, html, options, answer, unit, _platform_html(reveal))


def _is_tool(element: Tag) -> bool:
    return bool({"guess", "announcement"} & set(element.get("class") or ()))


def _read_forecasts(task: Tag) -> BankQuestion:
    claims = []
    for item in task.select("li"):
        claim, rule = (_plain_text(_require_one(item, selector)) for selector in (".claim", ".rule"))
        claims.append(BankClaim(str(item["data-claim"]), claim, rule.removeprefix("Rule: "), str(item["data-verdict"])))
    return BankQuestion(*_identity(task, FORECAST), str(task["data-asked"]), "", claims=tuple(claims))


def _read_drawing(task: Tag) -> BankQuestion:
    asked, unit = str(task["data-asked"]), str(task["data-unit"])
    counted = tuple(float(value) for value in json.loads(str(task["data-counted"])))
    years = tuple(_plain_text(label) for label in task.select("label"))
    start = float(str(task["data-start"]))
    return BankQuestion(*_identity(task, DRAWING), asked, "", unit=unit, years=years, counted=counted, start=start)


def _require_one(element: Tag, selector: str) -> Tag:
    found = element.select_one(selector)
    if found is None:
        raise ExtensionError(f'A question of the pages has no "{selector}": see src/axis/book/published_questions.py.')
    return found


def _identity(task: Tag, kind: str) -> tuple[str, str, str]:
    return str(task["data-task"]), kind, str(task["data-version"])


def _plain_text(element: Tag) -> str:
    return " ".join(element.get_text().split())


def _platform_html(element: Tag, *, whole: bool = False) -> str:
    """Return the HTML of an element, or of what is in it, with the tags that a platform keeps."""
    for tag in element.find_all(True):
        if tag.name in KEPT_TAGS:
            tag.attrs = {"href": tag["href"]} if tag.name == "a" and "href" in tag.attrs else {}
        else:
            tag.unwrap()
    html = element.decode_contents()
    return " ".join((f"<{element.name}>{html}</{element.name}>" if whole else html).split())


def _simplify_links(task: Tag, site: str) -> None:
    for link in task.select("a[href]"):
        address = str(link["href"])
        if not address.startswith(("http:", "https:")):
            if site:
                link["href"] = urljoin(site, address)
            else:
                link.replace_with(NavigableString(link.get_text()))


def collect_chapter_titles(app: Sphinx) -> dict[str, str]:
    """Return the title of each page that asks something, by the page's name, in the order of the book."""
    return {PurePath(page).name: app.env.titles[page].astext() for page in _pages_with_tasks(app)}


def collect_questions(app: Sphinx) -> QuestionBank:
    """Read the questions of every page that has some, in the order of the book."""
    questions: list[BankQuestion] = []
    for page in _pages_with_tasks(app):
        address = app.builder.get_target_uri(page)
        html = (Path(app.outdir) / address).read_text(encoding="utf-8")
        questions += read_page_questions(html, absolute_url(app, address))
    return QuestionBank(app.config.book_slug, app.config.html_title, collect_chapter_titles(app), tuple(questions))


def _pages_with_tasks(app: Sphinx) -> list[str]:
    return [page for page in _pages_in_order(app) if PurePath(page).name in count_tasks(app.env)]


def _pages_in_order(app: Sphinx) -> list[str]:
    """Return the pages in the order of the table of contents, then those that it does not list."""
    order, waiting = [], [app.config.root_doc]
    while waiting:
        page = waiting.pop(0)
        if page not in order:
            order.append(page)
            waiting = [*app.env.toctree_includes.get(page, []), *waiting]
    return [*order, *sorted(set(app.env.found_docs) - set(order))]


def _write_questions(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html" or not count_tasks(app.env):
        return
    target = Path(app.outdir) / FOLDER
    bank = collect_questions(app)

    text = bank.to_json()

    def write() -> Iterable[Path]:
        yield write_atomically(target / BANK, text)
        yield write_atomically(target / SCRIPT, f"window.bookQuestions = {json.dumps(_for_the_page(bank))};\n")
        yield write_atomically(target / SCHEMA, ANSWERS_SCHEMA.read_bytes())
        for name, title in [(bank.book, "the whole book"), *bank.chapters.items()]:
            own = bank.questions if name == bank.book else bank.of_chapter(name)
            asked = [question for question in own if question.kind in {QUESTION, PREDICTION}]
            package, xml = question_file_names(name)
            yield write_atomically(target / package, write_qti_package(f"{bank.title}: {title}", asked))
            category = bank.title if name == bank.book else f"{bank.title}/{title.replace('/', '//')}"
            yield write_atomically(target / xml, write_moodle_xml(category, asked))

    own = files_checksum(Path(__file__), Path(quizzes.__file__).parent)
    make_if_changed(app, target, [ANSWERS_SCHEMA], (hashlib.sha256(text.encode()).hexdigest(), own), write)


def _for_the_page(bank: QuestionBank) -> dict[str, object]:
    """Describe the questions as the page "My work" needs them: without HTML and feedback."""
    described = []
    for question in bank.questions:
        one: dict[str, object] = {"id": question.id, "kind": question.kind, "version": question.version}
        one |= {"asked": question.text, "options": [option.text for option in question.options]}
        one |= {"right": question.right_option, "answer": question.answer, "unit": question.unit}
        one |= {"counted": question.counted, "start": question.start}
        one["claims"] = [{"id": claim.id, "claim": claim.claim, "verdict": claim.verdict} for claim in question.claims]
        described.append(one)
    return {"book": bank.book, "title": bank.title, "chapters": bank.chapters, "questions": described}
