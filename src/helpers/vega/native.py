"""Vega in vl-convert: wherever Python runs on an operating system."""

import os
import tempfile
from pathlib import Path

import vl_convert

from helpers.vega.specification import SceneNode, Spec


def _use_bundled_fonts() -> None:
    """Have vl-convert load its fonts now, without those of the system, which it would prefer.

    A chart is then measured and painted alike on every machine, whatever fonts a browser or an office
    program has brought. Only vl-convert is told: what this process starts later sees the system's fonts.
    """
    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.TemporaryDirectory(prefix="axis-fonts-") as folder:
        file = Path(folder, "fonts.conf")
        # A folder is named, though it holds no font: without one, vl-convert looks into the usual places.
        file.write_text(f"<fontconfig><dir>{folder}</dir></fontconfig>", encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(file)
        try:
            vl_convert.svg_to_png('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
        finally:
            del os.environ["FONTCONFIG_FILE"]
            if before is not None:
                os.environ["FONTCONFIG_FILE"] = before


_use_bundled_fonts()


def scenegraph(spec: Spec) -> SceneNode:
    """Give the scene graph of a Vega-Lite specification: its marks with their descriptions."""
    return vl_convert.vegalite_to_scenegraph(spec)


def render_svg(spec: Spec) -> str:
    """Paint a Vega-Lite specification as SVG."""
    return vl_convert.vegalite_to_svg(spec)


def render_png(spec: Spec) -> bytes | None:
    """Paint a Vega-Lite specification as PNG, two dots for each pixel."""
    return vl_convert.vegalite_to_png(spec, scale=2)


def svg_to_png(drawing: str, scale: float = 1) -> bytes:
    """Paint an SVG as PNG."""
    return vl_convert.svg_to_png(drawing, scale=scale)


def enable_offline_charts() -> None:
    """Give Altair's live charts their script from vl-convert, so that no front end asks a CDN."""
    import altair as alt

    alt.JupyterChart.enable_offline()
