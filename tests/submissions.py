"""Submissions of the tests: a short YAML file says what differs from the released exercise.

Every file starts from the student version of ``exercises/3-2-energy.ipynb``. Its fields:

about
    One sentence that says what the file does.
solved
    Questions with the author's answer, or ``all``.
cells
    For a question, the code of its answer cell; ``{before: …, solution: true}`` puts code before the author's.
first, last
    Code of a cell before all others and of one after all others; ``between`` holds, for the id of
    a cell, the code of a cell after it.
answers
    For a question, Python for the JSON that the kernel is made to hand back as its answer.
tries
    Steps that must fail: ``run`` is Python, ``fails`` is a part of the error that must follow. They run one
    by one in the answer cell of ``judgement``, whose text says how each ended.
edit
    Changes of the file's cells, in order. Each names the cell in ``cell``, and has one of: ``delete: true``,
    ``move: POSITION``, ``copy: POSITION``; or new ``source``, ``outputs``, ``id``, ``type`` or ``metadata``.
    ``every: true`` in place of ``cell`` changes every cell; null as ``id`` or ``metadata`` removes it.
notebook
    Changes of the file itself: ``metadata``, ``nbformat``, ``minor``, ``line_ends``, ``lines``, ``bom``.
seconds, memory
    A time limit shorter than the tests' own, and a limit of memory in MiB lower than theirs.
expects
    What marking must say. ``right``: the checks that are right (by default, those of ``solved``). ``state`` and
    ``reason``: of the questions in ``where``; by default of those in ``cells`` and ``answers``, or, if there are
    none, of every check that is not right. ``reasons`` holds another reason for a question.

``@repository@``, ``@sentinel@`` and ``@home@`` are replaced by paths that only the test knows.
"""

import copy
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from axis.exercises.source import Exercise
from classes import released

ROOT = Path(__file__).parent.parent
EXERCISES = ROOT / "exercises"
BASE = "3-2-energy"

#: Runs each step of ``tries`` and records how it ended, in one word: the check of this question asks for more.
#: It has no comments, since an instructor reads those beside a text as a part of it.
_TRIES = """
import ctypes, gc, json, os, signal, socket, subprocess, sys, time
from pathlib import Path
outcomes = []
for step in {steps!r}:
    try:
        exec(step, globals())
        outcomes.append("it worked")
    except BaseException as error:
        outcomes.append(f"{{type(error).__name__}}: {{error}}")
judgement = json.dumps([outcome.replace(" ", "_") for outcome in outcomes], separators=(",", ":"))
"""

#: Makes the kernel hand back what an attacker wrote in place of an answer.
_FORGE = """
import base64, json
from axis.grading.marking import answer_values as values
honest = values.export_answers
def export(names):
    written = json.loads(base64.b64decode(honest(names)))
    for name, forged in {forged}.items():
        if name in written:
            written[name] = forged
    return base64.b64encode(json.dumps(written).encode()).decode()
values.export_answers = export
"""


@dataclass(frozen=True)
class Case:
    """One file of ``tests/hostile`` or ``tests/honest``."""

    name: str
    fields: dict[str, Any]

    @property
    def expects(self) -> dict[str, Any]:
        return self.fields.get("expects") or {}

    @property
    def right(self) -> set[str]:
        """The checks that must be right; all others must not."""
        given = self.expects.get("right", self.fields.get("solved", []))
        return set(machine_checks()) if given == "all" else {f"{question}-check" for question in given}

    @property
    def attacked(self) -> set[str]:
        """The checks that must have the ``state`` and ``reason`` of the file."""
        questions = {**self.fields.get("cells", {}), **self.fields.get("answers", {})}
        named = self.expects.get("where", questions) or [check.removesuffix("-check") for check in machine_checks()]
        tries = {"judgement-check"} if "tries" in self.fields else set()
        return {f"{question}-check" for question in named} - self.right - tries

    def reason(self, check: str) -> str:
        """A part of the reason that marking must give for a check."""
        reasons = {f"{question}-check": told for question, told in self.expects.get("reasons", {}).items()}
        return str(reasons.get(check, self.expects.get("reason", "")))

    def content(self, places: Mapping[str, Path] | None = None) -> bytes:
        """Return the content of the submission's file."""
        fields = copy.deepcopy(self.fields)
        notebook = released(BASE)
        for question in machine_questions() if fields.get("solved") == "all" else fields.get("solved", []):
            _cell(notebook, f"{question}-answer").source = solution(question)
        for question, code in fields.get("cells", {}).items():
            written = f"{code['before']}\n{solution(question)}" if isinstance(code, dict) else code
            _cell(notebook, f"{question}-answer").source = written
        _add_code(notebook, fields)
        for change in fields.get("edit", []):
            _edit(notebook, dict(change))
        text = _write(notebook, fields.get("notebook", {}))
        for place, path in (places or {}).items():
            text = text.replace(f"@{place}@", json.dumps(str(path))[1:-1])
        return text.encode("utf-8-sig" if fields.get("notebook", {}).get("bom") else "utf-8")


