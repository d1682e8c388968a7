"""Make elements: from a line of HTML with values that are escaped, or around what is there."""

from collections.abc import Iterable
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from markupsafe import Markup


def made(html: str, *values: Any) -> Tag:
    """Make one element; each ``{}`` in its HTML is a value, which is escaped."""
    found = BeautifulSoup(Markup(html).format(*values), "html.parser").find(True)
    if not isinstance(found, Tag):
        raise TypeError(f"{html} is no element")
    return found


def around(name: str, content: Iterable[PageElement], **attributes: str) -> Tag:
    """Make an element that takes over some content; ``class_`` stands for the attribute ``class``."""
    outer = made(f"<{name}></{name}>")
    outer.attrs = {key.rstrip("_"): value for key, value in attributes.items()}
    outer.extend(list(content))
    return outer


def classes(element: Tag) -> list[str]:
    """Give the classes of an element."""
    return element.get_attribute_list("class")
