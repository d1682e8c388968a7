"""The figures of the report as typed tables, checked against their description.

``data/datapackage.json`` describes every table under the Frictionless Table Schema. A table
that does not fit its description is refused, so that a chapter never draws from a broken file.
"""

import copy
import csv
import difflib
import functools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pandas as pd

if TYPE_CHECKING:
    from frictionless import Report

#: The columns of a quantitative statement: a table that has them all is a table of statements.
STATEMENT = {
    *("id", "entity", "counterpart", "measure"),
    *("value", "value_high", "qualifier", "unit", "currency"),
    *("period", "section", "notes", "doubt"),
}

PANDAS_TYPES = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "bool"}


class ColumnDescription(TypedDict):
    """What ``datapackage.json`` says of one column."""

    name: str
    type: str
    description: str


class TableSchema(TypedDict):
    """The columns of a table, in their order."""

    fields: list[ColumnDescription]


class TableDescription(TypedDict):
    """What ``datapackage.json`` says of one table."""

    name: str
    path: str
    title: str
    description: str
    schema: TableSchema


class DataPackage(TypedDict):
    """What ``datapackage.json`` says of all tables together; a licence and a source have a title and a path."""

    name: str
    title: str
    description: str
    licenses: list[dict[str, str]]
    sources: list[dict[str, str]]
    resources: list[TableDescription]


def data_folder() -> Path:
    """Find ``data/``: in the installed package, beside it in a student's folder, or at the root of the repository."""
    package = Path(__file__).parent
    places = [package / "data", package.parent / "data", package.parents[1] / "data"]
    return next(filter(Path.is_dir, places), places[-1])


def data_package(folder: Path | None = None) -> DataPackage:
    """Give what ``datapackage.json`` says of the whole package.

    Raises
    ------
    ValueError
        If the file is missing or no JSON.
    """
    path = _package_path(folder or data_folder())
    try:
        return _read_package(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ValueError(f"{path} is missing: put it back, or name the folder that holds it.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {error.lineno}: {error.msg}; correct the JSON there.") from None


@functools.lru_cache(maxsize=8)
def _read_package(path: Path, changed: int) -> DataPackage:  # noqa: ARG001  `changed` renews the cache
    package: DataPackage = json.loads(path.read_text(encoding="utf-8"))
    return package


def table_names(folder: Path | None = None) -> list[str]:
    """Give the names that `load` takes, in the order of the data package."""
    return list(_resources_by_name(folder or data_folder()))


def title_and_description(name: str, folder: Path | None = None) -> tuple[str, str]:
    """Give the title of a table, and the sentence that describes it."""
    resource = _find_resource(name, folder or data_folder())
    return resource["title"], resource["description"]


def statement_tables(folder: Path | None = None) -> list[str]:
    """Give the names of the tables whose rows are quantitative statements of the report."""
    return [name for name in table_names(folder) if has_statement_columns(column_descriptions(name, folder))]


def has_statement_columns(columns: pd.DataFrame) -> bool:
    """Tell from the columns of a table, as `column_descriptions` gives them, whether its rows are statements."""
    return set(columns["name"]) >= STATEMENT


def load_statements(folder: Path | None = None) -> pd.DataFrame:
    """Load every quantitative statement of the report, whatever table it stands in.

    Returns
    -------
    DataFrame
        One row for each statement in the order of the text, with the columns that all these
        tables share, typed as `load` gives them, and the column ``table``.
    """
    frames = [load(name, folder).assign(table=name) for name in statement_tables(folder)]
    shared = [column for column in frames[0] if column in {*STATEMENT, "table"}]
    return (
        pd.concat([frame[shared] for frame in frames]).sort_values("id", key=_statement_sort_key).reset_index(drop=True)
    )


def _statement_sort_key(ids: pd.Series) -> pd.Series:
    """Sort 3-02 before 3.1-01: the opening of a section comes before its parts."""
    section, number = ids.str.split("-").str[0], ids.str.split("-").str[1]
    return section.str.pad(3, side="right", fillchar=" ") + number


def column_descriptions(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Give one row for each column of a table: its name, type and description."""
    fields = _find_resource(name, folder or data_folder())["schema"]["fields"]
    return pd.DataFrame(fields)[["name", "type", "description"]]


def load(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Load one table of the report's figures.

    Parameters
    ----------
    name
        A table of the data package, such as ``"gas_prices"``.
    folder
        Where ``datapackage.json`` lies; the book's own data if left out.

    Returns
    -------
    DataFrame
        One row for each statement. Text is ``str`` and empty where the source gives nothing;
        numbers are ``float64``, missing ones NaN; whole numbers are ``Int64``. The column ``unit``
        holds each figure's unit, ``section`` and ``notes`` its place in the report.
        ``attrs["table"]`` is `name`.

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
        raise ValueError(f"{path} is missing: put it back, or take it out of datapackage.json.")
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
    # Pyodide has no Frictionless, and gets the tables inside a wheel, for which they were validated.
    if sys.platform == "emscripten":
        return
    # Frictionless takes 0.4 s to import; only a reader who loads a table pays for it.
    from frictionless import Resource, system

    # The package may lie anywhere on this machine: its author is the book, not a stranger.
    with system.use_context(trusted=True):
        # A copy, for Frictionless writes into the description that it is given.
        description = dict(copy.deepcopy(_find_resource(name, path.parent)))
        report = Resource.from_descriptor(description, basepath=str(path.parent)).validate()
        if report.valid:
            return
        columns = list(column_descriptions(name, path.parent)["name"])
        raise ValueError(_header_fault(path, columns) or _first_fault(path, report))


def _header_fault(path: Path, columns: list[str]) -> str:
    # Frictionless compares headers by position, and so blames the last column for one that is missing.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = next(csv.reader(file), [])
    faults = []
    if missing := [column for column in columns if column not in header]:
        faults.append(f"lacks {', '.join(missing)}")
    if unknown := [column for column in header if column not in columns]:
        faults.append(f"has the unknown {', '.join(unknown)}")
    # Of an empty file, Frictionless says what is wrong.
    if not header or not faults:
        return ""
    return f"{path}, the header {' and '.join(faults)}; give it the columns that datapackage.json lists."


def _first_fault(path: Path, report: "Report") -> str:
    row, field, cell, note = report.flatten(["rowNumber", "fieldName", "cell", "note"])[0]
    place = f"row {row}" if row else "the whole file"
    if field:
        place += f', column "{field}"'
    fault = note or "nothing is written there"
    if cell is not None:
        shown = f'"{cell}"' if cell else "an empty cell"
        fault = f"{shown} is refused, {fault}"
    return f"{path}, {place}: {fault}; correct it there, or its description in datapackage.json."
