"""Read the zips of platforms and students in memory, unpack nothing to disk, and trust no size that a zip states."""

import io
import math
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from axis.grading.intake.submitted_files import (
    IGNORED,
    LENGTH_OF_BEGINNING,
    MAX_FILE_SIZE,
    NOBODY,
    Entry,
    EntryKind,
    begins_as_notebook,
    is_notebook,
    is_zip,
    may_be_notebook,
    safe_label,
    size_problem,
)

#: A class of a thousand hands in a few thousand files; a zip with far more was packed by mistake or in bad faith.
MAX_ENTRIES = 20_000

#: The most bytes that one student's zip may unpack to, inner zips included.
MAX_UNPACKED = 4 * MAX_FILE_SIZE

#: The same for a zip that may hold the work of a whole class.
MAX_UNPACKED_OF_CLASS = 128 * MAX_FILE_SIZE

#: Zips within zips: a platform's, and a student's inside it.
MAX_DEPTH = 2

#: What `zipfile` raises for a damaged archive: its own error, and those of the modules that it uses.
#: `NotImplementedError`, for a version or method that it does not know, is a `RuntimeError`.
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)


class ArchiveError(ValueError):
    """A zip that cannot be read at all; the text is the rest of a sentence that begins with its name."""


class Budget:
    """How many bytes a zip, and the zip that contains it, may still unpack to."""

    def __init__(self, most: float, above: "Budget | None" = None) -> None:
        self._left = most
        self._above = above

    @property
    def left(self) -> float:
        """The bytes that this zip and those around it may still unpack to."""
        return min(self._left, self._above.left if self._above else math.inf)

    def spend(self, size: int) -> None:
        """Count bytes that were unpacked."""
        self._left -= size
        if self._above:
            self._above.spend(size)


def read_zip(file: BinaryIO, parts: tuple[str, ...], budget: Budget, depth: int = 1) -> Iterator[Entry]:
    """Read the notebooks in a zip, and those in zips inside it.

    Parameters
    ----------
    file
        The zip, open for reading.
    parts
        The names of the folders and zips that lead to it, and its own.
    budget
        How much it may unpack to.
    depth
        How many zips are open, including this one.

    Yields
    ------
    Entry
        One for each folder and file, unless it is ignored; a file that was refused has a problem.

    Raises
    ------
    ArchiveError
        If it is not a zip, is damaged, or contains more than `MAX_ENTRIES` files.
    """
    with open_zip(file, "the notebooks") as archive:
        for member in archive.infolist():
            yield from _member_entries(archive, member, parts, budget, depth)


def open_zip(file: BinaryIO, wanted: str) -> zipfile.ZipFile:
    """Open a zip, which the caller closes; `wanted` says what to pack, as in ``the notebooks``.

    Raises
    ------
    ArchiveError
        If it is not a zip, is damaged, or contains more than `MAX_ENTRIES` files.
    """
    try:
        archive = zipfile.ZipFile(file)
    except BROKEN as error:
        raise ArchiveError("is damaged or not a zip: download it or pack it again") from error
    if (count := len(archive.infolist())) > MAX_ENTRIES:
        archive.close()
        raise ArchiveError(f"contains {count:,} files, more than the {MAX_ENTRIES:,} allowed: pack only {wanted}")
    return archive


def _member_entries(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, parts: tuple[str, ...], budget: Budget, depth: int
) -> Iterator[Entry]:
    name, pieces = member_place(member)
    changed = tuple(member.date_time)
    if unsafe := place_problem(name, pieces):
        before = pieces[: pieces.index("..")] if ".." in pieces and not _is_absolute(name) else []
        shown = "/".join((*parts, safe_label(name)))
        yield Entry((*parts, *map(safe_label, before), NOBODY), problem=unsafe, changed=changed, shown=shown)
        return
    if not pieces or any(IGNORED.fullmatch(piece) for piece in pieces):
        return
    place = (*parts, *map(safe_label, pieces))
    if member.is_dir():
        yield Entry(place, EntryKind.FOLDER, changed=changed)
    elif not (is_notebook(name) or is_zip(name) or _is_link(member)):
        if (
            may_be_notebook(name)
            and not _member_problem(member, depth)
            and _begins_as_notebook(archive, member, budget)
        ):
            yield from _unpack_member(archive, member, Entry(place, changed=changed), budget, depth)
        else:
            yield Entry(place, EntryKind.OTHER, changed=changed)
    elif refused := _member_problem(member, depth):
        yield Entry(place, problem=refused, changed=changed)
    else:
        yield from _unpack_member(archive, member, Entry(place, changed=changed), budget, depth)


