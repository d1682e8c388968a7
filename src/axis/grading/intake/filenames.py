"""Find the student and the exercise in the names that platforms, browsers and students give to files.

Canvas (`lib/content_zipper.rb`) names a file by the student, ``LATE`` if it is late, the number of the
user, the number of the upload, and the student's own name for the file. A name that is already taken gets
``-1``, ``-2``, …, and from the eighth on a random identifier. Moodle (`mod/assign/classes/downloader.php`)
names a folder by the student, the number of the participant in this assignment, and the kind of submission;
if downloading in folders is switched off, it names each file like this. Blackboard puts the assignment, the user's
name, ``attempt`` and the time of the attempt before the student's own name, and gives each attempt a ``.txt``.
Brightspace puts the numbers of the user and of the folder, the student's name and the time there.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from axis.grading.intake.submitted_files import NOTEBOOK, safe_label

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BETWEEN = r"[-_.\s]+"

_CANVAS = re.compile(
    r"(?:(?P<student>.+?)_(?:(?P<late>LATE)_)?(?P<number>\d+)|(?:(?P<late_too>LATE)_)?(?P<anonymous>anon_[0-9A-Za-z]+))"
    r"_(?:(?P<upload>\d+)_(?P<rest>.+)|(?:text|link)\.html)",
    re.DOTALL,
)
_MOODLE = re.compile(r"(?P<student>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z0-9]+(?:_(?P<rest>.*))?", re.DOTALL)
_BLACKBOARD = re.compile(
    r"(?P<assignment>.+)_(?P<student>[^_\s]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:\.txt|_(?P<rest>.+))", re.DOTALL
)
_BRIGHTSPACE = re.compile(
    r"(?P<number>\d+)-\d+ - (?P<student>.+?) - (?P<time>[A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} [AP]M)"
    r"(?: - (?P<rest>.+))?",
    re.DOTALL,
)
_COPIES = (
    re.compile(r"copy(?:[\s_]\(\d+\))?[\s_]of[\s_]+(?P<stem>.+)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<stem>.+?)(?:[\s_]*-[\s_]*|[\s_]+)copy[\s_]*(?P<number>\d*)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?P<stem>.+?)[\s_]*\((?:copy[\s_]*)?(?P<number>\d*)\)", re.IGNORECASE | re.DOTALL),
)

#: The platforms whose number of a student is the same in every assignment.
LASTING_NUMBERS = ("Canvas", "Brightspace")

#: What Moodle calls everybody where it hides names, in the languages that it is used in most.
_HIDDEN_NAMES = re.compile(
    r"(?:participante?|teilnehmer(?:/in)?|partecipante|deelnemer|uczestnik|участник|учасник|参加者|参与者|参與者)",
    re.IGNORECASE,
)

#: Endings of files that students hand in for a notebook.
_ENDINGS = re.compile(r"\.(?:zip|json|txt|download|7z|rar|tar|t?gz|py|html?|pdf|docx?|odt|rtf|md)$", re.IGNORECASE)

#: Words for the work and not for a person, with a number or without.
_WORK = (
    *("homework", "home", "work", "hw", "exercises?", "exc?", "assignments?", "assign", "tasks?", "lab", "project"),
    *("week", "unit", "chapter", "section", "course", "class", "module", "problem", "ps", "notebook", "nb", "ipynb"),
    *("file", "my", "the", "answers?", "solutions?", "submissions?", "student", "copy", "of", "no", "nr", "file"),
    *("aufgabe", "hausaufgabe", "übung", "abgabe", "lösung", "devoir", "exercice", "tarea", "ejercicio", "compito"),
    *("esercizio", "opgave", "zadanie", "задание", "домашнее", "домашняя", "работа", "作业", "練習", "课题"),
)
#: Words for one version of it.
_VERSION = (
    *(
        "final",
        "versions?",
        "v",
        "rev",
        "revised",
        "revision",
        "draft",
        "new",
        "old",
        "updated?",
        "submitted",
        "solved",
    ),
    *("fixed", "corrected", "correct", "completed?", "done", "last", "latest", "attempt", "try", "backup", "edited"),
    *("edit", "ready", "really", "real", "to", "hand", "in", "part", "late", "resubmi(?:t|ssion)", "finished"),
)
_IS_WORK = re.compile(rf"(?:{'|'.join(_WORK)})\d*", re.IGNORECASE)
_IS_VERSION = re.compile(rf"(?:{'|'.join((*_WORK, *_VERSION))})\d*|\d{{1,8}}", re.IGNORECASE)


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
        ``"Canvas"``, ``"Moodle"``, ``"Blackboard"`` or ``"Brightspace"`` if the name has the form of its downloads,
        else empty.
    late
        Whether Canvas marked it as late.
    upload
        A number that is greater for a later upload.
    copy
        The number of the copy, if the name was already taken.
    after
        What follows the exercise in a name that also has something before it: the student, if what stands before
        turns out to be a word that several students used.
    """

    student: str = ""
    exercise: str = ""
    number: str = ""
    platform: str = ""
    late: bool = False
    upload: int = 0
    copy: int = 0
    after: str = ""


