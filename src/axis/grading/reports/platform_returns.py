"""Write what platforms take back: archives of feedback for Canvas and Moodle, and marks for Moodle.

Canvas's "Re-upload Submissions" (`infer_comment_context_from_filename` of its assignments) splits the name of each
file at underscores and takes the first two parts that are numbers for the student and the upload. Moodle's "Upload
multiple feedback files in a zip" (`mod/assign/feedback/file/importziplib.php`) splits the name of a folder at
underscores into the student's name, the number of the participant, and the kind of the submission. Its "Upload
grading worksheet" (`mod/assign/feedback/offline/importgradeslib.php`) needs the columns of `WORKSHEET_COLUMNS`.
Both number anew in each assignment, so there is one file for each exercise. Marks for Canvas are in `gradebook.csv`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from axis.exercises.source import Exercise
from axis.grading.records import MarkedSubmission
from axis.grading.reports import feedback_pages, gradebook, marks_table, spreadsheet
from axis.grading.reports.platform_places import PlaceReader, PlatformPlace
from axis.grading.reports.report_text import ReportError, write_report
from axis.grading.reports.safe_filenames import student_filenames
from helpers import files

#: The columns of Moodle's worksheet that its importer needs, as an English Moodle names them.
WORKSHEET_COLUMNS = ("Identifier", "Full name", "Grade", "Last modified (grade)")


def write_platform_returns(
    folder: Path, marked: Sequence[MarkedSubmission], exercises: Mapping[str, Exercise]
) -> list[Path]:
    """Write the files for each exercise that came from Canvas or Moodle.

    Raises
    ------
    ReportError
        If a file cannot be written.
    """
    reader = PlaceReader(exercises)
    groups: dict[tuple[str, str], list[tuple[MarkedSubmission, PlatformPlace]]] = defaultdict(list)
    for one in sorted(marked, key=marks_table.sort_key):
        place = reader.read_place(one)
        name = marks_table.exercise_name(one)
        # A hidden name has no number by which the platform would find its student.
        if name and place.number and place.platform in ("Canvas", "Moodle"):
            groups[place.platform, name].append((one, place))
    written = []
    for (platform, name), group in sorted(groups.items()):
        target = folder / f"feedback_{platform.lower()}_{name}.zip"
        written.append(_write_archive(target, _feedback_entries(platform, name, group, exercises)))
        if platform == "Moodle":
            written.append(_write_worksheet(folder / f"grades_moodle_{name}.csv", group))
    return written


def _feedback_entries(
    platform: str,
    name: str,
    group: Sequence[tuple[MarkedSubmission, PlatformPlace]],
    exercises: Mapping[str, Exercise],
) -> Iterable[tuple[str, bytes]]:
    confined = all(one.result.confined for one, _ in group)
    stems = student_filenames({one.submission.student for one, _ in group}, ending="")
    for one, place in group:
        page = feedback_pages.render_feedback([one], exercises, confined=confined).encode()
        # Underscores separate the parts of a name on both platforms.
        stem = stems[one.submission.student].replace("_", "-")
        if platform == "Canvas":
            yield f"{stem}_{place.number}_{place.upload}_{name}.html", page
        else:
            yield f"{stem}_{place.number}_assignsubmission_file_/feedback-{name}.html", page


def _write_archive(target: Path, entries: Iterable[tuple[str, bytes]]) -> Path:
    try:
        files.write_archive(entries, target)
    except OSError as error:
        raise ReportError(target, f"cannot be written ({error.strerror}); close it in other programs.") from error
    return target


def _write_worksheet(target: Path, group: Sequence[tuple[MarkedSubmission, PlatformPlace]]) -> Path:
    """Write the marks; a submission whose mark is not complete has no row, so that Moodle keeps what it has."""
    rows = [
        (f"Participant {place.number}", place.student, points, "-")
        for one, place in group
        if (points := gradebook.best_points([one.result]))
    ]
    return write_report(target, spreadsheet.format_csv(WORKSHEET_COLUMNS, rows))
