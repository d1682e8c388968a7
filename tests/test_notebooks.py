"""Chapters as notebooks: nothing of MyST's own syntax is left, and all that it says is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from axis.notebooks.chapter_notebook import ChapterError, is_chapter, write_chapter_notebook

ROOT = Path(__file__).parent.parent
WIDGET = "application/vnd.jupyter.widget-view+json"

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

"""
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
    return tmp_path


def written(folder: Path, text: str) -> nbformat.NotebookNode:
    source = folder / "chapters/one.md"
    source.write_text(HEADER + text)
    target = write_chapter_notebook(source, folder / "made/one.ipynb", folder / "data/references.bib")
    notebook = nbformat.read(target, as_version=4)
    nbformat.validate(notebook)
    return notebook


def plain(folder: Path, text: str) -> str:
    """Give the Markdown of a chapter's only cell."""
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


def test_the_same_chapter_gives_the_same_file(folder: Path) -> None:
    first = written(folder, "One.\n\n+++\n\nTwo.\n")
    assert written(folder, "One.\n\n+++\n\nTwo.\n") == first
    assert len({cell.id for cell in first.cells}) == 2


def test_an_unknown_work_is_named_with_its_line(folder: Path) -> None:
    text = "# One\n\nText.\n\nSee {cite:p}`nowhere2020`.\n"
    line = HEADER.count("\n") + 5
    with pytest.raises(ChapterError, match=rf'one\.md:{line}: the work "nowhere2020" .* add it'):
        written(folder, text)


def _command(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "axis.notebooks"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


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
    assert re.fullmatch(r"\S+ holds no chapter: [^\n]*\n", elsewhere.stderr)


REAL = sorted(path.stem for path in (ROOT / "chapters").glob("*.md") if is_chapter(path))


@pytest.mark.parametrize("chapter", REAL)
def test_nothing_raw_is_left_in_a_real_chapter(tmp_path: Path, chapter: str) -> None:
    source = ROOT / f"chapters/{chapter}.md"
    notebook = nbformat.read(
        write_chapter_notebook(source, tmp_path / "it.ipynb", ROOT / "data/references.bib"), as_version=4
    )
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.findall(r"\{[\w:-]+\}[`\s]|^\([\w-]+\)=|^:::|\[[x ]\] |\.md\)", text, re.MULTILINE) == []
    asked = source.read_text().count("```{question}") + source.read_text().count("```{prediction}")
    assert text.count("<details>") == text.count("</details>") == asked
    assert sum(cell.cell_type == "code" for cell in notebook.cells) == source.read_text().count("{code-cell}")


@pytest.mark.parametrize("chapter", REAL)
def test_a_real_chapter_runs_with_real_widgets(tmp_path: Path, chapter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HELPERS_OUTPUT", raising=False)  # a build in the same process would ask for still pages
    source = ROOT / f"chapters/{chapter}.md"
    notebook = nbformat.read(
        write_chapter_notebook(source, tmp_path / "it.ipynb", ROOT / "data/references.bib"), as_version=4
    )
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert {output.output_type for output in shown} <= {"display_data", "execute_result"}
    assert all(WIDGET in output.data for output in shown)
    assert len(shown) >= source.read_text().count("Comparison(")


def test_binder_gets_notebooks_and_student_versions(tmp_path: Path) -> None:
    for name in ("chapters", "data", "exercises"):
        shutil.copytree(ROOT / name, tmp_path / name)
    script = ROOT / "binder/postBuild"
    assert script.stat().st_mode & 0o111
    install, *steps = [line for line in script.read_text().splitlines() if not line.startswith(("#", "set"))]
    assert "pip install" in install  # the test environment has the package already
    settings = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-euc", "\n".join(steps)], cwd=tmp_path, env=settings, check=True)
    for chapter in REAL:
        assert (tmp_path / f"chapters/{chapter}.ipynb").is_file()
    assignments = [path.read_text() for path in sorted(tmp_path.glob("assignments/*.ipynb"))]
    assert len(assignments) == len(list(ROOT.glob("exercises/*.ipynb"))) > 0
    assert not any("BEGIN SOLUTION" in text for text in assignments)