class NameParser:
    """Parse names in which one of some exercises may be named."""

    def __init__(self, exercises: Iterable[str]) -> None:
        # The longest first: a file of 3-2-energy does not belong to an exercise called energy.
        self._patterns = [(name, _exercise_pattern(name)) for name in sorted(exercises, key=len, reverse=True)]

    def parse_name(self, name: str) -> ParsedName:
        """Parse the name of a file or folder, with or without its extension."""
        if moodle := _MOODLE.fullmatch(name):
            told = self._parse_plain(_strip_endings(moodle["rest"] or ""))
            student, number = moodle["student"].strip(), moodle["number"] or ""
            hidden = f"{student} {number}" if _HIDDEN_NAMES.fullmatch(student) else student
            return replace(told, student=hidden, number=number, platform="Moodle", after="")
        for platform, pattern in (("Blackboard", _BLACKBOARD), ("Brightspace", _BRIGHTSPACE)):
            if found := pattern.fullmatch(name):
                return self._add_attempt(platform, found)
        if canvas := _CANVAS.fullmatch(name):
            told = self._parse_plain(_strip_endings(canvas["rest"] or ""))
            plain = self._parse_plain(_strip_endings(name))
            # A name such as alice_3_2_energy only looks like one of Canvas's.
            return plain if plain.exercise and not told.exercise else _add_canvas_fields(canvas, told)
        return self._parse_plain(_strip_endings(name))

    def _add_attempt(self, platform: str, found: re.Match[str]) -> ParsedName:
        """Return what a name of Blackboard or Brightspace says; the time of the attempt tells which is later."""
        parts = found.groupdict()
        told = self._parse_plain(_strip_endings(parts["rest"] or ""))
        exercise = told.exercise or self._parse_plain(parts.get("assignment") or "").exercise
        number, upload = parts.get("number") or "", _attempt_time(found["time"])
        return ParsedName(found["student"].strip(), exercise, number, platform, upload=upload, copy=told.copy)

    def _parse_plain(self, stem: str) -> ParsedName:
        """Find the exercise in a name; the student is what comes before it or, if nothing does, after it."""
        stem, copy = _split_copy_number(stem)
        for exercise, pattern in self._patterns:
            if found := pattern.fullmatch(stem):
                before = re.sub(r"\bcopy(?:[\s_]\(\d+\))?[\s_]of$", "", (found["before"] or ""), flags=re.IGNORECASE)
                before, after = before.strip(" _-."), (found["after"] or "").strip(" _-.")
                before = "" if _is_only(_IS_WORK, before) and re.search(r"[^\W\d]", before) else before
                # A number alone can be a student's, unless there is a name already.
                version = _is_only(_IS_VERSION, after) and (before or re.search(r"[^\W\d]", after))
                after = "" if version else after
                copied = int(found["copy"] or 0) or (8 if found["uuid"] else copy)
                return ParsedName(before or after, exercise, copy=copied, after=after if before else "")
        return ParsedName(stem, copy=copy)


def _is_only(words: re.Pattern[str], text: str) -> bool:
    """Whether a text consists of such words and of numbers."""
    parts = [part for part in re.split(_BETWEEN, text) if part]
    return bool(parts) and all(part.isdigit() or words.fullmatch(part) for part in parts)


def _attempt_time(text: str) -> int:
    for form in ("%Y-%m-%d-%H-%M-%S", "%b %d, %Y %I%M %p"):
        # Brightspace writes 906 AM for six minutes past nine.
        padded = re.sub(r" (\d{3} [AP]M)$", r" 0\1", text)
        try:
            return int(datetime.datetime.strptime(padded, form).strftime("%Y%m%d%H%M%S"))
        except ValueError:
            continue
    return 0


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


def _strip_endings(name: str) -> str:
    """Remove the endings of a file, of which a browser or a program for archives may have added one."""
    shorter = _ENDINGS.sub("", NOTEBOOK.sub("", name))
    return shorter if shorter == name else _strip_endings(shorter)


def _split_copy_number(stem: str) -> tuple[str, int]:
    """Remove what browsers and editors add to the name of a copy, but not ``-1``: a student's name may end so."""
    copy = 0
    for pattern in _COPIES:
        if found := pattern.fullmatch(stem):
            stem = found["stem"]
            copy = max(copy, int(found.groupdict().get("number") or 1))
    return stem, copy
