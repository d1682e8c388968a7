"""What a build refuses, what it names, and what it writes: shown on two small books.

A build takes seconds, so each book is built a few times for all tests, with one change before each build, and the
tests read what every build said and left.
"""

import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from axis.book import build_rules
from axis.book.checksums import files_checksum, make_if_changed
from axis.book.html_theme import theme_cleanup
from axis.book_identity import read_book_identity, read_citation_file
from axis.portable.helpers_wheel import wheel_filename
from helpers.files import write_atomically
from small_chapters import front_matter

ROOT = Path(__file__).parent.parent

HEADER = f"{front_matter()}# One\n\n"
INDEX = "# Tiny\n\nRead [one](one.md) and {cite:p}`known2021`.\n\n```{bibliography}\n```\n"
SOURCE = "@book{known2021, author={Known, Ann}, title={A book}, year={2021}, publisher={Us}}\n"
CHART = """\
```{{code-cell}} ipython3
import altair as alt
import pandas as pd
from helpers import load
data = pd.DataFrame({{"a": [1, 2]}})
alt.Chart(data, title="Two bars"{description}).mark_bar().encode(x="a:Q", tooltip=["a:Q"])
```
"""
FACTS = """\
book:
  section: "Section 3 of the report"
  minutes: 15
  objectives: ["**compute** a gap", "**judge** the words"]
  prerequisites: "You should know [the book](index.md)."
"""
FRAMED = (
    HEADER.replace("kernelspec", f"{FACTS}kernelspec") + "```{chapter-opening}\n```\n\n```{cite-this-chapter}\n```\n"
)

Counted = tuple[Callable[[], None], list[str], Path, Path]


@dataclass(frozen=True)
class Build:
    """What one build of a small book said, a copy of the pages that it left, and what a cell had written by then."""

    returncode: int
    said: str
    html: Path
    ran: str

    def text(self, name: str) -> str:
        """Return the text of a file."""
        return (self.html / name).read_text(encoding="utf-8")

    def times(self) -> dict[str, int]:
        """Return when each file was written."""
        # The theme writes its colours of code at the end of every build.
        files = [path for path in self.html.rglob("*") if path.is_file() and path.name != "pygments.css"]
        return {str(path.relative_to(self.html)): path.stat().st_mtime_ns for path in files}

    def shared_version(self, name: str, file: str) -> str:
        """Return the version that a page gives for a file that it shares with others."""
        (version,) = re.findall(rf"_static/{re.escape(file)}\?v=(\w+)", self.text(name))
        return version


class SmallBook:
    """A book of a few chapters, and the copies of what its builds leave."""

    def __init__(self, folder: Path, chapters: dict[str, str]) -> None:
        self.folder, self._copies, self._numbers = folder / "book", folder / "builds", itertools.count(1)
        for name in ("chapters", "data"):
            (self.folder / name).mkdir(parents=True)
        settings = yaml.safe_load((ROOT / "_config.yml").read_text())
        settings["sphinx"]["config"]["book_report"] = "known2021"
        # The sentences of these chapters are examples, and their numbers have no origin.
        settings["sphinx"]["config"].pop("book_unmarked_pages", None)
        (self.folder / "_config.yml").write_text(yaml.safe_dump(settings))
        shutil.copy(ROOT / "CITATION.cff", self.folder)
        files = [{"file": f"chapters/{name}"} for name in chapters]
        toc = {"format": "jb-book", "root": "chapters/index", "chapters": files}
        (self.folder / "_toc.yml").write_text(yaml.safe_dump(toc))
        self.write(index=INDEX, **chapters)
        (self.folder / "data/references.bib").write_text(SOURCE)

    def write(self, **chapters: str) -> None:
        """Write some chapters."""
        for name, text in chapters.items():
            (self.folder / f"chapters/{name}.md").write_text(text)

    def build(self, **settings: str) -> Build:
        """Build the book with some variables set."""
        command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(self.folder), "--quiet"]
        environment = {**os.environ, "BOOK_REPOSITORY_URL": "", "BOOK_LITE": "", **settings}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        pages, ran, copy = self.folder / "_build/html", self.folder / "ran", self._copies / str(next(self._numbers))
        assert pages.is_dir(), done.stderr
        shutil.copytree(pages, copy)
        said = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
        return Build(done.returncode, said, copy, ran.read_text() if ran.exists() else "")


