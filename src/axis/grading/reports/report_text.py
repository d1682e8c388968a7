"""Make text that students wrote fit for every kind of report."""

import re
from dataclasses import replace

from axis.grading.records import Mark, MarkedSubmission

#: XML knows no other characters, and half a surrogate pair cannot be written as UTF-8.
ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def _clean_mark(mark: Mark) -> Mark:
    return replace(
        mark,
        check=escape_unprintable(mark.check),
        title=escape_unprintable(mark.title),
        reason=escape_unprintable(mark.reason),
        answer=escape_unprintable(mark.answer),
    )


def format_count(count: int, noun: str) -> str:
    """Count a noun: ``1 student``, ``2 students``."""
    return f"{count} {noun}{'s' * (count != 1)}"
