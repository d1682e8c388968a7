"""Chapters as notebooks: nothing of MyST's own syntax is left, and all that it says is."""

import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from axis.book_identity import BookIdentity, read_book_identity
from axis.notebooks.chapter_error import ChapterError
from axis.notebooks.chapter_facts import ChapterFacts, read_chapter_facts
from axis.notebooks.chapter_notebook import find_chapters, write_chapter_notebooks
from small_chapters import front_matter

ROOT = Path(__file__).parent.parent
BOOK = BookIdentity("A book", "Us", "en", "book", report="one", report_url="https://example.org/report")
WIDGET = "application/vnd.jupyter.widget-view+json"

HEADER = front_matter()
OTHER = HEADER + "(other)=\n# The other chapter\n\nText.\n\n(prices)=\n## Prices of gas\n"
WORKS = """
@book{one, author={Known, Ann}, title={A}, year={2021}}
@book{two, author={Known, Ann and M{\\"u}ller, Jo}, title={B}, year={2020}}
@book{three, author={A, X and B, Y and C, Z}, title={C}, year={2019}}
@misc{office, author={{Statistics Office}}, title={D}, year={2018}}
@misc{nobody, title={Prices}, year={2017}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A book's folder with a second chapter, a plain page and a bibliography."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "chapters/other.md").write_text(OTHER)
    (tmp_path / "chapters/about.md").write_text("# About\n")
    (tmp_path / "data/references.bib").write_text(WORKS)
    (tmp_path / "_config.yml").write_text("title: A book\nauthor: Us\nsphinx: {config: {book_report: one}}\n")
    return tmp_path


def written(folder: Path, text: str) -> nbformat.NotebookNode:
    source = folder / "chapters/one.md"
    source.write_text(HEADER + text)
    (target,) = write_chapter_notebooks([source], folder / "made", folder, BOOK)
    notebook = nbformat.read(target, as_version=4)
    nbformat.validate(notebook)
    return without_setup(notebook)


def without_setup(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out the two cells with which every notebook begins after its title."""
    assert [cell.id for cell in notebook.cells[1:3]] == ["setup-note", "setup-code"]
    del notebook.cells[1:3]
    return notebook


def plain(folder: Path, text: str) -> str:
    """Return the Markdown of a chapter's only cell."""
    (cell,) = written(folder, text).cells
    return cell.source


@pytest.mark.parametrize(
    ("myst", "expected"),
    [
        ("See {cite:p}`one`.", "See (Known 2021)."),
        ("See {cite:p}`one,two`.", "See (Known 2021; Known and Müller 2020)."),
        ("{cite:t}`three` says so.", "A et al. (2019) says so."),
        ("{cite:t}`office` and {cite}`nobody`.", "Statistics Office (2018) and (Prices 2017)."),
        ("See {ref}`prices`.", "See [Prices of gas](other.ipynb#Prices-of-gas)."),
        ("See {ref}`the prices <prices>`.", "See [the prices](other.ipynb#Prices-of-gas)."),
        ("See {doc}`other`.", "See [The other chapter](other.ipynb)."),
        ("See [that](other.md).", "See [that](other.ipynb)."),
        ("See [](#prices).", "See [Prices of gas](other.ipynb#Prices-of-gas)."),
        ("See [that](about.md#row).", "See that."),
        ("See [that](https://example.org/a.md).", "See [that](https://example.org/a.md)."),
        ("It is {math}`a^2`.", "It is $a^2$."),
        ("A {term}`stock`.", "A stock."),
        ("From $30 to $75.", r"From \$30 to \$75."),
        (r"From \$30 to {printed}`$75` and {math}`x`.", r"From \$30 to \$75 and $x$."),
        ("It is `$HOME` or ``$`a``.", "It is `$HOME` or ``$`a``."),
        ("> a record $44 billion", r"> a record \$44 billion"),
        ("(here)=\n# Here\n\nText.", "# Here\n\nText."),
        ("Seen.\n% unseen\n", "Seen.\n"),
        ("```\n{ref}`prices`\n```", "```\n{ref}`prices`\n```"),
        ("```{exercise} one\n```", "Open [the exercise](../assignments/one.ipynb)."),
        ("```{bibliography}\n```\n\nEnd.", "\n\nEnd."),
        ("```{code-block} python\n:name: x\na = 1\n```", "```python\na = 1\n```"),
        ("```{note}\nMind {cite:p}`one`.\n```", "> **Note**\n>\n> Mind (Known 2021)."),
        (":::{admonition} The base\n:class: tip\nOf what?\n:::", "> **The base**\n>\n> Of what?"),
        ("````{tip}\n```{note}\nIn.\n```\n````", "> **Tip**\n>\n> > **Note**\n> >\n> > In."),
        ("- Item\n\n  ```{note}\n  In.\n  ```", "- Item\n\n  > **Note**\n  >\n  > In."),
    ],
)
def test_myst_becomes_markdown_that_jupyterlab_shows(folder: Path, myst: str, expected: str) -> None:
    assert plain(folder, myst).strip() == expected.strip()


