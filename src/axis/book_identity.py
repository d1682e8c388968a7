"""What the book is called, and which report it is about: read from ``_config.yml`` and ``CITATION.cff`` alone."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from axis.errors import BookError


@dataclass(frozen=True)
class BookIdentity:
    """The book's title, author and language, and the report that it discusses.

    The names of its files begin with ``slug``. ``report`` is the report's key in the bibliography, and
    ``report_url`` its address; both are empty for a book that discusses none.
    """

    title: str
    author: str
    language: str
    slug: str
    report: str = ""
    report_url: str = ""


def read_book_identity(root: Path) -> BookIdentity:
    """Read the identity of the book whose ``_config.yml`` is in the folder `root`.

    Raises
    ------
    BookError
        If there is no such file.
    """
    path = root / "_config.yml"
    if not path.is_file():
        raise BookError(f"{path} is missing: name the folder of the book, or run the command there.")
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    own = settings.get("sphinx", {}).get("config", {})
    return BookIdentity(
        title=settings["title"],
        author=settings["author"],
        language=own.get("language", "en"),
        slug=own.get("book_slug", "book"),
        report=own.get("book_report", ""),
        report_url=report_url(read_citation_file(root)),
    )


def read_citation_file(root: Path) -> dict[str, Any]:
    """Read ``CITATION.cff`` in the folder `root`, or return an empty dictionary if there is none."""
    path = root / "CITATION.cff"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def edition_words(book: dict[str, Any]) -> str:
    """Return the version and the date of an edition in words, or "" for a book without ``CITATION.cff``.

    Parameters
    ----------
    book
        The book, as `read_citation_file` returns it.
    """
    if not book:
        return ""
    released = datetime.date.fromisoformat(str(book["date-released"]))
    return f"Version {book['version']}, {released:%-d %B %Y}"


def report_url(citation: dict[str, Any]) -> str:
    """Return the address of the first work that the book discusses, or "" if ``CITATION.cff`` names none."""
    return next((str(work["url"]) for work in citation.get("references", [])), "")
