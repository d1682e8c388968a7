"""Keep results, so that a submission that has not changed is not marked again."""

import functools
import hashlib
import importlib.metadata
import json
from dataclasses import asdict
from pathlib import Path

import axis.exercises
import axis.grading.intake.notebook_content
import axis.grading.marking
import axis.kernels
import helpers
from axis.errors import ResultsError
from axis.exercises.source import Exercise
from axis.grading.records import Policy, Result, Submission
from helpers.files import write_atomically
from helpers.tables import data_folder

#: The packages on which a mark depends, and the module that reads submissions. After a change anywhere else, such
#: as in a report or in the book, results that were kept stay valid.
MARKED_BY = (helpers, axis.exercises, axis.grading.marking, axis.kernels)
READ_BY = axis.grading.intake.notebook_content


class ResultStore:
    """The kept results of a class: a folder with one file for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Result | None:
        """Return a result that was kept, or None if there is none or its file is damaged."""
        try:
            return Result.from_json(self._result_path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, key: str, result: Result) -> None:
        """Keep a result.

        Raises
        ------
        ResultsError
            If the folder cannot be written.
        """
        try:
            write_atomically(self._result_path(key), result.to_json())
        except OSError as error:
            raise ResultsError(
                self._folder, f"cannot be written ({error.strerror}); make room there and run the command again."
            ) from error

    def _result_path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def result_key(submission: Submission, exercise: Exercise, policy: Policy) -> str:
    """Return a key of all that a result depends on: the file, the exercise, the conditions and this program.

    Fresh kernels give the same results as forks, so the key is the same for both.
    """
    conditions = {**asdict(policy), "fresh": False}
    said = json.dumps(
        [submission.problem, submission.notes, exercise.name, exercise.text, conditions, _program_checksum()]
    )
    return hashlib.sha256(submission.content + said.encode()).hexdigest()[:32]


@functools.cache
def _program_checksum() -> str:
    """Return a digest of the code that marks, the book's data and the versions of the libraries that mark."""
    digest = hashlib.sha256()
    code = [path for package in MARKED_BY for path in Path(str(package.__file__)).parent.rglob("*.py")]
    tables = [*data_folder().glob("*.csv"), data_folder() / "datapackage.json"]
    for path in sorted([*code, Path(READ_BY.__file__), *tables]):
        digest.update(path.read_bytes())
    for name in ("altair", "ipywidgets", "nbval", "pandas", "vl-convert-python"):
        digest.update(importlib.metadata.version(name).encode())
    return digest.hexdigest()
