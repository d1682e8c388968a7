"""What a reader answers in the pages: kept through a reload and a move, listed, saved, read elsewhere, cleared."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from playwright.sync_api import Browser, BrowserContext, Page

from axis.quizzes.question_bank import ANSWERS_SCHEMA
from pages import DESKTOP, PHONE, Mode, axe_violations
from static_host import StaticHost, serving

pytestmark = [pytest.mark.xdist_group("the answers of a reader")]

SCHEMA = json.loads(ANSWERS_SCHEMA.read_text(encoding="utf-8"))
CHAPTER = "chapters/3-2-energy.html"
#: Storage as some private windows have it; the theme's own scripts do not bear one that refuses everything.
REFUSE = """for (const name of ['getItem', 'setItem', 'removeItem']) {
  const allowed = Storage.prototype[name];
  Storage.prototype[name] = function (key, ...rest) {
    if (key.includes(':answer:')) throw new DOMException('forbidden');
    return allowed.call(this, key, ...rest);
  };
}"""


class MovedHost(StaticHost):
    """Serve the book under two addresses, as before and after a move within one site."""

    def translate_path(self, path: str) -> str:
        return super().translate_path(re.sub(r"^/(old|new/place)/", "/", path))


@pytest.fixture(scope="module")
def moved(book: Path) -> Iterator[str]:
    with serving(partial(MovedHost, directory=str(book))) as address:
        yield address


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": DESKTOP, "height": 844}, reduced_motion="reduce")
    yield context
    context.close()


def visit(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    assert faults == []
    return page


def stored(page: Page) -> dict[str, Any]:
    kept: dict[str, str] = page.evaluate("({ ...localStorage })")
    start = "axis-of-collusion:answer:"
    return {key.removeprefix(start): json.loads(value) for key, value in kept.items() if key.startswith(start)}


def work_through(page: Page) -> None:
    """Answer one question wrong and then right, another right, predict with a range, and keep a view."""
    first, second = page.locator(".book-question").all()[:2]
    first.locator(".option:has(.wrong) input").first.check()
    first.locator(".option:has(.right) input").check()
    second.locator(".option:has(.right) input").check()
    prediction = page.locator(".book-prediction")
    prediction.get_by_label("Your guess").fill("300")
    prediction.get_by_label("from").fill("200")
    prediction.get_by_label("to", exact=True).fill("350")
    prediction.get_by_role("button", name="Commit").click()
    page.get_by_role("button", name="Keep this view").first.click()


def test_answers_survive_a_reload_a_move_and_another_browser(
    browser: Browser, reader: BrowserContext, moved: str, tmp_path: Path
) -> None:
    page = visit(reader, f"{moved}/old/{CHAPTER}")
    progress = page.locator(".book-progress")
    assert progress.inner_text().startswith("You have answered 0 of 4 questions on this page. Your answers stay in")
    work_through(page)
    assert "3 of 4" in progress.inner_text()
    said = page.locator(".book-prediction").get_by_role("status").inner_text()
    assert said == "You said 300; the answer is 340 US dollars per 1,000 m³, inside your range from 200 to 350."
    assert "3 of 4 answered" in page.locator(".bd-links a.current").inner_text()

    # The site moves, and the page is loaded anew.
    page.goto(f"{moved}/new/place/{CHAPTER}")
    question = page.locator(".book-question").first
    assert question.locator(".option:has(.right) input").is_checked()
    assert page.locator(".book-prediction").get_by_role("status").inner_text() == said
    kept = page.locator(".pinned a")
    assert kept.get_attribute("href").startswith("#")
    assert page.get_by_role("button", name="Forget the kept view").count() == 1

    page.goto(f"{moved}/new/place/chapters/my-work.html")
    text = page.locator(".book-work").inner_text()
    assert "3 of 4 answered; 1 of 2 right at the first try." in text
    assert "✗ not right" in text
    assert "after 1 more answer" in text
    assert "Of your 1 range, 1 held what came out" in text
    assert "3 of 4 answered" in page.locator(".bd-links").inner_text()
    page.get_by_label("Your name or number").fill("Zoë O'Neil / 7")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    assert download.value.suggested_filename == "axis-of-collusion-answers-Zoë-O-Neil-7.json"
    file = tmp_path / "saved.json"
    download.value.save_as(file)
    saved = json.loads(file.read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(saved)
    assert len(saved["answers"]) == 4

    other = browser.new_context()
    elsewhere = visit(other, f"{moved}/old/chapters/my-work.html")
    assert "You have not answered anything yet." in elsewhere.locator(".book-work").inner_text()
    elsewhere.locator("#work-file").set_input_files(file)
    elsewhere.get_by_text("Read 4 answers from saved.json.").wait_for()
    assert elsewhere.locator(".chapters").inner_text() == page.locator(".chapters").inner_text()
    assert stored(elsewhere) == stored(page)
    elsewhere.locator("#work-file").set_input_files(file)
    elsewhere.get_by_text("for 4 this browser already had").wait_for()
    elsewhere.on("dialog", lambda dialog: dialog.accept())
    elsewhere.get_by_role("button", name="Clear everything").click()
    assert stored(elsewhere) == {}
    elsewhere.goto(f"{moved}/old/{CHAPTER}")
    assert elsewhere.locator(".book-question input:checked").count() == 0
    other.close()


def test_a_file_that_this_page_did_not_write_changes_nothing(
    reader: BrowserContext, moved: str, tmp_path: Path
) -> None:
    page = visit(reader, f"{moved}/old/chapters/my-work.html")
    given = {"answer": "#prices?a=1", "said": "a view", "at": ""}
    record: dict[str, Any] = {"id": "3-2-energy/view-prices", "kind": "view", "version": "", "asked": "Prices"}
    record |= {"first": given, "last": given, "tries": 1}
    saved = {
        "format": "book-answers",
        "formatVersion": 1,
        "book": "axis-of-collusion",
        "saved": "",
        "answers": [record],
    }
    bad = tmp_path / "bad.json"
    refused = re.compile("^bad.json (is not a file|belongs to another|was saved by a newer)")
    changes: list[dict[str, Any]] = [
        {"book": "another"},
        {"formatVersion": 2},
        {"answers": [{**record, "id": "../x"}]},
        {"answers": [{**record, "last": {**given, "answer": "javascript:alert(1)"}}]},
        {"answers": {}},
    ]
    for change in changes:
        bad.write_text(json.dumps({**saved, **change}), encoding="utf-8")
        page.locator("#work-file").set_input_files(bad)
        page.get_by_text(refused).wait_for()
        assert stored(page) == {}
        page.evaluate("document.querySelector('.book-work .announcement').textContent = ''")
    bad.write_text(json.dumps(saved), encoding="utf-8")
    page.locator("#work-file").set_input_files(bad)
    page.get_by_text("Read 1 answer from bad.json.").wait_for()
    assert page.get_by_role("link", name="Prices").get_attribute("href") == "3-2-energy.html#prices?a=1"


def test_a_guess_taken_back_keeps_only_the_first_one(reader: BrowserContext, moved: str) -> None:
    page = visit(reader, f"{moved}/old/{CHAPTER}")
    work_through(page)
    page.get_by_role("button", name="Guess again").click()
    page.reload()
    prediction = page.locator(".book-prediction")
    assert prediction.get_by_label("Your guess").is_enabled()
    for low, high, fault in (("", "9", "both its ends"), ("9", "3", "ends below"), ("1", "2", "outside your range")):
        prediction.get_by_label("Your guess").fill("5")
        prediction.get_by_label("from").fill(low)
        prediction.get_by_label("to", exact=True).fill(high)
        prediction.get_by_role("button", name="Commit").click()
        assert fault in prediction.get_by_role("status").inner_text()
    (record,) = [record for name, record in stored(page).items() if "/prediction-" in name]
    assert (record["first"]["answer"], record["last"]) == ({"guess": 300, "low": 200, "high": 350}, None)


def test_a_question_that_has_changed_says_so(reader: BrowserContext, moved: str) -> None:
    page = visit(reader, f"{moved}/old/{CHAPTER}")
    work_through(page)
    page.evaluate("""() => {
      for (const key of Object.keys(localStorage).filter((key) => key.includes(':answer:'))) {
        const record = JSON.parse(localStorage.getItem(key));
        if (record.kind !== 'view') localStorage.setItem(key, JSON.stringify({ ...record, version: '00000000' }));
      }
    }""")
    page.reload()
    question = page.locator(".book-question").first
    assert question.locator("input:checked").count() == 0
    note = question.locator(".changed")
    assert note.inner_text().startswith("This question has changed since you answered it on ")
    assert page.locator(".changed").count() == 3
    assert page.locator(".book-prediction input").first.is_enabled()
    question.locator("input").first.check()
    assert page.locator(".changed").count() == 2
    page.goto(f"{moved}/old/chapters/my-work.html")
    assert page.get_by_text("The question has changed since you answered it.").count() == 2
    assert "0 of 1 right at the first try" in page.locator(".chapters").inner_text()


def test_what_an_earlier_edition_kept_under_an_address_moves_to_the_new_keys(
    reader: BrowserContext, moved: str
) -> None:
    page = visit(reader, f"{moved}/old/{CHAPTER}")
    name = page.locator(".book-prediction").get_attribute("id")
    page.evaluate(
        """(name) => {
      localStorage.setItem(`/old/chapters/3-2-energy.html#${name}`, '120.5');
      localStorage.setItem('/old/chapters/7-after-2021.html#forecasts', '["held","","mixed"]');
      localStorage.setItem('/another/chapters/page.html#prediction-x', 'stays');
    }""",
        name,
    )
    page.goto(f"{moved}/new/place/{CHAPTER}")
    assert page.locator(".book-prediction").get_by_role("status").inner_text().startswith("You said 120.5;")
    found = stored(page)
    assert found[f"3-2-energy/{name}"]["first"]["answer"] == {"guess": 120.5}
    assert found["7-after-2021/forecasts-in-words"]["last"]["said"] == "held, , mixed"
    left = page.evaluate("Object.keys(localStorage).filter((key) => key.includes('#'))")
    assert left == ["/another/chapters/page.html#prediction-x"]


def test_where_storage_is_refused_the_page_works_and_says_so(reader: BrowserContext, moved: str) -> None:
    reader.add_init_script(REFUSE)
    page = visit(reader, f"{moved}/old/{CHAPTER}")
    work_through(page)
    said = page.locator(".book-progress").inner_text()
    assert said.startswith("You have answered 3 of 4 questions on this page. This browser refuses to keep anything")
    assert page.locator(".book-question").first.locator(".option:has(.right) .feedback").is_visible()
    page.reload()
    assert page.locator(".book-question input:checked").count() == 0
    page.goto(f"{moved}/old/chapters/my-work.html")
    assert page.get_by_text("This browser refuses to keep anything").is_visible()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_my_work_passes_axe_fits_a_phone_and_prints_without_buttons(
    reader: BrowserContext, moved: str, mode: Mode
) -> None:
    page = visit(reader, f"{moved}/old/{CHAPTER}")
    work_through(page)
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.emulate_media(color_scheme=mode)
    assert axe_violations(page) == []
    page.goto(f"{moved}/old/chapters/my-work.html")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Save as a file").is_visible()
    assert page.locator(".answers li").first.is_visible()
