"""The command ``python -m helpers.lite``."""

import sys
from pathlib import Path

from helpers.lite.errors import LiteError
from helpers.lite.site import build

try:
    target = build(Path.cwd(), Path.cwd() / "_build")
except LiteError as error:
    sys.exit(str(error))
size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
print(f"Notebooks that run in a browser: {target}, {size / 1e6:.0f} MB.")
