"""Vega in vl-convert: wherever Python runs on an operating system."""

import json
from typing import Any

import vl_convert

Spec = dict[str, Any]


def scenegraph(spec: Spec) -> Any:
    """Give the scene graph of a Vega-Lite specification: its marks with their descriptions."""
    scene = vl_convert.vegalite_to_scenegraph(spec)
    return json.loads(scene) if isinstance(scene, str) else scene


def svg(spec: Spec) -> str:
    """Paint a Vega-Lite specification as SVG."""
    return vl_convert.vegalite_to_svg(spec)


def png(spec: Spec) -> bytes | None:
    """Paint a Vega-Lite specification as PNG, two dots for each pixel."""
    return vl_convert.vegalite_to_png(spec, scale=2)


def bring_script() -> None:
    """Give Altair's live charts their script from vl-convert, so that no front end asks a CDN."""
    import altair as alt

    alt.JupyterChart.enable_offline()
