"""What all reports share: printable text, one way to write numbers, and files that are complete."""

import re
from dataclasses import replace
from pathlib import Path

from axis.errors import FileError
from axis.grading.records import Mark, MarkedSubmission
from helpers import files

#: What every report says if a submission ran with the permissions of the instructor.
UNCONFINED = "Submissions ran without confinement, with the permissions of the person who marked them."

#: XML allows no other characters, and half of a surrogate pair cannot be written as UTF-8.
ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ReportError(FileError, ValueError):
    """A report that cannot be written."""


def escape_unprintable(text: str) -> str:
    r"""Replace each character that cannot be printed by its escape, such as ``\x00``.

    The escape shows that something was there, and keeps two names different that differ only in
    such a character.
    """
    return ILLEGAL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def clean_record(marked: MarkedSubmission) -> MarkedSubmission:
    """Return a copy of a record in which all texts are printable."""
    submission, result = marked.submission, marked.result
    return MarkedSubmission(
        replace(
            submission,
            student=escape_unprintable(submission.student),
            exercise=escape_unprintable(submission.exercise),
            path=escape_unprintable(submission.path),
            problem=escape_unprintable(submission.problem),
            notes=tuple(map(escape_unprintable, submission.notes)),
            number=escape_unprintable(submission.number),
        ),
        replace(
            result,
            exercise=escape_unprintable(result.exercise),
            marks=tuple(map(_clean_mark, result.marks)),
            notes=tuple(map(escape_unprintable, result.notes)),
        ),
    )


def _clean_mark(mark: Mark) -> Mark:
    return replace(
        mark,
        check=escape_unprintable(mark.check),
        title=escape_unprintable(mark.title),
        reason=escape_unprintable(mark.reason),
        answer=escape_unprintable(mark.answer),
    )


def format_number(value: float) -> str:
    """Write points without unnecessary zeros: ``3``, ``2.5``."""
    return f"{value:.10g}"


def format_percent(share: float) -> str:
    """Write a share from 0 to 1 in whole percent."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def shorten_text(text: str, length: int) -> str:
    """Shorten a text to this many characters, and say so at its end."""
    if len(text) <= length:
        return text
    return f"{text[:length].rstrip()} … (shortened from {len(text):,} characters)"


def format_count(count: int, noun: str) -> str:
    """Count a noun: ``1 student``, ``2 students``."""
    return f"{count} {noun}{'s' * (count != 1)}"


def write_report(target: Path, content: str) -> Path:
    """Write one report completely or not at all.

    Raises
    ------
    ReportError
        If the file cannot be written, for example because a spreadsheet program has it open.
    """
    try:
        return files.write_atomically(target, content)
    except OSError as error:
        raise ReportError(
            target, f"cannot be written ({error.strerror}); close it in other programs or choose another folder."
        ) from error
