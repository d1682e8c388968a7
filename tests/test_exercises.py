"""An exercise passes as its author solved it, and as a student solves it in another way."""

import copy
import itertools
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from helpers.grading.release import release

EXERCISES = Path(__file__).parent.parent / "exercises"
NAMES = ["3-2-energy", "3-3-investment"]


def failing_cells(notebook: Path) -> tuple[list[int], int]:
    """Run nbval on a notebook; give the indices of failing code cells and the number of cells."""
    report = notebook.with_suffix(".xml")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=60", "-q"]
    subprocess.run([*command, f"--junitxml={report}", notebook.name], cwd=notebook.parent, capture_output=True)
    cases = list(ElementTree.parse(report).iter("testcase"))
    return [index for index, case in enumerate(cases) if case.find("failure") is not None], len(cases)


def is_check(cell: NotebookNode) -> bool:
    return cell.id.endswith("-check")


@pytest.fixture(params=NAMES)
def student_version(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return release(EXERCISES / f"{request.param}.ipynb", tmp_path / f"{request.param}.ipynb")


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_has_six_questions_a_comparison_and_a_free_text(name: str) -> None:
    notebook = nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4)
    checks = [cell for cell in notebook.cells if is_check(cell)]
    assert len(checks) >= 6
    assert sum("checks.comparison(" in cell.source for cell in checks) == 1
    assert sum("checks.text(" in cell.source for cell in checks) == 1
    assert all(cell.execution_count and cell.outputs for cell in checks)


@pytest.mark.parametrize("name", NAMES)
def test_the_source_passes(name: str, tmp_path: Path) -> None:
    copy = tmp_path / f"{name}.ipynb"
    copy.write_bytes((EXERCISES / f"{name}.ipynb").read_bytes())
    failing, count = failing_cells(copy)
    assert failing == []
    assert count > 12


def test_an_untouched_student_version_fails_in_exactly_its_check_cells(student_version: Path) -> None:
    cells = [c for c in nbformat.read(student_version, as_version=4).cells if c.cell_type == "code"]
    failing, count = failing_cells(student_version)
    assert count == len(cells)
    assert failing == [index for index, cell in enumerate(cells) if is_check(cell)]


