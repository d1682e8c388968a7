"""Pack the built book into one archive that needs no server: unpack it and open ``index.html``."""

from collections.abc import Iterator
from pathlib import Path

from axis.book_identity import BookIdentity
from axis.errors import EditionError
from helpers.files import write_archive

README = (
    "{title}\n{edition}\n\n"
    "Open index.html in a browser. Everything works without a network: charts, search, questions, downloads.\n"
    "Unpack the archive first: a browser cannot read the pages inside it.\n"
)
#: Files and folders that only a server, a search engine or a later build can use.
LEFT_OUT = {".buildinfo", ".nojekyll", "404.html", "objects.inv", "robots.txt", "sitemap.xml", "previews"}


def write_offline_archive(book: BookIdentity, edition: str, html: Path, target: Path) -> None:
    """Pack a built book.

    Parameters
    ----------
    book
        What the book is called; the folder in the archive has its short name.
    edition
        Its version and date in words, or "".
    html
        The folder of the built pages.
    target
        The archive to write; all it holds is in one folder.

    Raises
    ------
    EditionError
        If there is no built book.
    """
    if not (html / "index.html").is_file():
        raise EditionError(f"{html} has no index.html: run `make book` first.")
    write_archive(_offline_files(book, edition, html), target)


def _offline_files(book: BookIdentity, edition: str, html: Path) -> Iterator[tuple[str, bytes]]:
    yield f"{book.slug}/README.txt", README.format(title=book.title, edition=edition).encode()
    for path in sorted(html.rglob("*")):
        name = path.relative_to(html)
        if path.is_file() and name.parts[0] not in LEFT_OUT:
            yield f"{book.slug}/{name.as_posix()}", path.read_bytes()
