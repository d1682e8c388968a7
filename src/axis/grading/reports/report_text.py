"""Make text that students wrote fit for every kind of report."""

import re
from dataclasses import replace

from axis.grading.records import Mark, Marked

#: XML knows no other characters, and half a surrogate pair cannot be written as UTF-8.
ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    r"""Put the escape of each control character, such as ``\x00``, in its place.

    The escape shows that something stood there, and two names that differ only in such a
    character stay two.
    """
    return ILLEGAL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def clean(marked: Marked) -> Marked:
    """Copy a record so that all its texts are printable."""
    submission, result = marked.submission, marked.result
    return Marked(
        replace(
            submission,
            student=printable(submission.student),
            exercise=printable(submission.exercise),
            path=printable(submission.path),
            problem=printable(submission.problem),
            notes=tuple(map(printable, submission.notes)),
            number=printable(submission.number),
        ),
        replace(
            result,
            exercise=printable(result.exercise),
            marks=tuple(map(_clean_mark, result.marks)),
            notes=tuple(map(printable, result.notes)),
        ),
    )


def number(value: float) -> str:
    """Write points without needless zeros: ``3``, ``2.5``."""
    return f"{value:.10g}"


def percent(share: float) -> str:
    """Write a share from 0 to 1 in whole percent."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def cut(text: str, length: int) -> str:
    """Shorten a text to so many characters, and say so."""
    if len(text) <= length:
        return text
    return f"{text[:length].rstrip()} … (cut: {len(text):,} characters in all)"


def _clean_mark(mark: Mark) -> Mark:
    return replace(
        mark,
        check=printable(mark.check),
        title=printable(mark.title),
        reason=printable(mark.reason),
        answer=printable(mark.answer),
    )

def plural(count: int, noun: str) -> str:
    """Count a noun: ``1 student``, ``2 students``."""
    return f"{count} {noun}{'s' * (count != 1)}"
