"""Paint a chart as a picture: SVG that follows the page's colours, PNG for print."""

import copy
import json
from typing import Any

from helpers import vega
from helpers.figures.spec import Spec

#: Widths in pixels at which a page's chart is painted; the page shows the one that fits.
WIDE, NARROW = 680, 340
INK, PAPER = "#1b1b1b", "#ffffff"


def fit_to_width(spec: Spec, width: int) -> Spec:
    """Copy a single or layered view so that it fills `width` pixels, axes and legend included."""
    changed = copy.deepcopy(spec)
    if "mark" in changed or "layer" in changed:
        changed["width"] = width
        # A control may bring labels that are longer than the first ones: the axis makes room.
        changed["autosize"] = {"type": "fit-x", "contains": "padding", "resize": True}
    return changed


def without_title(spec: Spec) -> Spec:
    """Copy a chart without its title, for places that print the title as text above it."""
    return {key: value for key, value in spec.items() if key != "title"}


def chart_svg(spec: Spec, width: int) -> str:
    """Paint a chart without its title as SVG, transparent, with text in ``currentColor``."""
    return vega.render_svg(fit_to_width(without_title(spec), width))


def chart_png(spec: Spec) -> bytes | None:
    """Paint a chart with its title, dark on white, for print and for hosts without HTML; in a browser, None."""
    plain: dict[str, Any] = json.loads(json.dumps(spec).replace("currentColor", INK))
    plain.setdefault("config", {})["background"] = PAPER
    return vega.render_png(fit_to_width(plain, WIDE))
