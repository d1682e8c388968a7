"""A student version asks what it should, passes right answers and gives a hint for typical mistakes.

That the sources pass as their authors solved them, `make test` shows with nbval's own command.
"""

import copy
import itertools
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import yaml
from nbclient import NotebookClient
from nbformat import NotebookNode

from axis.exercises.release import release_all, release_exercise

EXERCISES = Path(__file__).parent.parent / "exercises"
ANSWERS = Path(__file__).parent / "answers"
NAMES = sorted(path.stem for path in EXERCISES.glob("*.ipynb"))
REPORT = "report.xml"


def is_check(cell: NotebookNode) -> bool:
    return cell.id.endswith("-check")


@pytest.fixture(scope="module")
def student_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every student version, and with what nbval reports of them: one program runs them all."""
    folder = tmp_path_factory.mktemp("student")
    names = [path.name for path in release_all(sorted(EXERCISES.glob("*.ipynb")), folder)]
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=60", "-q", f"--junitxml={REPORT}"]
    subprocess.run([*command, *names], cwd=folder, capture_output=True, check=False)
    return folder


def failing_cells(notebook: Path) -> tuple[list[int], int]:
    """Return the indices of the code cells that fail in a student version, and the number of its code cells."""
    every = ElementTree.parse(notebook.with_name(REPORT)).iter("testcase")
    cases = [case for case in every if case.get("classname") == notebook.name]
    return [index for index, case in enumerate(cases) if case.find("failure") is not None], len(cases)


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_has_six_questions_a_comparison_and_a_free_text(name: str) -> None:
    notebook = nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4)
    checks = [cell for cell in notebook.cells if is_check(cell)]
    assert len(checks) >= 6
    assert sum("checks.comparison(" in cell.source for cell in checks) == 1
    assert sum("checks.text(" in cell.source for cell in checks) == 1
    assert all(cell.execution_count and cell.outputs for cell in checks)


def prompts(name: str) -> dict[str, str]:
    """The text of each question by the id of its cell, without its heading."""
    cells = nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4).cells
    return {cell.id: cell.source.partition("\n\n")[2] for cell in cells if cell.id.endswith("-question")}


def test_the_instructors_table_has_the_level_that_each_exercise_states() -> None:
    page = (EXERCISES.parent / "chapters/instructors.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| ([\d.]+) \| (easy|middle|hard) \|", page, re.MULTILINE))
    stated = {}
    for name in NAMES:
        title = nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4).cells[0].source
        number, level = re.search(r"# Exercise ([\d.]+):.*?^Level: (\w+)\.", title, re.DOTALL | re.MULTILINE).groups()
        stated[number] = level
    assert listed == stated


def test_no_two_exercises_share_a_question_or_the_formula_of_their_chart() -> None:
    every = [text for name in NAMES for text in prompts(name).values()]
    assert len(set(every)) == len(every)
    formulas: Counter[str] = Counter()
    for name in NAMES:
        cells = nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4).cells
        (answer,) = [c.source for c in cells if c.id.endswith("-answer") and "Comparison(" in c.source]
        solution = answer.partition("### BEGIN SOLUTION")[2]
        # The names of fields and parameters differ in every exercise; what is done with them must differ as well.
        formulas[re.sub(r"[a-z_]+", "", "".join(re.findall(r"transform_\w+\(.*\)", solution)))] += 1
    assert formulas.most_common(1)[0][1] == 1


# In one worker, which runs nbval once.
@pytest.mark.kernel
@pytest.mark.xdist_group("student versions")
@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_student_version_fails_in_exactly_its_check_cells(student_versions: Path, name: str) -> None:
    version = student_versions / f"{name}.ipynb"
    cells = [c for c in nbformat.read(version, as_version=4).cells if c.cell_type == "code"]
    failing, count = failing_cells(version)
    assert count == len(cells)
    assert failing == [index for index, cell in enumerate(cells) if is_check(cell)]


def outcomes(version: Path, attempts: list[tuple[str, str]]) -> list[str]:
    """Put one answer after another into a student version, and return what each check says.

    One kernel runs all of them, because starting one for each would take minutes.
    """
    notebook = nbformat.read(version, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    given = [c for c in notebook.cells if c.cell_type == "code" and not c.id.endswith(("-answer", "-check"))]
    checks = [copy.deepcopy(cells[f"{question}-check"]) for question, _ in attempts]
    pairs = zip([nbformat.v4.new_code_cell(answer) for _, answer in attempts], checks, strict=True)
    notebook.cells = [*given, *itertools.chain.from_iterable(pairs)]
    # A busy machine may send one line of output in two pieces: they count as one.
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True, coalesce_streams=True)
    client.execute()
    return [said(check) for check in checks]


def said(check: NotebookNode) -> str:
    (output,) = check.outputs
    if output.output_type == "error" and output.ename == "NameError":
        return "\n".join(output.traceback)
    return str(output.evalue if output.output_type == "error" else output.text)


def answers(exercise: str) -> dict[str, list[dict[str, str]]]:
    return yaml.safe_load((ANSWERS / f"{exercise}.yml").read_text(encoding="utf-8"))


#: After a syntax error in a new session, the name is not there.
UNDEFINED = "del by_baseline"
COMPARISON = """
by_baseline = Comparison(
    start.add_params(alt.param(name="baseline")).transform_filter("datum.entity != baseline"),
    baseline=widgets.Dropdown(options=OPTIONS, description="Baseline"),
)
"""


@pytest.mark.kernel
@pytest.mark.parametrize("exercise", NAMES)
def test_a_right_answer_passes_and_a_typical_mistake_gets_help_that_keeps_the_answer(
    exercise: str, tmp_path: Path
) -> None:
    version = release_exercise(EXERCISES / f"{exercise}.ipynb", tmp_path / "notebook.ipynb")
    right, mistakes = answers(exercise)["right"], answers(exercise)["mistakes"]
    assert len(right) >= 3
    assert len(mistakes) >= 4
    replies = outcomes(version, [(one["question"], one["answer"]) for one in [*right, *mistakes]])
    assert replies[: len(right)] == [f"Right: {one['question']}.\n" for one in right]
    for mistake, reply in zip(mistakes, replies[len(right) :], strict=True):
        assert mistake["says"] in reply, mistake["answer"]
        assert mistake["hides"] not in reply.replace("40 to 150", ""), mistake["answer"]


@pytest.mark.kernel
def test_a_comparison_that_misses_the_point_or_does_not_exist_is_told_how(tmp_path: Path) -> None:
    version = release_exercise(EXERCISES / "3-2-energy.ipynb", tmp_path / "notebook.ipynb")
    cells = {cell.id: cell.source for cell in nbformat.read(version, as_version=4).cells}
    start = cells["by_baseline-answer"].split("by_baseline = ...")[0]
    answers = [
        "by_baseline = 3",
        start + COMPARISON.replace("OPTIONS", "['Qatar']"),
        start + COMPARISON.replace("OPTIONS", "list(suppliers['entity'])"),
    ]
    replies = outcomes(version, [("by_baseline", answer) for answer in [*answers, UNDEFINED]])
    assert "must be a Comparison" in replies[0]
    assert "must offer these and nothing else: Malaysia, Nigeria, Qatar, Russia" in replies[1]
    assert "no tooltip titled 'Difference'" in replies[2]
    told = "Not yet: `by_baseline` does not exist. Run the cell with your answer above; if it fails, correct it first."
    assert replies[3] == told
