"""What two chapters or two exercises of the book share.

Importing this package makes Altair use the book's theme and show charts as the book's figures.
"""

from helpers import figures, theme
from helpers.comparison import Comparison
from helpers.tables import load

__all__ = ["Comparison", "load"]

theme.enable()
figures.enable()
