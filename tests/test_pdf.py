"""The whole book as one PDF: it leads inside itself, says its page numbers, and describes its charts."""

import html
import re
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from pypdf import PdfReader
from pypdf.generic import Destination

from axis.book_identity import edition_words, read_book_identity, read_citation_file
from axis.editions import print_browser
from axis.editions.pdf import _css_string
from axis.errors import EditionError
from helpers.tables import load_statements

ROOT = Path(__file__).parent.parent

# Reading the pages takes seconds, so one worker does it for all tests.
pytestmark = pytest.mark.xdist_group("pdf")


class Printed:
    """A PDF and the text of its pages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = PdfReader(path)

    @cached_property
    def _read(self) -> list[tuple[str, list[tuple[float, float, str]]]]:
        """The text of each page, and its pieces with their left edges and their heights in points."""
        pages = []
        for page in self.reader.pages:
            pieces: list[tuple[float, float, str]] = []

            def look(
                text: str, cm: list[float], tm: list[float], *_: object, into: list[tuple[float, float, str]]
            ) -> None:
                left, height = (cm[n] * tm[4] + cm[2 + n] * tm[5] + cm[4 + n] for n in (0, 1))
                into.append((left, height, text))

            pages.append((page.extract_text(visitor_text=partial(look, into=pieces)), pieces))
        return pages

    @cached_property
    def texts(self) -> list[str]:
        return [" ".join(text.split()) for text, _ in self._read]

    @property
    def pieces(self) -> list[list[tuple[float, float, str]]]:
        """The pieces of text on each page, each with its left edge and its height in points."""
        return [pieces for _, pieces in self._read]

    @cached_property
    def starts(self) -> dict[str, int]:
        """Each bookmark of the first level with the index of its page."""
        tops = [entry for entry in self.reader.outline if isinstance(entry, Destination)]
        return {str(top.title): self.reader.get_destination_page_number(top) or 0 for top in tops}

    @cached_property
    def links(self) -> list[tuple[int, Any]]:
        """The action or the destination of each link, with the index of the page that it stands on."""
        found = []
        for index, page in enumerate(self.reader.pages):
            for reference in page.get("/Annots", []):
                link = reference.get_object()
                if link.get("/Subtype") == "/Link":
                    found.append((index, link.get("/A") or link.get("/Dest")))
        return found


@pytest.fixture(scope="module")
def pdf(published: Callable[[str, str], Path]) -> Printed:
    return Printed(published("pdf", "book.pdf"))


@pytest.fixture(scope="module")
def titles(book: Path) -> list[str]:
    """The titles of all pages, in the order of the table of contents."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    names = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    pages = [(book / f"{name}.html").read_text() for name in names]
    return [re.search("<h1>(.*?)<a", page)[1] for page in pages]


def test_it_has_a_bookmark_for_every_chapter_and_for_what_is_in_it(pdf: Printed, titles: list[str]) -> None:
    assert list(pdf.starts) == ["Contents", *titles]
    assert list(pdf.starts.values()) == sorted(pdf.starts.values())
    for title, index in pdf.starts.items():
        assert pdf.texts[index].find(title) < 120, f"{title} does not begin its page"
    within = [entry for entry in pdf.reader.outline if isinstance(entry, list)]
    assert len(within) > 13
    # The introduction and the page on the report come before the first chapter.
    assert {"Read the number", "Answers"} <= {entry.title for entry in within[2] if isinstance(entry, Destination)}


def test_the_contents_name_the_page_of_every_chapter(pdf: Printed, titles: list[str]) -> None:
    contents = pdf.texts[pdf.starts["Contents"]]
    for title in titles:
        assert re.search(rf"{re.escape(title)} {pdf.starts[title] + 1}\b", contents), title


def test_every_page_but_the_cover_bears_its_number(pdf: Printed, measured: Callable[[str], None]) -> None:
    measured(f"PDF: {len(pdf.texts)} pages, {pdf.path.stat().st_size / 1e6:.1f} MB")
    assert len(pdf.texts) > 100
    # The number stands before the sheet's text, alone or after the title and the edition at its top.
    book = read_book_identity(ROOT)
    top = re.escape(f"{book.title}. {edition_words(read_citation_file(ROOT))} ")
    without = [n for n, text in enumerate(pdf.texts, 1) if not re.match(rf"(?:{top})?{n}\b", text)]
    assert without == [1]


def test_links_between_chapters_lead_inside_the_file(pdf: Printed) -> None:
    places = pdf.reader.named_destinations
    inside = [(page, str(target)) for page, target in pdf.links if isinstance(target, str)]
    assert len(inside) > 1000
    assert [target for _, target in inside if target not in places] == []
    # A citation in the chapter on energy leads to the work.
    energy = pdf.starts["3.2 Energy: what China pays for gas"]
    ends = {pdf.reader.get_destination_page_number(places[target]) for page, target in inside if page == energy}
    works = set(range(pdf.starts["Bibliography"], pdf.starts["Data dictionary"]))
    assert any("Kommersant, no. 102" in pdf.texts[page] for page in ends & works)


