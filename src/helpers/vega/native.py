"""Vega in vl-convert, for Python on an ordinary operating system."""

import contextlib
import functools
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import vl_convert

from helpers.files import write_atomically
from helpers.vega.specification import SceneNode, Spec


def _use_bundled_fonts() -> None:
    """Make vl-convert load its own fonts now, and not those of the system, which it would prefer.

    Charts then look the same on every machine, whatever fonts a browser or an office program has
    installed. Programs that this process starts later still see the system's fonts.
    """
    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.TemporaryDirectory(prefix="axis-fonts-") as folder:
        file = Path(folder, "fonts.conf")
        # The folder contains no fonts, but without any folder vl-convert looks in the usual places.
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
    """Return the scene graph of a Vega-Lite specification: its marks with their descriptions."""
    return vl_convert.vegalite_to_scenegraph(spec)


def render_svg(spec: Spec) -> str:
    """Draw a Vega-Lite specification as SVG."""
    return vl_convert.vegalite_to_svg(spec)


def render_png(spec: Spec) -> bytes | None:
    """Draw a Vega-Lite specification as PNG, at twice its size in pixels."""
    return vl_convert.vegalite_to_png(spec, scale=2)


def svg_to_png(drawing: str, scale: float = 1) -> bytes:
    """Draw an SVG as PNG."""
    return vl_convert.svg_to_png(drawing, scale=scale)


def enable_offline_charts() -> None:
    """Take the script of Altair's live charts from vl-convert, so that no front end loads it from a CDN."""
    import altair as alt

    alt.JupyterChart._esm = _live_chart_script()  # noqa: SLF001  see tests/test_private_apis.py


@functools.cache
def _live_chart_script() -> str:
    """Return the script of live charts, which is kept for other sessions: vl-convert needs seconds to make it."""
    import altair as alt

    name = f"live-chart-{version('altair')}-{version('vl-convert-python')}.js"
    with contextlib.suppress(OSError, RuntimeError, UnicodeDecodeError):
        return (_cache_folder() / name).read_bytes().decode("utf-8")
    alt.JupyterChart.enable_offline()
    script = str(alt.JupyterChart._esm)  # noqa: SLF001  see tests/test_private_apis.py
    with contextlib.suppress(OSError, RuntimeError):
        write_atomically(_cache_folder() / name, script)
    return script


def _cache_folder() -> Path:
    """Return the user's folder for what this package can make again; RuntimeError if the user has no home."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "axis-of-collusion-book").expanduser()
