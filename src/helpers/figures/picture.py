"""Draw a chart as a picture: SVG in the colours of the page, PNG for print."""

import copy
import json
from typing import Any

from helpers import vega
from helpers.figures.spec import Spec

#: The widths in pixels at which a chart is drawn; a page shows the one that fits.
WIDE, NARROW = 680, 340
#: The colours of text and background in a PNG.
INK, PAPER = "#1b1b1b", "#ffffff"


def fit_to_width(spec: Spec, width: int) -> Spec:
    """Return a copy of a single or layered view that is `width` pixels wide, including axes and legend."""
    changed = copy.deepcopy(spec)
    if "mark" in changed or "layer" in changed:
        changed["width"] = width
        # A control may lead to longer labels than those drawn first; resize makes room for them.
        changed["autosize"] = {"type": "fit-x", "contains": "padding", "resize": True}
    return changed


def without_title(spec: Spec) -> Spec:
    """Return a copy of a chart without its title, for places that write the title as text above it."""
    return {key: value for key, value in spec.items() if key != "title"}


def chart_svg(spec: Spec, width: int) -> str:
    """Draw a chart without its title as a transparent SVG with text in ``currentColor``."""
    return vega.render_svg(fit_to_width(without_title(spec), width))


def chart_png(spec: Spec) -> bytes | None:
    """Draw a chart with its title, dark on white, for print and for hosts without HTML; None in a browser's kernel."""
    return vega.render_png(_on_paper(spec))


def printed_svg(spec: Spec) -> str:
    """Draw a chart as `chart_png` does, but as SVG."""
    return vega.render_svg(_on_paper(spec))


def _on_paper(spec: Spec) -> Spec:
    # Any part of a specification may name the colour, so it is replaced in the text.
    plain: dict[str, Any] = json.loads(json.dumps(spec).replace("currentColor", INK))
    plain.setdefault("config", {})["background"] = PAPER
    return fit_to_width(plain, WIDE)