# One worker builds the book that a test reads, for all tests that read it.
of_the_good_book = pytest.mark.xdist_group("the good book")
of_the_faulty_book = pytest.mark.xdist_group("the faulty book")

COUNT = '```{code-cell} ipython3\nopen("../ran", "a").write(open("../data/number.txt").read())\n```\n'
GOOD = {
    "one": f"{FRAMED}\n```{{exercise}} 3-2-energy\n```\n",
    "two": HEADER + CHART.format(description=', description="Two bars, 1 and 2."') + COUNT,
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    """The builds of a book without a fault, in their order, each after one change."""
    book = SmallBook(tmp_path_factory.mktemp("good"), GOOD)
    # As in the repository, where the package finds its tables beside its sources.
    package = book.folder / "src"
    config, citation, number = (book.folder / name for name in ("_config.yml", "CITATION.cff", "data/number.txt"))
    shutil.copytree(ROOT / "data", book.folder / "data", ignore=shutil.ignore_patterns("*.bib"), dirs_exist_ok=True)
    (book.folder / "exercises").mkdir()
    shutil.copy(ROOT / "exercises/3-2-energy.ipynb", book.folder / "exercises")
    shutil.copytree(ROOT / "src", package)
    usual = {"PYTHONPATH": str(package)}
    builds = {}
    number.write_text("150.2 ")
    builds["first"] = book.build(**usual)
    book.write(one=GOOD["one"])
    builds["saved again"] = book.build(**usual)
    builds["no change"] = book.build(**usual)
    book.write(**{name: f"{text}Other text.\n" for name, text in GOOD.items()})
    builds["other text"] = book.build(**usual)
    number.write_text("143 ")
    builds["other data"] = book.build(**usual)
    citation.write_text(citation.read_text().replace("version: 0.1.0", "version: 0.2.0"))
    builds["new version"] = book.build(**usual)
    # The style of code is a setting of the theme: Pygments makes a sheet of it.
    config.write_text(config.read_text().replace("a11y-high-contrast-light", "tango"))
    builds["style of code"] = book.build(**usual)
    with (package / "axis/book/html_theme/static/book.css").open("a") as style:
        style.write("\n.book-links { color: rebeccapurple; }\n")
    builds["style of the book"] = book.build(**usual)
    usual["BOOK_REPOSITORY_URL"] = "git@github.com:teacher/book.git"
    builds["repository"] = book.build(**usual)
    (book.folder / "made/notebooks").mkdir(parents=True)
    (book.folder / "made/notebooks/index.html").write_text("a site of notebooks")
    builds["with notebooks"] = book.build(**usual, BOOK_LITE="made")
    builds["without notebooks"] = book.build(**usual)
    builds["missing notebooks"] = book.build(**usual, BOOK_LITE="nowhere")
    return builds


@pytest.mark.build
@of_the_good_book
def test_a_good_book_builds_and_asks_no_other_host(good: dict[str, Build]) -> None:
    first = good["first"]
    assert first.returncode == 0, first.said
    chapter = first.text("chapters/two.html")
    assert chapter.count('<figure class="book-figure"') == 1
    assert len(re.findall(r'src="[^"]*/page-figure-[\w-]*\.js', chapter)) == 1
    assert "page-figure-" not in first.text("chapters/index.html")
    assert ".book-figure" in first.text("_static/shared.css")
    assert "vegaEmbed" in first.text("_static/vega.js")
    for page in first.html.rglob("*.html"):
        text = page.read_text()
        assert build_rules.third_party_urls(text) == []
        for file in re.findall(r'(?:href|src)="([^":#?]*_static/[^"?]*)', text):
            assert (page.parent / file).is_file(), f"{page} asks for {file}, which is not there"
        assert not re.search(r"unpkg|jsdelivr|cdnjs|fontawesome[^\"]*\.js|widget-state", text), page
    assert 'og:title" content="Axis of collusion' in first.text("index.html")
    assert "chapters/index.html" in first.text("index.html")


@pytest.mark.build
@of_the_good_book
def test_a_chapter_prints_what_its_front_matter_states(good: dict[str, Build]) -> None:
    first = good["first"]
    assert first.returncode == 0, first.said
    page = BeautifulSoup(first.text("chapters/one.html"), "html.parser").article
    title, links, facts, *_ = page.section.find_all(["h1", "p"], recursive=False)
    assert title.get_text() == "One#"
    assert links.a.get_text() == "Download the chapter as a notebook"
    assert links.span.get_text() == "In Jupyter, VS Code, Colab or Kaggle, its first cell installs what it needs."
    assert facts.get_text() == "Section 3 of the report. Reading time: about 15 minutes."
    assert facts.a["href"] == read_citation_file(ROOT)["references"][0]["url"]
    assert [item.get_text() for item in page.select("ul p")] == ["compute a gap;", "judge the words."]
    assert [str(verb) for verb in page.select("ul strong")] == ["<strong>compute</strong>", "<strong>judge</strong>"]
    assert page.find("a", href="index.html").get_text() == "the book"
    cited = page.find("strong", string="To cite this chapter:").parent
    title = read_book_identity(ROOT).title
    assert cited.get_text() == f"To cite this chapter: “One”, in {title}, an interactive book on Known [2021]."
    entry = cited.find_next_sibling()
    assert entry["class"] == ["book-bibtex"]
    assert "@incollection{axis-one," in entry.pre.get_text()


@pytest.mark.build
@of_the_good_book
def test_links_and_entries_for_bibtex_are_no_words_to_search_for(good: dict[str, Build]) -> None:
    assert good["first"].returncode == 0
    texts = good["first"].text("_static/search-texts.js")
    assert "compute a gap" in texts
    assert not re.search("Download|incollection|booktitle", texts)


@pytest.mark.build
@of_the_good_book
def test_the_link_to_the_first_page_lies_in_a_landmark_that_is_named(good: dict[str, Build]) -> None:
    assert good["first"].returncode == 0
    page = BeautifulSoup(good["first"].text("chapters/one.html"), "html.parser")
    landmark = page.find("a", class_="navbar-brand").find_parent("nav")
    assert landmark["aria-label"] == read_book_identity(ROOT).title


@pytest.mark.build
@of_the_good_book
def test_a_build_without_changes_writes_no_file_again(good: dict[str, Build]) -> None:
    assert good["first"].returncode == 0
    first = good["first"].times()
    made = {"notebooks/one.ipynb", "exercises/3-2-energy.ipynb", "data/gas_prices.csv", "index.html", "search.html"}
    assert made <= set(first)
    assert good["saved again"].returncode == 0
    second = good["saved again"].times()
    # The chapter was saved again, so its page is written, and what Sphinx writes with any page.
    again = {name for name, time in second.items() if time != first[name]}
    assert {"chapters/one.html", "index.html"} <= again
    assert not again & {"notebooks/one.ipynb", "exercises/3-2-energy.ipynb", "data/gas_prices.csv"}
    assert good["no change"].returncode == 0
    assert good["no change"].times() == second
    assert good["other text"].returncode == 0
    assert "Other text." in good["other text"].text("notebooks/one.ipynb")


@pytest.mark.build
@of_the_good_book
def test_a_chapter_runs_again_when_data_change_and_only_then(good: dict[str, Build]) -> None:
    *before, after = [good[name] for name in ("first", "saved again", "no change", "other text", "other data")]
    assert [build.returncode for build in (*before, after)] == [0] * 5
    assert {build.ran for build in before} == {"150.2 "}
    assert after.ran == good["missing notebooks"].ran == "150.2 143 "


@pytest.mark.build
@of_the_good_book
def test_a_chapter_is_read_anew_when_the_book_has_a_new_version(good: dict[str, Build]) -> None:
    assert good["other data"].returncode == 0
    assert "Version 0.2.0" not in good["other data"].text("chapters/one.html")
    assert good["new version"].returncode == 0
    assert "Version 0.2.0" in good["new version"].text("chapters/one.html")


@pytest.mark.build
@of_the_good_book
def test_the_version_of_the_shared_files_sees_all_that_they_join(good: dict[str, Build]) -> None:
    before, after = good["new version"], good["style of code"]
    assert before.returncode == 0
    scripts = ["shared.js", "page-start.js"]
    files = {"shared.css": ["shared.css"], **dict.fromkeys(scripts, scripts)}
    versions = {file: before.shared_version("chapters/one.html", file) for file in files}
    for file, counted in files.items():
        contents = b"".join((before.html / f"_static/{name}").read_bytes() for name in counted)
        assert hashlib.sha256(contents).hexdigest()[:8] == versions[file]
    assert after.returncode == 0
    assert after.shared_version("chapters/one.html", "shared.css") != versions["shared.css"]


@pytest.mark.build
@of_the_good_book
def test_every_page_gets_a_style_of_the_book_that_has_changed(good: dict[str, Build]) -> None:
    before, after = good["style of code"], good["style of the book"]
    assert before.returncode == 0
    assert after.returncode == 0
    assert "rebeccapurple" in after.text("_static/shared.css")
    for page in ("chapters/index.html", "chapters/one.html", "chapters/two.html"):
        assert after.shared_version(page, "shared.css") != before.shared_version(page, "shared.css")


@pytest.mark.build
@of_the_good_book
def test_launch_links_lead_to_the_repository_and_only_to_a_known_one(good: dict[str, Build]) -> None:
    before, after = good["style of the book"], good["repository"]
    assert before.returncode == 0
    assert 'href="../notebooks/one.ipynb"' in before.text("chapters/one.html")
    assert (before.html / "notebooks/one.ipynb").is_file()
    assert "Binder" not in before.text("chapters/one.html")
    assert after.returncode == 0
    link = "https://mybinder.org/v2/gh/teacher/book/HEAD?urlpath=lab/tree/chapters/one.ipynb"
    assert f'href="{link}"' in after.text("chapters/one.html")
    # Colab opens what the workflow has written to a branch, under the names of the downloads.
    elsewhere = "https://colab.research.google.com/github/teacher/book/blob/notebooks/notebooks/one.ipynb"
    assert f'href="{elsewhere}"' in after.text("chapters/one.html")
    assert 'SITE = "https://teacher.github.io/book/"' in cell_text(after, "notebooks/one.ipynb", "setup-code")
    assert 'SITE = ""' in cell_text(before, "notebooks/one.ipynb", "setup-code")


def cell_text(build: Build, name: str, cell_id: str) -> str:
    cells = json.loads(build.text(name))["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["id"] == cell_id)


@pytest.mark.build
@of_the_good_book
def test_what_notebooks_need_elsewhere_lies_beside_them(good: dict[str, Build]) -> None:
    html = good["first"].html
    with zipfile.ZipFile(html / f"notebooks/{wheel_filename()}") as wheel:
        names = wheel.namelist()
    assert {"helpers/tables.py", "helpers/data/gas_prices.csv", "helpers/figures/templates/figure.html"} <= set(names)
    assert not [name for name in names if name.startswith("axis/")]
    (archive,) = (html / "exercises").glob("*-exercises.zip")
    with zipfile.ZipFile(archive) as packed:
        found = {name.removeprefix(f"{archive.stem}/") for name in packed.namelist()}
        released = packed.read(f"{archive.stem}/3-2-energy.ipynb")
    assert {"3-2-energy.ipynb", "README.md", "requirements.txt", "data/gas_prices.csv", wheel_filename()} <= found
    assert released == (html / "exercises/3-2-energy.ipynb").read_bytes()
    assert f'href="../exercises/{archive.name}" download' in good["first"].text("chapters/one.html")


@pytest.mark.build
@of_the_good_book
def test_a_page_opens_its_notebook_in_the_browser_only_where_the_book_has_it(good: dict[str, Build]) -> None:
    page, copied = "chapters/one.html", "lite/notebooks/index.html"
    links = [
        f'href="../lite/notebooks/index.html?path={path}.ipynb"' for path in ("chapters/one", "assignments/3-2-energy")
    ]
    assert good["repository"].returncode == 0
    assert "lite/" not in good["repository"].text(page)
    assert good["with notebooks"].returncode == 0
    assert all(good["with notebooks"].text(page).count(link) == 1 for link in links)
    assert good["with notebooks"].text(copied) == "a site of notebooks"
    assert good["without notebooks"].returncode == 0
    assert "lite/" not in good["without notebooks"].text(page)
    assert not (good["without notebooks"].html / copied).exists()
    missing = good["missing notebooks"]
    assert missing.returncode != 0
    assert "nowhere, which has no notebooks for a browser: run make lite" in missing.said


FAULTS = {
    "Two bars.* has no description": CHART.format(description=""),
    "no alternative text": "![](chart.svg)\n",
    "nowhere": "See {ref}`nowhere`.\n",
    "missing.md": "See [that](missing.md).\n",
    "'adrift'": "See [that](#adrift).\n",
    "local id not found.*'A999'": "See [that](index.md#A999).\n",
    "mark the right one with \\[x\\]": "```{question} How many?\n- [ ] One\n\n  No.\n- [ ] Two\n\n  No.\n```\n",
    "A prediction needs": "```{prediction} How many?\nGuess.\n```\n",
    "add exercises/lost.ipynb": "```{exercise} lost\n```\n",
    "unknown2020": "As {cite:t}`unknown2020` says.\n",
    'no block "book": add it': "```{chapter-opening}\n```\n",
}
WRONG = {
    "one": HEADER + "\n".join(FAULTS.values()),
    "lacking": FRAMED.replace("  minutes: 15\n", ""),
    "raising": f"{HEADER}```{{code-cell}} ipython3\n1 / 0\n```\n",
    "elsewhere": '# Elsewhere\n\n```{raw} html\n<script src="https://unpkg.com/x.js"></script>\n```\n',
}
PLAIN = "# Plain\n\nText.\n"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    """The attempts to build a book with every fault, in their order, until the last one is corrected."""
    book = SmallBook(tmp_path_factory.mktemp("faulty"), WRONG)
    shutil.copy(ROOT / "src/axis/book/html_theme/static/favicon.svg", book.folder / "chapters/chart.svg")
    attempts = {"every fault": book.build()}
    book.write(one=PLAIN, lacking=FRAMED, elsewhere=PLAIN)
    attempts["a cell raises"] = book.build()
    book.write(raising=WRONG["raising"].replace("/ 0", "/ 1"), elsewhere=WRONG["elsewhere"])
    attempts["a page loads from elsewhere"] = book.build()
    attempts["and still does"] = book.build()
    book.write(elsewhere=PLAIN)
    attempts["no fault"] = book.build()
    # A site of notebooks may be older than the last build, and comes into the book all the same.
    (book.folder / "made/notebooks").mkdir(parents=True)
    notebooks = book.folder / "made/notebooks/index.html"
    notebooks.write_text('<script src="https://unpkg.com/y.js"></script>')
    os.utime(notebooks, (0, 0))
    attempts["notebooks load from elsewhere"] = book.build(BOOK_LITE="made")
    return attempts


@pytest.mark.build
@of_the_faulty_book
@pytest.mark.parametrize("words", FAULTS)
def test_a_fault_fails_the_build_and_is_named_with_its_line(faulty: dict[str, Build], words: str) -> None:
    text, attempt = WRONG["one"], faulty["every fault"]
    found = re.search(rf"chapters/one\.md:(\d+): .*{words}", attempt.said)
    assert found, attempt.said
    assert int(found.group(1)) == text[: text.index(FAULTS[words])].count("\n") + 1
    assert attempt.returncode != 0


@pytest.mark.build
@of_the_faulty_book
def test_a_fact_that_a_chapter_lacks_fails_the_build_and_is_named_with_its_line(faulty: dict[str, Build]) -> None:
    attempt = faulty["every fault"]
    assert attempt.returncode != 0
    line = FRAMED[: FRAMED.index("book:")].count("\n") + 1
    assert f'chapters/lacking.md:{line}: WARNING: the block "book" has no field "minutes": add it' in attempt.said


@pytest.mark.build
@of_the_faulty_book
def test_a_cell_that_raises_fails_every_build_until_it_is_corrected(faulty: dict[str, Build]) -> None:
    place = f"chapters/raising.md:{HEADER.count(chr(10)) + 1}: WARNING: the cell that starts here fails"
    for attempt in (faulty["every fault"], faulty["a cell raises"]):
        assert attempt.returncode != 0
        assert f"{place} (ZeroDivisionError: division by zero): correct it." in attempt.said
    assert place not in faulty["a page loads from elsewhere"].said
    assert faulty["no fault"].returncode == 0, faulty["no fault"].said


@pytest.mark.build
@of_the_faulty_book
def test_a_page_that_loads_from_another_host_fails_every_build_until_it_is_corrected(faulty: dict[str, Build]) -> None:
    for attempt in (faulty["a page loads from elsewhere"], faulty["and still does"]):
        assert attempt.returncode != 0
        said = "chapters/elsewhere.html loads https://unpkg.com/x.js from another host: put a copy"
        assert said in attempt.said
    assert faulty["no fault"].returncode == 0, faulty["no fault"].said
    with_notebooks = faulty["notebooks load from elsewhere"]
    assert with_notebooks.returncode != 0
    assert "loads https://unpkg.com/y.js from another host" in with_notebooks.said


@pytest.fixture
def counted(tmp_path: Path) -> Counted:
    """A function that makes one file of one source, how often it did, the source, and the folder of the file."""
    source, folder, made = tmp_path / "source", tmp_path / "made", []
    (tmp_path / "trees").mkdir()
    source.write_text("1")
    app: Any = SimpleNamespace(doctreedir=tmp_path / "trees")

    def make() -> Iterator[Path]:
        made.append(source.read_text())
        if made[-1] == "wrong":
            raise ValueError
        yield write_atomically(folder / made[-1], "content")

    return lambda: make_if_changed(app, folder, [source], "settings", make), made, source, folder


def test_what_has_not_changed_is_made_once(counted: Counted) -> None:
    run, made, source, folder = counted
    run()
    run()
    assert made == ["1"]
    source.write_text("2")
    run()
    assert made == ["1", "2"]
    # What an earlier build made is gone.
    assert [path.name for path in folder.iterdir()] == ["2"]


def test_what_is_missing_is_made_again(counted: Counted) -> None:
    run, made, _, folder = counted
    run()
    (folder / "1").unlink()
    run()
    assert (folder / "1").is_file()
    assert made == ["1", "1"]


def test_what_could_not_be_made_is_tried_again(counted: Counted) -> None:
    run, made, source, _ = counted
    source.write_text("wrong")
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^$"):
            run()
    assert made == ["wrong", "wrong"]


def test_a_checksum_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = files_checksum(tmp_path)
    (tmp_path / "a").write_text("2")
    second = files_checksum(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first, second, files_checksum(tmp_path)}) == 3


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://unpkg.com/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/a.css">',
        '<img src="http://example.org/pixel.gif">',
    ],
)
def test_an_address_that_a_page_loads_from_elsewhere_is_found(element: str) -> None:
    assert len(build_rules.third_party_urls(f"<p>{element}</p>")) == 1


