"""The figures of the report as typed tables, checked against their description.

``data/datapackage.json`` describes every table in the form of a Frictionless Table Schema. A
table that does not fit its description is refused, so that no chapter draws from a broken file.
"""

import copy
import csv
import difflib
import functools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict

import pandas as pd

if TYPE_CHECKING:
    from frictionless import Report

#: The columns of a quantitative statement. A table that has all of them is a table of statements.
STATEMENT = {
    *("id", "entity", "counterpart", "measure"),
    *("value", "value_high", "qualifier", "unit", "currency"),
    *("period", "section", "notes", "doubt"),
}

PANDAS_TYPES = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "bool"}


class ColumnDescription(TypedDict):
    """What ``datapackage.json`` says about one column."""

    name: str
    type: str
    description: str


class TableSchema(TypedDict):
    """The columns of a table, in order."""

    fields: list[ColumnDescription]


class TableDescription(TypedDict):
    """What ``datapackage.json`` says about one table; some say when it was last compared with its sources."""

    name: str
    path: str
    title: str
    description: str
    checked: NotRequired[str]
    schema: TableSchema


class DataPackage(TypedDict):
    """What ``datapackage.json`` says about the whole package; each licence and source has a title and a path."""

    name: str
    title: str
    description: str
    licenses: list[dict[str, str]]
    sources: list[dict[str, str]]
    resources: list[TableDescription]


def data_folder() -> Path:
    """Find ``data/``: in the installed package, next to it in a student's folder, or at the root of the repository."""
    package = Path(__file__).parent
    places = [package / "data", package.parent / "data", package.parents[1] / "data"]
    return next(filter(Path.is_dir, places), places[-1])


def data_package(folder: Path | None = None) -> DataPackage:
    """Read ``datapackage.json``.

    Raises
    ------
    ValueError
        If the file is missing or is not valid JSON.
    """
    path = _package_path(folder or data_folder())
    try:
        return _read_package(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ValueError(f"{path} is missing: put it back, or pass the folder that contains it.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {error.lineno}: {error.msg}; correct the JSON there.") from None


@functools.lru_cache(maxsize=8)
def _read_package(path: Path, changed: int) -> DataPackage:  # noqa: ARG001  `changed` renews the cache
    package: DataPackage = json.loads(path.read_text(encoding="utf-8"))
    return package


def table_names(folder: Path | None = None) -> list[str]:
    """Return the names of all tables, in the order of the data package."""
    return list(_resources_by_name(folder or data_folder()))


def title_and_description(name: str, folder: Path | None = None) -> tuple[str, str]:
    """Return the title of a table, and the sentence that describes it."""
    resource = _find_resource(name, folder or data_folder())
    return resource["title"], resource["description"]


def last_checked(name: str, folder: Path | None = None) -> str:
    """Return the day on which a table was last compared with its sources, or "" if its description names none."""
    return _find_resource(name, folder or data_folder()).get("checked", "")


def statement_tables(folder: Path | None = None) -> list[str]:
    """Return the names of the tables whose rows are quantitative statements of the report."""
    return [name for name in table_names(folder) if has_statement_columns(column_descriptions(name, folder))]


def has_statement_columns(columns: pd.DataFrame) -> bool:
    """Whether the rows of a table are statements, judged by its `column_descriptions`."""
    return set(columns["name"]) >= STATEMENT


def load_statements(folder: Path | None = None) -> pd.DataFrame:
    """Load every quantitative statement of the report, from all tables of statements.

    Returns
    -------
    DataFrame
        One row for each statement in the order of the text, with the columns that all these
        tables share, with the types that `load` gives them, and the column ``table``.
    """
    frames = [load(name, folder).assign(table=name) for name in statement_tables(folder)]
    shared = [column for column in frames[0] if column in {*STATEMENT, "table"}]
    return (
        pd.concat([frame[shared] for frame in frames]).sort_values("id", key=_statement_sort_key).reset_index(drop=True)
    )


def _statement_sort_key(ids: pd.Series) -> pd.Series:
    """Sort 3-02 before 3.1-01, because the opening of a section comes before its parts."""
    section, number = ids.str.split("-").str[0], ids.str.split("-").str[1]
    return section.str.pad(3, side="right", fillchar=" ") + number


def column_descriptions(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Return one row for each column of a table, with its name, type and description."""
    fields = _find_resource(name, folder or data_folder())["schema"]["fields"]
    return pd.DataFrame(fields)[["name", "type", "description"]]


def load(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Load one table of the report's figures.

    Parameters
    ----------
    name
        A table of the data package, such as ``"gas_prices"``.
    folder
        The folder of ``datapackage.json``; by default, that of the book's own data.

    Returns
    -------
    DataFrame
        Text is ``str``, and empty where the source has nothing; numbers are ``float64``, and NaN
        where they are missing; whole numbers are ``Int64``. In most tables a row is one statement of
        the report: the column ``unit`` has the unit of its figure, ``section`` and ``notes`` its
        place in the report. ``attrs["table"]`` is `name`.

    Raises
    ------
    ValueError
        If there is no such table, or if its file or description is missing or broken.

    Examples
    --------
    >>> prices = load("gas_prices")
    >>> prices.query("entity == 'Qatar'")[["value", "unit", "period"]].to_dict("records")
    [{'value': 275.0, 'unit': 'US dollars per 1,000 m³', 'period': '2020'}]
    """
    folder = folder or data_folder()
    resource = _find_resource(name, folder)
    path = folder / resource["path"]
    if not path.is_file():
        raise ValueError(f"{path} is missing: put it back, or remove it from datapackage.json.")
    _validate_table(name, path, (path.stat().st_mtime_ns, _package_path(folder).stat().st_mtime_ns))
    types = {field["name"]: PANDAS_TYPES[field["type"]] for field in resource["schema"]["fields"]}
    text = {column: "" for column, dtype in types.items() if dtype == "str"}
    frame = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""]).fillna(text)
    frame.attrs["table"] = name
    return frame


