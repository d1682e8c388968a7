"""Where the numbers in the prose come from: what the roles print, what is refused, and what needs no mark."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from axis.book_identity import BookIdentity
from axis.notebooks.chapter_facts import ChapterFacts
from axis.notebooks.plain_markdown import collect_reference_targets, translate_markdown
from axis.numbers.known_numbers import audit_numbers, chart_numbers, unknown_exercise_numbers
from axis.numbers.number_roles import show_numbers
from axis.numbers.number_rules import UNMARKED, page_faults, sort_numbers, unmarked_pages
from helpers import load
from helpers.audit.computed_numbers import compute_number, explain_formula, format_like

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "chapters").glob("*.md"))
BOOK = BookIdentity("A book", "Us", "en", "book")
MULTIPLE = "{computed}`1.84 <3.3-11 / 3.3-10>`"


def faults(text: str, stem: str = "3-3-investment") -> list[str]:
    return [number.fault for number in page_faults(sort_numbers(text, stem), is_held=True)]


def kinds(text: str) -> list[str]:
    return [number.kind for number in sort_numbers(text, "3-3-investment")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_number_of_a_page_has_an_origin(page: Path) -> None:
    is_held = page.stem not in (unmarked_pages(ROOT) or [])
    found = page_faults(sort_numbers(page.read_text(encoding="utf-8"), page.stem), is_held)
    assert [f"{page}:{number.line}: {number.fault}" for number in found] == []


def test_the_list_of_unmarked_pages_names_pages() -> None:
    listed = unmarked_pages(ROOT) or []
    assert Counter(listed) - Counter(page.stem for page in PAGES) == Counter()


@pytest.mark.parametrize(
    ("formula", "sample", "shown"),
    [
        ("3.3-11 / 3.3-10", "1.00", "1.84"),
        ("100 * (3.3-05 - 3.3-06) / 3.3-05", "1 percent", "79 percent"),
        ("low of 3.3-11 / 3.3-10", "1.00", "1.74"),
        ("high of 3.3-11 / 3.3-10", "1.00", "1.96"),
        ("high:3.6-14 - low:3.6-14", "0.0", "0.2"),
        ("3.4-05 * 1000", "1,000", "91,000"),
        ("3.4-05 * 1000", "1000", "91000"),
        ("3.4-05 * 12 to 100", "1,000", "1,100"),
        ("3.3-10 - 3.3-04", "−1", "−241"),
        ("3.3-10", "Two times", "Nine times"),
        ("count(notes)", "1", "121"),
        ("count(notes where kind == 'extended note')", "one", "seven"),
        ("sum(fdi.value where kind == 'stock')", "1", "140"),
        ("max(fdi.value where kind == 'stock') - min(fdi.value where kind == 'stock')", "1.0", "106.8"),
        ("count(fdi where (value > 1) and kind in ['stock'])", "1", "2"),
        ("distinct(fdi.entity)", "1", "3"),
        ("f14 / 2.5", "1.000", "1.816"),
    ],
)
def test_a_number_is_computed_from_rows_in_the_form_of_its_sample(formula: str, sample: str, shown: str) -> None:
    assert format_like(compute_number(formula), sample) == shown


def test_a_derived_table_can_be_counted() -> None:
    failing = compute_number("count(findings where verdict == 'fails')")
    assert 0 < failing < len(load("audit"))


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("1600 / 4", "names no row and no table"),
        ("3.3-99", 'No table has a row with the id "3.3-99"'),
        ("3.3-11 / ", "lacks a term"),
        ("3.6-14", "gives a range: write low: or high:"),
        ("high of 3.3-19 / 1", "has no finite value"),
        ("count(fdii)", 'There is no table "fdii". Did you mean "fdi"?'),
        ("count(fdi where king == 'stock')", "The condition \"king == 'stock'\" cannot be read"),
        ("sum(fdi.values)", 'The table "fdi" has no column "values"'),
        ("f02", "has no figure"),
    ],
)
def test_a_formula_that_cannot_be_computed_says_why(formula: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        compute_number(formula)
    (fault,) = faults(f"{{computed}}`5 <{formula}>`")
    assert message in fault
    assert "audit.csv" not in fault


def test_a_corrected_row_corrects_the_sentence_and_asks_to_read_it_again() -> None:
    stale = "China has {computed}`1.99 <3.3-11 / 3.3-10>` billion."
    assert show_numbers(stale) == "China has 1.84 billion."
    assert faults(stale) == []
    (number,) = (one for one in sort_numbers(stale, "3-3-investment") if one.kind == "computed")
    assert number.stale == "{computed}`1.99` is now 1.84: write that, and read the sentence again."


def test_the_explanation_names_the_figures() -> None:
    assert explain_formula("3.3-11 / 3.3-10") == "3.3-11 / 3.3-10, where 3.3-11 is 16.6 and 3.3-10 is 9"


def test_a_printed_number_is_one_of_the_section_or_of_a_named_row() -> None:
    assert faults("{printed}`2.28` and {printed}`480` million, {printed}`nine` times, {printed}`91 <3.4-05>`.") == []
    (missing,) = faults("{printed}`91`")
    assert "no row of section 3.3 has it; name its row" in missing
    (other,) = faults("{printed}`92 <3.4-05>`")
    assert "the row 3.4-05 has another figure" in other
    (outside,) = faults("{printed}`4.54 <f14>`")
    assert "f14 is not a row of the report; mark the number {sourced}" in outside
    (nowhere,) = faults("{printed}`2.28`", "glossary")
    assert "follows no section" in nowhere


def test_a_sourced_number_has_a_source_in_its_paragraph_or_a_row() -> None:
    assert faults("{sourced}`407` {cite:p}`a2020`") == []
    assert faults("[so many](https://example.org): {sourced}`407`") == []
    assert faults("{sourced}`4.54 <f14>`") == []
    (missing,) = faults("{sourced}`407`\n\n[elsewhere](https://example.org)")
    assert "the paragraph has neither link nor citation" in missing
    (inside,) = faults("{sourced}`407`, [a page of ours](index.md)")
    assert "neither link nor citation" in inside
    (printed,) = faults("{sourced}`9 <3.3-10>`")
    assert "is a row of the report; mark the number {printed}" in printed


def test_a_role_in_a_title_behind_backticks_is_refused() -> None:
    (fault,) = faults("```{question} Is it {printed}`2.28`?\n- [x] Yes\n\n  So.\n```")
    assert "begin and end the directive with :::" in fault
    assert faults(":::{question} Is it {printed}`2.28`?\n- [x] Yes\n\n  So.\n:::") == []


def test_a_number_without_an_origin_is_refused_with_its_line() -> None:
    (found,) = page_faults(sort_numbers("# Title\n\nThere are 33 banks.\n", "index"), is_held=True)
    assert found.line == 3
    assert found.fault == 'the number "33" has no origin: mark it {printed}, {sourced} or {computed}.'
    assert list(page_faults(sort_numbers("There are 33 banks.", "index"), is_held=False)) == []


@pytest.mark.parametrize(
    "excused",
    [
        *("in 2014", "1858–60", "the 1950s", "21 December 2021", "on 3 and 4 May", "May 2018", "July 4", "Friday 1"),
        *("section 3.3", "chapters 1 to 5", "notes 4, 5 and 116", "finding A48", "exercise 3.2", "Move 2", "3.4-05"),
        *("19th", "G20", "S-400", "COVID-19", "5G", "Vostok 2018", "Power of Siberia 2", "18+1", "ISO 8601"),
        *("10 to 20 minutes", "dollars per 1,000 m³", "`x = 5`", "{math}`5`", "{cite:p}`a2020b`", "1. First"),
        *("[3.2 Energy](3-2-energy.md)", "[A32](findings.md#A32)", "[it](https://a.org/2020/5?x=9)", "100 percent"),
        *('"he said 12"', "nine firms", "a thousand million", "# 3.3 Investment", "**2.1 Elites.** Text", "55° N"),
        *("```{code-cell} ipython3\nx = 5\n```", "```console\n$ 5\n```", "% 5", "(label-5)=", "<span id='5'>"),
        *("```{prediction} Which?\n:unit: per 9\nGuess.\n---\nSo.\n```", "| week | what |\n|---|---|\n| 7 | x |"),
        *("```{question} Which?\n- [ ] 5 percent\n  and 6\n\n  No.\n```", "---\nbook:\n  minutes: 15\n---\n"),
    ],
)
def test_what_measures_nothing_needs_no_mark(excused: str) -> None:
    assert UNMARKED not in kinds(excused)


@pytest.mark.parametrize(
    "held",
    [
        *("2018 percent", "1,600 answers", "2000 people", "nine times", "Two million", "a 30-year lease", "3.5 to 4"),
        *("notes 4 and 25 percent", "```{question} Which?\n- [x] 5 percent\n\n  Yes.\n```", "| a |\n|---|\n| 7 |"),
        *(
            "```{question} Which?\n- [ ] Five\n\n  It is 6.\n```",
            "```{prediction} Which?\n:answer: 6\nGo.\n---\nSo.\n```",
        ),
        *("```{note}\nThere are 33.\n```", '---\nmyst:\n  html_meta:\n    description: "Of 33 banks"\n---\n'),
        *("---\nbook:\n  objectives:\n    - 'find 7 of them'\n---\n", "[the 91 projects](3-4-regions.md)"),
    ],
)
def test_what_measures_something_needs_a_mark(held: str) -> None:
    assert UNMARKED in kinds(held)


def test_a_printed_number_needs_one_mark_in_a_paragraph_and_a_computed_one_each_time() -> None:
    assert kinds("{printed}`2.28` billion, and 2.28 again") == ["printed", "printed"]
    assert kinds("{printed}`2.28` billion\n\nand 2.28 again") == ["printed", UNMARKED]
    assert kinds(f"{MULTIPLE}, and 1.84 again") == ["computed", UNMARKED]


def test_the_notebook_and_the_objectives_have_the_number_alone() -> None:
    around = collect_reference_targets(ROOT, BOOK)
    text = f"China has {MULTIPLE} billion, {{printed}}`9 <3.3-10>` times less; {{chosen}}`5`."
    assert translate_markdown(text, around, {}) == "China has 1.84 billion, 9 times less; 5."
    asked = f":::{{question}} Of {MULTIPLE}?\n- [ ] {MULTIPLE}\n\n  No.\n- [x] Two\n\n  Yes, {MULTIPLE}.\n:::"
    assert "computed" not in translate_markdown(asked, around, {})
    facts = ChapterFacts("3.3", 15, (f"**find** {MULTIPLE}",), f"Know {MULTIPLE}.")
    assert (facts.plain_objectives, facts.plain_prerequisites) == (["find 1.84"], "Know 1.84.")


def test_numbers_in_the_words_of_a_chart_are_looked_up() -> None:
    chart = 'alt.Chart(x, title="Of 2.28 billion 0.5 are gone", width=640).properties(description="In 2018 it was 77.")'
    found = chart_numbers(f"```{{code-cell}} ipython3\n:tags: [x]\n{chart}\n```\n", "3-3-investment")
    assert sorted((number.value, not number.fault) for number in found) == [(0.5, True), (2.28, True), (77.0, False)]


def test_of_a_sentence_that_vega_writes_only_the_quoted_words_are_held() -> None:
    chart = """says = "'Of 77: ' + (share > 0.123 ? 'most' : 'few')"
