"""Read from the path of a submission what its platform needs to find the student again, and when it was handed in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from axis.grading.intake.filenames import NameParser
from axis.grading.records import MarkedSubmission

#: Blackboard and Brightspace write the time into the name of the file or folder.
_TIMES = (
    (re.compile(r"_attempt_(\d{4}(?:-\d\d){5})"), "%Y-%m-%d-%H-%M-%S"),
    (re.compile(r" - ([A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} [AP]M)"), "%b %d, %Y %I%M %p"),
)


@dataclass(frozen=True)
class PlatformPlace:
    """Where a file was on its platform.

    Attributes
    ----------
    platform
        The platform, such as ``Canvas``; empty if the path has the form of none.
    student
        The student's name as the platform wrote it.
    number, upload
        The platform's numbers of the student and, on Canvas, of the upload.
    late
        Whether the platform marked it as late.
    time
        When it was handed in, if the platform says so, in the platform's own time.
    """

    platform: str = ""
    student: str = ""
    number: str = ""
    upload: int = 0
    late: bool = False
    time: datetime | None = None


class PlaceReader:
    """Read the paths of submissions of some exercises."""

    def __init__(self, exercises: Iterable[str]) -> None:
        self._parser = NameParser(exercises)

    def read_place(self, one: MarkedSubmission) -> PlatformPlace:
        """Return what the path of a submission says."""
        time = _find_time(one.submission.path)
        # The innermost name that has a platform's form is the student's own upload.
        for name in reversed(one.submission.path.split("/")):
            told = self._parser.parse_name(name)
            if told.platform:
                return PlatformPlace(told.platform, told.student, told.number, told.upload, told.late, time)
        return PlatformPlace(time=time)


def _find_time(path: str) -> datetime | None:
    for pattern, form in _TIMES:
        for text in reversed(pattern.findall(path)):
            # Brightspace writes the hour of 9 without a zero: 930 AM.
            day, _, clock = text.partition(" ") if form.startswith("%Y") else text.rpartition(" ")[0].rpartition(" ")
            padded = text if form.startswith("%Y") else f"{day} {clock:0>4} {text[-2:]}"
            try:
                return datetime.strptime(padded, form)
            except ValueError:
                continue
    return None
