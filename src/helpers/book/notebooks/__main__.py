"""The command ``python -m helpers.book.notebooks``."""

from pathlib import Path

from helpers.book.notebooks import main

main(Path.cwd())