def test_a_link_to_another_host_is_not_a_load() -> None:
    page = '<a href="https://example.org">x</a><link rel="canonical" href="https://example.org">'
    assert build_rules.third_party_urls(page) == []


def test_binder_installs_what_the_lock_names() -> None:
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "this test needs uv: run it through `make test`"
    options = re.search(r"^EXPORT := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert options, "the Makefile no longer says what `make requirements` exports"
    exported = subprocess.run(
        [uv, *options[1].split(), "--offline"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ROOT / "binder/requirements.txt").read_text() == exported.stdout, "run `make requirements`"


def test_binder_runs_a_python_that_the_package_allows() -> None:
    version = (ROOT / "binder/runtime.txt").read_text().strip().removeprefix("python-")
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted.startswith(f">={version}")


def test_code_on_a_page_keeps_its_text_with_few_elements() -> None:
    code = 'for name in names:\n    print(f"{name} = {2 * value:.1f}")  # why\n'
    page = highlight(code, PythonLexer(), HtmlFormatter())
    thin = theme_cleanup.simplify_highlighting(page)
    assert re.sub("<[^>]+>", "", thin) == re.sub("<[^>]+>", "", page)
    assert thin.count("<span") < page.count("<span") / 2
    assert '<span class="k">for</span>' in thin
    assert '<span class="c1">' in thin
