"""The command ``python -m axis.lite``."""

import sys
from pathlib import Path

from axis.errors import BookError
from axis.lite.lite_site import build_lite_site

try:
    target = build_lite_site(Path.cwd(), Path.cwd() / "_build")
except BookError as error:
    sys.exit(str(error))
size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
print(f"Notebooks that run in a browser: {target}, {size / 1e6:.0f} MB.")
