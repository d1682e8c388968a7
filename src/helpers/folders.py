"""Where the package finds what is not Python."""

from pathlib import Path


def data_folder() -> Path:
    """Find ``data/``: inside the installed package, or else at the root of the repository."""
    packed = Path(__file__).parent / "data"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "data"
