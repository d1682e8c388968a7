"""Vega in the JavaScript engine that runs Pyodide.

The scripts lie in the wheel that `helpers.lite` makes: Vega and Vega-Lite in the versions that
vl-convert has, and the script of live charts as vl-convert bundles it.
"""

import functools
import json
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent / "scripts"

Spec = dict[str, Any]


def scenegraph(spec: Spec) -> Any:
    """Give the scene graph of a Vega-Lite specification: its marks with their descriptions."""
    return json.loads(_engine().scenegraph(json.dumps(spec)))


def svg(spec: Spec) -> str:
    """Paint a Vega-Lite specification as SVG."""
    return str(_engine().svg(json.dumps(spec)))


def png(_spec: Spec) -> bytes | None:
    """Give no PNG: a browser that runs the kernel shows the live chart or the SVG."""
    return None


def bring_script() -> None:
    """Give Altair's live charts their script from this package, so that no front end asks a CDN."""
    import altair as alt

    alt.JupyterChart._esm = (SCRIPTS / "chart.js").read_text(encoding="utf-8")


@functools.cache
def _engine() -> Any:
    from pyodide.code import run_js  # type: ignore[import-not-found]

    start, *libraries = [(SCRIPTS / name).read_text(encoding="utf-8") for name in ("engine.js", "vega.js", "vega-lite.js")]
    return run_js(start)(*libraries)
