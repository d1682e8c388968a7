"""A free text reaches the instructor in whatever form it was written, and wherever in the notebook."""

import contextlib
from collections.abc import Callable, Iterator

import nbformat
import pytest
from nbformat import NotebookNode

from axis.grading.intake.notebook_content import is_untouched, read_notebook
from axis.grading.marking.mark import SubmissionMarker
from axis.grading.marking.plan import plan_run
from axis.grading.records import Mark, Policy, State, Submission
from classes import exercise, released, solution

NAME = "3-2-energy"
EXERCISE = exercise(NAME)
(TEXT,) = (question.check for question in EXERCISE.questions if question.by_hand)
(VARIABLE,) = EXERCISE.answer_names[TEXT]
ESSAY = "Both sentences can be right because the prices are for different years"
PROMPT, LENGTH = TEXT.replace("answer", "question"), TEXT.replace("answer", "check")
FIRST = next(question.check for question in EXERCISE.questions)


def find_cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def new_cell(kind: str, source: str) -> NotebookNode:
    made = {"cell_type": kind, "source": source, "metadata": {}, "id": "own"}
    return nbformat.from_dict({**made, "outputs": [], "execution_count": None} if kind == "code" else made)


def worked(change: Callable[[NotebookNode], None]) -> bytes:
    notebook = released(NAME)
    change(notebook)
    return nbformat.writes(notebook).encode()


def write(source: str, kind: str = "code") -> Callable[[NotebookNode], None]:
    """Put a source into the cell of the text, whose kind may change."""

    def change(notebook: NotebookNode) -> None:
        position = notebook.cells.index(find_cell(notebook, TEXT))
        notebook.cells[position] = nbformat.from_dict({**new_cell(kind, source), "id": TEXT})

    return change


def add(position: int, kind: str, source: str = ESSAY) -> Callable[[NotebookNode], None]:
    """Put a new cell somewhere, counted from the end if negative."""
    return lambda notebook: notebook.cells.insert(position, new_cell(kind, source))


def extend(name: str, line: str) -> Callable[[NotebookNode], None]:
    """Write below what a cell of the release says."""

    def change(notebook: NotebookNode) -> None:
        find_cell(notebook, name).source += f"\n\n{line}"

    return change


#: Each form, and what stops the cell, if anything does.
FORMS: dict[str, tuple[Callable[[NotebookNode], None], str]] = {
    "an apostrophe in single quotes": (write(f"{VARIABLE} = 'It isn't so. {ESSAY}'"), "SyntaxError"),
    "curly quotes": (write(f"{VARIABLE} = “{ESSAY}”"), "SyntaxError"),
    "two lines in one pair of quotes": (write(f'{VARIABLE} = "{ESSAY}\nand so on"'), "SyntaxError"),
    "no quotes": (write(f"{VARIABLE} = {ESSAY}"), "SyntaxError"),
    "no code at all": (write(ESSAY), "SyntaxError"),
    "a comma too many": (write(f'{VARIABLE} = "{ESSAY}",'), ""),
    "a list": (write(f'{VARIABLE} = ["{ESSAY}"]'), ""),
    "a comment": (write(f"{VARIABLE} = ...\n# {ESSAY}"), ""),
    "a comment beside a text": (write(f'{VARIABLE} = "See below."\n# {ESSAY}'), ""),
    "printed": (write(f'print("{ESSAY}")'), ""),
    "a text alone": (write(f'"""{ESSAY}"""'), ""),
    "an object": (write(f'from IPython.display import Markdown\n{VARIABLE} = Markdown("{ESSAY}")'), ""),
    "another name": (write(f'{VARIABLE.title()} = "{ESSAY}"'), ""),
    "Markdown in the cell": (write(ESSAY, "markdown"), ""),
    "a raw cell": (write(ESSAY, "raw"), ""),
    "Markdown below": (add(-1, "markdown"), ""),
    "code below": (add(-1, "code", f'print("{ESSAY}")'), ""),
    "in the prompt": (extend(PROMPT, ESSAY), ""),
    "in the check": (extend(LENGTH, f"# {ESSAY}"), ""),
    "Markdown at the end": (add(99, "markdown"), ""),
    "Markdown elsewhere": (add(2, "markdown"), ""),
    "in the cell of another answer": (extend(FIRST.replace("check", "answer"), f'{VARIABLE} = "{ESSAY}"'), ""),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_was_written_is_found_in_the_file(form: str) -> None:
    content = worked(FORMS[form][0])
    found = plan_run(EXERCISE, read_notebook(content)).texts[TEXT]
    assert ESSAY in f"{found.whole}\n{found.beside}"
    assert not is_untouched(EXERCISE, content)


def test_where_nothing_was_written_nothing_is_found() -> None:
    solved = released(NAME)
    find_cell(solved, FIRST.replace("check", "answer")).source = solution(EXERCISE, FIRST)
    for notebook in (released(NAME), solved):
        found = plan_run(EXERCISE, notebook).texts[TEXT]
        assert (found.whole, found.beside) == ("", "")


@pytest.fixture(scope="module")
def mark_text() -> Iterator[Callable[[bytes], dict[str, Mark]]]:
    with contextlib.closing(SubmissionMarker()) as marker:

        def mark(content: bytes) -> dict[str, Mark]:
            result = marker.mark(Submission("ada", NAME, "ada.ipynb", content), EXERCISE, Policy(seconds=30))
            return {one.check: one for one in result.marks}

        yield mark


@pytest.mark.kernel
@pytest.mark.parametrize("form", [form for form in FORMS if "Markdown" not in form])
def test_it_waits_with_the_error_of_its_cell(form: str, mark_text: Callable[[bytes], dict[str, Mark]]) -> None:
    change, error = FORMS[form]
    marks = mark_text(worked(change))
    assert (marks[TEXT].state, marks[TEXT].points) == (State.WAITING, None)
    assert ESSAY in marks[TEXT].answer
    for check in (TEXT, LENGTH) if error else ():
        assert error in marks[check].reason


@pytest.mark.kernel
def test_it_waits_though_the_notebook_stopped_before(mark_text: Callable[[bytes], dict[str, Mark]]) -> None:
    def change(notebook: NotebookNode) -> None:
        write(f'{VARIABLE} = "{ESSAY}"')(notebook)
        add(2, "code", "import os\nos._exit(1)")(notebook)

    marks = mark_text(worked(change))
    assert marks[TEXT].state is State.WAITING
    assert ESSAY in marks[TEXT].answer
    assert (marks[FIRST].state, marks[FIRST].points) == (State.STOPPED, None)
