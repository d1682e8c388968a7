"""Make elements from a line of HTML or around what is there, and find what must be there."""

from collections.abc import Iterable
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from markupsafe import Markup

from axis.errors import EditionError


def tag_from_html(html: str, *values: Any) -> Tag:
    """Make one element; each ``{}`` in its HTML is a value, which is escaped."""
    found = BeautifulSoup(Markup(html).format(*values), "html.parser").find(True)
    if not isinstance(found, Tag):
        raise TypeError(f"{html} is no element")
    return found


def wrap_in_tag(name: str, content: Iterable[PageElement], **attributes: str) -> Tag:
    """Make an element that takes over some content; ``class_`` stands for the attribute ``class``."""
    outer = tag_from_html(f"<{name}></{name}>")
    outer.attrs = {key.rstrip("_"): value for key, value in attributes.items()}
    outer.extend(list(content))
    return outer


def require_one(element: Tag, selector: str) -> Tag:
    """Give the first element inside another that a selector names.

    Raises
    ------
    EditionError
        If there is none: the pages are written in a form that this package does not know.
    """
    found = element.select_one(selector)
    if found is None:
        start = str(element)[:80].replace("\n", " ")
        raise EditionError(f"{start} has no {selector}: make axis.editions follow the page's new form.")
    return found
