"""Questions and predictions as a reader meets them: mouse, keyboard, ear, dark, paper, no script."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from pages import Mode

ROOT = Path(__file__).parent.parent

# One worker builds the book for all tests.
pytestmark = [pytest.mark.build, pytest.mark.xdist_group("the book of questions")]

ASKED = """\
# Asked

```{question} How *many* percent?
- [ ] **Four** percent

  That divides by the other price.
- [x] Five percent

  The gap divided by the base.

  - 7.2 is the gap.
  - 143 is the base.
```

```{question} And in dollars?
- [x] 7.2

  Yes.
- [ ] 5

  That is the percentage.
```

```{prediction} What did China pay?
:unit: US dollars per 1,000 m³
:answer: 150.2
Guess the price.

---
The price was **150.2**.
```

```{prediction} Who was paid most?
Choose one.

- [ ] Qatar
- [x] Myanmar

---
Myanmar was.
```
"""


FAULTS = {
    "two or more options": "{question} A\n- [ ] One\n\n  No.\n- [ ] Two\n\n  No.",
    "mark the right one with [x], the others with [ ]": "{question} B\n- [x] One\n\n  Yes.\n- [x] Two\n\n  Yes.",
    '"One" has no feedback': "{question} C\n- [x] One\n- [ ] Two\n\n  No.",
    '"Two" must begin with [x] or [ ]': "{question} D\n- [x] One\n\n  Yes.\n- Two\n\n  No.",
    "must be one list of options": "{question} E\nLost words.\n\n- [x] One\n\n  Yes.\n- [ ] Two\n\n  No.",
    "a prompt, a line with ---, and then the answer": "{prediction} F\n:unit: percent\n:answer: 5\nGuess.",
    "needs either :answer: and :unit: or a list": "{prediction} G\n:answer: 5\nGuess.\n\n---\nFive.",
    "list of options, not both": "{prediction} H\n:unit: %\n:answer: 5\nGuess.\n\n- [x] One\n- [ ] Two\n\n---\nOne.",
    '"five" of a prediction must be a number': "{prediction} I\n:unit: %\n:answer: five\nGuess.\n\n---\nFive.",
    "has the same title": "{prediction} I\n:unit: %\n:answer: 6\nGuess.\n\n---\nSix.",
}
REFUSED = "# Asked\n\n" + "\n\n".join(f"```{fault}\n```" for fault in FAULTS.values()) + "\n"


def _build(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Build a book of one page."""
    (folder / "asked.md").write_text(text)
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder), "--quiet"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What the build of a page with every fault says, and the address of the page that was built in its place."""
    folder = tmp_path_factory.mktemp("asked")
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    # Its sentences are examples, and their numbers have no origin.
    settings["sphinx"]["config"]["book_unmarked_pages"] = ["asked"]
    (folder / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "_toc.yml").write_text(yaml.safe_dump({"format": "jb-book", "root": "asked"}))
    (folder / "data").mkdir()
    (folder / "data/references.bib").touch()
    refused = _build(folder, REFUSED)
    assert refused.returncode != 0
    done = _build(folder, ASKED)
    assert done.returncode == 0, done.stderr
    return re.sub(r"\x1b\[[0-9;]*m", "", refused.stderr), (folder / "_build/html/asked.html").as_uri()


@pytest.fixture(scope="module")
def address(builds: tuple[str, str]) -> str:
    """The address of a page of questions, opened from its file."""
    return builds[1]


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open the page; what goes wrong in its scripts fails the test."""
    contexts, faults = [], []

    def open_page(script: str = "", **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.add_init_script(script)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@contextmanager
def changed(said: Locator) -> Iterator[None]:
    """Expect that a live region says something else afterwards."""
    before = said.inner_text()
    yield
    assert said.inner_text() != before


def test_a_question_is_a_group_of_named_radio_buttons(opened: Callable[..., Page]) -> None:
    group = opened().get_by_role("group", name="How many percent?")
    assert group.locator("legend em").inner_text() == "many"
    assert group.get_by_role("radio").count() == 2
    assert group.get_by_role("radio", name="Four percent").count() == 1


@pytest.mark.parametrize("script", [True, False])
def test_a_choice_shows_its_own_feedback_at_once(opened: Callable[..., Page], script: bool) -> None:
    group = opened(java_script_enabled=script).locator(".book-question").first
    wrong, right = group.locator(".feedback").all()
    assert not wrong.is_visible()
    group.get_by_text("Four percent").click()
    assert " ".join(wrong.inner_text().split()) == "✗ Not quite. That divides by the other price."
    assert wrong.is_visible()
    assert not right.is_visible()
    group.get_by_label("Five percent").check()
    assert not wrong.is_visible()
    assert " ".join(right.inner_text().split()).startswith("✓ Right. The gap divided by the base.")
    assert right.locator("li").all_inner_texts() == ["7.2 is the gap.", "143 is the base."]


def test_one_question_leaves_the_other_as_it_is(opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_label("Four percent").check()
    page.get_by_label("7.2").check()
    assert page.get_by_label("Four percent").is_checked()


def test_the_keyboard_answers_and_the_feedback_is_announced(opened: Callable[..., Page]) -> None:
    page = opened()
    group = page.locator(".book-question").first
    said = group.get_by_role("status")
    group.get_by_label("Four percent").focus()
    with changed(said):
        page.keyboard.press("Space")
    assert said.inner_text().startswith("✗ Not quite.")
    assert group.get_by_label("Four percent").evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    with changed(said):
        page.keyboard.press("ArrowDown")
    assert said.inner_text().startswith("✓ Right.")


def test_a_prediction_waits_for_a_guess_and_then_compares(opened: Callable[..., Page]) -> None:
    page = opened()
    card = page.locator(".book-prediction").first
    said, field = card.get_by_role("status"), card.get_by_label("Your guess, in US dollars per 1,000 m³")
    assert not card.get_by_text("The price was").is_visible()
    card.get_by_role("button", name="Commit").click()
    assert said.inner_text() == "Make a guess first."
    field.fill("120")
    field.press("Enter")
    assert said.inner_text() == "You said 120; the answer is 150.2 US dollars per 1,000 m³."
    assert card.get_by_text("The price was").is_visible()
    assert field.is_disabled()


def test_a_prediction_among_options_compares_their_words(opened: Callable[..., Page]) -> None:
    card = opened().locator(".book-prediction").last
    assert card.get_by_role("group", name="Your guess").get_by_role("radio").count() == 2
    card.get_by_label("Qatar").check()
    card.get_by_role("button", name="Commit").click()
    assert card.get_by_role("status").inner_text() == "You said Qatar; the answer is Myanmar."
    assert card.get_by_text("Myanmar was.").is_visible()


def test_a_guess_is_remembered_until_the_reader_takes_it_back(opened: Callable[..., Page]) -> None:
    page = opened()
    number, choice = page.locator(".book-prediction").all()
    number.get_by_label("Your guess").fill("120.5")
    number.get_by_role("button").click()
    choice.get_by_label("Myanmar").check()
    choice.get_by_role("button").click()
    page.reload()
    assert number.get_by_role("status").inner_text().startswith("You said 120.5;")
    assert choice.get_by_role("status").inner_text() == "You said Myanmar; the answer is Myanmar."
    number.get_by_role("button", name="Guess again").click()
    assert not number.get_by_text("The price was").is_visible()
    page.reload()
    assert number.get_by_role("status").inner_text() == ""
    assert not number.get_by_text("The price was").is_visible()


def test_a_prediction_works_where_storage_is_forbidden(opened: Callable[..., Page]) -> None:
    # Only for predictions: the theme's own scripts do not bear a browser that forbids it to all.
    forbid = """for (const name of ['getItem', 'setItem', 'removeItem']) {
      const allowed = Storage.prototype[name];
      Storage.prototype[name] = function (key, ...rest) {
        if (key.includes(':answer:')) throw new DOMException('forbidden');
        return allowed.call(this, key, ...rest);
      };
    }"""
    card = opened(forbid).locator(".book-prediction").first
    card.get_by_label("Your guess").fill("120")
    card.get_by_role("button").click()
    assert card.get_by_role("status").inner_text().startswith("You said 120;")
    card.get_by_role("button", name="Guess again").click()
    assert card.get_by_label("Your guess").is_enabled()


def test_without_scripts_a_disclosure_holds_the_answer(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    assert not page.get_by_role("button", name="Commit").first.is_visible()
    number, choice = page.locator(".book-prediction").all()
    assert not number.get_by_text("The price was").is_visible()
    number.get_by_text("Show the answer").click()
    assert number.get_by_text("The price was").is_visible()
    assert choice.get_by_label("Qatar").is_visible()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_state_passes_axe_and_fits_a_phone(opened: Callable[..., Page], mode: Mode) -> None:
    page = opened(color_scheme=mode, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.dataset.theme") == mode
    page.get_by_label("Four percent").check()
    page.get_by_label("7.2").check()
    page.locator(".book-prediction input[type=number]").first.fill("120")
    page.locator(".book-prediction button").first.click()
    # Without preloading: a page from a file may not fetch its own style sheets once more.
    found = Axe().run(page, ".bd-article", {"preload": False}).response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("script", [True, False])
def test_paper_shows_every_answer_and_no_button(opened: Callable[..., Page], script: bool) -> None:
    page = opened(color_scheme="dark", java_script_enabled=script)
    page.emulate_media(media="print")
    assert all(feedback.is_visible() for feedback in page.locator(".book-question .feedback").all())
    for answer in ("The price was", "Myanmar was."):
        box = page.get_by_text(answer).bounding_box()
        assert box is not None
        assert box["height"] > 10
        assert page.get_by_text(answer).evaluate("e => e.checkVisibility({ contentVisibilityAuto: true })")
    assert not any(button.is_visible() for button in page.locator(".book-prediction button").all())
    colour = "e => getComputedStyle(e).color"
    assert page.locator(".book-question .right strong").first.evaluate(colour) == "rgb(0, 104, 74)"
    assert page.get_by_text("Guess the price.").evaluate(colour) == "rgb(34, 40, 50)"
    assert page.get_by_text("Myanmar", exact=True).evaluate(colour) == "rgb(34, 40, 50)"


@pytest.mark.parametrize("words", FAULTS)
def test_a_faulty_directive_is_refused_with_file_and_line(builds: tuple[str, str], words: str) -> None:
    said, _ = builds
    line = REFUSED[: REFUSED.index(FAULTS[words])].count("\n") + 1
    assert re.search(rf"asked\.md:{line}: .*{re.escape(words)}", said), said
