"""What can go wrong for a reason that the person who runs a command can put right."""

from pathlib import Path


class BookError(Exception):
    """An error whose text is one sentence for that person: what is wrong, where, and what helps."""


class FileError(BookError):
    """An error in one file or folder.

    Parameters
    ----------
    file
        The file, or what else the sentence begins with.
    reason
        What is wrong with it and what helps: the rest of the sentence.
    place
        Where in the file, such as a cell; empty for the whole.
    """

    def __init__(self, file: Path | str, reason: str, place: str = "") -> None:
        super().__init__(file, reason, place)
        self.file = file
        self.reason = reason
        self.place = place

    def __str__(self) -> str:
        """Return the whole sentence."""
        return f"{self.file}{f', {self.place}' if self.place else ''}: {self.reason}"


class ResultsError(FileError):
    """A folder in which the results of marking and their log cannot be kept."""


class EditionError(BookError):
    """The built book cannot be written in another form."""


class LiteError(BookError, RuntimeError):
    """The site that runs notebooks in a browser cannot be made."""
