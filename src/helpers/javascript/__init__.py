"""Libraries of JavaScript, run beside Python: under Pyodide, in place of compiled ones that it lacks.

Only the wheel that `helpers.lite` makes has the libraries: Vega, Vega-Lite and scrypt from npm, and
the script of Altair's live charts.
"""

import functools
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def text(name: str) -> str:
    """Give the text of one script."""
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")


@functools.cache
def vega() -> Any:
    """Give an object whose methods ``scenegraph`` and ``svg`` take a Vega-Lite specification as JSON."""
    from pyodide.code import run_js

    return run_js(text("engine"))(text("vega"), text("vega-lite"))


def scrypt(password: bytes, salt: bytes, n: int, r: int, p: int, dklen: int) -> bytes:
    """Give the digest that ``hashlib.scrypt`` gives where there is one."""
    from pyodide.ffi import to_js

    digest = _scrypt().syncScrypt(to_js(password), to_js(salt), n, r, p, dklen)
    return bytes(digest.to_py())


@functools.cache
def _scrypt() -> Any:
    from pyodide.code import run_js

    run_js(text("scrypt"))
    return run_js("globalThis.scrypt")
