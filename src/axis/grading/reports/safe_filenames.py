"""Make a file name from the name of each student: safe on every system, and different from all others."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from pathvalidate import is_valid_filename, sanitize_filename

#: Bytes of a name with its ending: encrypted folders take 143, and archives put a path before it.
MAX_BYTES = 100

#: What pathvalidate allows: an opening dot hides a file, an opening hyphen looks like an option of a
#: command, and two dots look like the folder above.
MISLEADING = re.compile(r"^[.-]|\.\.")

#: What a name with a digest looks like: no student may have one by their own name.
WITH_DIGEST = re.compile(r".*-[0-9a-f]{12}")


def student_filenames(students: Iterable[str], ending: str = ".html") -> dict[str, str]:
    """Name the file of each student.

    A safe name is kept, with hyphens for spaces. Any other name, and names that a file system may
    take for the same, get a digest of the student's name. So files have the same names in each
    run, in whatever order the students come.

    Returns
    -------
    dict
        The name of the file by student. It is valid on every system, at most 100 bytes long,
        opens with neither a dot nor a hyphen, and has no two dots in a row.
    """
    stems = {student: unicodedata.normalize("NFC", student).replace(" ", "-") for student in students}
    folded = {student: _casefold_stem(stem) for student, stem in stems.items()}
    counts = Counter(folded.values())
    return {
        student: stem + ending
        if counts[folded[student]] == 1 and not WITH_DIGEST.fullmatch(folded[student]) and _is_safe(stem + ending)
        else _filename_with_digest(student, stem, ending)
        for student, stem in stems.items()
    }


def _is_safe(name: str) -> bool:
    # What is not printable may turn a line around or, as half of a surrogate pair, cannot be written at all.
    if not name.isprintable() or MISLEADING.search(name):
        return False
    return is_valid_filename(name, "universal", max_len=MAX_BYTES, fs_encoding="utf-8")


def _filename_with_digest(student: str, stem: str, ending: str) -> str:
    tail = f"-{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}{ending}"
    printable = "".join(character if character.isprintable() else "-" for character in stem)
    safe = sanitize_filename(printable, "-", "universal", max_len=MAX_BYTES - len(tail), fs_encoding="utf-8")
    # Windows compares what stands before the first dot with its devices: without dots, the digest is part of that.
    return (re.sub("[.-]+", "-", safe).strip("-") or "student") + tail


def _casefold_stem(stem: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", stem).casefold())
