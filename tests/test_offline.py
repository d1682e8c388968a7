"""The archive to take along: unpacked and opened from a file, without a server and without a network."""

import errno
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page

from axis.book_identity import edition_words, read_book_identity, read_citation_file
from axis.editions import offline
from axis.editions.__main__ import main

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def archive(published: Callable[[str, str], Path]) -> Path:
    return published("offline", "offline.zip")


@pytest.fixture(scope="module")
def folder(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("taken along")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(target)
    return target / "axis-of-collusion"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network, which fails the test for an error in the console or a lost request."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    # A download counts as a request that the page gave up.
    page.on("requestfailed", lambda r: faults.append(r.url) if r.failure != "net::ERR_ABORTED" else None)
    yield page
    context.close()
    assert faults == []


def test_it_is_one_folder_with_an_obvious_start(archive: Path, folder: Path, measured: Callable[[str], None]) -> None:
    names = zipfile.ZipFile(archive).namelist()
    measured(f"offline archive: {archive.stat().st_size / 1e6:.1f} MB, {len(names)} files")
    assert {name.split("/")[0] for name in names} == {"axis-of-collusion"}
    readme = (folder / "README.txt").read_text()
    assert readme.startswith(f"{read_book_identity(ROOT).title}\n{edition_words(read_citation_file(ROOT))}\n")
    assert "index.html" in readme
    assert (folder / "index.html").is_file()


def test_the_same_book_makes_the_same_archive(archive: Path, book: Path, tmp_path: Path) -> None:
    edition = edition_words(read_citation_file(ROOT))
    offline.write_offline_archive(read_book_identity(ROOT), edition, book, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_a_folder_without_a_book_is_refused_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "axis.editions", "offline", str(tmp_path / "a.zip"), "--from", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: {tmp_path} has no index.html: run `make book` first.\n"


def test_a_place_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "index.html").touch()
    (tmp_path / "a file").touch()
    answer = CliRunner().invoke(main, ["offline", f"{tmp_path}/a file/book.zip", "--from", str(tmp_path)])
    assert answer.exit_code == 1
    assert re.fullmatch(r"Error: .*/a file/book\.zip: cannot be written \(.+\); name another file\.\n", answer.output)


def test_what_stood_there_stays_until_the_archive_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").touch()
    target = tmp_path / "book.zip"
    target.write_bytes(b"last week's")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        offline.write_offline_archive(read_book_identity(ROOT), "", tmp_path / "site", target)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["book.zip"]
    assert target.read_bytes() == b"last week's"


def test_a_reader_goes_from_the_start_through_contents_and_next(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    page.wait_for_url("**/chapters/index.html")
    page.locator("nav a", has_text="3.1 Technology").first.click()
    page.wait_for_url("**/3-1-technology.html")
    page.locator("a.right-next").click()
    page.wait_for_url("**/3-2-energy.html")
    page.locator("a.left-prev").click()
    page.wait_for_url("**/3-1-technology.html")


def test_a_control_moves_its_chart_its_sentence_and_its_file(page: Page, folder: Path) -> None:
    page.goto((folder / "chapters/3-2-energy.html").as_uri())
    figure = page.locator("#gas-prices")
    figure.scroll_into_view_if_needed()
    figure.locator("[data-control=baseline] select").select_option(label="Qatar, LNG")
    figure.locator(".picture.live svg").wait_for()
    assert "LNG from Qatar" in figure.locator(".says").inner_text()
    with page.expect_download() as download:
        figure.locator("a.csv").click()
    assert "Myanmar,pipeline gas,340,65\n" in Path(download.value.path()).read_text()
    state = figure.locator("a.state").get_attribute("href")
    assert "baseline=Qatar" in (state or "")


def test_a_state_link_brings_back_the_state(page: Page, folder: Path) -> None:
    page.goto(f"{(folder / 'chapters/3-2-energy.html').as_uri()}#gas-prices?baseline=Qatar%2C+LNG&measure=Ratio")
    page.locator("#gas-prices .picture.live svg").wait_for()
    assert "LNG from Qatar" in page.locator("#gas-prices .says").inner_text()
    page.goto(f"{(folder / 'chapters/statements.html').as_uri()}#statements?section=3.4")
    shown = page.locator(".book-listing tbody tr:visible").count()
    assert 0 < shown < page.locator(".book-listing tbody tr").count()


def test_a_question_answers_and_a_prediction_is_kept(page: Page, folder: Path) -> None:
    page.goto((folder / "chapters/3-2-energy.html").as_uri())
    page.get_by_label("5.0 percent").check()
    assert page.get_by_text("7.2 divided by 143 is 0.050.").first.is_visible()
    page.get_by_label("Your guess").fill("300")
    page.get_by_role("button", name="Commit").click()
    page.reload()
    assert "You said 300" in page.locator(".book-prediction .announcement").first.inner_text()


def test_the_search_finds_and_leads_to_a_chapter(page: Page, folder: Path) -> None:
    page.goto((folder / "chapters/index.html").as_uri())
    page.goto(f"{(folder / 'search.html').as_uri()}?q=pipeline")
    page.wait_for_function("document.querySelectorAll('#search-results li').length > 3")
    page.locator("#search-results a", has_text="3.2 Energy").first.click()
    page.wait_for_url("**/chapters/3-2-energy.html*")


def test_tables_and_notebooks_are_there_to_download(page: Page, folder: Path) -> None:
    page.goto((folder / "chapters/data-dictionary.html").as_uri())
    with page.expect_download() as download:
        page.get_by_role("link", name="Download gas_prices.csv").click()
    assert "Myanmar" in Path(download.value.path()).read_text()
    assert (folder / "exercises/3-2-energy.ipynb").is_file()
    assert (folder / "notebooks/3-2-energy.ipynb").is_file()
