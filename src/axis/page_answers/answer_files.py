"""List the saved answers in a folder or a zip, read no more than is safe, and unpack nothing to disk.

`axis.grading.intake` does the same for notebooks, and brings the records, the limits and the names.
"""

import io
import math
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from axis.errors import FileError
from axis.grading.intake.archives import (
    BROKEN,
    MAX_UNPACKED,
    MAX_UNPACKED_OF_CLASS,
    ArchiveError,
    Budget,
    member_place,
    open_zip,
    packing_problem,
    place_problem,
)
from axis.grading.intake.submitted_files import (
    IGNORED,
    NOBODY,
    Entry,
    EntryKind,
    is_zip,
    open_regular_file,
    read_problem,
    safe_label,
    walk_folder,
)

#: Bytes. A reader who has answered everything saves a tenth of a million.
MAX_FILE_SIZE = 2 * 2**20

#: Some browsers and platforms put ``.txt`` behind the name of a file whose type they do not know.
ANSWERS = re.compile(r"\.json(\.txt)?$", re.IGNORECASE)

SAVE_AGAIN = 'save it again on the page "My work"'


class AnswersError(FileError, ValueError):
    """A source or a target with which `axis answers` cannot work."""


def list_answer_files(source: Path) -> Iterator[Entry]:
    """List everything in a folder or a zip; what is not a file of answers has no content.

    Yields
    ------
    Entry
        A file of answers has the kind of a notebook, and either its content or a problem.

    Raises
    ------
    AnswersError
        If the source does not exist, cannot be read, or is neither a folder nor a zip.
    """
    if not source.exists():
        raise AnswersError(source, "does not exist; name the folder or zip with the answers of the class.")
    if not source.is_dir():
        try:
            with source.open("rb") as file:
                yield from _read_zip(file, (), Budget(math.inf), 1)
        except OSError as error:
            raise AnswersError(source, f"{read_problem(error)}.") from error
        except ArchiveError as error:
            raise AnswersError(source, f"{error}, or name another folder or zip.") from error
        return
    for entry, path in walk_folder(source, None):
        if not entry.parts:
            raise AnswersError(source, f"{entry.problem}.")
        yield from _read_file(entry, path)


def _is_answers(name: str) -> bool:
    return ANSWERS.search(name) is not None


def _read_file(entry: Entry, path: Path) -> Iterator[Entry]:
    wanted = _is_answers(path.name) or is_zip(path.name)
    if entry.kind is EntryKind.FOLDER or not wanted:
        # A notebook is refused where notebooks are collected; here it is a file like any other.
        yield entry if entry.kind is EntryKind.FOLDER else Entry(entry.parts, EntryKind.OTHER, changed=entry.changed)
        return
    found = replace(entry, kind=EntryKind.NOTEBOOK)
    if found.problem:
        yield replace(found, problem=found.problem.replace("the notebook", "the file"))
        return
    try:
        with open(open_regular_file(path), "rb") as file:  # noqa: PTH123  a descriptor has no path
            if is_zip(path.name):
                yield from _read_inner_zip(file, found, Budget(MAX_UNPACKED_OF_CLASS), 1)
            else:
                content = file.read(MAX_FILE_SIZE + 1)
                too_large = len(content) > MAX_FILE_SIZE
                yield replace(found, problem=_size_problem()) if too_large else replace(found, content=content)
    except OSError as error:
        yield replace(found, problem=read_problem(error))


def _read_inner_zip(file: BinaryIO, entry: Entry, budget: Budget, depth: int) -> Iterator[Entry]:
    yield replace(entry, kind=EntryKind.FOLDER)
    try:
        yield from _read_zip(file, entry.parts, budget, depth)
    except ArchiveError as error:
        yield replace(entry, problem=str(error))


def _read_zip(file: BinaryIO, parts: tuple[str, ...], budget: Budget, depth: int) -> Iterator[Entry]:
    with open_zip(file, "the answers") as archive:
        for member in archive.infolist():
            yield from _read_member(archive, member, parts, budget, depth)


def _read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, parts: tuple[str, ...], budget: Budget, depth: int
) -> Iterator[Entry]:
    name, pieces = member_place(member)
    changed = tuple(member.date_time)
    if unsafe := place_problem(name, pieces):
        shown = "/".join((*parts, safe_label(name)))
        yield Entry((*parts, NOBODY), problem=unsafe, changed=changed, shown=shown)
        return
    if not pieces or any(IGNORED.fullmatch(piece) for piece in pieces):
        return
    entry = Entry((*parts, *map(safe_label, pieces)), changed=changed)
    if member.is_dir():
        yield replace(entry, kind=EntryKind.FOLDER)
    elif not (_is_answers(name) or is_zip(name)):
        yield replace(entry, kind=EntryKind.OTHER)
    elif refused := _member_problem(member, depth):
        yield replace(entry, problem=refused)
    else:
        yield from _unpack_member(archive, member, entry, budget, depth)


def _unpack_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, entry: Entry, budget: Budget, depth: int
) -> Iterator[Entry]:
    inner = is_zip(entry.parts[-1])
    most = MAX_UNPACKED if inner else MAX_FILE_SIZE
    try:
        with archive.open(member) as file:
            content = file.read(int(min(most, budget.left)) + 1)
    except BROKEN:
        yield replace(entry, problem="is damaged inside its zip: hand it in again")
        return
    if len(content) > most:
        yield replace(entry, problem=_size_problem())
    elif len(content) > budget.left:
        yield replace(entry, problem="is in a zip that is too large when unpacked: hand in only the file of answers")
    else:
        budget.spend(len(content))
        if inner:
            yield from _read_inner_zip(io.BytesIO(content), entry, Budget(MAX_UNPACKED, budget), depth + 1)
        else:
            yield replace(entry, content=content)


def _member_problem(member: zipfile.ZipInfo, depth: int) -> str:
    """Return why a member must not be opened; empty if it may be."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        return "is a link or another special file: hand in the file itself"
    return packing_problem(member, depth, "the file of answers")


def _size_problem() -> str:
    return f"is larger than {MAX_FILE_SIZE // 2**20} MB, so it is not a file of answers: {SAVE_AGAIN}"
