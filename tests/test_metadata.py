"""What a page says of itself: to a search engine, to a chat that shows its link, and to who cites it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer
from pybtex.database import parse_string
from sphinx.errors import ConfigError

from axis.book import citation, site_address
from axis.book.head import page_description, preview
from axis.notebooks.chapter_facts import read_chapter_facts
from helpers.tables import table_names

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.stem for path in (ROOT / "chapters").glob("*.md"))
CHAPTERS = [name for name in PAGES if name[0].isdigit()]
SITE = "https://teacher.example/book/"
LOCS = "{http://www.sitemaps.org/schemas/sitemap/0.9}url/{http://www.sitemaps.org/schemas/sitemap/0.9}loc"

# One worker builds the small book whose address is known, for all tests that read it.
of_the_published_book = pytest.mark.xdist_group("the published book")


class _Head:
    """The elements of a page's head, each `meta` by its name or property."""

    def __init__(self, path: Path) -> None:
        self.metas: dict[str, list[str]] = {}
        self.text = path.read_text(encoding="utf-8")
        head = BeautifulSoup(self.text, "html.parser", parse_only=SoupStrainer(["meta", "link"]))
        for meta in head.find_all("meta"):
            name = str(meta.get("name") or meta.get("property") or "")
            self.metas.setdefault(name, []).append(str(meta.get("content", "")))
        self.links = {" ".join(link["rel"]): str(link["href"]) for link in head.find_all("link")}

    def one(self, name: str) -> str:
        """Return the content of a name that a page states exactly once."""
        assert len(self.metas.get(name, [])) == 1, (name, self.metas.get(name))
        return self.metas[name][0]

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)
        assert found
        return found.group(1).strip()

    @property
    def data(self) -> dict[str, Any]:
        (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', self.text, re.DOTALL)
        return dict(json.loads(script))


def _head(book: Path, name: str) -> _Head:
    return _Head(book / f"chapters/{name}.html")


def _size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def _strings(thing: Any) -> Iterator[str]:
    if isinstance(thing, dict | list):
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from _strings(part)
    elif isinstance(thing, str):
        yield thing


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_about(book: Path, name: str) -> None:
    head = _head(book, name)
    said = head.one("description")
    assert 60 <= len(said) <= 160
    assert said == head.one("og:description") == head.one("twitter:description") == head.data["description"]
    assert head.one("og:title") == head.one("twitter:title") == head.data["name"]
    assert head.one("og:site_name") in head.title
    assert head.one("og:type") == "article"
    assert head.one("twitter:card") == "summary_large_image"


def test_no_two_pages_say_the_same_of_themselves(book: Path) -> None:
    heads = [_head(book, name) for name in PAGES]
    assert len({head.one("description") for head in heads}) == len(PAGES)
    assert len({head.title for head in heads}) == len(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_picture_of_its_first_chart(book: Path, name: str) -> None:
    head = _head(book, name)
    place = head.one("og:image")
    assert place == head.one("twitter:image") == head.data["image"]
    picture = (book / "chapters" / place).read_bytes()
    assert _size(picture) == (1200, 630) == (int(head.one("og:image:width")), int(head.one("og:image:height")))
    assert len(picture) < 300_000
    figure = preview.first_figure(head.text)
    assert (figure is None) == (place == "../previews/book.png")
    if figure:
        assert head.one("og:image:alt") == head.one("twitter:image:alt") == figure.spec["description"]
        # Painted anew from the first chart of the page, and only from it, it is the same picture.
        assert picture == preview.render_preview_image(head.one("og:title"), head.one("og:site_name"), figure)
        others = preview.PAYLOAD.findall(head.text)[1:]
        for other in others:
            changed = preview.first_figure(f'<script type="application/json" class="figure-data">{other}</script>')
            assert picture != preview.render_preview_image(head.one("og:title"), head.one("og:site_name"), changed)


def test_every_chapter_has_a_chart_in_its_picture(book: Path) -> None:
    assert {_head(book, name).one("og:image") for name in CHAPTERS} == {f"../previews/{name}.png" for name in CHAPTERS}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_books_sign(book: Path, name: str) -> None:
    links = _head(book, name).links
    icon = (book / "chapters" / links["icon"].partition("?")[0]).read_text(encoding="utf-8")
    assert ElementTree.fromstring(icon).tag == "{http://www.w3.org/2000/svg}svg"
    touch = (book / "chapters" / links["apple-touch-icon"].partition("?")[0]).read_bytes()
    assert _size(touch) == (180, 180)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_something_to_learn_from(book: Path, name: str) -> None:
    data = _head(book, name).data
    assert data["@context"] == "https://schema.org"
    assert data["@type"] == ["LearningResource", "Chapter"]
    assert len(data["teaches"]) == 3
    facts = read_chapter_facts(ROOT / f"chapters/{name}.md")
    assert data["teaches"] == facts.plain_objectives
    assert data["timeRequired"] == f"PT{facts.minutes}M"
    assert data["competencyRequired"].startswith("You should know ")
    assert data["name"].startswith(f"{data['position']} ")
    assert data["inLanguage"] == "en"
    assert data["isAccessibleForFree"] is True
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert data["isPartOf"]["@type"] == "Book"
    assert data["citation"][0]["author"] == [{"@type": "Person", "givenName": "Harley", "familyName": "Balzer"}]
    notebook = book / "chapters" / data["encoding"]["contentUrl"]
    assert json.loads(notebook.read_text(encoding="utf-8"))["nbformat"] == 4


def test_the_data_dictionary_is_a_dataset_with_every_table(book: Path) -> None:
    data = _head(book, "data-dictionary").data
    assert data["@type"] == "Dataset"
    assert data["temporalCoverage"] == "1689/2026"
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert data["creator"] == [{"@type": "Organization", "name": "The authors of the book"}]
    archive, *tables = data["distribution"]
    assert archive["encodingFormat"] == "application/zip"
    assert [Path(table["contentUrl"]).stem for table in tables] == table_names()
    for file in data["distribution"]:
        assert file["@type"] == "DataDownload"
        assert (book / "chapters" / file["contentUrl"]).is_file()


def test_the_first_page_and_the_entrance_are_the_book_with_its_chapters(book: Path) -> None:
    for path in (book / "chapters/index.html", book / "index.html"):
        data = _Head(path).data
        assert data["@type"] == ["Book", "LearningResource"]
        assert [(path.parent / part["url"]).resolve().stem for part in data["hasPart"]] == CHAPTERS
        assert "isPartOf" not in data
    entrance = _Head(book / "index.html")
    assert entrance.one("og:image") == "previews/book.png"
    assert entrance.one("description") == _head(book, "index").one("description")


def test_the_page_for_searching_is_not_offered_by_search_engines(book: Path) -> None:
    head = _Head(book / "search.html")
    assert head.one("robots") == "noindex"
    assert head.one("description")


def test_a_book_without_a_known_address_claims_none(book: Path) -> None:
    for name in PAGES:
        head = _head(book, name)
        assert "canonical" not in head.links
        assert not {"og:url", "citation_public_url"} & set(head.metas)
        assert "url" not in head.data
    assert not (book / "sitemap.xml").exists()
    assert not (book / "robots.txt").exists()


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_can_be_cited_by_machine(book: Path, name: str) -> None:
    head = _head(book, name)
    assert head.one("citation_title") == head.one("og:title")
    assert head.one("citation_author") == "The authors of the book"
    assert head.one("citation_publication_date") == "2026/11/24"
    assert head.one("citation_inbook_title") == "Axis of collusion: test the numbers"
    assert head.text.count('class="book-bibtex"') == 1
    shown = re.search(r"<pre>(@incollection.*?)</pre>", head.text, re.DOTALL)
    assert shown
    (entry,) = parse_string(shown.group(1).replace("&#39;", "'").replace("&#34;", '"'), "bibtex").entries.values()
    assert entry.fields["title"] == f"{{{head.one('citation_title')}}}"
    assert [str(person) for person in entry.persons["author"]] == ["{The authors of the book}"]
    assert entry.fields["year"] == "2026"
    assert entry.key == f"axis-{name}"


def test_a_person_is_cited_by_family_name_and_an_address_is_given_where_it_is_known() -> None:
    work = {
        "title": "T",
        "date-released": "2026-11-24",
        "version": "1",
        "authors": [{"family-names": "Li", "given-names": "An"}],
    }
    assert ("citation_author", "Li, An") in citation.citation_meta_tags("One", work, "", "en")
    assert ("citation_public_url", f"{SITE}x") in citation.citation_meta_tags("One", work, f"{SITE}x", "en")
    (entry,) = parse_string(citation.bibtex_entry("x", "One", work, f"{SITE}x"), "bibtex").entries.values()
    assert entry.persons["author"][0].last_names == ["Li"]
    assert entry.fields["url"] == f"{SITE}x"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a small book whose address is known, then once more where it is not."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "chapters").mkdir()
    for name in ("_config.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "data", folder / "data")
    toc = {
        "format": "jb-book",
        "root": "chapters/index",
        "chapters": [{"file": "chapters/one"}, {"file": "chapters/data"}],
    }
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc))
    (folder / "chapters/index.md").write_text(
        "# Tiny\n\nA book of very few pages, for the sake of a test that looks at their heads alone.\n\n"
        "```{bibliography}\n```\n"
    )
    (folder / "chapters/one.md").write_text(
        '---\nbook: {section: Its section, minutes: 5, objectives: ["**test**"], prerequisites: Nothing.}\n---\n\n'
        "# 1 One\n\n```{chapter-opening}\n```\n\n```{cite-this-chapter}\n```\n"
    )
    (folder / "chapters/data.md").write_text("# Data\n\n```{data-dictionary}\n```\n")
    for site in (SITE.removesuffix("/"), ""):
        command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder), "--quiet"]
        environment = {**os.environ, "BOOK_REPOSITORY_URL": "", "BOOK_SITE_URL": site}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        shutil.copytree(folder / "_build/html", folder / ("known" if site else "unknown"))
    return folder


