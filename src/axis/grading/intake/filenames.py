"""Find the student and the exercise in the names that platforms, browsers and students give to files.

Canvas (`lib/content_zipper.rb`) names a file by the student, ``LATE`` if it is late, the number of the
user, the number of the upload, and the student's own name for the file. A name that is already taken gets
``-1``, ``-2``, …, and from the eighth on a random identifier. Moodle (`mod/assign/classes/downloader.php`)
names a folder by the student, the number of the participant in this assignment, and the kind of submission;
if downloading in folders is switched off, it names each file like this.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from axis.grading.intake.submitted_files import NOTEBOOK, safe_label

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BETWEEN = r"[-_\s]+"

_CANVAS = re.compile(
    r"(?:(?P<student>.+?)_(?:(?P<late>LATE)_)?(?P<number>\d+)|(?:(?P<late_too>LATE)_)?(?P<anonymous>anon_[0-9A-Za-z]+))"
    r"_(?:(?P<upload>\d+)_(?P<rest>.+)|(?:text|link)\.html)",
    re.DOTALL,
)
_MOODLE = re.compile(r"(?P<student>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z0-9]+(?:_(?P<rest>.*))?", re.DOTALL)
_COPIES = (
    re.compile(r"copy(?:[\s_]\(\d+\))?[\s_]of[\s_]+(?P<stem>.+)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<stem>.+?)(?:[\s_]*-[\s_]*|[\s_]+)copy[\s_]*(?P<number>\d*)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<stem>.+?)[\s_]*\((?:copy[\s_]*)?(?P<number>\d*)\)", re.IGNORECASE | re.DOTALL),
)


@dataclass(frozen=True)
class ParsedName:
    """What one name says.

    Attributes
    ----------
    student
        The student; empty if the name is only that of an exercise.
    exercise
        The exercise; empty if the name does not say.
    number
        The platform's number of the student.
    platform
        ``"Canvas"`` or ``"Moodle"`` if the name has the form of its downloads, else empty.
    late
        Whether Canvas marked it as late.
    upload
        Canvas's number of the upload: later uploads have greater numbers.
    copy
        The number of the copy, if the name was already taken.
    """

    student: str = ""
    exercise: str = ""
    number: str = ""
    platform: str = ""
    late: bool = False
    upload: int = 0
    copy: int = 0


class NameParser:
    """Parse names in which one of some exercises may be named."""

    def __init__(self, exercises: Iterable[str]) -> None:
        # The longest first: a file of 3-2-energy does not belong to an exercise called energy.
        self._patterns = [(name, _exercise_pattern(name)) for name in sorted(exercises, key=len, reverse=True)]

    def parse_name(self, name: str) -> ParsedName:
        """Parse the name of a file or folder, with or without its extension."""
        if moodle := _MOODLE.fullmatch(name):
            told = self._parse_plain(_strip_extension(moodle["rest"] or ""))
            return replace(told, student=moodle["student"].strip(), number=moodle["number"] or "", platform="Moodle")
        if canvas := _CANVAS.fullmatch(name):
            told = self._parse_plain(_strip_extension(canvas["rest"] or ""))
            plain = self._parse_plain(_strip_extension(name))
            # A name such as alice_3_2_energy only looks like one of Canvas's.
            return plain if plain.exercise and not told.exercise else _add_canvas_fields(canvas, told)
        return self._parse_plain(_strip_extension(name))

    def _parse_plain(self, stem: str) -> ParsedName:
        """Find the exercise in a name; the student is what comes before it or, if nothing does, after it."""
        stem, copy = _split_copy_number(stem)
        for exercise, pattern in self._patterns:
            if found := pattern.fullmatch(stem):
                student = (found["before"] or found["after"] or "").strip(" _-")
                copied = int(found["copy"] or 0) or (8 if found["uuid"] else copy)
                return ParsedName(student, exercise, copy=copied)
        return ParsedName(stem, copy=copy)


def _exercise_pattern(exercise: str) -> re.Pattern[str]:
    words = _BETWEEN.join(re.escape(word) for word in re.split(_BETWEEN, safe_label(exercise)))
    return re.compile(
        rf"(?:(?P<before>.+?){_BETWEEN})?{words}(?:-(?:(?P<uuid>{_UUID})|(?P<copy>\d{{1,2}})(?![^-_\s])))?"
        rf"(?:{_BETWEEN}(?P<after>.+))?",
        re.IGNORECASE | re.DOTALL,
    )


def _add_canvas_fields(found: re.Match[str], told: ParsedName) -> ParsedName:
    return replace(
        told,
        student=found["student"] or found["anonymous"],
        number=found["number"] or "",
        platform="Canvas",
        late=bool(found["late"] or found["late_too"]),
        upload=int(found["upload"] or 0),
    )


def _strip_extension(name: str) -> str:
    return re.sub(r"\.zip$", "", NOTEBOOK.sub("", name), flags=re.IGNORECASE)


def _split_copy_number(stem: str) -> tuple[str, int]:
    """Remove what browsers and editors add to the name of a copy, but not ``-1``: a student's name may end so."""
    copy = 0
    for pattern in _COPIES:
        if found := pattern.fullmatch(stem):
            stem = found["stem"]
            copy = max(copy, int(found.groupdict().get("number") or 1))
    return stem, copy
