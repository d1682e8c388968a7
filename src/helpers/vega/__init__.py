"""Run Vega, the engine behind every chart: compute what a chart shows, paint it, make it live.

`native` asks vl-convert. Pyodide has no vl-convert, but it runs inside a JavaScript engine: there
`pyodide` asks the same Vega directly. Both give the same numbers and the same sentences.
"""

import sys

if sys.platform == "emscripten":
    from helpers.vega.pyodide import bring_script, png, scenegraph, svg
else:
    from helpers.vega.native import bring_script, png, scenegraph, svg

__all__ = ["bring_script", "png", "scenegraph", "svg"]