def test_other_links_lead_to_the_web_and_nowhere_on_this_machine(pdf: Printed) -> None:
    addresses = [str(target["/URI"]) for _, target in pdf.links if not isinstance(target, str) and "/URI" in target]
    assert len(addresses) > 90
    assert [address for address in addresses if not address.startswith(("https://", "http://"))] == []
    assert b"file://" not in pdf.path.read_bytes()


def test_it_says_what_it_is(pdf: Printed) -> None:
    settings = yaml.safe_load((ROOT / "_config.yml").read_text())
    catalogue = pdf.reader.root_object
    assert (pdf.reader.metadata.title, pdf.reader.metadata.author) == (settings["title"], settings["author"])
    edition = edition_words(read_citation_file(ROOT))
    assert pdf.reader.metadata.subject == edition
    assert [number for number, text in enumerate(pdf.texts, 1) if edition not in text] == []
    assert str(catalogue["/Lang"]) == "en"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]


def _structure(node: Any) -> Iterator[Any]:
    """Go through the tags as a screen reader does."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from _structure(child)
    elif isinstance(node, dict):
        yield node
        yield from _structure(node["/K"]) if "/K" in node else ()


def test_a_screen_reader_gets_headings_tables_and_a_description_of_every_chart(pdf: Printed, book: Path) -> None:
    catalogue = pdf.reader.root_object
    assert catalogue["/MarkInfo"]["/Marked"]
    tags = list(_structure(catalogue["/StructTreeRoot"]))
    said = {str(tag["/Alt"]) for tag in tags if tag.get("/S") == "/Figure" and "/Alt" in tag}
    pages = "".join(path.read_text() for path in (book / "chapters").glob("*.html"))
    described = re.findall(r'class="chart" role="img" aria-label="([^"]*)"', pages)
    assert len(described) > 50
    assert {html.unescape(text) for text in described} <= said
    kinds = {tag.get("/S") for tag in tags}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/Link"} <= kinds


def test_works_tables_and_answers_are_in_it_and_buttons_are_not(pdf: Printed) -> None:
    text = " ".join(pdf.texts)
    assert "Cambridge, MA and London, 2021" in text
    assert sum(f"{id_} " in text for id_ in load_statements()["id"]) == len(load_statements())
    assert text.count("✗ Not quite") > 100
    assert not re.search("Show the (code|answer)|Guess again|Search the book|import altair|BibTeX", text)
    energy = pdf.starts["3.2 Energy: what China pays for gas"]
    chapter = " ".join(pdf.texts[energy : pdf.starts["3.3 Investment: how much, and of what"]])
    assert "Next to pipeline gas from Russia, at 150.2 US dollars" in chapter
    # Without a published address, a copy on paper names none.
    assert "chapters/3-2-energy.html#gas-prices" not in chapter
    assert chapter.index("5.0 percent") < chapter.index("7.2 divided by 143 is 0.050")


def test_no_text_runs_into_the_margin_where_it_would_be_cut(pdf: Printed) -> None:
    cut = []
    for number, (page, pieces) in enumerate(zip(pdf.reader.pages, pdf.pieces, strict=True), 1):
        width = float(page.mediabox.width)
        margin = 55 if width < 700 else 41  # in points: 20 mm on upright paper, 15 mm on wide
        cut += [(number, text) for left, _, text in pieces if text.strip() and not margin < left < width - margin]
    assert cut == []


def test_no_sheet_is_white_below_a_third_unless_a_page_of_the_book_ends_on_it(pdf: Printed) -> None:
    ends = {start - 1 for start in pdf.starts.values()} | {len(pdf.texts) - 1}
    white = []
    for index, (page, pieces) in enumerate(zip(pdf.reader.pages, pdf.pieces, strict=True)):
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        margin = 62 if width < height else 45  # in points: 22 mm on upright paper, 16 mm on wide
        lowest = min(y for _, y, text in pieces if text.strip() and margin < y < height - margin)
        if index not in ends and lowest - margin > (height - 2 * margin) / 3:
            white.append(index + 1)
    assert white == []


def test_the_title_at_the_top_of_a_sheet_is_the_books_whatever_signs_it_has(pdf: Printed) -> None:
    title = yaml.safe_load((ROOT / "_config.yml").read_text())["title"]
    assert all(title in text for text in pdf.texts[1:])
    assert _css_string('A "b" \\ </style>') == '"A \\22 b\\22  \\5c  \\3c /style>"'


def test_without_a_browser_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EditionError, match=r"^Printing the book needs a browser: install chromium, or set CHROMIUM="):
        print_browser.open_print_page().__enter__()