def cases(folder: str) -> list[Case]:
    """Read every case of a folder under ``tests``."""
    files = sorted((ROOT / "tests" / folder).glob("*.yml"))
    return [Case(file.stem, yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files]


@functools.cache
def exercise(name: str = BASE) -> Exercise:
    return Exercise.from_file(EXERCISES / f"{name}.ipynb")


def machine_checks() -> list[str]:
    return [question.check for question in exercise().questions if not question.by_hand]


def machine_questions() -> list[str]:
    return [check.removesuffix("-check") for check in machine_checks()]


def solution(question: str, name: str = BASE) -> str:
    """The code of an answer cell as the author wrote it, without the markers around the solution."""
    source = next(cell.source for cell in exercise(name).source.cells if cell.id == f"{question}-answer")
    return "\n".join(line for line in source.splitlines() if "### " not in line)


def _cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def _add_code(notebook: NotebookNode, fields: Mapping[str, Any]) -> None:
    if "tries" in fields:
        steps = [step["run"] for step in fields["tries"]]
        _cell(notebook, "judgement-answer").source = _TRIES.format(steps=steps)
    if "answers" in fields:
        forged = ", ".join(f"{name!r}: {code}" for name, code in fields["answers"].items())
        notebook.cells.insert(0, nbformat.v4.new_code_cell(_FORGE.format(forged="{" + forged + "}"), id="forge"))
    if "first" in fields:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(fields["first"], id="first"))
    if "last" in fields:
        notebook.cells.append(nbformat.v4.new_code_cell(fields["last"], id="last"))
    for name, code in fields.get("between", {}).items():
        position = [cell.id for cell in notebook.cells].index(name) + 1
        notebook.cells.insert(position, nbformat.v4.new_code_cell(code, id=f"after-{name}"))


def _edit(notebook: NotebookNode, change: dict[str, Any]) -> None:
    if change.pop("every", False):
        for cell in notebook.cells:
            _change(cell, change)
        return
    cell = _cell(notebook, change.pop("cell"))
    if change.get("delete"):
        notebook.cells.remove(cell)
    elif "move" in change:
        notebook.cells.remove(cell)
        notebook.cells.insert(change["move"], cell)
    elif "copy" in change:
        cell = copy.deepcopy(cell)
        notebook.cells.insert(change.pop("copy"), cell)
        _change(cell, change)
    else:
        _change(cell, change)


def _change(cell: NotebookNode, change: Mapping[str, Any]) -> None:
    """Change parts of a cell."""
    if "type" in change:
        cell.cell_type = change["type"]
    if "source" in change:
        cell.source = change["source"]
    if "outputs" in change and cell.cell_type == "code":
        cell.outputs = [nbformat.v4.new_output("stream", text=change["outputs"])]
        cell.execution_count = 1
    if "metadata" in change:
        cell.metadata = nbformat.from_dict({**cell.metadata, **change["metadata"]} if change["metadata"] else {})
    if "id" in change and change["id"] is None:
        del cell["id"]
    elif "id" in change:
        cell.id = change["id"]


def _write(notebook: NotebookNode, how: Mapping[str, Any]) -> str:
    notebook.metadata.update(how.get("metadata", {}))
    if how.get("nbformat") == 3:
        return str(nbformat.v3.writes_json(nbformat.convert(notebook, 3)))
    notebook.nbformat_minor = how.get("minor", notebook.nbformat_minor)
    for cell in notebook.cells:
        if not isinstance(cell.source, str):
            continue
        if how.get("line_ends") == "windows":
            cell.source = cell.source.replace("\n", "\r\n")
        if how.get("lines", True):
            cell.source = cell.source.splitlines(keepends=True)
    return json.dumps(notebook, ensure_ascii=bool(how.get("ascii")))
