"""Each student's own page in the exercise on the audit: released, handed in and marked."""

import itertools
import json
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from axis.cli import main
from axis.exercises.audit_variant import SOURCE_FIGURES, PageFigures, VariantError, draw_figures, vary_audit
from axis.exercises.source import Exercise
from axis.exercises.variants import ClassVariants, RosterError, key_file
from axis.grading.class_marking import ClassMarking
from axis.grading.records import Policy, State, Submission
from axis.grading.records import Result as Marked
from classes import EXERCISES, exercise
from helpers.checks import WrongAnswerError

AUDIT = exercise("6-audit")
STUDENTS = ["Ada", "Ben Okri", "Zoë"]


def release(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["release", *map(str, arguments), "--from", str(EXERCISES)])


def handed_in(released: Path, own: Exercise) -> nbformat.NotebookNode:
    """The released notebook with its author's solutions, which compute from the page that the student got."""
    notebook = nbformat.read(released, as_version=4)
    solved = {cell.id: cell.source for cell in own.source.cells if cell.id.endswith("-answer")}
    for cell in notebook.cells:
        cell.source = solved.get(cell.id, cell.source)
    return notebook


def submission(student: str, notebook: nbformat.NotebookNode) -> Submission:
    return Submission(student, "6-audit", f"{student}.ipynb", nbformat.writes(notebook).encode())


