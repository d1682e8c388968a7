"""How to cite a chapter: for readers, for reference managers and for search engines.

``CITATION.cff`` alone says who wrote the book, and when. A book without that file names nobody.
"""

from typing import Any


def author_names(work: dict[str, Any]) -> list[str]:
    """Return the authors of a work: a person as "Family, Given", an organisation by its name."""
    authors = work.get("authors", [])
    return [a["name"] if "name" in a else f"{a['family-names']}, {a['given-names']}" for a in authors]


def citation_meta_tags(title: str, book: dict[str, Any], address: str, language: str) -> list[tuple[str, str]]:
    """Return the names and contents of the ``meta`` elements that Zotero and Google Scholar read.

    Parameters
    ----------
    title
        The chapter's title.
    book
        The book, as `axis.book_identity.read_citation_file` returns it.
    address
        The chapter's published address, or "".
    language
        The language of the text, as a code.
    """
    found = [("citation_title", title), *(("citation_author", name) for name in author_names(book))]
    if book:
        released = str(book["date-released"]).replace("-", "/")
        found += [("citation_publication_date", released), ("citation_inbook_title", book["title"])]
    found.append(("citation_language", language))
    return [*found, ("citation_public_url", address)] if address else found


def bibtex_entry(name: str, title: str, book: dict[str, Any], address: str) -> str:
    """Return a chapter's BibTeX entry.

    Parameters
    ----------
    name
        The chapter's name, the last part of the entry's key.
    title, book, address
        As in `citation_meta_tags`.
    """
    fields = {
        # BibTeX does not split a name in its own braces into first and last names.
        "author": " and ".join(n if "," in n else f"{{{n}}}" for n in author_names(book)),
        "title": f"{{{title}}}",
        "booktitle": f"{{{book['title']}}}",
        "year": str(book["date-released"])[:4],
        "note": f"Version {book['version']}",
        "url": address,
    }
    lines = [f"  {field} = {{{value}}}" for field, value in fields.items() if value]
    return f"@incollection{{axis-{name},\n" + ",\n".join(lines) + "\n}"
