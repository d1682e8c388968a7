"""The command ``python -m axis.notebooks``."""

from pathlib import Path

from axis.notebooks.chapter_notebook import main

main(Path.cwd())
