"""What two chapters or two exercises of the book share.

Asking this package for `Comparison` or `load` makes Altair use the book's theme and show charts
as the book's figures. Until then nothing is imported: a command that marks exercises draws none.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.comparison import Comparison
    from helpers.tables import load

__all__ = ["Comparison", "load"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from helpers import comparison, figures, tables, theme

    theme.enable_theme()
    figures.enable_renderer()
    globals().update(Comparison=comparison.Comparison, load=tables.load)
    return globals()[name]
