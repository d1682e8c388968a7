"""What the chapters and exercises of the book share.

``from helpers import Comparison, load`` calls `enable`, so that Altair draws every chart of the
notebook as a figure of the book. ``import helpers`` alone imports nothing else and changes nothing,
and neither does an import from a module of the package, such as ``from helpers.tables import load``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.comparison import Comparison
    from helpers.tables import load

__all__ = ["Comparison", "enable", "load"]


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
    """Import `Comparison` and `load` when one of them is first asked for, and call `enable` then."""
    if name not in ("Comparison", "load"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from helpers.comparison import Comparison
    from helpers.tables import load

    enable()
    globals().update(Comparison=Comparison, load=load)
    return globals()[name]
