"""What a build refuses, what it names, and what it writes: shown on a book of two pages."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
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

Counted = tuple[Callable[[], None], list[str], Path, Path]
Build = Callable[[str], subprocess.CompletedProcess[str]]


def _prepare(folder: Path) -> None:
    (folder / "chapters").mkdir()
    (folder / "data").mkdir()
    shutil.copy(ROOT / "_config.yml", folder)
    toc = {"format": "jb-book", "root": "chapters/index", "chapters": [{"file": "chapters/one"}]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc))
    (folder / "data/references.bib").write_text(SOURCE)
    (folder / "chapters/index.md").write_text(INDEX)


def _run(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder), "--quiet"]
    environment = {"BOOK_REPOSITORY_URL": "", "BOOK_LITE": "", **settings}
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build a book whose one chapter has the given text."""
    _prepare(tmp_path)

    def run(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "chapters/one.md").write_text(HEADER + text)
        return _run(tmp_path)

    return run


def test_a_good_book_builds_and_asks_no_other_host(build: Build, tmp_path: Path) -> None:
    done = build(CHART.format(description=', description="Two bars, 1 and 2."'))
    assert done.returncode == 0, done.stderr
    pages = tmp_path / "_build/html"
    chapter = (pages / "chapters/one.html").read_text()
    assert chapter.count('<figure class="book-figure"') == 1
    assert len(re.findall(r'src="[^"]*/figure\.js', chapter)) == 1
    assert len(re.findall(r'href="[^"]*/figure\.css', chapter)) == 1
    assert "figure.js" not in (pages / "chapters/index.html").read_text()
    assert "vegaEmbed" in (pages / "_static/vega.js").read_text()
    for page in pages.rglob("*.html"):
        text = page.read_text()
        assert build_rules.third_party_urls(text) == []
        for file in re.findall(r'(?:href|src)="([^":#?]*_static/[^"?]*)', text):
            assert (page.parent / file).is_file(), f"{page} asks for {file}, which is not there"
        assert not re.search(r"unpkg|jsdelivr|cdnjs|fontawesome[^\"]*\.js|widget-state", text), page
    assert 'og:title" content="Axis of collusion' in (pages / "index.html").read_text()
    assert "chapters/index.html" in (pages / "index.html").read_text()


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


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, subprocess.CompletedProcess[str]]:
    """The text of a chapter with every fault, and the attempt to build it."""
    folder = tmp_path_factory.mktemp("faulty")
    _prepare(folder)
    shutil.copy(ROOT / "src/axis/book/html_theme/static/favicon.svg", folder / "chapters/chart.svg")
    text = HEADER + "\n".join(FAULTS.values())
    (folder / "chapters/one.md").write_text(text)
    return text, _run(folder)


@pytest.mark.parametrize("words", FAULTS)
def test_a_fault_fails_the_build_and_is_named_with_its_line(
    faulty: tuple[str, subprocess.CompletedProcess[str]], words: str
) -> None:
    text, done = faulty
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
    found = re.search(rf"chapters/one\.md:(\d+): .*{words}", said)
    assert found, said
    assert int(found.group(1)) == text[: text.index(FAULTS[words])].count("\n") + 1
    assert done.returncode != 0


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


