"""Collect what a class handed in: a folder or a zip, as nbgrader, Canvas, Moodle or a person arranges it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from math import inf
from pathlib import Path

from axis.errors import FileError
from axis.exercises.source import Exercise
from axis.grading.intake.archives import (
    MAX_UNPACKED,
    MAX_UNPACKED_OF_CLASS,
    ArchiveError,
    Budget,
    read_inner_zip,
    read_zip,
)
from axis.grading.intake.filenames import LASTING_NUMBERS, NameParser
from axis.grading.intake.notebook_content import (
    ContentError,
    examine_notebook,
    graded_cell_ids,
    is_other_exercise,
    is_untouched,
    recognise_exercise,
)
from axis.grading.intake.student_folders import EntryTree, PlacedEntry, students_without_notebook
from axis.grading.intake.submitted_files import (
    LENGTH_OF_BEGINNING,
    MAX_FILE_SIZE,
    NOBODY,
    Entry,
    EntryKind,
    begins_as_notebook,
    is_zip,
    may_be_notebook,
    open_regular_file,
    read_problem,
    size_problem,
    walk_folder,
)
from axis.grading.records import Submission


class CollectError(FileError, ValueError):
    """A source from which nothing can be collected."""


@dataclass(frozen=True)
class _Candidate:
    """A submission, and what decides whether it is the one to mark of its student and exercise."""

    submission: Submission
    placed: PlacedEntry
    fits: bool
    untouched: bool

    def sort_key(self) -> tuple[object, ...]:
        """Return a key that sorts it after what it replaces.

        A scratch file never replaces the exercise itself, nor does one that nobody has worked in. What lies in
        somebody's zip never replaces what was handed in beside it.
        """
        name, entry = self.placed.name, self.placed.entry
        resubmitted = (name.upload, name.copy) if name.platform in LASTING_NUMBERS else (name.upload, 0)
        return (not self.untouched, self.fits, -self.placed.depth, *resubmitted, entry.changed, name.copy, entry.path)


@dataclass(frozen=True)
class CollectedClass:
    """What a class handed in.

    Attributes
    ----------
    submissions
        One for each student and exercise, sorted by both; the newest if there are several. A file that
        cannot be marked has a problem, and does not affect any other submission.
    remarks
        What the instructor should know about files that are not among them, one sentence each.
    """

    submissions: list[Submission]
    remarks: list[str]


def collect_submissions(source: Path, exercises: Mapping[str, Exercise], reports: Path | None = None) -> CollectedClass:
    """Collect the submissions of a class.

    Parameters
    ----------
    source
        A folder or a zip: nbgrader's tree, a folder for each student, a flat folder whose file names
        say who the student is, or the downloads of Canvas and Moodle. Zips in it are read too.
    exercises
        The exercises by name.
    reports
        The folder of the reports, which may lie inside the source and is not part of it.

    Raises
    ------
    CollectError
        If the source does not exist, is neither a folder nor a zip, or contains no notebook.
    """
    parser = NameParser(exercises)
    tree = EntryTree((_examine_entry(entry) for entry in _source_entries(source, parser, reports)), parser)
    entries = list(tree.placed_entries())
    candidates = [_make_candidate(one, exercises) for one in entries if one.entry.kind is EntryKind.NOTEBOOK]
    if not candidates:
        raise CollectError(source, "contains no notebook; name the folder or zip that contains the submissions.")
    newest = list(map(_newest_candidate, _group_candidates(_separate_namesakes(_join_names(candidates)))))
    worked = {one.submission.student for one in newest if not one.untouched}
    found = [
        *(one.submission for one in newest if not one.untouched),
        *map(_submission_without_work, _first_of_each([one for one in newest if one.submission.student not in worked])),
        *map(_submission_without_notebook, students_without_notebook(entries)),
    ]
    remarks = [*_untouched_remarks(newest), *_unknown_form_remarks(candidates)]
    return CollectedClass(sorted(found, key=lambda one: (one.student, one.exercise, one.path)), remarks)


def _source_entries(source: Path, parser: NameParser, reports: Path | None) -> Iterator[Entry]:
    """Read a source; a file that cannot be read does not affect the others."""
    if not source.exists():
        raise CollectError(source, "does not exist; name the folder or zip that contains the submissions.")
    if source.is_dir():
        for entry, path in walk_folder(source, reports):
            if not entry.parts:
                raise CollectError(source, f"{entry.problem}.")
            yield from _read_submitted_file(entry, path, parser)
        return
    try:
        with source.open("rb") as file:
            yield from read_zip(file, (), Budget(inf))
    except OSError as error:
        raise CollectError(source, f"{read_problem(error)}.") from error
    except ArchiveError as error:
        raise CollectError(source, f"{error}, or name another folder or zip.") from error


def _read_submitted_file(entry: Entry, path: Path, parser: NameParser) -> Iterator[Entry]:
    """Read a file of a folder; if it is a zip, read the notebooks in it instead."""
    other = entry.kind is EntryKind.OTHER
    if entry.problem or entry.kind is EntryKind.FOLDER or (other and not may_be_notebook(path.name)):
        yield entry
        return
    # A zip that no platform named after a student may be the platform's own, with the work of the whole class.
    of_class = is_zip(path.name) and len(entry.parts) == 1 and not parser.parse_name(entry.parts[0]).platform
    try:
        with open(open_regular_file(path), "rb") as file:  # noqa: PTH123  a descriptor has no path
            if other and not begins_as_notebook(file.read(LENGTH_OF_BEGINNING)):
                yield entry
                return
            file.seek(0)
            entry = replace(entry, kind=EntryKind.NOTEBOOK)
            content = b"" if of_class else file.read(MAX_FILE_SIZE + 1)
            if of_class:
                yield from read_inner_zip(file, entry, Budget(MAX_UNPACKED_OF_CLASS))
            elif len(content) > MAX_FILE_SIZE:
                yield replace(entry, problem=size_problem())
            elif is_zip(path.name):
                yield from read_inner_zip(BytesIO(content), entry, Budget(MAX_UNPACKED))
            else:
                yield replace(entry, content=content)
    except OSError as error:
        yield entry if other else replace(entry, problem=read_problem(error))


def _examine_entry(entry: Entry) -> Entry:
    """Add what the content of a notebook says; if it is not a notebook, drop the content."""
    if entry.kind is not EntryKind.NOTEBOOK or entry.problem:
        return entry
    try:
        ids, notes = examine_notebook(entry.content)
    except ContentError as error:
        return replace(entry, content=b"", problem=str(error))
    return replace(entry, ids=ids, notes=notes)


def _make_candidate(placed: PlacedEntry, exercises: Mapping[str, Exercise]) -> _Candidate:
    entry, name = placed.entry, placed.name
    exercise = name.exercise or recognise_exercise(entry.ids, exercises)
    problem = _submission_problem(placed, exercise, exercises)
    notes = [*entry.notes]
    if exercise and not problem:
        notes += _missing_check_notes(entry.ids, exercises[exercise])
    if name.late:
        notes.append("Canvas marked this submission as late.")
    submission = Submission(
        student=name.student,
        exercise=exercise,
        path=entry.path,
        content=b"" if problem else entry.content,
        problem=problem,
        notes=tuple(notes),
        number=name.number if name.platform == "Canvas" else "",
    )
    fits = placed.named_by_file or bool(exercise and entry.ids & graded_cell_ids(exercises[exercise]))
    untouched = bool(exercise) and not problem and is_untouched(exercises[exercise], entry.content)
    return _Candidate(submission, placed, fits, untouched)


def _submission_problem(placed: PlacedEntry, exercise: str, exercises: Mapping[str, Exercise]) -> str:
    """Return in one sentence why a file cannot be marked; empty if it can."""
    entry, file = placed.entry, placed.entry.path.split("/")[-1]
    if entry.problem:
        return f"{entry.shown or file} {entry.problem}."
    if not exercise:
        example = next(iter(exercises), "NAME")
        return f"{file} matches no exercise by its name or cells: name it after its exercise, such as {example}.ipynb."
    held = recognise_exercise(entry.ids, exercises)
    if held and held != exercise and is_other_exercise(entry.ids, exercises[exercise], exercises[held]):
        return f"{file} was handed in for {exercise} but is the notebook of {held}: hand in the right one."
    if placed.name.student == NOBODY:
        return f"{file} does not say which student it is from: rename it to STUDENT_{file}."
    return ""


def _missing_check_notes(ids: Iterable[str], exercise: Exercise) -> list[str]:
    missing = dict.fromkeys(one.title for one in exercise.questions if one.check not in ids)
    return [f"No cell has the id of the check of {', '.join(missing)}."] if missing else []


def _join_names(candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """Give one student one name, that of the latest upload, where the platform's number says that it is one."""
    latest: dict[tuple[str, str], _Candidate] = {}
    for one in sorted(candidates, key=lambda one: (one.placed.name.upload, one.placed.entry.changed)):
        if one.placed.name.number and one.placed.name.platform in LASTING_NUMBERS:
            latest[one.placed.name.platform, one.placed.name.number] = one
    for one in candidates:
        name = one.placed.name
        last = latest.get((name.platform, name.number), one).submission.student
        if last == one.submission.student:
            yield one
            continue
        note = f'The number {name.number} belonged to "{name.student}" here and to "{last}" later: one student.'
        notes = (*one.submission.notes, note)
        yield replace(one, submission=replace(one.submission, student=last, notes=notes))