@of_the_published_book
def test_a_known_address_stands_on_every_page(published: Path) -> None:
    for name in ("index", "one", "data"):
        head = _Head(published / f"known/chapters/{name}.html")
        own = f"{SITE}chapters/{name}.html"
        assert own == head.links["canonical"] == head.one("og:url") == head.data["url"]
        assert head.one("og:image") == f"{SITE}previews/book.png"
        assert not [text for text in _strings(head.data) if text.startswith("..")]
    assert _Head(published / "known/index.html").links["canonical"] == f"{SITE}chapters/index.html"
    one = _Head(published / "known/chapters/one.html")
    assert one.one("citation_public_url") == f"{SITE}chapters/one.html"
    assert f"url = {{{SITE}chapters/one.html}}" in one.text
    files = _Head(published / "known/chapters/data.html").data["distribution"]
    assert f"{SITE}data/gas_prices.csv" in [file["contentUrl"] for file in files]


@of_the_published_book
def test_the_site_map_names_every_page_that_is_there(published: Path) -> None:
    places = [loc.text or "" for loc in ElementTree.parse(published / "known/sitemap.xml").iterfind(LOCS)]
    assert places == [f"{SITE}chapters/{name}.html" for name in ("data", "index", "one")]
    assert all((published / "known" / place.removeprefix(SITE)).is_file() for place in places)
    assert f"Sitemap: {SITE}sitemap.xml" in (published / "known/robots.txt").read_text()