def test_a_question_keeps_its_answers_behind_a_disclosure(folder: Path) -> None:
    question = (
        "```{question} How many *percent*?\n"
        "- [ ] Four\n\n  Divide by the other.\n"
        "- [x] Five\n\n  As {cite:t}`one` says.\n```\n"
    )
    asked, _, answers = plain(folder, question).partition("<details>")
    assert asked == "**How many *percent*?**\n\n- Four\n- Five\n\n"
    assert answers.startswith("<summary>Show what each answer means</summary>\n\n")
    assert answers.endswith("\n\n</details>")
    assert "- Four\n\n  Divide by the other." in answers
    assert "- **Right:** Five\n\n  As Known (2021) says." in answers


def test_a_prediction_keeps_its_answer_behind_a_disclosure(folder: Path) -> None:
    prediction = "```{prediction} The price?\n:unit: percent\n:answer: 150.2\n\nGuess.\n\n---\nIt was 150.2.\n```\n"
    asked, _, answer = plain(folder, prediction).partition("<details>")
    assert asked == "**The price?**\n\nGuess.\n\n"
    assert answer == "<summary>Show the answer</summary>\n\nIt was 150.2.\n\n</details>"


def test_a_prediction_among_options_does_not_tell_which_is_right(folder: Path) -> None:
    prediction = "```{prediction} Who?\nGuess.\n\n- [ ] Qatar\n- [x] Myanmar\n\n---\nMyanmar.\n```\n"
    asked, _, _ = plain(folder, prediction).partition("<details>")
    assert asked == "**Who?**\n\nGuess.\n\n- Qatar\n- Myanmar\n\n"


def test_code_is_left_as_it_is(folder: Path) -> None:
    code = 'print("{ref}`prices`")\n% time'
    notebook = written(folder, f"Text.\n\n```{{code-cell}} ipython3\n:tags: [hide-input]\n{code}\n```\n")
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code"]
    assert notebook.cells[1].source == code
    assert notebook.cells[1].metadata.tags == ["hide-input"]
    assert notebook.metadata.kernelspec.name == "python3"


def test_the_code_of_one_figure_is_one_folded_cell(folder: Path) -> None:
    cells = ["a = 1", "b = a + 1", "b", "c = 3", "%time c", "d = 4"]
    blocks = [f"```{{code-cell}} ipython3\n:tags: [hide-input]\n{code}\n```\n" for code in cells]
    shown = "```{code-cell} ipython3\ne = 5\n```\n"
    notebook = written(folder, "\n".join([*blocks, "Text.\n", blocks[0], shown]))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code] == ["a = 1\n\nb = a + 1\n\nb", "c = 3\n\n%time c", "d = 4", "a = 1", "e = 5"]
    assert ["jupyter" in cell.metadata for cell in code] == [True, True, True, True, False]
    assert [cell.metadata.get("cellView") for cell in code] == ["form", "form", "form", "form", None]


