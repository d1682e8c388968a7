"""Read the numbers of a figure on a page, and describe them as CSV on the Web (https://www.w3.org/TR/tabular-metadata/)."""

import json
import re
from dataclasses import dataclass
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)
CSV_LINK = re.compile(r'href="data:text/csv;charset=utf-8,([^"]*)"')


@dataclass(frozen=True)
class FigureData:
    """What a figure on a page says of itself, and its numbers as the text of a CSV file."""

    name: str
    title: str
    description: str
    source: str
    csv: str
    #: The title of each column, and whether it holds numbers.
    columns: tuple[tuple[str, bool], ...]


def read_figure_data(html: str) -> FigureData:
    """Read a figure.

    Parameters
    ----------
    html
        The figure, as `helpers.figures.figure_html.figure_html` writes it.
    """
    figure = BeautifulSoup(SVG.sub("", html), "html.parser").find("figure")
    found = CSV_LINK.search(html)
    if not isinstance(figure, Tag) or found is None:
        raise ValueError("This is not a figure of the book.")
    source = figure.select_one(".source")
    title, chart = figure.select_one("figcaption strong"), figure.select_one(".chart")
    return FigureData(
        name=str(figure["id"]),
        title=title.get_text() if title else "",
        description=str(chart["aria-label"]) if chart else "",
        source=source.get_text().removeprefix("Source: ") if source else "",
        csv=unquote(found[1]),
        columns=tuple(_read_columns(figure)),
    )


def _read_columns(figure: Tag) -> list[tuple[str, bool]]:
    """Return the title of each column of the figure's table, and whether all that it holds is numbers."""
    titles = [head.get_text() for head in figure.select("thead th")]
    rows = [row.select("td") for row in figure.select("tbody tr")]
    filled = [[row[index] for row in rows if row[index].get_text()] for index in range(len(titles))]
    numbers = [bool(cells) and all("number" in (cell.get("class") or []) for cell in cells) for cells in filled]
    return list(zip(titles, numbers, strict=True))


def describe_csv(data: FigureData, address: str, licence: str, edition: str) -> str:
    """Write the metadata of a figure's CSV file as JSON.

    Parameters
    ----------
    data
        The figure.
    address
        The address of the figure in the book, which may be relative to the file.
    licence
        The address of the licence, or "".
    edition
        The version and the date of the book, or "".
    """
    columns = [
        {"name": f"column_{number}", "titles": title, "datatype": "number" if is_number else "string"}
        for number, (title, is_number) in enumerate(data.columns, 1)
    ]
    known = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{data.name}.csv",
        "dc:title": data.title,
        "dc:description": data.description,
        "dc:source": data.source,
        "dc:license": licence,
        "dc:isPartOf": address,
        "dc:hasVersion": edition,
        "tableSchema": {"columns": columns},
    }
    return json.dumps({key: value for key, value in known.items() if value}, ensure_ascii=False, indent=1) + "\n"