def _build_framed(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    _prepare(folder)
    shutil.copy(ROOT / "CITATION.cff", folder)
    settings = yaml.safe_load((folder / "_config.yml").read_text())
    settings["sphinx"]["config"]["book_report"] = "known2021"
    (folder / "_config.yml").write_text(yaml.safe_dump(settings))
    (folder / "chapters/one.md").write_text(text)
    return _run(folder)


def test_a_chapter_prints_what_its_front_matter_states(tmp_path: Path) -> None:
    done = _build_framed(tmp_path, FRAMED)
    assert done.returncode == 0, done.stderr
    page = BeautifulSoup((tmp_path / "_build/html/chapters/one.html").read_text(), "html.parser").article
    title, links, facts, *_ = page.section.find_all(["h1", "p"], recursive=False)
    assert title.get_text() == "One#"
    assert links.get_text() == "Download the chapter as a notebook"
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


def test_links_and_entries_for_bibtex_are_no_words_to_search_for(tmp_path: Path) -> None:
    assert _build_framed(tmp_path, FRAMED).returncode == 0
    index = (tmp_path / "_build/html/searchindex.js").read_text()
    assert '"gap"' in index
    assert not re.search('"(?:download|incollect|booktitl)', index)


def test_a_fact_that_a_chapter_lacks_fails_the_build_and_is_named_with_its_line(tmp_path: Path) -> None:
    done = _build_framed(tmp_path, FRAMED.replace("  minutes: 15\n", ""))
    assert done.returncode != 0
    line = FRAMED[: FRAMED.index("book:")].count("\n") + 1
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
    assert f'chapters/one.md:{line}: WARNING: the block "book" has no field "minutes": add it' in said


def test_a_chapter_is_read_anew_when_the_book_has_a_new_version(tmp_path: Path) -> None:
    assert _build_framed(tmp_path, FRAMED).returncode == 0
    citation = tmp_path / "CITATION.cff"
    citation.write_text(citation.read_text().replace("version: 0.1.0", "version: 0.2.0"))
    assert _run(tmp_path).returncode == 0
    assert "Version 0.2.0" in (tmp_path / "_build/html/chapters/one.html").read_text()


def _shared_version(page: Path) -> str:
    """Return the version that a page gives for its styles and its scripts."""
    (version,) = set(re.findall(r"_static/shared\.(?:css|js)\?v=(\w+)", page.read_text()))
    return version


def test_the_version_of_the_shared_files_sees_all_that_they_join(build: Build, tmp_path: Path) -> None:
    page, config = tmp_path / "_build/html/chapters/one.html", tmp_path / "_config.yml"
    assert build("Text.\n").returncode == 0
    first, joined = _shared_version(page), [tmp_path / f"_build/html/_static/shared.{kind}" for kind in ("css", "js")]
    assert hashlib.sha256(b"".join(file.read_bytes() for file in joined)).hexdigest().startswith(first)
    # The style of code is a setting of the theme: Pygments makes a sheet of it.
    config.write_text(config.read_text().replace("a11y-high-contrast-light", "tango"))
    assert _run(tmp_path).returncode == 0
    assert _shared_version(page) != first


def test_every_page_gets_a_style_of_the_book_that_has_changed(tmp_path: Path) -> None:
    _prepare(tmp_path)
    package = tmp_path / "package"
    shutil.copytree(ROOT / "src", package)
    (tmp_path / "chapters/one.md").write_text(f"{HEADER}Text.\n")
    assert _run(tmp_path, PYTHONPATH=str(package)).returncode == 0
    page = tmp_path / "_build/html/chapters/one.html"
    first = _shared_version(page)
    with (package / "axis/book/html_theme/static/book.css").open("a") as style:
        style.write("\n.book-links { color: rebeccapurple; }\n")
    assert _run(tmp_path, PYTHONPATH=str(package)).returncode == 0
    assert "rebeccapurple" in (tmp_path / "_build/html/_static/shared.css").read_text()
    assert _shared_version(page) != first


def test_the_link_to_the_first_page_lies_in_a_landmark_that_is_named(build: Build, tmp_path: Path) -> None:
    assert build("Text.\n").returncode == 0
    page = BeautifulSoup((tmp_path / "_build/html/chapters/one.html").read_text(), "html.parser")
    landmark = page.find("a", class_="navbar-brand").find_parent("nav")
    assert landmark["aria-label"] == read_book_identity(ROOT).title


def test_launch_links_lead_to_the_repository_and_only_to_a_known_one(build: Build, tmp_path: Path) -> None:
    assert build("Text.\n").returncode == 0
    page = tmp_path / "_build/html/chapters/one.html"
    assert 'href="../notebooks/one.ipynb"' in page.read_text()
    assert (tmp_path / "_build/html/notebooks/one.ipynb").is_file()
    assert "Binder" not in page.read_text()
    assert _run(tmp_path, BOOK_REPOSITORY_URL="git@github.com:teacher/book.git").returncode == 0
    link = "https://mybinder.org/v2/gh/teacher/book/HEAD?urlpath=lab/tree/chapters/one.ipynb"
    assert f'href="{link}"' in page.read_text()


def test_a_page_opens_its_notebook_in_the_browser_only_where_the_book_has_it(build: Build, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    (tmp_path / "made/notebooks").mkdir(parents=True)
    (tmp_path / "made/notebooks/index.html").write_text("a site of notebooks")
    page, copied = tmp_path / "_build/html/chapters/one.html", tmp_path / "_build/html/lite/notebooks/index.html"
    links = [
        f'href="../lite/notebooks/index.html?path={path}.ipynb"' for path in ("chapters/one", "assignments/3-2-energy")
    ]
    assert build("```{exercise} 3-2-energy\n```\n").returncode == 0
    assert "lite/" not in page.read_text()
    assert _run(tmp_path, BOOK_LITE="made").returncode == 0
    assert all(page.read_text().count(link) == 1 for link in links)
    assert copied.read_text() == "a site of notebooks"
    assert _run(tmp_path).returncode == 0
    assert "lite/" not in page.read_text()
    assert not copied.exists()
    missing = _run(tmp_path, BOOK_LITE="nowhere")
    assert missing.returncode != 0
    assert "nowhere, which has no notebooks for a browser: run make lite" in missing.stderr


def test_a_cell_that_raises_fails_every_build_until_it_is_corrected(build: Build) -> None:
    cell = "```{code-cell} ipython3\n1 / 0\n```\n"
    place = f"chapters/one.md:{HEADER.count(chr(10)) + 1}: WARNING: the cell that starts here fails"
    for _ in range(2):
        done = build(cell)
        assert done.returncode != 0
        assert f"{place} (ZeroDivisionError: division by zero): correct it." in re.sub(
            r"\x1b\[[0-9;]*m", "", done.stderr
        )
    assert build(cell.replace("/ 0", "/ 1")).returncode == 0


def test_a_chapter_runs_again_when_data_change_and_only_then(build: Build, tmp_path: Path) -> None:
    cell = '```{code-cell} ipython3\nopen("../ran", "a").write(open("../data/number.txt").read())\n```\n'
    for number, more in [("150.2 ", ""), ("150.2 ", "More text."), ("143 ", "More text.")]:
        (tmp_path / "data/number.txt").write_text(number)
        assert build(cell + more).returncode == 0
    assert (tmp_path / "ran").read_text() == "150.2 143 "


def test_a_build_without_changes_writes_no_file_again(build: Build, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data", dirs_exist_ok=True)
    (tmp_path / "data/references.bib").write_text(SOURCE)
    (tmp_path / "exercises").mkdir()
    shutil.copy(ROOT / "exercises/3-2-energy.ipynb", tmp_path / "exercises")
    html = tmp_path / "_build/html"

    def times() -> dict[str, int]:
        # The theme writes its colours of code at the end of every build.
        files = [path for path in html.rglob("*") if path.is_file() and path.name != "pygments.css"]
        return {str(path.relative_to(html)): path.stat().st_mtime_ns for path in files}

    assert build("Text.\n").returncode == 0
    first = times()
    made = {"notebooks/one.ipynb", "exercises/3-2-energy.ipynb", "data/gas_prices.csv", "index.html", "search.html"}
    assert made <= set(first)
    assert build("Text.\n").returncode == 0
    # The chapter was saved again, so its page is written, and what Sphinx writes with any page.
    again = {name for name, time in times().items() if time != first[name]}
    assert {"chapters/one.html", "index.html"} <= again
    assert not again & {"notebooks/one.ipynb", "exercises/3-2-energy.ipynb", "data/gas_prices.csv"}
    second = times()
    assert _run(tmp_path).returncode == 0
    assert times() == second
    assert build("Other text.\n").returncode == 0
    assert "Other text." in (html / "notebooks/one.ipynb").read_text()


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


def test_a_page_that_loads_from_another_host_fails_every_build_until_it_is_corrected(
    build: Build, tmp_path: Path
) -> None:
    page = '```{raw} html\n<script src="https://unpkg.com/x.js"></script>\n```\n'
    for _ in range(2):
        done = build(page)
        assert done.returncode != 0
        assert "chapters/one.html loads https://unpkg.com/x.js from another host: put a copy" in done.stderr
    assert build("Text.\n").returncode == 0
    # A site of notebooks may be older than the last build, and comes into the book all the same.
    (tmp_path / "made/notebooks").mkdir(parents=True)
    notebooks = tmp_path / "made/notebooks/index.html"
    notebooks.write_text('<script src="https://unpkg.com/y.js"></script>')
    os.utime(notebooks, (0, 0))
    done = _run(tmp_path, BOOK_LITE="made")
    assert done.returncode != 0
    assert "loads https://unpkg.com/y.js from another host" in done.stderr


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
