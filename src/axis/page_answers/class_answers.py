"""Find the student of each file, and keep one file for each student: the newest that can be read."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from axis.grading.intake.filenames import NameParser, ParsedName
from axis.grading.intake.student_folders import EntryTree, PlacedEntry, students_without_notebook
from axis.grading.intake.submitted_files import NOBODY, Entry, EntryKind
from axis.page_answers.answer_files import AnswersError, list_answer_files
from axis.page_answers.saved_answers import FirstAnswer, SavedAnswersError, read_saved_answers


@dataclass(frozen=True)
class StudentAnswers:
    """What one student handed in.

    Attributes
    ----------
    student
        The student's name on the platform, or the name of the file if nothing says whose it is.
    path
        Where the file is in the folder or zip.
    first
        The first answer to each question, by the id of the question.
    number
        The platform's number of the student, or "".
    problem
        Why the file was not read, in one sentence; "" if it was.
    notes
        What is unusual, one sentence each.
    """

    student: str
    path: str
    first: Mapping[str, FirstAnswer] = field(default_factory=dict)
    number: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()


class _AnswersNameParser(NameParser):
    """Parses names of files of answers, whose extension tells nothing about the student."""

    def parse_name(self, name: str) -> ParsedName:
        """Parse the name of a file or folder, with or without its extension."""
        return super().parse_name(re.sub(r"\.json(\.txt)?$", "", name, flags=re.IGNORECASE))


def collect_class_answers(source: Path, book: str) -> list[StudentAnswers]:
    """Read what a class handed in.

    Parameters
    ----------
    source
        A folder or a zip: a folder for each student, a flat folder whose file names say who the student is, or the
        download of a platform.
    book
        The name of the book, with which the name of each saved file begins.

    Returns
    -------
    list of StudentAnswers
        One for each student, sorted by name. A file that cannot be read has a problem, and affects no other.

    Raises
    ------
    AnswersError
        If nothing can be read.
    """
    parser = _AnswersNameParser([f"{book}-answers"])
    tree = EntryTree(list_answer_files(source), parser)
    placed = list(tree.placed_entries())
    files = [one for one in placed if one.entry.kind is EntryKind.NOTEBOOK]
    if not files:
        raise AnswersError(source, 'contains no file of answers; students save one on the page "My work".')
    namesakes = _find_namesakes(files)
    by_student: dict[str, list[tuple[PlacedEntry, StudentAnswers]]] = defaultdict(list)
    for one in files:
        found = _read_entry(one, book, namesakes)
        by_student[found.student].append((one, found))
    missing = [
        StudentAnswers(
            one.name.student,
            "/".join(one.student_path),
            number=one.name.number,
            problem=f"{one.name.student} handed in no file of answers: ask for the file that ends in .json.",
        )
        for one in students_without_notebook(placed)
    ]
    chosen = [_choose_newest(group) for group in by_student.values()]
    return sorted([*chosen, *missing], key=lambda one: (one.student, one.path))


def _read_entry(placed: PlacedEntry, book: str, namesakes: set[str]) -> StudentAnswers:
    entry, name = placed.entry, placed.name
    # Files that name nobody must not count as those of one student.
    student = entry.path if name.student == NOBODY else name.student
    notes = ["Nothing says whose file this is: the file's name has to."] if name.student == NOBODY else []
    if student in namesakes and name.number:
        notes.append(f'Several students are called "{student}"; the number in brackets tells them apart.')
        student = f"{student} ({name.number})"
    if name.late:
        notes.append("Canvas marked this submission as late.")
    answers = StudentAnswers(student, entry.path, number=name.number, notes=tuple(notes))
    try:
        return replace(answers, first=_read_content(entry, book))
    except SavedAnswersError as error:
        file = entry.path.split("/")[-1]
        return replace(answers, problem=f"{entry.shown or file} {error}.")


def _read_content(entry: Entry, book: str) -> Mapping[str, FirstAnswer]:
    if entry.problem:
        raise SavedAnswersError(entry.problem)
    return read_saved_answers(entry.content, book)


def _find_namesakes(files: Iterable[PlacedEntry]) -> set[str]:
    """Return the names that several students of a platform have, whose numbers differ."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for one in files:
        if one.name.platform and one.name.number:
            numbers[one.name.student].add(one.name.number)
    return {student for student, found in numbers.items() if len(found) > 1}


def _choose_newest(group: Sequence[tuple[PlacedEntry, StudentAnswers]]) -> StudentAnswers:
    """Return the newest file of a student; one that cannot be read never replaces one that can."""

    def order(one: tuple[PlacedEntry, StudentAnswers]) -> tuple[object, ...]:
        placed, answers = one
        upload = placed.name.upload if placed.name.platform == "Canvas" else 0
        return (not answers.problem, upload, placed.entry.changed, placed.name.copy, answers.path)

    *older, (_, newest) = sorted(group, key=order)
    if not older:
        return newest
    ignored = ", ".join(answers.path for _, answers in older)
    note = f"This is the newest of {len(group)} files of this student; ignored: {ignored}."
    return replace(newest, notes=(*newest.notes, note))
