"""What every report needs for its text: printable, with numbers written in one way, and in a whole file."""

import re
from dataclasses import replace
from pathlib import Path

from axis.errors import BookError
from axis.grading.records import Mark, MarkedSubmission
from helpers import files

#: What every report says when a submission ran with the rights of the instructor.
UNCONFINED = "Submissions ran without confinement, with the rights of the person who marked them."

#: XML knows no other characters, and half a surrogate pair cannot be written as UTF-8.
ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ReportError(BookError, ValueError):
    """A report that cannot be made; its text names the file, the place and the remedy."""


def escape_unprintable(text: str) -> str:
    r"""Put the escape of each control character, such as ``\x00``, in its place.

    The escape shows that something stood there, and two names that differ only in such a
    character stay two.
    """
    return ILLEGAL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def clean_record(marked: MarkedSubmission) -> MarkedSubmission:
    """Copy a record so that all its texts are printable."""
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
    """Write points without needless zeros: ``3``, ``2.5``."""
    return f"{value:.10g}"


def format_percent(share: float) -> str:
    """Write a share from 0 to 1 in whole percent."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def shorten_text(text: str, length: int) -> str:
    """Shorten a text to so many characters, and say so."""
    if len(text) <= length:
        return text
    return f"{text[:length].rstrip()} … (cut: {len(text):,} characters in all)"


def format_count(count: int, noun: str) -> str:
    """Count a noun: ``1 student``, ``2 students``."""
    return f"{count} {noun}{'s' * (count != 1)}"


def write_report(target: Path, content: str) -> Path:
    """Write one report whole or not at all.

    Raises
    ------
    ReportError
        If the place cannot be written, as when a spreadsheet program holds the file open.
    """
    try:
        return files.write_atomically(target, content)
    except OSError as error:
        raise ReportError(
            f"{target}: cannot be written ({error.strerror}); close it in other programs, or choose another folder."
        ) from error
