"""Where reports go: whole files, and one clear error where that fails."""

from pathlib import Path

from axis.errors import BookError
from helpers import files

#: What every report says when a submission ran with the rights of the instructor.
UNCONFINED = "Submissions ran without confinement, with the rights of the person who marked them."


class ReportError(BookError, ValueError):
    """A report that cannot be made; its text names the file, the place and the remedy."""


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
