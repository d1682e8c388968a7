"""From each note of the report to a work, from each work to a chapter that cites it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pybtex.database import BibliographyData, parse_file

from helpers import load
from helpers.tables import data_folder

CHAPTERS = Path(__file__).parent.parent / "chapters"
CITED = re.compile(r"\{cite:[pt]\}`([^`]+)`")
EXTENDED = [2, 7, 9, 15, 27, 30, 116]
#: Works of the bibliography that no note of the report names, each with the reason for it.
OWN = {
    "balzer2021axis": "the report itself",
    "hirschman1945national": "the theory of unequal dependence, in the chapter on energy",
    "hirschman1978beyond": "what its author later found missing in that theory, in the chapter on imbalances",
    "keohane1977power": "sensitivity and vulnerability, in the chapter on energy",
}


@pytest.fixture(scope="module")
def works() -> BibliographyData:
    return parse_file(str(data_folder() / "references.bib"))


def keys_of(text: str) -> set[str]:
    return {key.strip() for group in CITED.findall(text) for key in group.split(",")}


def test_all_121_notes_are_there_and_seven_are_extended() -> None:
    notes = load("notes")
    assert notes["note"].tolist() == list(range(1, 122))
    assert notes["section"].is_monotonic_increasing
    assert notes.groupby("section")["note"].min()[["3.2", "3.3", "3.5"]].tolist() == [49, 56, 78]
    assert notes.query("kind == 'extended note'")["note"].tolist() == EXTENDED


def test_a_note_without_a_work_says_what_it_holds() -> None:
    bare = load("notes").query("keys == ''")
    assert set(bare["kind"]) == {"personal communication", "remark", "pointer"}
    assert (bare["remark"].str.len() > 10).all()


def test_notes_and_bibliography_know_the_same_works(works: BibliographyData) -> None:
    named = {key for keys in load("notes")["keys"] for key in keys.split("; ") if key}
    assert named | set(OWN) == set(works.entries)


@pytest.mark.parametrize("chapter", sorted(set(load("sections")["chapter"])))
def test_a_chapter_cites_every_work_of_its_notes(chapter: str) -> None:
    sections = load("sections").query("chapter == @chapter")["section"]
    notes = load("notes")
    owed = {key for keys in notes[notes["section"].isin(sections)]["keys"] for key in keys.split("; ") if key}
    assert owed - keys_of((CHAPTERS / f"{chapter}.md").read_text(encoding="utf-8")) == set()


def test_titles_and_translations_are_kept_apart(works: BibliographyData) -> None:
    russian = [entry for entry in works.entries.values() if entry.fields.get("language") == "russian"]
    assert len(russian) > 20
    # One Russian page is cited by an English title alone.
    assert [entry.key for entry in russian if "translation" not in entry.fields] == ["tass2021share"]
    for entry in russian:
        assert "English:" not in entry.fields.get("note", ""), entry.key
        assert not re.search(r"[а-яА-Я]", entry.fields["title"]), entry.key


def test_a_translation_is_printed_in_brackets_behind_its_title(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/chapters/bibliography.html")
    entry = page.locator(".citation", has_text="Kitaiskie investory begut").inner_text()
    assert re.search(r"Rossii \[Chinese investors are running away from Russia\]\.", entry)


def test_the_bibliography_shows_every_work_and_every_note(browser: Browser, site: str, works: BibliographyData) -> None:
    page = browser.new_page()
    page.goto(f"{site}/chapters/bibliography.html")
    assert page.locator(".citation").count() == len(works.entries)
    assert page.locator("#notes tbody tr").count() == 121
    work = page.locator("#note-58 a.reference").first.get_attribute("href")
    assert "Kitaiskie investory" in page.locator(f"[id='{work.removeprefix('#')}']").inner_text()
