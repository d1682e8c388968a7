"""Make each link of a page lead to the right place in the new form of the book."""

from collections.abc import Callable
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import Tag

from axis.editions.built_book import Book, BookPage

#: Returns the address, in the new form, of a page and of an id on it, which may be empty.
AddressOf = Callable[[str, str], str]


def relink_page(page: BookPage, book: Book, address_of: AddressOf) -> None:
    """Change every link of a page.

    A link to a page of the book leads to its place in the new form. A link to another file of the published book
    leads there if the public address is known; if not, only its text is left. A line of downloads without a link
    left says nothing, and goes.
    """
    names = {one.name for one in book.pages}
    for link in page.body.select("a[href]"):
        target = _resolve_link_target(page.name, str(link["href"]), names, book.site_url, address_of)
        if target:
            link.attrs = {"href": target}
        elif "download" in link.attrs:
            _remove_link(link)
        else:
            link.unwrap()
    for line in page.body.select("p.book-links:not(:has(a))"):
        line.decompose()


def _resolve_link_target(page: str, address: str, names: set[str], site: str, address_of: AddressOf) -> str:
    if urlsplit(address).scheme:
        return address
    parts = urlsplit(urljoin(f"chapters/{page}.html", address))
    folder, _, file = parts.path.rpartition("/")
    name = file.removesuffix(".html")
    if folder == "chapters" and name in names:
        # Controls cannot be restored here, so the link leads to their figure.
        return address_of(name, unquote(parts.fragment).split("?")[0])
    return urljoin(site, parts.geturl()) if site else ""


def _remove_link(link: Tag) -> None:
    """Remove a link to a file that is not here, and its paragraph if nothing else is in it."""
    paragraph = link.find_parent("p")
    link.decompose()
    if paragraph is not None and not paragraph.get_text().strip():
        paragraph.decompose()