def _separate_namesakes(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Tell students with the same name apart by the platform's numbers.

    Canvas and Brightspace give a user one number; Moodle gives a participant a new one in each assignment.
    """
    candidates = list(candidates)
    numbers = defaultdict(set)
    for one in candidates:
        lasting = one.placed.name.platform in LASTING_NUMBERS
        scope = "" if lasting else one.submission.exercise
        if one.placed.name.number and (scope or lasting):
            numbers[one.submission.student, scope].add(one.placed.name.number)
    namesakes = {student for (student, _), found in numbers.items() if len(found) > 1}
    for one in candidates:
        submission, number = one.submission, one.placed.name.number
        if submission.student in namesakes and number:
            note = f'Several students are called "{submission.student}"; the number in brackets tells them apart.'
            student = f"{submission.student} ({number})"
            submission = replace(submission, student=student, notes=(*submission.notes, note))
        yield replace(one, submission=submission)


def _group_candidates(candidates: Iterable[_Candidate]) -> Iterable[list[_Candidate]]:
    """Group what one student handed in for one exercise; a file without a student or an exercise stays alone."""
    groups: dict[tuple[str, str, str], list[_Candidate]] = defaultdict(list)
    for one in candidates:
        submission = one.submission
        known = submission.exercise and one.placed.name.student != NOBODY
        alone = "" if known else f"{len(groups)}"
        groups[submission.student, submission.exercise, alone].append(one)
    return groups.values()


def _newest_candidate(group: list[_Candidate]) -> _Candidate:
    *older, newest = sorted(group, key=_Candidate.sort_key)
    if not older:
        return newest
    ignored = tuple(one.submission.path for one in older)
    note = f"This is the newest of {len(group)} files for this exercise; ignored: {', '.join(ignored)}."
    if any(one.untouched for one in older):
        note = f"Of {len(group)} files for this exercise this was worked in; ignored: {', '.join(ignored)}."
    notes = (*newest.submission.notes, note)
    return replace(newest, submission=replace(newest.submission, notes=notes, replaces=ignored))


def _first_of_each(candidates: Iterable[_Candidate]) -> Iterable[_Candidate]:
    """Return one candidate of each student."""
    return {one.submission.student: one for one in reversed(list(candidates))}.values()


def _submission_without_work(candidate: _Candidate) -> Submission:
    submission = candidate.submission
    problem = f"{submission.student} handed in only notebooks as they were released: ask for the one with the answers."
    return replace(submission, exercise="", content=b"", problem=problem, notes=())


def _untouched_remarks(newest: Sequence[_Candidate]) -> Iterator[str]:
    """Yield which notebooks were handed in as they were released."""
    found = defaultdict(list)
    for one in newest:
        if one.untouched:
            found[one.submission.student].append(one.submission.exercise)
    for student, names in sorted(found.items()):
        shown = ", ".join(sorted(names))
        yield f"Not counted, because nobody has worked in it since its release: {shown} of {student}."


def _unknown_form_remarks(candidates: Sequence[_Candidate]) -> Iterator[str]:
    """Yield a warning if whole names of files were taken for students although they look like a platform's."""
    names = [
        one.submission.student
        for one in candidates
        if not one.placed.in_own_folder and len(re.findall(r"\d{4,}|\d[-:. ]\d", one.submission.student)) > 1
    ]
    if names:
        yield (
            f'Not a form that is known: {len(names)} names such as "{names[0]}". The whole name was taken for the '
            "student, so rename the files to STUDENT_EXERCISE.ipynb if that is wrong."
        )


def _submission_without_notebook(placed: PlacedEntry) -> Submission:
    student, path = placed.name.student, "/".join(placed.student_path)
    problem = f"{student} handed in no notebook: ask for the file that ends in .ipynb."
    if not placed.in_own_folder:
        problem = f"{path} is not a notebook: ask {student} for the file that ends in .ipynb."
    number = placed.name.number if placed.name.platform == "Canvas" else ""
    return Submission(student, "", path, problem=problem, number=number)