"""
    found = chart_numbers(f"```{{code-cell}} ipython3\n{chart}```\n", "3-3-investment")
    assert [number.value for number in found] == [77]


@pytest.mark.parametrize("stem", sorted(path.stem for path in (ROOT / "exercises").glob("*.ipynb")))
def test_the_numbers_of_an_exercise_are_the_chapters_or_said_to_be_made_up(stem: str) -> None:
    notebook = nbformat.read(ROOT / f"exercises/{stem}.ipynb", as_version=4)
    page = (ROOT / f"chapters/{stem}.md").read_text(encoding="utf-8")
    assert unknown_exercise_numbers(notebook, page, stem) == []
    notebook.cells.append(nbformat.v4.new_markdown_cell("Take 123.4 tonnes."))
    notebook.cells.append(nbformat.v4.new_markdown_cell("A ship carries 4321.5 tonnes; assign it to `x_987`."))
    assert unknown_exercise_numbers(notebook, page, stem) == [4321.5]


def test_the_numbers_of_a_finding_are_looked_up_in_the_rows_that_it_names() -> None:
    loan = [(number, is_known) for finding, number, is_known in audit_numbers() if finding == "A69"]
    assert loan
    assert all(is_known for _, is_known in loan)


PAGE = f"""\
---
myst:
  html_meta:
    description: "China has {MULTIPLE} billion dollars in Russia, by the multiple that the report prints for Germany."
