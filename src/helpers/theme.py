"""The colours of the book, and the Altair theme of its charts.

A colour has a role, and the role has the same hue in the whole book: Russia is blue and China vermilion; a figure
that the report prints is ink, one that the book computes is teal, one from after the report is ochre. `country_scale`
and `role_scale` give a chart these colours. Every hue has two shades. A chart names the shade for light pages, which
is also the one in saved pictures and on paper; where the page is dark, `dark_style` makes browsers show the other.

All hues but grey are strong enough to write words in (WCAG 2.2, 1.4.3), and grey for marks (1.4.11), each on its own
ground. Hues that charts put side by side differ for readers with any common colour blindness.
Text, axes and grid use ``currentColor``, the colour of the text around the chart.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt

#: The hues on a light page. A chart asks for a role rather than for one of these codes.
COLOURS = {
    "blue": "#0e4aa1",
    "vermilion": "#cb3411",
    "green": "#01815e",
    "purple": "#750b63",
    "violet": "#6d28d9",
    "ink": "#203249",
    "teal": "#0e697b",
    "ochre": "#9b6807",
    "grey": "#8c929b",
}

#: The same hues on a dark page.
DARK_COLOURS = {
    "blue": "#5a9bff",
    "vermilion": "#ff6f4d",
    "green": "#58f090",
    "purple": "#f7b4e9",
    "violet": "#bba9ff",
    "ink": "#d7e6f7",
    "teal": "#5fb4bf",
    "ochre": "#f5af37",
    "grey": "#6b7078",
}

#: The background of the page in each mode, against which the colours are tested.
PAGE_COLOURS = {"light": "#ffffff", "dark": "#121212"}

#: The hue and the shape of each country in the book. Any other country is one of "the rest".
COUNTRIES = {
    "Russia": ("blue", "circle"),
    "China": ("vermilion", "square"),
    "Europe": ("green", "triangle-up"),
    "United States": ("purple", "diamond"),
}

#: The names under which tables and charts have these countries, beside the names themselves.
SAME_COUNTRY = {
    "Soviet Union": "Russia",
    "Russians": "Russia",
    "Chinese": "China",
    "US": "United States",
    **dict.fromkeys(["EU", "European Union", "Germany", "Cyprus", "France", "Italy", "Netherlands"], "Europe"),
    **dict.fromkeys(["Eastern Europe", "Small countries of Eastern Europe"], "Europe"),
}

#: The hue and the shape of what else a mark can be: whose figure it is, or whether the title is about it.
ROLES = {
    "printed": ("ink", "circle"),
    "computed": ("teal", "diamond"),
    "later": ("ochre", "triangle-up"),
    "highlight": ("violet", "square"),
    "rest": ("grey", "cross"),
}

#: The hues of series that are neither countries nor figures of different origin, in their order.
SERIES = [COLOURS[hue] for hue in ("violet", "ochre", "teal", "ink", "grey")]

#: The share of a colour in the faint fill of bars that have an outline.
FAINT_OPACITY = 0.2

Channel = Literal["color", "shape"]

TEXT_COLOUR = "currentColor"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"


def country_scale(names: Sequence[str], channel: Channel = "color") -> alt.Scale:
    """Give each country the colour, or the shape, that it has in the whole book.

    Parameters
    ----------
    names
        The countries in the order of the legend. European states and the EU have the colour of Europe; a country
        that is none of `COUNTRIES` is grey.
    channel
        ``"shape"`` for the scale of points, whose series must differ by more than colour.

    Examples
    --------
    >>> countries = ["Russia", "China", "Brazil"]
    >>> colour = alt.Color("entity:N", scale=country_scale(countries), legend=None)
    >>> shape = alt.Shape("entity:N", scale=country_scale(countries, "shape"), legend=None)
    >>> country_scale(countries, "shape").to_dict()
    {'domain': ['Russia', 'China', 'Brazil'], 'range': ['circle', 'square', 'cross']}
    """
    looks = [COUNTRIES.get(SAME_COUNTRY.get(name, name), ROLES["rest"]) for name in names]
    return _look_scale(names, looks, channel)


def role_scale(roles: Mapping[str, str], channel: Channel = "color") -> alt.Scale:
    """Give each series the colour, or the shape, of what it is in the chart.

    Parameters
    ----------
    roles
        The role of each series, in the order of the legend: one of `ROLES`, or one of `COUNTRIES`.
    channel
        ``"shape"`` for the scale of points, whose series must differ by more than colour.

    Raises
    ------
    ValueError
        If a role is not one of these.

    Examples
    --------
    >>> origin = {"as printed": "printed", "from the quotient": "computed"}
    >>> colour = alt.Color("origin:N", scale=role_scale(origin), title=None)
    >>> role_scale(origin, "shape").to_dict()
    {'domain': ['as printed', 'from the quotient'], 'range': ['circle', 'diamond']}
    """
    known = {**ROLES, **COUNTRIES}
    unknown = [role for role in roles.values() if role not in known]
    if unknown:
        raise ValueError(f'"{unknown[0]}" is no role: use one of {", ".join(known)}.')
    return _look_scale(list(roles), [known[role] for role in roles.values()], channel)


def role_colour(role: str) -> str:
    """Return the colour of a role or a country, for a mark that has no series.

    Examples
    --------
    >>> role_colour("Russia") == COLOURS["blue"]
    True
    """
    return str(role_scale({"": role}).to_dict()["range"][0])


def _look_scale(names: Sequence[str], looks: Sequence[tuple[str, str]], channel: Channel) -> alt.Scale:
    values = [COLOURS[hue] if channel == "color" else shape for hue, shape in looks]
    return alt.Scale(domain=list(names), range=values)


def faint_colour(colour: str) -> str:
    """Return the faint shade of a colour, for the fill of a bar that has an outline.

    Examples
    --------
    >>> faint_colour("#cb3411")
    'rgba(203, 52, 17, 0.2)'
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {FAINT_OPACITY})"


