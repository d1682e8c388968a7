"""List the files in a folder of submissions, and read no more than is safe.

Names are only labels here: they are compared and shown, but no path is ever built from them.
"""

import errno
import hashlib
import os
import re
import stat
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from axis.grading.records import RESULTS_FOLDER

#: Bytes. A notebook with pictures has a few hundred thousand.
MAX_FILE_SIZE = 16 * 2**20

#: Takes the place of a student's name where neither the folder nor the name of a file says whose it is.
NOBODY = "(no student)"

#: Files and folders that zip programs, editors, instructors and Brightspace leave among submissions.
IGNORED = re.compile(r"\..*|__MACOSX|feedback|.*_assignfeedback_.*|index\.html", re.IGNORECASE | re.DOTALL)

#: Browsers that do not know the type of a notebook add an ending, and so do students who cannot see the first.
NOTEBOOK = re.compile(r"\.ipynb(?:\.(?:ipynb|txt|json|download))*$", re.IGNORECASE)

#: How many bytes of a file with such an ending are read to see whether it is a notebook.
LENGTH_OF_BEGINNING = 2**16

#: Endings that a notebook may have got in place of its own; a name without any has the first.
_POSSIBLE_ENDINGS = ("", ".json", ".txt", ".download")

#: Characters that can reverse a label on the page.
_BIDIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class EntryKind(Enum):
    """What an entry means for marking."""

    #: A notebook, or a file that was refused where a notebook could be.
    NOTEBOOK = "notebook"
    OTHER = "other"
    FOLDER = "folder"


@dataclass(frozen=True)
class Entry:
    """One file or folder of the source.

    Attributes
    ----------
    parts
        The labels of the folders that lead to it, and its own; a zip counts as a folder.
    content
        The bytes of a notebook; empty if it was not read.
    problem
        Why it was not read: the rest of a sentence that begins with its name.
    changed
        When it was last changed, in local time, as zips record it: from year to second.
    ids
        The ids of a notebook's cells.
    notes
        What is unusual about a notebook, one sentence each.
    shown
        The name to show, if it must not be part of `parts`.
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
        """Where it is, for people to read."""
        return self.shown or "/".join(self.parts)


#: Characters of the name of a file or folder.
MAX_NAME_LENGTH = 255


def safe_label(text: str) -> str:
    """Return a name in Unicode's composed form, without characters that a report cannot show.

    A name that no file system would take is cut: to compose it would take time that grows with its square.
    """
    if len(text) > MAX_NAME_LENGTH:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        # The beginning names the student, the end says what kind of file it is.
        text = f"{text[: MAX_NAME_LENGTH // 2]}…{digest}…{text[-MAX_NAME_LENGTH // 4 :]}"
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        "\ufffd" if character in _BIDIRECTIONAL or unicodedata.category(character) in {"Cc", "Cs"} else character
        for character in composed
    )


def is_notebook(name: str) -> bool:
    """Whether a file has a notebook's extension, in upper or lower case."""
    return NOTEBOOK.search(name) is not None


def may_be_notebook(name: str) -> bool:
    """Whether a file may be a notebook although it has another ending: its content says."""
    return PurePosixPath(name).suffix.casefold() in _POSSIBLE_ENDINGS or re.search(r"\.\d|\.\w* ", name) is not None


def begins_as_notebook(beginning: bytes) -> bool:
    """Whether the first `LENGTH_OF_BEGINNING` bytes of a file are those of a notebook."""
    return beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and b'"cells"' in beginning


def is_zip(name: str) -> bool:
    """Whether a file has a zip's extension, in upper or lower case."""
    return name.casefold().endswith(".zip")


def walk_folder(folder: Path, reports: Path | None, parts: tuple[str, ...] = ()) -> Iterator[tuple[Entry, Path]]:
    """List everything in a folder and the folders below it, without opening any file.

    The folder of the reports is left out, and so is that of any earlier run, which has a folder of results. Symbolic
    links are not followed. An entry with a problem must not be read; one without is a folder or a regular file.
    """
    try:
        found = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError as error:
        yield Entry(parts, problem=read_problem(error)), folder
        return
    for item in found:
        path = Path(item.path)
        if IGNORED.fullmatch(item.name) or _holds_reports(item, reports):
            continue
        entry = _make_entry(item, (*parts, safe_label(item.name)))
        yield entry, path
        if entry.kind is EntryKind.FOLDER:
            yield from walk_folder(path, reports, entry.parts)


def _holds_reports(item: "os.DirEntry[str]", reports: Path | None) -> bool:
    if not item.is_dir(follow_symlinks=False):
        return False
    path = Path(item.path)
    try:
        return (reports is not None and path.samefile(reports)) or (path / RESULTS_FOLDER).is_dir()
    except OSError:
        return False


def _make_entry(item: "os.DirEntry[str]", parts: tuple[str, ...]) -> Entry:
    try:
        status = item.stat(follow_symlinks=False)
    except OSError as error:
        return Entry(parts, problem=read_problem(error))
    # A file system can store times that no zip can record.
    changed = tuple(time.localtime(min(max(status.st_mtime, 0), 2**32))[:6])
    wanted = is_notebook(item.name) or is_zip(item.name)
    if stat.S_ISLNK(status.st_mode):
        return Entry(parts, problem="is a symbolic link: hand in the file itself", changed=changed)
    if stat.S_ISDIR(status.st_mode):
        return Entry(parts, EntryKind.FOLDER, changed=changed)
    if wanted and not stat.S_ISREG(status.st_mode):
        return Entry(parts, problem="is not a regular file: hand in the notebook itself", changed=changed)
    return Entry(parts, EntryKind.NOTEBOOK if wanted else EntryKind.OTHER, changed=changed)


def open_regular_file(path: Path) -> int:
    """Open a file for reading, but not a link or a pipe that has replaced it in the meantime.

    Returns
    -------
    int
        A file descriptor, which the caller must close.

    Raises
    ------
    OSError
        If it cannot be opened, or is not a regular file.
    """
    # Windows has neither these flags nor these kinds of files.
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, os.O_RDONLY | flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


def size_problem() -> str:
    """Return the problem of a file that is too large."""
    return f"is larger than {MAX_FILE_SIZE // 2**20} MB: clear its outputs and hand it in again"


def read_problem(error: OSError) -> str:
    """Return the problem of a file that cannot be read."""
    return f"cannot be read ({error.strerror}): check its permissions"
