"""Make a file name from the name of each student: safe everywhere, and nobody else's."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

#: Bytes of a name with its ending: encrypted folders take 143, and archives put a path before it.
LONGEST = 100

#: Windows keeps these for devices, whatever ending follows.
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)

#: What a name with a digest looks like: no student may have one by their own name.
WITH_DIGEST = re.compile(r".*-[0-9a-f]{12}")


def student_filenames(students: Iterable[str], ending: str = ".html") -> dict[str, str]:
    """Name the file of each student.

    A name that is safe as it stands, with hyphens for spaces, is kept. Any other, and names that
    a file system may take for the same, get a digest of the student's name: files have the same
    names in each run, in whatever order.

    Returns
    -------
    dict
        The name of the file by student: no separator, no leading or double dot, no name that
        Windows keeps, at most 100 bytes.
    """
    stems = {student: _safe_stem(student, LONGEST - len(ending)) for student in students}
    counts = Counter(map(_casefold_stem, stems.values()))
    return {student: _unique_filename(student, stem, counts, ending) for student, stem in stems.items()}


def _unique_filename(student: str, stem: str, counts: Counter[str], ending: str) -> str:
    kept = unicodedata.normalize("NFC", student).replace(" ", "-") == stem
    if kept and counts[_casefold_stem(stem)] == 1 and not WITH_DIGEST.fullmatch(_casefold_stem(stem)):
        return stem + ending
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{_shorten_stem(stem, LONGEST - len(ending) - 13)}-{digest}{ending}"


def _safe_stem(student: str, longest: int) -> str:
    letters = "".join(c if _is_safe_character(c) else "-" for c in unicodedata.normalize("NFC", student))
    stem = re.sub(r"\.{2,}", ".", re.sub(r"--+", "-", letters)).strip(".-")
    if not stem or RESERVED.fullmatch(stem):
        stem = f"student-{stem}".rstrip("-")
    return _shorten_stem(stem, longest)


def _is_safe_character(character: str) -> bool:
    """Tell letters, marks and digits of any script, and three signs, from everything else."""
    return character in "._-" or unicodedata.category(character)[0] in "LMN"


def _shorten_stem(stem: str, longest: int) -> str:
    return stem.encode()[:longest].decode(errors="ignore").rstrip(".-")


def _casefold_stem(stem: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", stem).casefold())
