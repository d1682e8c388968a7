"""The book's extension works under plain Sphinx: jupyter-book 1 only writes a configuration and calls Sphinx.

jupyter-book 2 is another program, which does not run Sphinx. This is the way past it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from axis.book import build_rules
from small_chapters import front_matter

ROOT = Path(__file__).parent.parent

# One worker builds the book for all tests.
pytestmark = [pytest.mark.build, pytest.mark.xdist_group("the book under plain Sphinx")]

CONF = """\
import sys

# Whatever imports jupyter-book fails.
sys.modules["jupyter_book"] = None

project = html_title = "A book under plain Sphinx"
author = "Us"
language = "en"
root_doc = "chapters/index"
extensions = ["myst_nb", "sphinxcontrib.bibtex", "axis.book"]
exclude_patterns = ["_build", "exercises"]
html_theme = "sphinx_book_theme"
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
bibtex_bibfiles = ["data/references.bib"]
bibtex_reference_style = "author_year"
nb_execution_mode = "cache"
nb_mime_priority_overrides = [("html", "text/html", 0)]
nb_ipywidgets_js = {}
book_licence = "https://creativecommons.org/licenses/by/4.0/"
book_report = "balzer2021axis"
"""
INDEX = """\
# A book under plain Sphinx

This page says at some length what the book is about, so that search engines have something to show.

```{toctree}
one
statements
dictionary
```

```{bibliography}
```
"""
FACTS = """\
book:
  section: "Section 3.2 of the report"
  minutes: 15
  objectives: ["**compute** a gap"]
  prerequisites: "You should know what a percentage is."
"""
TEXT = """\
# 1 One

```{chapter-opening}
```

See [a statement](statements.md#statement-3.2-01).

```{code-cell} ipython3
import altair as alt
from helpers import load
alt.Chart(load("gas_prices"), title="Prices", description="Bars of prices.").mark_bar().encode(
    x="value:Q", y="entity:N", tooltip=["entity:N", "value:Q"]
)
```

```{question} How many?
- [x] One

  Yes.
- [ ] Two

  No.
```

```{exercise} 3-2-energy
```

```{cite-this-chapter}
```
"""
CHAPTER = f"{front_matter(FACTS)}{TEXT}"


def _build(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-q", "-d", "_build/doctrees", ".", "_build/html"]
    environment = {**os.environ, "BOOK_REPOSITORY_URL": "", "BOOK_SITE_URL": "", "BOOK_LITE": ""}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small book, built by ``sphinx-build`` alone."""
    folder = tmp_path_factory.mktemp("plain")
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "exercises").mkdir()
    shutil.copy(ROOT / "exercises/3-2-energy.ipynb", folder / "exercises")
    shutil.copy(ROOT / "CITATION.cff", folder)
    (folder / "conf.py").write_text(CONF)
    (folder / "chapters").mkdir()
    (folder / "chapters/index.md").write_text(INDEX)
    (folder / "chapters/one.md").write_text(CHAPTER)
    (folder / "chapters/statements.md").write_text("# Statements\n\n```{listing} statements\n```\n")
    (folder / "chapters/dictionary.md").write_text("# Dictionary\n\n```{data-dictionary}\n```\n")
    done = _build(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> BeautifulSoup:
    return BeautifulSoup((folder / "_build/html/chapters/one.html").read_text(), "html.parser")


def test_a_chapter_has_its_frame_its_figure_its_question_and_its_links(page: BeautifulSoup) -> None:
    assert "Reading time: about 15 minutes." in page.article.get_text()
    assert len(page.select("figure.book-figure .chart[aria-label]")) == 1
    assert len(page.select("fieldset.book-question input[type=radio]")) == 2
    links = [link.get_text() for link in page.select(".book-links a")]
    assert links == [
        "Download the chapter as a notebook",
        "what it needs",
        "Download the exercise as a notebook",
        "Download all exercises, with everything that they need",
        "what it needs",
    ]
    assert "@incollection{axis-one," in page.select_one(".book-bibtex pre").get_text()
    assert page.find("a", href="statements.html#statement-3.2-01")


def test_a_chapter_describes_itself_to_machines(page: BeautifulSoup) -> None:
    data = json.loads(page.find("script", type="application/ld+json").string or "")
    assert data["teaches"] == ["compute a gap"]
    assert data["isPartOf"]["name"] == "A book under plain Sphinx"
    assert page.find("meta", attrs={"name": "citation_title"})["content"] == "1 One"


def test_pages_load_the_shared_files_and_nothing_from_another_host(folder: Path) -> None:
    html = folder / "_build/html"
    for path in html.rglob("*.html"):
        text = path.read_text()
        assert build_rules.third_party_urls(text) == []
        assert path == html / "index.html" or "_static/shared.css?v=" in text
        for file in re.findall(r'(?:href|src)="([^":#?]*_static/[^"?]*)', text):
            assert (path.parent / file).is_file(), f"{path} asks for {file}, which is not there"


def test_lists_tables_and_notebooks_are_there(folder: Path) -> None:
    html = folder / "_build/html"
    assert "statement-3.2-01" in (html / "chapters/statements.html").read_text()
    for file in ("notebooks/one.ipynb", "exercises/3-2-energy.ipynb", "data/gas_prices.csv", "previews/one.png"):
        assert (html / file).is_file()


def test_a_fault_fails_the_build_and_is_named_with_its_line(folder: Path, tmp_path: Path) -> None:
    # With what the first build left: Sphinx reads a book that has moved again, but the cells have run.
    copy = shutil.copytree(folder, tmp_path / "faulty")
    with (copy / "chapters/one.md").open("a") as chapter:
        chapter.write("\n![](nowhere.png)\n")
    done = _build(copy)
    assert done.returncode != 0
    assert re.search(rf"one\.md:{CHAPTER.count(chr(10)) + 2}: WARNING: the picture .* has no alternative", done.stderr)