def test_the_same_chapter_gives_the_same_file(folder: Path) -> None:
    first = written(folder, "One.\n\n+++\n\nTwo.\n")
    assert written(folder, "One.\n\n+++\n\nTwo.\n") == first
    assert len({cell.id for cell in first.cells}) == 2


def test_an_unknown_work_is_named_with_its_line(folder: Path) -> None:
    text = "# One\n\nText.\n\nSee {cite:p}`nowhere2020`.\n"
    line = HEADER.count("\n") + 5
    with pytest.raises(ChapterError, match=rf'one\.md:{line}: the work "nowhere2020" .* add it'):
        written(folder, text)


FACTS = """\
book:
  section: "Section 3 of the report"
  minutes: 15
  objectives:
    - "**compute** a gap"
    - "**ask** what it means?"
    - "**judge** *the* words"
  prerequisites: "You should have read [that](other.md#prices)."
"""
FACTUAL = front_matter(FACTS)


def test_a_chapter_opens_with_the_facts_of_its_front_matter(folder: Path) -> None:
    source = folder / "chapters/one.md"
    source.write_text(f"{FACTUAL}# One\n\n```{{chapter-opening}}\n```\n")
    (target,) = write_chapter_notebooks([source], folder / "made", folder, BOOK)
    (cell,) = without_setup(nbformat.read(target, as_version=4)).cells
    assert cell.source == (
        "# One\n\n"
        "**[Section 3 of the report](https://example.org/report). Reading time: about 15 minutes.**\n\n"
        "After this chapter you can:\n\n"
        "- **compute** a gap;\n"
        "- **ask** what it means?\n"
        "- **judge** *the* words.\n\n"
        "**Before you start.** You should have read [that](other.ipynb#prices)."
    )


def test_a_chapter_says_how_to_cite_it_and_the_report(folder: Path) -> None:
    source = folder / "chapters/one.md"
    source.write_text(f"{FACTUAL}# One and all\n\n```{{cite-this-chapter}}\n```\n")
    (target,) = write_chapter_notebooks([source], folder / "made", folder, BOOK)
    (cell,) = without_setup(nbformat.read(target, as_version=4)).cells
    line = '**To cite this chapter:** "One and all", in *A book*, an interactive book on Known (2021).'
    assert cell.source == f"# One and all\n\n{line}"


def test_facts_are_read_as_they_are_stated_and_other_pages_state_none(folder: Path) -> None:
    source = folder / "chapters/one.md"
    source.write_text(FACTUAL)
    facts = read_chapter_facts(source)
    objectives = ("**compute** a gap", "**ask** what it means?", "**judge** *the* words")
    said = "You should have read [that](other.md#prices)."
    assert facts == ChapterFacts("Section 3 of the report", 15, objectives, said)
    assert facts.plain_objectives == ["compute a gap", "ask what it means?", "judge the words"]
    assert facts.plain_prerequisites == "You should have read that."
    assert read_chapter_facts(folder / "chapters/other.md") is None
    assert read_chapter_facts(folder / "chapters/about.md") is None


FIRST = FACTUAL[: FACTUAL.index("book:")].count("\n") + 1


@pytest.mark.parametrize(
    ("stated", "instead", "line", "message"),
    [
        ("  minutes: 15\n", "", FIRST, 'the block "book" has no field "minutes": add it'),
        ("minutes: 15", "minutes: long", FIRST + 2, 'the field "minutes" .* must be a whole number of minutes'),
        (
            "minutes: 15",
            "minutes: 15\n  minuts: 1",
            FIRST + 3,
            'has the unknown field "minuts": its fields are section',
        ),
        (FACTS[FACTS.index("  obj") : FACTS.index("  pre")], "  objectives: []\n", FIRST + 3, "a list of texts"),
        ('section: "Section 3 of the report"', "section: 3.1", FIRST + 1, 'the field "section" .* must be a text'),
        (FACTS, "book: energy\n", FIRST, 'the block "book" is not a mapping: give it the fields section, minutes'),
        ("minutes: 15", "minutes: [15", FIRST + 3, "the front matter is not valid YAML"),
    ],
)
def test_a_fact_that_is_missing_or_wrong_is_named_with_its_line(
    folder: Path, stated: str, instead: str, line: int, message: str
) -> None:
    source = folder / "chapters/one.md"
    assert stated in FACTUAL
    source.write_text(FACTUAL.replace(stated, instead))
    with pytest.raises(ChapterError, match=message) as error:
        read_chapter_facts(source)
    assert error.value.line == line


