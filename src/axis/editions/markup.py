"""Make elements from a line of HTML or around others, and find elements that must be there."""

from collections.abc import Iterable
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from markupsafe import Markup

from axis.errors import EditionError


def tag_from_html(html: str, *values: Any) -> Tag:
    """Make one element from HTML; each ``{}`` in it is replaced by an escaped value."""
    found = BeautifulSoup(Markup(html).format(*values), "html.parser").find(True)
    if not isinstance(found, Tag):
        raise TypeError(f"{html} is not an element")
    return found


def wrap_in_tag(name: str, content: Iterable[PageElement], **attributes: str) -> Tag:
    """Make an element and move some content into it; ``class_`` sets the attribute ``class``."""
    outer = tag_from_html(f"<{name}></{name}>")
    outer.attrs = {key.rstrip("_"): value for key, value in attributes.items()}
    outer.extend(list(content))
    return outer


def require_one(element: Tag, selector: str) -> Tag:
    """Return the first element inside another that a selector matches.

    Raises
    ------
    EditionError
        If there is none, because the pages have a form that this package does not know.
    """
    found = element.select_one(selector)
    if found is None:
        start = str(element)[:80].replace("\n", " ")
        raise EditionError(f"{start} has no {selector}: adapt axis.editions to the new form of the pages.")
    return found
