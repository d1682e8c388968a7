"""Vega in the JavaScript engine that runs Pyodide."""

import json
from typing import Any

from helpers import javascript

Spec = dict[str, Any]


def scenegraph(spec: Spec) -> Any:
    """Give the scene graph of a Vega-Lite specification: its marks with their descriptions."""
    return json.loads(javascript.vega().scenegraph(json.dumps(spec)))


def svg(spec: Spec) -> str:
    """Paint a Vega-Lite specification as SVG."""
    return str(javascript.vega().svg(json.dumps(spec)))


def png(_spec: Spec) -> bytes | None:
    """Give no PNG: a browser that runs the kernel shows the live chart or the SVG."""
    return None


def bring_script() -> None:
    """Give Altair's live charts their script from this package, so that no front end asks a CDN."""
    import altair as alt

    alt.JupyterChart._esm = javascript.text("chart")
