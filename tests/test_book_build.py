"""What a build refuses, what it names, and what it writes: shown on a book of two pages."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from helpers.book import cache, rules

ROOT = Path(__file__).parent.parent

HEADER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# One

"""
FIRST_LINE = HEADER.count("\n") + 1
INDEX = "# Tiny\n\nRead [one](one.md) and {cite:p}`known2021`.\n\n```{bibliography}\n```\n"
SOURCE = "@book{known2021, author={Known, Ann}, title={A book}, year={2021}, publisher={Us}}\n"
CHART = """\
```{{code-cell}} ipython3
import altair as alt
import pandas as pd
import helpers
data = pd.DataFrame({{"a": [1, 2]}})
alt.Chart(data, title="Two bars"{description}).mark_bar().encode(x="a:Q", tooltip=["a:Q"])
```
"""

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
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(folder), "--quiet"]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **settings})


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build a book whose one chapter has the given text."""
    _prepare(tmp_path)

    def run(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "chapters/one.md").write_text(HEADER + text)
        return _run(tmp_path)

    return run


def _complaint(done: subprocess.CompletedProcess[str], words: str) -> int:
    """Assert that the build failed, and give the line of `one.md` that it names for `words`."""
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
    assert done.returncode != 0, said
    found = re.search(rf"chapters/one\.md:(\d+): .*{words}", said)
    assert found, said
    return int(found.group(1))


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
        assert rules.third_party_addresses(text) == []
        assert not re.search(r"unpkg|jsdelivr|cdnjs|fontawesome[^\"]*\.js|widget-state", text), page
    assert "chapters/index.html" in (pages / "index.html").read_text()


def test_a_cell_that_raises_is_named(build: Build) -> None:
    done = build("Text.\n\n```{code-cell} ipython3\n1 / 0\n```\n")
    assert _complaint(done, "ZeroDivisionError: division by zero") == FIRST_LINE + 2


def test_a_chart_without_description_is_named(build: Build) -> None:
    assert _complaint(build(CHART.format(description="")), "has no description") == FIRST_LINE


def test_a_picture_without_alternative_is_named(build: Build, tmp_path: Path) -> None:
    shutil.copy(ROOT / "src/helpers/static/favicon.svg", tmp_path / "chapters/chart.svg")
    done = build("Text.\n\n![](chart.svg)\n")
    assert _complaint(done, "no alternative text") == FIRST_LINE + 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("See {ref}`nowhere`.", "nowhere"),
        ("See [that](missing.md).", "missing.md"),
        ("See [that](#missing).", "missing"),
        ("As {cite:t}`unknown2020` says.", "unknown2020"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named(build: Build, text: str, words: str) -> None:
    assert _complaint(build(f"Text.\n\n{text}\n"), words) == FIRST_LINE + 2


def test_a_failed_build_fails_again_until_it_is_mended(build: Build) -> None:
    assert build("{ref}`nowhere`\n").returncode != 0
    assert build("{ref}`nowhere`\n").returncode != 0
    assert build("Mended.\n").returncode == 0


def test_a_change_of_data_runs_the_chapters_again(build: Build, tmp_path: Path) -> None:
    cell = '```{code-cell} ipython3\nprint(open("../data/number.txt").read())\n```\n'
    for number in ("150.2", "143"):
        (tmp_path / "data/number.txt").write_text(number)
        assert build(cell).returncode == 0
        assert number in (tmp_path / "_build/html/chapters/one.html").read_text()


def test_a_change_of_nothing_runs_no_chapter(build: Build, tmp_path: Path) -> None:
    cell = '```{code-cell} ipython3\nopen("../ran", "a").write("once ")\n```\n'
    assert build(cell).returncode == 0
    assert build(cell + "\nMore text.\n").returncode == 0
    assert (tmp_path / "ran").read_text() == "once "


def test_the_digest_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = cache.digest(tmp_path)
    (tmp_path / "a").write_text("2")
    second = cache.digest(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first, second, cache.digest(tmp_path)}) == 3


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://unpkg.com/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/a.css">',
        '<img src="http://example.org/pixel.gif">',
    ],
)
def test_an_address_that_a_page_loads_from_elsewhere_is_found(element: str) -> None:
    assert len(rules.third_party_addresses(f"<p>{element}</p>")) == 1


def test_a_link_to_elsewhere_is_no_load() -> None:
    page = '<a href="https://example.org">x</a><link rel="canonical" href="https://example.org">'
    assert rules.third_party_addresses(page) == []


def test_binder_installs_what_the_lock_names() -> None:
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "this test needs uv: run it through `make test`"
    options = "--frozen --no-hashes --no-header --no-annotate --no-emit-project --extra teach --no-group test"
    exported = subprocess.run(
        [uv, "export", *options.split(), "--offline"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (ROOT / "binder/requirements.txt").read_text() == exported.stdout, "run `make requirements`"


def test_binder_runs_a_python_that_the_package_allows() -> None:
    version = (ROOT / "binder/runtime.txt").read_text().strip().removeprefix("python-")
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted.startswith(f">={version}")
