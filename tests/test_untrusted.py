"""Hostile submissions do not raise their marks, reach anything, stay alive or affect the next submission.

Each file in `tests/hostile` is one attack. It runs in a real kernel and passes through all of marking.
"""

import contextlib
import copy
import functools
import hashlib
import itertools
import json
import operator
import os
import random
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import nbformat
import psutil
import pytest

from axis.exercises.source import Exercise
from axis.grading.intake.notebook_content import ContentError, read_notebook
from axis.grading.intake.submitted_files import MAX_NAME_LENGTH, safe_label
from axis.grading.marking import nbval_session, run
from axis.grading.marking.mark import SubmissionMarker
from axis.grading.marking.marking_kernel import StartedKernel
from axis.grading.marking.plan import WrongNotebookError, plan_run
from axis.grading.records import Mark, Policy, Result, State, Submission
from axis.kernels.limits import MEBIBYTE, Limits
from axis.kernels.sandbox import why_sandbox_unavailable
from submissions import BASE, Case, cases, exercise, machine_checks

ATTACKS = cases("hostile")
HONEST = Case("honest", {"solved": "all"}).content()
#: Seconds for a submission that does not end by itself.
SECONDS = 20.0


@dataclass
class Machine:
    """What an attack could reach: the instructor's folders, and the sandboxes that marking opens."""

    folder: Path
    temporary: Path
    sandboxes: list[IO[bytes]]
    socket: socket.socket
    marker: SubmissionMarker

    @property
    def places(self) -> dict[str, Path]:
        root = Path(__file__).parent.parent
        return {"sentinel": self.folder, "repository": root, "home": Path.home()}

    def files(self) -> dict[str, str]:
        """Return every file of the instructor with a digest of its content."""
        found = [path for path in self.folder.rglob("*") if path.is_file()]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}

    def mark(
        self, content: bytes, seconds: float = SECONDS, memory: int = 2048, source: Exercise | None = None
    ) -> Result:
        """Mark a notebook as a class is marked: the checking kernel stays from one to the next."""
        policy = Policy(seconds=seconds, limits=Limits(memory=memory * MEBIBYTE))
        try:
            return self.marker.mark(Submission("student", BASE, "file.ipynb", content), source or exercise(), policy)
        except Exception:
            # What failed here must not keep the next test waiting.
            self.marker.close()
            raise

    def processes(self) -> list[str]:
        """Return the processes that are alive in the sandbox of a submission."""
        spaces = [os.fstat(file.fileno()).st_ino for file in self.sandboxes]
        numbers = [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]
        found = [process for process in numbers if _space(process) in spaces]
        return [process for process in found if not _dead(process)]

    def called(self) -> bool:
        """Return whether a process has connected to the instructor's socket."""
        try:
            self.socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def forget(self) -> None:
        while self.sandboxes:
            self.sandboxes.pop().close()