def _package_path(folder: Path) -> Path:
    return folder / "datapackage.json"


def _resources_by_name(folder: Path) -> dict[str, TableDescription]:
    return {resource["name"]: resource for resource in data_package(folder)["resources"]}


def _find_resource(name: str, folder: Path) -> TableDescription:
    resources = _resources_by_name(folder)
    if name not in resources:
        near = difflib.get_close_matches(name, resources, n=1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        raise ValueError(f'There is no table "{name}".{hint} The tables are: {", ".join(resources)}.')
    return resources[name]


@functools.cache
def _validate_table(name: str, path: Path, changed: tuple[int, int]) -> None:  # noqa: ARG001  `changed` renews the cache
    # Pyodide has no Frictionless; the tables were validated before they went into its wheel.
    if sys.platform == "emscripten":
        return
    # Imported here, because it takes 0.4 s and only those who load a table need it.
    from frictionless import Resource, system

    # Trusted, so that the package may be in any folder: it is the book's own, not a stranger's.
    with system.use_context(trusted=True):
        # A copy, because Frictionless changes the description that it gets.
        description = dict(copy.deepcopy(_find_resource(name, path.parent)))
        report = Resource.from_descriptor(description, basepath=str(path.parent)).validate()
        if report.valid:
            return
        columns = list(column_descriptions(name, path.parent)["name"])
        raise ValueError(_header_fault(path, columns) or _first_fault(path, report))


def _header_fault(path: Path, columns: list[str]) -> str:
    # Frictionless compares headers by position, so if one column is missing, it blames the last one.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = next(csv.reader(file), [])
    # What is wrong with an empty file, Frictionless says well.
    if not header or header == columns:
        return ""
    faults = []
    if missing := [column for column in columns if column not in header]:
        faults.append(f"lacks {', '.join(missing)}")
    if unknown := [column for column in header if column not in columns]:
        faults.append(f"has the unknown column {', '.join(unknown)}")
    if not faults:
        faults.append("has a column twice or in another place")
    return f"{path}: the header {' and '.join(faults)}; use the columns that datapackage.json lists."


def _first_fault(path: Path, report: "Report") -> str:
    row, field, cell, note, message = report.flatten(["rowNumber", "fieldName", "cell", "note", "message"])[0]
    remedy = "correct it there, or its description in datapackage.json."
    if row is None or field is None:
        return f"{path}: {message}; {remedy}"
    # Frictionless writes None for a cell that a short row does not have.
    shown = "an empty cell" if cell in (None, "", "None") else f'"{cell}"'
    return f'{path}, row {row}, column "{field}": {shown} is refused ({note}); {remedy}'