@of_the_published_book
def test_a_host_finds_the_folders_and_the_page_for_wrong_addresses(published: Path) -> None:
    assert (published / "known/.nojekyll").is_file()
    page = BeautifulSoup((published / "known/404.html").read_text(encoding="utf-8"), "html.parser")
    places = [element.get("href") for element in page.find_all(["link", "a"])]
    assert len(places) == 4
    # At whatever depth the host shows it, it leads to files that are there.
    assert all(place.startswith("/book/") for place in places)
    assert all((published / "known" / place.removeprefix("/book/")).is_file() for place in places)
    assert (published / "unknown/.nojekyll").is_file()
    assert not (published / "unknown/404.html").exists()


@of_the_published_book
def test_an_address_that_is_no_longer_known_leaves_nothing_behind(published: Path) -> None:
    for name in ("index", "one", "data"):
        text = (published / f"unknown/chapters/{name}.html").read_text(encoding="utf-8")
        assert SITE not in text
    assert not (published / "unknown/sitemap.xml").exists()
    assert not (published / "unknown/robots.txt").exists()


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("https://github.com/Teacher/Book", "https://teacher.github.io/Book/"),
        ("https://github.com/teacher/Teacher.github.io", "https://teacher.github.io/"),
        ("https://gitlab.com/teacher/book", ""),
        ("", ""),
    ],
)
def test_the_pages_of_a_repository_have_a_known_address_on_github_alone(repository: str, site: str) -> None:
    assert site_address.github_pages_url(repository) == site


def test_a_stated_address_goes_before_that_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_REPOSITORY_URL", "https://github.com/teacher/book")
    monkeypatch.delenv("BOOK_SITE_URL", raising=False)
    assert site_address.published_url(tmp_path) == "https://teacher.github.io/book/"
    assert site_address.published_url(tmp_path, "https://own.example") == "https://own.example/"
    monkeypatch.setenv("BOOK_SITE_URL", "https://other.example/x/")
    assert site_address.published_url(tmp_path, "https://own.example") == "https://other.example/x/"
    monkeypatch.setenv("BOOK_SITE_URL", "own.example")
    with pytest.raises(ConfigError, match="is not a web address: BOOK_SITE_URL must start with https"):
        site_address.published_url(tmp_path)


def test_a_description_keeps_whole_sentences_and_drops_citations() -> None:
    from docutils import nodes
    from docutils.utils import new_document

    def described(text: str) -> str:
        tree = new_document("page")
        section = nodes.section()
        section += [nodes.paragraph(text="Too short to say anything."), nodes.paragraph(text=text)]
        tree += section
        return page_description.page_description(tree)

    start = "Balzer argues that the trade of the two grew, and that it did so unevenly, on one side"
    assert described(f"{start} [Balzer, 2021].") == f"{start}."
    assert described(f"{start}. {'And more of it, ' * 8}.") == f"{start}."
    cut = described("one word more, " * 20)
    assert len(cut) <= page_description.LONGEST
    assert cut.endswith(("word…", "one…", "more…"))