def outcomes(version: Path, attempts: list[tuple[str, str]]) -> list[str]:
    """Put one answer after another into a student version, and give what each check says.

    One kernel runs them all: to start one for each would take minutes.
    """
    notebook = nbformat.read(version, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    given = [c for c in notebook.cells if c.cell_type == "code" and not c.id.endswith(("-answer", "-check"))]
    checks = [copy.deepcopy(cells[f"{question}-check"]) for question, _ in attempts]
    pairs = zip([nbformat.v4.new_code_cell(answer) for _, answer in attempts], checks, strict=True)
    notebook.cells = [*given, *itertools.chain.from_iterable(pairs)]
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    return [said(check) for check in checks]


def said(check: NotebookNode) -> str:
    (output,) = check.outputs
    return str(output.evalue if output.output_type == "error" else output.text)


ENERGY, INVESTMENT = NAMES
RIGHT = [
    (ENERGY, "qatar_price", "import numpy; qatar_price = numpy.float64(275)"),
    (ENERGY, "premium", "premium = round(7.1999, 4)"),
    (ENERGY, "premium_ratio", "premium_ratio = 1.0503"),
    (ENERGY, "bill", "bill = 4.1e9 / 1000 * 150.2 / 1e6"),
    (ENERGY, "bill", "bill = 616"),
    (ENERGY, "lng", "lng = prices.query('form == \"LNG\"').sort_values('value', ascending=False)"),
    (INVESTMENT, "from_germany", "from_germany = 1.84"),
    (INVESTMENT, "fall", "fall = 100 - 0.48 / 2.28 * 100"),
    (INVESTMENT, "left", "left = 40"),
    (INVESTMENT, "stocks", "stocks = fdi.loc[fdi.kind.eq('stock'), ['value', 'entity']].iloc[::-1]"),
]
WRONG = [
    (ENERGY, "bill", "bill = 615_820_000", "million times too large: check the unit", "615"),
    (ENERGY, "bill", "bill = 0.61582", "thousand times too small: check the unit", "615"),
    (
        ENERGY,
        "premium_ratio",
        "premium_ratio = 143 / 150.2",
        "upside down: check which value is the base",
        "1.05",
    ),
    (ENERGY, "premium_ratio", "premium_ratio = 5.035", "gap in percent", "1.05"),
    (ENERGY, "premium", "premium = 143 - 150.2", "the sign is not", "7.2"),
    (ENERGY, "qatar_price", "qatar_price = '275 dollars'", "is text: write the number without", "275"),
    (ENERGY, "qatar_price", "qatar_price = prices['value']", "must be one number", "275"),
    (ENERGY, "lng", "lng = prices[prices['form'] != 'LNG']", "too many rows", "4"),
    (ENERGY, "lng", "lng = prices.head(4)", "wrong values in 'entity'", "Qatar"),
    (ENERGY, "lng", "lng = prices[['form']]", "has no column 'entity'", "Qatar"),
    (ENERGY, "claim", "claim = 'It shows that China always pays more'", "Which years", "2020"),
    (ENERGY, "judgement", "judgement = 'Both.'", "has 1 word: write 40 to 150", "5 percent"),
    (INVESTMENT, "from_germany", "from_germany = 16.6 * 9", "You multiplied", "1.84"),
    (INVESTMENT, "from_germany", "from_germany = 1844", "thousand times too large", "1.84"),
    (INVESTMENT, "fall", "fall = (2.28 - 0.48) / 0.48 * 100", "divided by the end value", "78.9"),
    (INVESTMENT, "fall", "fall = 0.789", "is a percentage asked", "78.9"),
    (INVESTMENT, "contrast", "contrast = 0.48 / (16.6 / 9)", "upside down", "3.84"),
    (INVESTMENT, "left", "left = 60", "That is the fall", "40"),
]


COMPARISON = """
by_baseline = Comparison(
    start.add_params(alt.param(name="baseline")).transform_filter("datum.entity != baseline"),
    baseline=widgets.Dropdown(options=OPTIONS, description="Baseline"),
)
"""


@pytest.mark.parametrize("exercise", NAMES)
def test_a_right_answer_written_differently_passes(exercise: str, tmp_path: Path) -> None:
    version = release(EXERCISES / f"{exercise}.ipynb", tmp_path / "notebook.ipynb")
    attempts = [(question, answer) for name, question, answer in RIGHT if name == exercise]
    assert outcomes(version, attempts) == [f"Right: {question}.\n" for question, _ in attempts]


@pytest.mark.parametrize("exercise", NAMES)
def test_a_typical_mistake_gets_a_message_that_helps_and_keeps_the_answer(exercise: str, tmp_path: Path) -> None:
    version = release(EXERCISES / f"{exercise}.ipynb", tmp_path / "notebook.ipynb")
    mistakes = [mistake[1:] for mistake in WRONG if mistake[0] == exercise]
    replies = outcomes(version, [(question, answer) for question, answer, _, _ in mistakes])
    for (_, answer, message, secret), reply in zip(mistakes, replies, strict=True):
        assert message in reply, answer
        assert secret not in reply.replace("40 to 150", ""), answer


def test_a_comparison_that_misses_the_point_is_told_how(tmp_path: Path) -> None:
    version = release(EXERCISES / "3-2-energy.ipynb", tmp_path / "notebook.ipynb")
    cells = {cell.id: cell.source for cell in nbformat.read(version, as_version=4).cells}
    start = cells["by_baseline-answer"].split("by_baseline = ...")[0]
    answers = [
        "by_baseline = 3",
        start + COMPARISON.replace("OPTIONS", "['Qatar']"),
        start + COMPARISON.replace("OPTIONS", "list(suppliers['entity'])"),
    ]
    replies = outcomes(version, [("by_baseline", answer) for answer in answers])
    assert "must be a Comparison" in replies[0]
    assert "must offer these and nothing else: Malaysia, Nigeria, Qatar, Russia" in replies[1]
    assert "no tooltip titled 'Difference'" in replies[2]
