"""Who gets which variant of an exercise: the roster of a class, and the key that only marking knows.

The seed of a variant is made from the key and the name of the student, so that the same roster and key give the same
variants again, and neither a notebook nor a name tells what another student got.
"""

import csv
import functools
import hashlib
import hmac
import io
import os
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from axis.errors import FileError
from axis.exercises.audit_variant import AUDIT_EXERCISE, VariantError, vary_audit
from axis.exercises.source import Exercise, ExerciseError
from helpers.files import write_atomically

#: The exercises of which each student can get another variant, with the function that makes one from a seed.
VARIED = {AUDIT_EXERCISE: vary_audit}

#: The column of a roster that holds the names of the students.
NAME_COLUMN = "student"

#: Characters that a folder cannot have in its name on every system.
_NOT_IN_FOLDERS = set('<>:"/\\|?*')


class RosterError(FileError, ValueError):
    """A roster, or the key beside it, that cannot be used."""


@dataclass(frozen=True)
class ClassVariants:
    """The variants of one class.

    Attributes
    ----------
    roster
        The file of the roster.
    students
        The names in the roster, by the form in which names are compared.
    key
        What the seeds are made from.
    """

    roster: Path
    students: Mapping[str, str]
    key: bytes

    @classmethod
    def from_roster(cls, roster: Path, *, new_key: bool = False) -> "ClassVariants":
        """Read a roster and the key beside it.

        Parameters
        ----------
        roster
            A CSV file with a column `student`: the names as the platform writes them on the files that come back.
        new_key
            Whether to make the key if there is none.

        Raises
        ------
        RosterError
            If one of the two cannot be read or used.
        """
        students = _read_students(roster)
        return cls(roster, students, _read_key(roster, new_key=new_key))

    def problem(self, exercise: str, student: str) -> str:
        """Return why a submission has no variant to be marked by; empty if it has, or if it needs none."""
        if exercise not in VARIED or _compared_name(student) in self.students:
            return ""
        return f'The student "{student}" is not in {self.roster.name}: add the name under which the variant was given.'

    def exercises_for(self, exercise: Exercise, students: Iterable[str]) -> list[Exercise]:
        """Return the exercise as each of these students got it, in their order.

        The seals of one variant take a third of a second, so several threads make them; digests do not hold the
        interpreter's lock.
        """
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            return list(pool.map(lambda student: self.exercise_for(exercise, student), students))

    def exercise_for(self, exercise: Exercise, student: str) -> Exercise:
        """Return the exercise as this student got it.

        Raises
        ------
        ExerciseError
            If the source of the exercise does not say what its variants are made from.
        """
        vary = VARIED.get(exercise.name)
        if vary is None or _compared_name(student) not in self.students:
            return exercise
        try:
            return Exercise(exercise.name, vary(exercise.text, self._seed(exercise.name, student)))
        except VariantError as error:
            raise ExerciseError(
                exercise.name, f"{error}; leave out --variants, or take the change to this notebook back."
            ) from error

    def _seed(self, exercise: str, student: str) -> int:
        message = f"{exercise}/{_compared_name(student)}".encode()
        return int.from_bytes(hmac.digest(self.key, message, hashlib.sha256))


def key_file(roster: Path) -> Path:
    """Return where the key of a roster is kept."""
    return roster.with_name(f"{roster.stem}.key")


def _read_students(roster: Path) -> dict[str, str]:
    try:
        text = roster.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RosterError(roster, "cannot be read; save the list of students as a CSV file in UTF-8.") from error
    head = text.partition("\n")[0]
    # Spreadsheet programs write semicolons where the comma is the decimal sign.
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in head and "," not in head else ",")
    if NAME_COLUMN not in (rows.fieldnames or ()):
        raise RosterError(roster, f"has no column `{NAME_COLUMN}`; give that name to the column with the students.")
    students: dict[str, str] = {}
    for row in rows:
        name = unicodedata.normalize("NFC", (row[NAME_COLUMN] or "").strip())
        if not name:
            continue
        place = f"line {rows.line_num}"
        if _NOT_IN_FOLDERS & set(name) or not name.isprintable() or name.strip(".") != name:
            raise RosterError(roster, f'"{name}" cannot be the name of a folder; write it without that sign.', place)
        if _compared_name(name) in students:
            raise RosterError(roster, f'"{name}" is there twice; tell the two students apart.', place)
        students[_compared_name(name)] = name
    if not students:
        raise RosterError(roster, f"names no student; write one name in each line under `{NAME_COLUMN}`.")
    return students


def _read_key(roster: Path, *, new_key: bool) -> bytes:
    path = key_file(roster)
    try:
        if new_key and not path.exists():
            write_atomically(path, f"{secrets.token_hex(32)}\n")
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise RosterError(
            path, "is missing; put the file that `axis release --variants` wrote back beside the roster."
        ) from error
    except OSError as error:
        raise RosterError(path, f"cannot be used ({error.strerror}); put the roster into another folder.") from error
    except ValueError as error:
        raise RosterError(path, "is damaged; put back the copy that the variants were released with.") from error
    if len(key) < 16:
        raise RosterError(path, "is too short; put back the copy that the variants were released with.")
    return key


@functools.lru_cache(maxsize=2**12)
def _compared_name(name: str) -> str:
    """Write a name so that platforms and systems, which write one name in several ways, agree on it."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