def test_a_chapter_that_asks_for_facts_and_states_none_is_named_with_its_line(folder: Path) -> None:
    line = HEADER.count("\n") + 3
    with pytest.raises(ChapterError, match=rf'one\.md:{line}: the front matter has no block "book": add it'):
        written(folder, "# One\n\n```{chapter-opening}\n```\n")


def _command(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "axis.notebooks"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_writes_every_chapter_beside_its_source(folder: Path) -> None:
    (folder / "chapters/one.md").write_text(HEADER + "# One\n")
    done = _command(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in folder.glob("chapters/*.ipynb")} == {"one.ipynb", "other.ipynb"}


def test_the_command_says_in_one_line_what_is_wrong(folder: Path) -> None:
    (folder / "chapters/one.md").write_text(HEADER + "{cite:p}`lost`\n")
    done = _command(folder)
    assert done.returncode == 1
    assert re.fullmatch(r'\S+/one\.md:12: the work "lost" [^\n]*\n', done.stderr)
    elsewhere = _command(folder / "data")
    assert elsewhere.returncode == 1
    assert re.fullmatch(r"\S+ has no chapter: [^\n]*\n", elsewhere.stderr)


REAL = [path.stem for path in find_chapters(ROOT)]


@pytest.mark.parametrize("chapter", REAL)
def test_nothing_raw_is_left_in_a_real_chapter(tmp_path: Path, chapter: str) -> None:
    source = ROOT / f"chapters/{chapter}.md"
    (target,) = write_chapter_notebooks([source], tmp_path, ROOT, read_book_identity(ROOT))
    notebook = without_setup(nbformat.read(target, as_version=4))
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.findall(r"\{[\w:-]+\}[`\s]|^\([\w-]+\)=|^:::|\[[x ]\] |\.md\)", text, re.MULTILINE) == []
    # A front end would set what stands between two dollar signs as a formula.
    assert re.findall(r"(?<!\\)\$", re.sub(r"`[^`]+`", "", text)) == []
    asked = re.findall(r"^(?:```|:::)[`:]*\{(?:question|prediction)\}", source.read_text(), re.MULTILINE)
    assert text.count("<details>") == text.count("</details>") == len(asked)
    read = jupytext.read(source, fmt="md:myst")
    code, written_code = ([cell for cell in one.cells if cell.cell_type == "code"] for one in (read, notebook))
    assert "\n\n".join(cell.source for cell in written_code) == "\n\n".join(cell.source for cell in code)
    assert all(cell.metadata.jupyter.source_hidden for cell in written_code if "hide-input" in cell.metadata.tags)


@pytest.mark.kernel
@pytest.mark.parametrize("chapter", REAL)
def test_a_real_chapter_runs_with_real_widgets(tmp_path: Path, chapter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HELPERS_OUTPUT", raising=False)  # a build in the same process would ask for still pages
    source = ROOT / f"chapters/{chapter}.md"
    (target,) = write_chapter_notebooks([source], tmp_path, ROOT, read_book_identity(ROOT))
    notebook = nbformat.read(target, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert {output.output_type for output in shown} <= {"display_data", "execute_result"}
    live = [output for output in shown if WIDGET in output.data]
    assert len(live) == len([output for output in shown if '<figure class="saved-' in output.data.get("text/html", "")])
    assert len(live) * 2 == len(shown)
    assert len(live) >= source.read_text().count("Comparison(")
