"""Run Vega, the engine behind every chart: compute what a chart shows, draw it, make it live.

`native` runs Vega in vl-convert. Pyodide has no vl-convert, but it runs inside a JavaScript engine,
where `pyodide_engine` calls the same Vega directly. Both lead to the same numbers and sentences.
"""

import sys

from helpers.vega.specification import Drawable, SceneNode, Spec

if sys.platform == "emscripten":
    from helpers.vega.pyodide_engine import enable_offline_charts, render_png, render_svg, scenegraph
else:
    from helpers.vega.native import enable_offline_charts, render_png, render_svg, scenegraph

__all__ = ["Drawable", "SceneNode", "Spec", "enable_offline_charts", "render_png", "render_svg", "scenegraph"]
