"""What the chapters and exercises of the book share.

``from helpers import Comparison, load`` calls `enable`, so that Altair draws every chart of the
notebook as a figure of the book, and lets a check say kindly that an answer is missing. ``import
helpers`` alone imports nothing else and changes nothing, and neither does an import from a module of
the package, such as ``from helpers.tables import load``.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.comparison import Comparison
    from helpers.tables import load
    from helpers.theme import country_scale, role_colour, role_scale

__all__ = ["Comparison", "country_scale", "enable", "load", "role_colour", "role_scale"]

#: The module of each name that brings the book's charts with it. That of `load` comes first: where a browser cannot get
#: a package, the error then names pandas, which a student knows.
_MODULES = {
    "load": "helpers.tables",
    "Comparison": "helpers.comparison",
    "country_scale": "helpers.theme",
    "role_colour": "helpers.theme",
    "role_scale": "helpers.theme",
}


def enable() -> None:
    """Make Altair draw every chart of this session with the book's theme, as a figure of the book.

    A chart then needs a title and a description, and is shown with its source and a table of its
    numbers. To undo this, call ``altair.theme.enable("default")`` and
    ``altair.renderers.enable("default")``.
    """
    from helpers import figures, theme

    theme.enable_theme()
    figures.enable_renderer()


def __getattr__(name: str) -> object:
    """Import the names of `_MODULES` when one of them is first asked for, and set the session up then."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = {one: getattr(importlib.import_module(module), one) for one, module in _MODULES.items()}
    enable()
    importlib.import_module("helpers.undefined_names").explain_undefined_names()
    globals().update(found)
    return found[name]
