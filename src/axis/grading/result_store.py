"""Keep results, so that a submission that has not changed is not marked again."""

import functools
import hashlib
import json
import sysconfig
import tempfile
from dataclasses import asdict
from pathlib import Path

import axis.exercises
import axis.grading.intake.notebook_content
import axis.grading.marking
import axis.kernels
import helpers
from axis.errors import ResultsError
from axis.exercises.source import Exercise
from axis.grading.records import Policy, Result, State, Submission
from helpers.files import write_atomically
from helpers.tables import data_folder

#: The packages on which a mark depends, and the module that reads submissions. After a change anywhere else, such
#: as in a report or in the book, results that were kept stay valid.
MARKED_BY = (helpers, axis.exercises, axis.grading.marking, axis.kernels)
READ_BY = axis.grading.intake.notebook_content

#: The room that the result, the page and the rows of one submission take, generously.
BYTES_PER_SUBMISSION = 2**16


class ResultStore:
    """The kept results of a class: a folder with one file for each.

    A notebook that ran to its end has the same result under any limits; that of a stopped one holds only for the
    limits that stopped it. The last result of each student and exercise is also kept by their names.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def reserve(self, submissions: int) -> None:
        """Make sure that the results and reports of so many submissions can be written.

        Raises
        ------
        ResultsError
            If the folder cannot be written or its disk has too little room.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Written and not only asked for: a disk may have room that this user may not use.
            with tempfile.TemporaryFile(dir=self._folder) as file:
                for _ in range(submissions + 1):
                    file.write(bytes(BYTES_PER_SUBMISSION))
                file.flush()
        except OSError as error:
            raise ResultsError(
                self._folder,
                f"cannot be written ({error.strerror}); make room there or choose another folder with --to.",
            ) from error

    def find(self, submission: Submission, exercise: Exercise, policy: Policy) -> Result | None:
        """Return the result that a run would have now, or None if it was not kept or its file is damaged."""
        keys = (result_key(submission, exercise, policy, stopped=stopped) for stopped in (False, True))
        return next(filter(None, map(self._read, keys)), None)

    def find_last(self, submission: Submission) -> Result | None:
        """Return the last result of this student and exercise, whatever has changed since; None if there is none."""
        return self._read(_last_key(submission))

    def keep(self, submission: Submission, exercise: Exercise, policy: Policy, result: Result) -> None:
        """Keep a result in place of an earlier one.

        Raises
        ------
        ResultsError
            If the folder cannot be written.
        """
        stopped = any(mark.state is State.STOPPED for mark in result.marks)
        try:
            for key in (result_key(submission, exercise, policy, stopped=stopped), _last_key(submission)):
                write_atomically(self._result_path(key), result.to_json())
            if stopped:
                self._result_path(result_key(submission, exercise, policy)).unlink(missing_ok=True)
        except OSError as error:
            raise ResultsError(
                self._folder, f"cannot be written ({error.strerror}); make room there and run the command again."
            ) from error

    def _read(self, key: str) -> Result | None:
        try:
            return Result.from_json(self._result_path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _result_path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def result_key(submission: Submission, exercise: Exercise, policy: Policy, *, stopped: bool = False) -> str:
    """Return a key of all that a result depends on: the file, the exercise, the conditions and this program.

    Fresh kernels give the same results as forks, so the key is the same for both. The limits belong to the key of a
    notebook that they stopped, and of no other.
    """
    limits = [policy.seconds, asdict(policy.limits)] if stopped else []
    conditions = [policy.confined, limits, _program_checksum()]
    said = json.dumps([submission.problem, submission.notes, exercise.name, exercise.text, conditions])
    return hashlib.sha256(submission.content + said.encode()).hexdigest()[:32]


def _last_key(submission: Submission) -> str:
    # A name of a file can have halves of surrogate pairs.
    names = json.dumps([submission.student, submission.exercise])
    return f"last/{hashlib.sha256(names.encode()).hexdigest()[:32]}"


@functools.cache
def _program_checksum() -> str:
    """Return a digest of the code that marks, the book's data and the names and versions of installed packages."""
    digest = hashlib.sha256()
    code = [path for package in MARKED_BY for path in Path(str(package.__file__)).parent.rglob("*.py")]
    tables = [*data_folder().glob("*.csv"), data_folder() / "datapackage.json"]
    for path in sorted([*code, Path(READ_BY.__file__), *tables]):
        digest.update(path.read_bytes())
    for name in installed_packages():
        digest.update(name.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def installed_packages() -> list[str]:
    """Return what is installed in this environment, with versions: a notebook may import any of it."""
    folders = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    return sorted(path.name for folder in folders for path in folder.iterdir() if path.name != "__pycache__")