def without_comparison(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same notebook with the comparison left out, which takes longest to mark and needs no page."""
    for cell in notebook.cells:
        cell.source = "by_base = ..." if cell.id == "by_base-answer" else cell.source
    return notebook


def run_checks(own: Exercise, answers_of: Exercise) -> list[str]:
    """Check one student's answers by another's checks, and return the names of those that fail."""
    names: dict[str, object] = {"__name__": "answers"}
    checks = {cell.id: cell.source for cell in own.source.cells if cell.id.endswith("-check")}
    for cell in answers_of.source.cells:
        if cell.cell_type == "code" and cell.id not in checks:
            exec(cell.source, names)  # noqa: S102  our own notebook
    failed = []
    for name, source in checks.items():
        try:
            exec(source, names)  # noqa: S102  our own notebook
        except WrongAnswerError:
            failed.append(name)
    return failed


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A roster, beside which the class's notebooks are released."""
    path = tmp_path_factory.mktemp("class") / "roster.csv"
    path.write_text("\ufeffnumber;student\n" + "".join(f"{i};{name}\n" for i, name in enumerate(STUDENTS)), "utf-8")
    done = release("6-audit", "3-2-energy", "--to", path.parent / "out", "--variants", path)
    assert done.exit_code == 0, done.output
    assert f"Keep {key_file(path)}" in done.output
    return path


def test_each_student_gets_a_notebook_and_everybody_the_others(roster: Path) -> None:
    out = roster.parent / "out"
    assert {path.parent.name for path in out.rglob("6-audit.ipynb")} == set(STUDENTS)
    assert (out / "3-2-energy.ipynb").exists()
    key = key_file(roster).read_text().strip()
    texts = [(out / student / "6-audit.ipynb").read_text(encoding="utf-8") for student in STUDENTS]
    assert len(set(texts)) == len(texts)
    assert not any(key in text or "SOLUTION" in text or "HIDDEN" in text for text in texts)
    # Releasing again gives the same pages, so that a student who lost the notebook gets it once more.
    assert release("6-audit", "--to", roster.parent / "again", "--variants", roster).exit_code == 0
    again = [(roster.parent / "again" / student / "6-audit.ipynb").read_text(encoding="utf-8") for student in STUDENTS]
    assert again == texts
    (roster.parent / "again/Zoë/6-audit.ipynb").write_text("worked in", encoding="utf-8")
    refused = release("6-audit", "--to", roster.parent / "again", "--variants", roster)
    assert refused.exit_code == 1
    assert "somebody has worked in it" in refused.output


def test_own_answers_pass_and_those_of_another_student_fail(roster: Path) -> None:
    variants = ClassVariants.from_roster(roster)
    ada, ben = (variants.exercise_for(AUDIT, student) for student in STUDENTS[:2])
    assert run_checks(ada, ada) == []
    failed = run_checks(ada, ben)
    assert {"parts-check", "fall-check", "too_old-check", "by_base-check"} <= set(failed)


@pytest.mark.kernel
def test_marking_takes_the_page_that_the_student_got(roster: Path, tmp_path: Path) -> None:
    variants = ClassVariants.from_roster(roster)
    own = {student: variants.exercise_for(AUDIT, student) for student in STUDENTS}
    done = {
        name: without_comparison(handed_in(roster.parent / "out" / name / "6-audit.ipynb", own[name]))
        for name in STUDENTS
    }
    class_work = [submission("zoë", done["Zoë"]), submission("Eve", done["Zoë"])]
    marking = ClassMarking(class_work, {"6-audit": AUDIT}, tmp_path, Policy(), variants=variants)
    zoe, eve = (one.result for one in marking.run(1, debug=True))
    wrong = {mark.check for mark in zoe.marks if mark.state not in (State.RIGHT, State.WAITING)}
    assert wrong == {"by_base-check"}
    assert states(eve) == {State.REFUSED}
    assert "is not in roster.csv" in eve.marks[0].reason


def states(result: Marked) -> set[State]:
    return {mark.state for mark in result.marks}


def test_a_hundred_students_get_a_hundred_pages_with_an_error_of_each_kind(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student\n" + "".join(f"student {number}\n" for number in range(100)), encoding="utf-8")
    variants = ClassVariants.from_roster(roster, new_key=True)
    pages = [draw_figures(variants._seed("6-audit", name)) for name in variants.students]
    assert len(set(pages)) == 100
    # No two neighbours in the roster have the same answers.
    assert all(one.order != other.order or one.parts != other.parts for one, other in itertools.pairwise(pages))
    for page in [SOURCE_FIGURES, *pages]:
        has_errors_as_planned(page)


def has_errors_as_planned(page: PageFigures) -> None:
    before, after = page.visitors
    assert sum(page.parts) > 100 > max(page.parts)
    assert page.false_fall * after == 100 * (before - after) > 100 * after
    assert page.later_exports * 100 % page.shares[0] == page.later_exports * 100 % page.shares[1] == 0
    assert page.boats[0] < page.boats[1]
    assert page.debt[0] > page.debt[1] > page.debt[2]
    assert sorted(page.order) == sorted(SOURCE_FIGURES.order)


def test_a_source_that_says_something_else_is_refused() -> None:
    for old, new in [("480 million florins", "481 million florins"), ("e5fcba2fbe710c7b1d2fe324", "0" * 24)]:
        assert old in AUDIT.text
        with pytest.raises(VariantError, match="the cell"):
            vary_audit(AUDIT.text.replace(old, new), 1)
    assert json.loads(AUDIT.text)["cells"][0] == json.loads(vary_audit(AUDIT.text, 1))["cells"][0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nAda\n", "has no column `student`"),
        ("student\n\n", "names no student"),
        ("student\nAda\nADA\n", 'line 3: "ADA" is there twice'),
        ("student\n../Ada\n", 'line 2: "../Ada" cannot be the name of a folder'),
    ],
)
def test_a_roster_that_cannot_be_used_is_refused(tmp_path: Path, text: str, message: str) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(text, encoding="utf-8")
    done = release("6-audit", "--to", tmp_path / "out", "--variants", roster)
    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "out").exists()


def test_marking_needs_the_key_and_a_release_an_exercise_with_variants(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student\nAda\n", encoding="utf-8")
    with pytest.raises(RosterError, match=r"roster\.key: is missing"):
        ClassVariants.from_roster(roster)
    key_file(roster).write_text("no key", encoding="utf-8")
    with pytest.raises(RosterError, match="is damaged"):
        ClassVariants.from_roster(roster)
    done = release("3-2-energy", "--to", tmp_path / "out", "--variants", roster)
    assert done.exit_code == 2
    assert "None of these exercises has variants" in done.output
