"""The colours of the book, and the Altair theme of its charts.

Each mark colour has a contrast of at least 3 : 1 against the light and the dark page
(WCAG 2.2, 1.4.11), so that one picture serves both. The hues are those of Okabe and Ito,
chosen so that readers with any common colour blindness can distinguish them.
Text, axes and grid use ``currentColor``, the colour of the text around the chart.
"""

from typing import Any

import altair as alt

#: The colours of marks. A chart uses their names, not their codes.
COLOURS = {
    "blue": "#0072b2",
    "vermilion": "#d55e00",
    "green": "#009e73",
    "purple": "#cc79a7",
    "grey": "#7a7f85",
}

#: The background of the page in each mode, against which the colours are tested.
PAGE_COLOURS = {"light": "#ffffff", "dark": "#121212"}

TEXT_COLOUR = "currentColor"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"


def vega_lite_config() -> dict[str, Any]:
    """Return the Vega-Lite configuration of the book.

    Returns
    -------
    dict
        A ``config`` object: transparent background, text in ``currentColor``, labels of at
        least 12 pixels, and the colours of `COLOURS` in their order.
    """
    return {
        "background": "transparent",
        "font": FONT,
        # Room on the right, for the label of the longest bar.
        "padding": {"left": 2, "top": 5, "right": 44, "bottom": 5},
        "view": {"stroke": None, "step": 28},
        "title": {"color": TEXT_COLOUR, "subtitleColor": TEXT_COLOUR, "anchor": "start", "fontSize": 15},
        "axis": _axis_config(),
        "axisQuantitative": {
            "grid": True,
            "tickCount": 4,
            "labelOverlap": "greedy",
            "labelSeparation": 6,
        },
        "legend": {"labelColor": TEXT_COLOUR, "titleColor": TEXT_COLOUR, "labelFontSize": 12, "orient": "top"},
        "header": {"labelColor": TEXT_COLOUR, "titleColor": TEXT_COLOUR, "labelFontSize": 12},
        "text": {"color": TEXT_COLOUR, "fontSize": 12},
        "rule": {"color": TEXT_COLOUR},
        "bar": {"color": COLOURS["blue"]},
        "line": {"color": COLOURS["blue"], "strokeWidth": 2.5},
        "point": {"color": COLOURS["blue"], "size": 90, "filled": True, "opacity": 1},
        "range": {"category": list(COLOURS.values())},
    }


def _axis_config() -> dict[str, Any]:
    return {
        "labelColor": TEXT_COLOUR,
        "titleColor": TEXT_COLOUR,
        "domainColor": TEXT_COLOUR,
        "tickColor": TEXT_COLOUR,
        "gridColor": TEXT_COLOUR,
        "gridOpacity": 0.15,
        "grid": False,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 190,
    }


def enable_theme() -> None:
    """Make Altair apply the book's theme to every chart."""
    alt.theme.register("book", enable=True)(_book_theme)


def _book_theme() -> alt.theme.ThemeConfig:
    return {"config": vega_lite_config()}  # type: ignore[typeddict-item]
