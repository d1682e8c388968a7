"""JavaScript libraries that replace, under Pyodide, the compiled ones that it does not have.

Pyodide runs inside a JavaScript engine, which draws charts with the same Vega and computes the
digests of seals. Only the wheel that `axis.lite` builds contains these libraries: Vega, Vega-Lite
and scrypt from npm, and the script of Altair's live charts.
"""

import functools
import json
from pathlib import Path
from typing import Any

from helpers.vega.specification import SceneNode, Spec


def scenegraph(spec: Spec) -> SceneNode:
    """Return the scene graph of a Vega-Lite specification: its marks with their descriptions."""
    return dict(json.loads(_vega_engine().scenegraph(json.dumps(spec))))


def render_svg(spec: Spec) -> str:
    """Draw a Vega-Lite specification as SVG."""
    return str(_vega_engine().svg(json.dumps(spec)))


def render_png(_spec: Spec) -> bytes | None:
    """Return no PNG: the browser that runs the kernel shows the live chart or the SVG."""
    return None


def enable_offline_charts() -> None:
    """Take the script of Altair's live charts from this package, so that no front end loads it from a CDN."""
    import altair as alt

    alt.JupyterChart._esm = script_text("chart")  # noqa: SLF001  see tests/test_private_apis.py


def scrypt_digest(password: bytes, salt: bytes, n: int, r: int, p: int, dklen: int) -> bytes:
    """Return the digest that ``hashlib.scrypt`` returns on other systems."""
    from pyodide.ffi import to_js

    digest = _scrypt_library().syncScrypt(to_js(password), to_js(salt), n, r, p, dklen)
    return bytes(digest.to_py())


def script_text(name: str) -> str:
    """Read one script of this folder."""
    return Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")


@functools.cache
def _vega_engine() -> Any:
    """Return an object whose methods ``scenegraph`` and ``svg`` take a Vega-Lite specification as JSON."""
    from pyodide.code import run_js

    return run_js(script_text("engine"))(script_text("vega"), script_text("vega-lite"))


@functools.cache
def _scrypt_library() -> Any:
    from pyodide.code import run_js

    run_js(script_text("scrypt"))
    return run_js("globalThis.scrypt")