def _begins_as_notebook(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> bool:
    try:
        with archive.open(member) as file:
            beginning = file.read(int(min(LENGTH_OF_BEGINNING, max(budget.left, 0))))
    except BROKEN:
        return False
    budget.spend(len(beginning))
    return begins_as_notebook(beginning)


def _unpack_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, entry: Entry, budget: Budget, depth: int
) -> Iterator[Entry]:
    """Read a member; if it is a zip, read the notebooks in it instead."""
    try:
        with archive.open(member) as file:
            content = file.read(int(min(MAX_FILE_SIZE, budget.left)) + 1)
    except BROKEN:
        yield replace(entry, problem="is damaged inside its zip: hand it in again")
        return
    if len(content) > MAX_FILE_SIZE:
        yield replace(entry, problem=size_problem())
        return
    if len(content) > budget.left:
        yield replace(entry, problem="is in a zip that is too large when unpacked: hand in only the notebook")
        return
    budget.spend(len(content))
    if is_zip(entry.parts[-1]):
        yield from read_inner_zip(io.BytesIO(content), entry, Budget(MAX_UNPACKED, budget), depth + 1)
    else:
        yield replace(entry, content=content)


def read_inner_zip(file: BinaryIO, entry: Entry, budget: Budget, depth: int = 1) -> Iterator[Entry]:
    """Read a zip that is one of several files; if it cannot be read, its entry has a problem."""
    yield replace(entry, kind=EntryKind.FOLDER)
    try:
        yield from read_zip(file, entry.parts, budget, depth)
    except ArchiveError as error:
        yield replace(entry, problem=str(error))


def member_place(member: zipfile.ZipInfo) -> tuple[str, list[str]]:
    """Return the name of a member, and the folders and the file in it."""
    name = _member_name(member)
    return name, [piece for piece in re.split(r"[/\\]", name) if piece not in {"", "."}]


def _member_name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; many programs, such as Canvas, write UTF-8 without saying so."""
    if not member.flag_bits & 0x800:
        try:
            return member.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return member.filename


def _is_absolute(name: str) -> bool:
    return re.match(r"[/\\]|[A-Za-z]:[/\\]", name) is not None


def place_problem(name: str, pieces: list[str]) -> str:
    """Return why a member with this place must not be unpacked; empty if it may be."""
    if _is_absolute(name):
        return "has an absolute path in its zip: pack the zip again from the folder that contains the file"
    if ".." in pieces:
        return 'has ".." in its path in the zip: pack the zip again from the folder that contains the file'
    if any(len(piece) > 255 for piece in pieces):
        return "has a name of more than 255 characters in its zip: rename it and pack the zip again"
    return ""


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _member_problem(member: zipfile.ZipInfo, depth: int) -> str:
    """Return why a member must not be opened; empty if it may be."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if _is_link(member):
        return "is a symbolic link: hand in the file itself"
    if kind not in {0, stat.S_IFREG}:
        return "is not a regular file: hand in the notebook itself"
    return packing_problem(member, depth, "the notebook")


def packing_problem(member: zipfile.ZipInfo, depth: int, wanted: str) -> str:
    """Return why a regular file cannot be unpacked safely; `wanted` says what to hand in, as in ``the notebook``."""
    if member.flag_bits & 0x1:
        return "is encrypted: pack the zip again without a password"
    # The other methods unpack without a limit, and neither platforms nor desktops use them.
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "is compressed in an unusual way: pack it again as an ordinary zip"
    if is_zip(member.filename) and depth >= MAX_DEPTH:
        return f"is a zip inside too many other zips: hand in {wanted} itself"
    return ""
