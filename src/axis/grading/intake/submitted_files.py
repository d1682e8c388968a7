"""List what lies in a folder of submissions, zips included, and read no more than is safe.

Names are labels here: they are compared and shown, and never build a path.
"""

import errno
import os
import re
import stat
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

#: The most bytes of one file: a notebook with pictures has a few hundred thousand.
MAX_FILE_SIZE = 16 * 2**20

#: Stands where a student's name should, for files that no place or name gives to anyone.
NOBODY = "(no student)"

#: What unpackers, editors and instructors leave beside submissions.
IGNORED = re.compile(r"\..*|__MACOSX|feedback|.*_assignfeedback_.*", re.IGNORECASE | re.DOTALL)

#: Browsers save a notebook as text or JSON where they do not know its kind.
NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)

#: Characters that could turn a label around on the page.
_BIDIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class EntryKind(Enum):
    """What an entry is to marking."""

    #: A notebook, or what was refused in a place where one could lie.
    NOTEBOOK = "notebook"
    OTHER = "other"
    FOLDER = "folder"


@dataclass(frozen=True)
class Entry:
    """One file or folder of the source.

    Attributes
    ----------
    parts
        The labels from the source down to it; a zip counts as a folder.
    content
        The bytes of a notebook that could be read.
    problem
        Why it was not read, as the rest of a sentence that begins with its name.
    changed
        When it was changed, in local time, as a zip notes it: year to second.
    ids
        The ids of a notebook's cells.
    notes
        What is unusual in a notebook, one sentence each.
    shown
        The name to show where `parts` must not hold it.
    """

    parts: tuple[str, ...]
    kind: EntryKind = EntryKind.NOTEBOOK
    content: bytes = b""
    problem: str = ""
    changed: tuple[int, ...] = ()
    ids: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    shown: str = ""

    @property
    def path(self) -> str:
        """Where it lies, for people."""
        return self.shown or "/".join(self.parts)


def safe_label(text: str) -> str:
    """Write a name in Unicode's composed form, without characters that a report cannot hold."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        "\ufffd" if character in _BIDIRECTIONAL or unicodedata.category(character) in {"Cc", "Cs"} else character
        for character in composed
    )


def is_notebook(name: str) -> bool:
    """Tell from its extension, in any case, whether a file should be a notebook."""
    return NOTEBOOK.search(name) is not None


def is_zip(name: str) -> bool:
    """Tell from its extension, in any case, whether a file should be a zip."""
    return name.casefold().endswith(".zip")


def walk_folder(folder: Path, parts: tuple[str, ...] = ()) -> Iterator[tuple[Entry, Path]]:
    """List a folder from top to bottom, and open none of its files.

    Symbolic links are not followed. An entry with a problem stands for what must not be read;
    one without is a folder or a regular file.
    """
    try:
        found = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError as error:
        yield Entry(parts, problem=read_problem(error)), folder
        return
    for item in found:
        if IGNORED.fullmatch(item.name):
            continue
        entry = _make_entry(item, (*parts, safe_label(item.name)))
        yield entry, Path(item.path)
        if entry.kind is EntryKind.FOLDER:
            yield from walk_folder(Path(item.path), entry.parts)


def _make_entry(item: "os.DirEntry[str]", parts: tuple[str, ...]) -> Entry:
    try:
        status = item.stat(follow_symlinks=False)
    except OSError as error:
        return Entry(parts, problem=read_problem(error))
    # A file system may hold times that the calendar of a zip does not reach.
    changed = tuple(time.localtime(min(max(status.st_mtime, 0), 2**32))[:6])
    wanted = is_notebook(item.name) or is_zip(item.name)
    if stat.S_ISLNK(status.st_mode):
        return Entry(parts, problem="is a symbolic link: hand in the file itself", changed=changed)
    if stat.S_ISDIR(status.st_mode):
        return Entry(parts, EntryKind.FOLDER, changed=changed)
    if wanted and not stat.S_ISREG(status.st_mode):
        return Entry(parts, problem="is no regular file: hand in the notebook itself", changed=changed)
    return Entry(parts, EntryKind.NOTEBOOK if wanted else EntryKind.OTHER, changed=changed)


def open_regular_file(path: Path) -> int:
    """Open a file for reading, and never a link or a pipe that took its place meanwhile.

    Returns
    -------
    int
        A file descriptor, for the caller to close.

    Raises
    ------
    OSError
        If it cannot be opened, or is no regular file.
    """
    # Windows has neither flag, and neither kind of file.
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, os.O_RDONLY | flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file")
    return descriptor


def size_problem() -> str:
    """Say that a file is over the limit."""
    return f"is larger than {MAX_FILE_SIZE // 2**20} MB: clear its outputs, and hand it in again"


def read_problem(error: OSError) -> str:
    """Say that a file cannot be read."""
    return f"cannot be read ({error.strerror}): give yourself the right to read it"
