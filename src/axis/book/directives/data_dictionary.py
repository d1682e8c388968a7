"""The directive `data-dictionary`: what each table and column holds, with the files to download."""

from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from axis.book.checksums import make_if_changed
from axis.book.settings import book_identity
from helpers.audit.record import day_words
from helpers.files import write_archive, write_atomically
from helpers.tables import (
    STATEMENT,
    column_descriptions,
    has_statement_columns,
    last_checked,
    load,
    table_names,
    title_and_description,
)
from helpers.templates import render

#: The anchor of the section on the columns that several tables share.
SHARED = "shared-columns"


class DataDictionaryDirective(SphinxDirective):
    """``{data-dictionary}``: one section for each table of the data package."""

    def run(self) -> list[nodes.Node]:
        """Write a section for each table, so that the page's table of contents names it."""
        folder = Path(self.env.srcdir) / "data"
        start = nodes.raw(
            "", render("axis.book", "data-archive-links.html", archive=data_archive_name(self.env.app)), format="html"
        )
        return [start, _shared_columns_section(folder), *(_table_section(name, folder) for name in table_names(folder))]


def setup(app: Sphinx) -> None:
    """Register the directive, and the copying of the files that it names."""
    app.add_directive("data-dictionary", DataDictionaryDirective)
    app.connect("build-finished", _write_data_downloads, priority=700)


def data_archive_name(app: Sphinx) -> str:
    """Return the name of the archive that holds all tables, their description and the works that they rest on."""
    return f"{book_identity(app).slug}-data.zip"


def write_data_archive(folder: Path, archive: Path) -> None:
    """Write every file of a data package into one archive, with the same bytes for the same files.

    Parameters
    ----------
    folder
        The folder that holds ``datapackage.json``.
    archive
        The file to write.
    """
    write_archive(((f"{archive.stem}/{path.name}", path.read_bytes()) for path in _data_package_files(folder)), archive)


def _data_package_files(folder: Path) -> list[Path]:
    tables = [folder / f"{name}.csv" for name in table_names(folder)]
    return [folder / "datapackage.json", folder / "references.bib", *tables]


def _shared_columns_section(folder: Path) -> nodes.section:
    """Describe once the columns that every table of statements has."""
    described = column_descriptions("statements", folder)
    columns = _column_records(described[described["name"].isin(STATEMENT)])
    return _titled_section(
        SHARED, "Columns that all tables of statements share", "shared-columns.html", columns=columns
    )


def _table_section(name: str, folder: Path) -> nodes.section:
    heading, description = title_and_description(name, folder)
    described = column_descriptions(name, folder)
    has_shared = has_statement_columns(described)
    own = described[~described["name"].isin(STATEMENT)] if has_shared else described
    day = last_checked(name, folder)
    values = {"name": name, "description": description, "columns": _column_records(own), "is_statements": has_shared}
    values["checked"] = day_words(day) if day else ""
    anchor = f"table-{name.replace('_', '-')}"
    return _titled_section(anchor, heading, "table-description.html", count=len(load(name, folder)), **values)


def _titled_section(anchor: str, heading: str, template: str, **values: Any) -> nodes.section:
    section = nodes.section(ids=[anchor], names=[anchor])
    section += nodes.title("", heading)
    section += nodes.raw("", render("axis.book", template, **values), format="html")
    return section


def _column_records(columns: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return columns.to_dict("records")


def _write_data_downloads(app: Sphinx, exception: Exception | None) -> None:
    folder = Path(app.srcdir) / "data"
    if exception or app.builder.format != "html" or not (folder / "datapackage.json").is_file():
        return
    files, target = _data_package_files(folder), Path(app.outdir) / "data"
    archive = target / data_archive_name(app)

    def copy_and_pack() -> Iterator[Path]:
        for path in files:
            yield write_atomically(target / path.name, path.read_bytes())
        write_data_archive(folder, archive)
        yield archive

    make_if_changed(app, target, files, archive.name, copy_and_pack)