---
# Of {MULTIPLE} billion

China has {MULTIPLE} billion.

| a | b |
|---|---|
| {MULTIPLE} | {{printed}}`9 <3.3-10>` |

:::{{question}} Of {MULTIPLE}?
- [ ] {MULTIPLE} or less

  No, {MULTIPLE}.
- [x] More

  Yes.
:::

```{{prediction}} How much?
:unit: billion
:answer: {MULTIPLE}
Guess, of {MULTIPLE}.

---
It was {MULTIPLE}.
```
"""
CONFIG = """\
title: Small
execute: {execute_notebooks: "off"}
parse: {myst_enable_extensions: [colon_fence, deflist, attrs_inline]}
sphinx:
  config:
    extensions:
      [myst_nb, jupyter_book, sphinx_external_toc, sphinx_book_theme, sphinxcontrib.bibtex, axis.book]
    bibtex_bibfiles: []
    book_unmarked_pages: []
"""


def build_book(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "_config.yml").write_text(CONFIG)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (folder / "page.md").write_text(text)
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder), "--quiet"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.build
def test_the_page_shows_the_computed_number_and_says_how_it_was_computed(tmp_path: Path) -> None:
    done = build_book(tmp_path, PAGE)
    assert done.returncode == 0, done.stderr
    page = BeautifulSoup((tmp_path / "_build/html/page.html").read_text(), "html.parser")
    assert "computed}" not in str(page)
    article = page.find("article")
    numbers = article.find_all("data")
    assert {number["title"] for number in numbers} == {
        "Computed: 3.3-11 / 3.3-10, where 3.3-11 is 16.6 and 3.3-10 is 9"
    }
    assert {(number["value"], number.text) for number in numbers} == {("1.84", "1.84")}
    assert [number for number in numbers if number.has_attr("tabindex") or number.has_attr("role")] == []
    assert article.select_one(".book-prediction")["data-answer"] == "1.84"
    assert page.find("meta", {"name": "description"})["content"].startswith("China has 1.84 billion")
    assert page.find("title").text.startswith("Of 1.84 billion")


@pytest.mark.build
def test_a_number_without_an_origin_fails_the_build(tmp_path: Path) -> None:
    done = build_book(tmp_path, "# Banks\n\nThere are 33 banks.\n")
    assert done.returncode != 0
    assert 'page.md:3: WARNING: the number "33" has no origin: mark it' in done.stderr
