"""Find the student of each file from its place, so that nobody can hand in a file for another student.

A *container* is a folder that contains the work of several students: the source itself, a folder or zip
for one assignment, or a folder that a zip program put around them. In a container, each folder belongs to
one student, whatever the names inside it say; a file directly in the container names its student.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from axis.grading.intake.filenames import NameParser, ParsedName
from axis.grading.intake.submitted_files import NOBODY, Entry, EntryKind, is_zip

Parts = tuple[str, ...]


@dataclass(frozen=True)
class PlacedEntry:
    """An entry with what its place and its name say.

    Attributes
    ----------
    entry
        The file or folder.
    name
        The student, or `NOBODY` if unknown, and the exercise, empty if unknown.
    named_by_file
        Whether the file's own name, and not only a folder's, says which exercise it is.
    in_own_folder
        Whether it is in a folder of the student's own, or has a name that a platform gave.
    student_path
        The path of the folder or file that names the student.
    depth
        How many zips that may hold the work of several students it lies in.
    """

    entry: Entry
    name: ParsedName
    named_by_file: bool
    in_own_folder: bool
    student_path: Parts
    depth: int = 0


class EntryTree:
    """The entries of a source, by folder."""

    def __init__(self, entries: Iterable[Entry], parser: NameParser) -> None:
        self._parse_name = parser.parse_name
        self.entries = list(entries)
        self._folders: dict[Parts, set[str]] = defaultdict(set)
        self._files: dict[Parts, list[Entry]] = defaultdict(list)
        self._holding: set[Parts] = set()
        self._prefixes: dict[Parts, set[str]] = {}
        for entry in self.entries:
            depth = len(entry.parts)
            for length in range(1, depth if entry.kind is not EntryKind.FOLDER else depth + 1):
                self._folders[entry.parts[: length - 1]].add(entry.parts[length - 1])
            if entry.kind is not EntryKind.FOLDER:
                self._files[entry.parts[:-1]].append(entry)
            if entry.kind is EntryKind.NOTEBOOK:
                self._holding.update(entry.parts[:length] for length in range(depth))

    def placed_entries(self) -> Iterator[PlacedEntry]:
        """Yield each entry with its student and exercise."""
        containers = dict(self._find_containers((), ""))
        for entry in self.entries:
            lengths = [length for length in range(len(entry.parts) + 1) if entry.parts[:length] in containers]
            container = entry.parts[: lengths[-1]]
            if entry.parts == container and entry.kind is EntryKind.FOLDER:
                continue
            # Next to `submitted`, nbgrader keeps sources, releases and marks.
            if self._is_course(container):
                continue
            yield self._place_entry(entry, container, containers[container])

    def _place_entry(self, entry: Entry, container: Parts, batch: str) -> PlacedEntry:
        rest = entry.parts[len(container) :]
        if not rest:
            return PlacedEntry(
                entry, ParsedName(NOBODY), named_by_file=False, in_own_folder=False, student_path=container
            )
        file, between = (
            self._parse_name(rest[-1]),
            [self._parse_name(part) for part in reversed(rest[:-1])],
        )
        first, is_folder = self._parse_name(rest[0]), len(rest) > 1 or entry.kind is EntryKind.FOLDER
        if first.student in self._shared_prefixes(container):
            first = replace(first, student=first.after)
        # A number in the name of a folder may tell two people of one name apart, so it is not taken for a copy's.
        whole = is_folder and not (first.platform or first.exercise or is_zip(rest[0]))
        name = replace(
            first,
            student=(rest[0] if whole else first.student) or NOBODY,
            exercise=next(filter(None, [file.exercise, *(one.exercise for one in between), batch]), ""),
            copy=file.copy,
        )
        own = is_folder or bool(first.platform)
        return PlacedEntry(
            entry,
            name,
            named_by_file=bool(file.exercise),
            in_own_folder=own,
            student_path=(*container, rest[0]),
            depth=sum(map(is_zip, container)),
        )

    def _shared_prefixes(self, container: Parts) -> set[str]:
        """Return the words before the exercise that identify nobody: different people follow the exercise."""
        if container not in self._prefixes:
            following: dict[str, set[str]] = defaultdict(set)
            for name in {*self._folders[container], *(entry.parts[-1] for entry in self._files[container])}:
                parsed = self._parse_name(name)
                if parsed.exercise and not parsed.platform:
                    following[parsed.student].add(parsed.after)
            # A student's own name may also stand alone, beside what they called other versions of their file.
            self._prefixes[container] = {
                student
                for student, after in following.items()
                if len({one for one in after if one and ("" not in after or one != one.casefold())}) > 1
            }
        return self._prefixes[container]

    def _find_containers(self, prefix: Parts, exercise: str) -> Iterator[tuple[Parts, str]]:
        """Yield this container and those inside it, each with the exercise that its name says."""
        yield prefix, exercise
        course, opened = self._is_course(prefix), self._has_only_downloads(prefix) or self._is_wrapper(prefix)
        for folder in sorted(self._folders[prefix]):
            if course:
                if folder.casefold() == "submitted":
                    yield from self._find_containers((*prefix, folder), exercise)
            elif self._is_exercise_name(folder):
                yield from self._find_containers((*prefix, folder), self._parse_name(folder).exercise)
            elif opened and not self._parse_name(folder).platform and not self._is_beside_work(prefix, folder):
                yield from self._find_containers((*prefix, folder), exercise)

    def _is_beside_work(self, prefix: Parts, folder: str) -> bool:
        """Whether a zip lies beside notebooks of students: then it is one student's, whatever the names inside say."""
        return is_zip(folder) and bool(self._notebook_entries(prefix))

    def _is_course(self, prefix: Parts) -> bool:
        return "submitted" in map(str.casefold, self._folders[prefix])

    def _is_exercise_name(self, folder: str) -> bool:
        name = self._parse_name(folder)
        return bool(name.exercise) and not name.student

    def _student_folders(self, prefix: Parts) -> list[str]:
        """Return the folders that are named neither after an exercise nor by a platform."""
        folders = self._folders[prefix]
        return [one for one in folders if not self._is_exercise_name(one) and not self._parse_name(one).platform]

    def _notebook_entries(self, prefix: Parts) -> list[Entry]:
        return [entry for entry in self._files[prefix] if entry.kind is EntryKind.NOTEBOOK]

    def _has_only_downloads(self, prefix: Parts) -> bool:
        """Whether each folder here is a download: everything in it has a name that a platform gave."""
        folders = self._student_folders(prefix)
        return bool(folders) and all(self._is_download((*prefix, folder)) for folder in folders)

    def _is_download(self, prefix: Parts) -> bool:
        names = [*self._folders[prefix], *(entry.parts[-1] for entry in self._files[prefix])]
        return bool(names) and all(self._parse_name(name).platform for name in names)

    def _is_wrapper(self, prefix: Parts) -> bool:
        """Whether the only folder here contains the work of several students, not of one."""
        if len(self._folders[prefix]) != 1 or self._notebook_entries(prefix):
            return False
        inner = (*prefix, *self._folders[prefix])
        if self._parse_name(inner[-1]).platform:
            return False
        if self._is_course(inner) or self._has_only_downloads(inner) or self._is_wrapper(inner):
            return True
        named = {self._parse_name(entry.parts[-1]).student for entry in self._notebook_entries(inner)}
        below = [(*inner, folder) for folder in self._student_folders(inner)]
        with_notebook = [folder for folder in below if folder in self._holding]
        with_assignment = [one for one in below if any(map(self._is_exercise_name, self._folders[one]))]
        return len(named - {""}) > 1 or bool(with_assignment) or ("" not in named and len(with_notebook) > 1)


def students_without_notebook(placed: Sequence[PlacedEntry]) -> Iterator[PlacedEntry]:
    """Yield an entry for each student who has a folder, or a file that names them, but no notebook.

    A folder that no platform named counts only if other students have folders too: beside notebooks
    that name their students, a folder with data is not a student's. A file in no folder names a student only if it
    names an exercise as well; it is told even if the student handed in a notebook of another exercise.
    """
    notebooks = [one for one in placed if one.entry.kind is EntryKind.NOTEBOOK]
    handed_in = {one.name.student for one in notebooks}
    folders = any(one.in_own_folder for one in notebooks)
    seen = {(one.name.student, one.name.exercise) for one in notebooks} | {(student, "") for student in handed_in}
    for one in placed:
        in_no_folder = not one.in_own_folder and one.entry.kind is EntryKind.OTHER and one.named_by_file
        key = one.name.student, one.name.exercise if in_no_folder else ""
        told = in_no_folder or (one.in_own_folder and (folders or one.name.platform))
        if told and one.name.student != NOBODY and key not in seen:
            seen.add(key)
            yield one