def _dead(process: str) -> bool:
    """Return whether a process has ended, even if its parent has not noticed yet."""
    try:
        return psutil.Process(int(process)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _space(process: str) -> int:
    """Return the number of the PID namespace of a process."""
    try:
        return Path(f"/proc/{process}/ns/pid").stat().st_ino
    except OSError:
        return 0


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    assert why_sandbox_unavailable() == ""
    folder, temporary = tmp_path_factory.mktemp("marker"), tmp_path_factory.mktemp("tmp")
    (folder / "submissions/other").mkdir(parents=True)
    (folder / f"submissions/other/{BASE}.ipynb").write_bytes(HONEST)
    (folder / "marks.csv").write_text("student,points\nother,14\n")
    sandboxes: list[IO[bytes]] = []

    class Watched(StartedKernel):
        def __init__(self, policy: Policy, tables: Sequence[str], arguments: Sequence[str] = ()) -> None:
            super().__init__(policy, tables, arguments)
            assert self.provisioner.sandbox
            # While it is open, no other namespace gets its number.
            sandboxes.append(Path(f"/proc/{self.provisioner.sandbox.pid}/ns/pid").open("rb"))  # noqa: SIM115  the machine closes it

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARKER_SECRET", "this must stay with the marker")
        patch.setattr("tempfile.tempdir", str(temporary))
        patch.setattr(run, "StartedKernel", Watched)
        # A check that does not end delays a test only this long.
        patch.setattr(nbval_session, "CELL_SECONDS", 3)
        with socket.socket(socket.AF_UNIX) as listening, contextlib.closing(SubmissionMarker()) as marker:
            listening.bind(str(folder / "socket"))
            listening.listen()
            listening.setblocking(False)
            machine = Machine(folder, temporary, sandboxes, listening, marker)
            yield machine
            machine.forget()


def attack_parameter(attack: Case) -> Any:
    """Keep the bombs in one worker: two at once leave no time to anything else on the machine."""
    group = [pytest.mark.xdist_group("fork bombs")] if attack.name.startswith("fork-bomb") else []
    return pytest.param(attack, id=attack.name, marks=group)


def right(result: Result) -> set[str]:
    return {mark.check for mark in result.marks if mark.state == State.RIGHT}


def said(case: Case, result: Result) -> list[Mark]:
    return [mark for mark in result.marks if mark.check in case.attacked]


@pytest.mark.kernel
@pytest.mark.parametrize("attack", [attack_parameter(attack) for attack in ATTACKS])
def test_an_attack_gains_nothing_and_costs_only_itself(attack: Case, machine: Machine) -> None:
    files = machine.files()
    machine.forget()
    limits = {name: attack.fields[name] for name in ("seconds", "memory") if name in attack.fields}
    result = machine.mark(attack.content(machine.places), **limits)

    assert right(result) == attack.right
    assert [mark.check for mark in result.marks if mark.points] == [c for c in machine_checks() if c in attack.right]
    assert {mark.state for mark in said(attack, result)} == {attack.expects["state"]}
    assert [mark.reason for mark in said(attack, result) if attack.reason(mark.check) not in mark.reason] == []
    assert attack.expects.get("notes", "") in " ".join(result.notes)
    assert len({mark.reason for mark in result.marks if mark.state == State.STOPPED}) <= 1
    # Reports must be able to write the result, and the store must be able to read it again.
    assert Result.from_json(result.to_json().encode().decode()) == result
    assert failures(attack, result) == [step["fails"] for step in attack.fields.get("tries", [])]

    # A second is enough, unless the machine is busy or much memory has to be freed.
    end = time.monotonic() + 5
    while machine.processes() and time.monotonic() < end:
        time.sleep(0.01)
    assert [str(psutil.Process(int(process))) for process in machine.processes()] == []
    assert machine.files() == files
    assert not machine.called()
    # The checks have a folder and the address of their kernel there, the fork server has a socket for its orders.
    assert len(list(machine.temporary.iterdir())) <= 3
    # Right after it, in the same process and with the same checking kernel:
    assert right(machine.mark(HONEST)) == set(machine_checks())


def failures(attack: Case, result: Result) -> list[str]:
    """Return the failure of each step of an attack, shortened to the expected part if it contains that."""
    if "tries" not in attack.fields:
        return []
    told = next(mark.answer for mark in result.marks if mark.check == "judgement-answer")
    outcomes = json.loads(told or "[]")
    expected = [step["fails"] for step in attack.fields["tries"]]
    assert len(outcomes) == len(expected), told
    return [
        part if part.replace(" ", "_") in outcome else f"{step['run']}: {outcome}"
        for part, outcome, step in zip(expected, outcomes, attack.fields["tries"], strict=True)
    ]


@pytest.mark.kernel
def test_no_hidden_test_and_no_answer_is_in_what_students_are_told(machine: Machine) -> None:
    # 616.4 passes the visible check, for which three digits count, and fails a hidden test that is stricter.
    text = exercise().text.replace("4.1 * 150.2) < 1", "4.1 * 150.2) < 0.5")
    assert text != exercise().text
    case = Case("near", {"solved": ["claim"], "cells": {"bill": "bill = 616.4"}})
    result = machine.mark(case.content(machine.places), source=Exercise(BASE, text))
    bill = next(mark for mark in result.marks if mark.check == "bill-check")
    assert (bill.state, bill.points) == (State.WRONG, 0.0)
    assert bill.reason.startswith("The visible check passes, but another test by your instructor does not")
    told = " ".join([*result.notes, *(mark.reason for mark in result.marks)])
    assert "assert" not in told
    assert "4.1" not in told
    assert "615.82" not in told


#: Holds more memory than is allowed, in children that need a while for it, after the cell has ended.
CHILDREN = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        held = bytearray(b"x") * (100 * 2**20)
        time.sleep(1000)
"""


@pytest.mark.kernel
def test_memory_that_children_hold_is_counted_while_every_cell_ends_quickly(machine: Machine) -> None:
    notebook = json.loads(HONEST)
    quick = ["import time; time.sleep(0.05)"] * 400
    cells = [nbformat.v4.new_code_cell(source, id=f"c{number}") for number, source in enumerate([CHILDREN, *quick])]
    notebook["cells"] = [*cells, *notebook["cells"]]
    result = machine.mark(json.dumps(notebook).encode(), memory=400)
    # The free text is in the file, so the instructor reads it although the notebook was stopped before it.
    by_hand = {question.check for question in exercise().questions if question.by_hand}
    assert {mark.check for mark in result.marks if mark.state == State.WAITING} == by_hand
    assert {mark.state for mark in result.marks if mark.check not in by_hand} == {State.STOPPED}
    assert [mark.reason for mark in result.marks if "the notebook used too much memory" not in mark.reason] == []


BROKEN = {
    "empty": b"",
    "no JSON": b"{",
    "binary": bytes(range(256)) * 100,
    "a list": b"[]",
    "a number": b"5",
    "no cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
    "cells of other kinds": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [5, null, []]}',
    "cells without parts": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}',
    "a strange format": b'{"nbformat": "x", "cells": []}',
    "a format to come": b'{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}',
    "deep": b"[" * 200_000,
    "deep metadata": b'{"nbformat": 4, "metadata": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b', "cells": []}',
    "another notebook": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ['
    b'{"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": [], "execution_count": null}]}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_with_one_reason(content: bytes, machine: Machine) -> None:
    result = machine.mark(content)
    assert {mark.state for mark in result.marks} == {State.REFUSED}
    assert result.points == 0
    (reason,) = {mark.reason for mark in result.marks}
    assert reason.endswith(".")
    assert machine.processes() == []


@pytest.mark.kernel
def test_parts_that_marking_never_reads_may_have_any_form(machine: Machine) -> None:
    notebook = json.loads(HONEST)
    odd = [
        5,
        [],
        [[]],
        {"a": 5},
        [{"output_type": "stream", "text": [5]}],
        [{"output_type": "display_data", "data": []}],
    ]
    for cell, value in zip(notebook["cells"], itertools.cycle(odd)):
        cell["attachments"] = value
        if cell["cell_type"] == "code":
            cell["outputs"] = value
    assert right(machine.mark(json.dumps(notebook).encode())) == set(machine_checks())


#: What a field of a notebook may hold by accident or on purpose.
ODD: list[Any] = [
    *(None, 5, True, 1e400, "", "x", "\ud800"),
    *([], [None], [[]], [{}], ["a"]),
    *({}, {"a": 1}, {"a": []}, {"nbgrader": 5}),
]
FIELDS = [
    "attachments",
    "cell_type",
    "execution_count",
    "id",
    "metadata",
    "nbformat",
    "outputs",
    "source",
    "worksheets",
]


def places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where each value of a JSON document is."""
    if place:
        yield place
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(value, (*place, key))


def spoiled(document: dict[str, Any], dice: random.Random) -> bytes:
    """Return a notebook in which up to three fields are odd, new or missing, as often high up as deep in a cell."""
    for _ in range(dice.randrange(1, 4)):
        found = list(places(document))
        depth = dice.choice(sorted({len(place) for place in found}))
        *above, key = dice.choice([place for place in found if len(place) == depth])
        holder = functools.reduce(operator.getitem, above, document)
        change = dice.choice(["odd", "new", "gone"])
        if change == "gone":
            del holder[key]
        elif change == "new" and isinstance(holder, dict):
            holder[dice.choice(FIELDS)] = copy.deepcopy(dice.choice(ODD))
        else:
            holder[key] = copy.deepcopy(dice.choice(ODD))
    return json.dumps(document).encode()


def test_a_spoiled_file_is_refused_or_read_and_is_never_a_failure_of_marking() -> None:
    dice = random.Random(1)
    document = json.loads(HONEST)
    document["cells"] = document["cells"][:12]
    # A fault in a cell of the present format costs that cell alone; an old notebook has to be converted as a whole.
    old = json.loads(nbformat.v3.writes_json(nbformat.convert(nbformat.from_dict(document), 3)))
    outcomes: Counter[str] = Counter()
    for number in range(1500):
        content = spoiled(copy.deepcopy(old if number % 2 else document), dice)
        try:
            plan_run(exercise(), read_notebook(content))
            outcomes["read"] += 1
        except (ContentError, WrongNotebookError):
            outcomes["refused"] += 1
    assert outcomes["read"] > 300
    assert outcomes["refused"] > 300


def test_a_name_of_any_length_costs_nothing_and_keeps_its_ends() -> None:
    # To compose a long run of accents takes a time that grows with the square of their number.
    accents = "\u0301\u0323" * 500_000
    label = safe_label(f"Ann_{accents}_3-2-energy.ipynb")
    assert label.startswith("Ann_")
    assert label.endswith("_3-2-energy.ipynb")
    assert len(label) <= MAX_NAME_LENGTH
    assert label != safe_label(f"Ann_{accents}x{accents}_3-2-energy.ipynb")
    assert safe_label("Jane Roe_3-2-energy.ipynb") == "Jane Roe_3-2-energy.ipynb"
