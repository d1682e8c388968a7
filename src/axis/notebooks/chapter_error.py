"""The error of a chapter that cannot be read or translated."""

from pathlib import Path

from axis.errors import BookError


class ChapterError(BookError, ValueError):
    """A chapter that cannot be read or translated.

    Parameters
    ----------
    message
        What is wrong, and how to correct it.
    line
        The line of the chapter, if it is known.
    wording
        The words of the chapter that are wrong, if the line is not known.
    """

    def __init__(self, message: str, *, line: int = 0, wording: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.wording = wording

    def located_in(self, source: Path) -> "ChapterError":
        """Return the same error with the file and the line in its message."""
        text = source.read_text(encoding="utf-8")
        line = self.line or text[: text.find(self.wording)].count("\n") + 1
        return ChapterError(f"{source}:{line}: {self}", line=line)