def dark_style(place: str) -> str:
    """Write the style sheet that shows charts in the shades for a dark page.

    Parameters
    ----------
    place
        A selector of what surrounds the charts where the page is dark, such as ``html[data-theme="dark"] .picture``.

    Examples
    --------
    >>> print(dark_style(".dark").splitlines()[0])
    .dark [fill="#0e4aa1"] { fill: #5a9bff; }
    """
    shades = [(COLOURS[hue], DARK_COLOURS[hue]) for hue in COLOURS]
    shades += [(faint_colour(light), faint_colour(dark)) for light, dark in shades]
    return "".join(
        f'{place} [{paint}="{light}"] {{ {paint}: {dark}; }}\n'
        for light, dark in shades
        for paint in ("fill", "stroke")
    )


def dark_screen_style(place: str) -> str:
    """Write `dark_style` for documents of their own, which are dark where the reader's screen is."""
    return f"@media screen and (prefers-color-scheme: dark) {{\n{dark_style(place)}}}\n"


def vega_lite_config() -> dict[str, Any]:
    """Return the Vega-Lite configuration of the book.

    Returns
    -------
    dict
        A ``config`` object: transparent background, text in ``currentColor``, labels of at
        least 12 pixels, and the colours of `SERIES` in their order.
    """
    return {
        "background": "transparent",
        "font": FONT,
        # Room on the right, for the label of the longest bar.
        "padding": {"left": 2, "top": 5, "right": 44, "bottom": 5},
        "view": {"stroke": None, "step": 28},
        "title": {"color": TEXT_COLOUR, "subtitleColor": TEXT_COLOUR, "anchor": "start", "fontSize": 15},
        "axis": _axis_config(),
        # A title wider than its plot would take width from the plot, at each change of a control anew.
        "axisX": {"titleLimit": {"expr": "width"}},
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
        "bar": {"color": SERIES[0]},
        "line": {"color": SERIES[0], "strokeWidth": 2.5},
        "point": {"color": SERIES[0], "size": 90, "filled": True, "opacity": 1},
        "range": {"category": SERIES},
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
