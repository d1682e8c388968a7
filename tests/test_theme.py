"""Each role has one hue in the whole book, on light and on dark pages, and for readers with any colour vision."""

import re
from itertools import combinations
from typing import Literal

import altair as alt
import pandas as pd
import pytest
from playwright.sync_api import Browser

import helpers
from helpers import figures
from helpers.figures import picture
from helpers.theme import (
    COLOURS,
    COUNTRIES,
    DARK_COLOURS,
    PAGE_COLOURS,
    ROLES,
    SERIES,
    country_scale,
    dark_style,
    faint_colour,
    role_colour,
    role_scale,
)
from pages import opened

Vector = tuple[float, float, float]
Mode = Literal["light", "dark"]
SHADES: dict[Mode, dict[str, str]] = {"light": COLOURS, "dark": DARK_COLOURS}

#: Machado, Oliveira and Fernandes (2009), full deficiency, on linear RGB.
VISION: dict[str, list[list[float]]] = {
    "any colour": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
#: Björn Ottosson's OKLab, in which equal distances look about equal.
TO_CONES = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
TO_OKLAB = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]

#: What charts put side by side: the countries, the origins of figures, and each of them beside the grey rest.
SIDE_BY_SIDE = {
    "countries": [*COUNTRIES, "rest"],
    "origins of figures": ["printed", "computed", "later", "rest"],
    "the thing and the rest": ["highlight", "rest"],
}
HUES = {role: hue for role, (hue, _) in {**COUNTRIES, **ROLES}.items()}


def _times(matrix: list[list[float]], vector: Vector) -> Vector:
    red, green, blue = (sum(w * c for w, c in zip(row, vector, strict=True)) for row in matrix)
    return red, green, blue


def _linear(colour: str) -> Vector:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours."""
    light = sorted(sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), _linear(x), strict=True)) for x in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def distance(one: str, other: str, vision: str) -> float:
    """How far apart two colours look: 1 from black to white, and 0.02 is about what can just be seen."""

    def look(colour: str) -> Vector:
        red, green, blue = (min(max(c, 0.0), 1.0) for c in _times(VISION[vision], _linear(colour)))
        long, middle, short = _times(TO_CONES, (red, green, blue))
        return _times(TO_OKLAB, (long ** (1 / 3), middle ** (1 / 3), short ** (1 / 3)))

    return sum((a - b) ** 2 for a, b in zip(look(one), look(other), strict=True)) ** 0.5


@pytest.mark.parametrize("mode", SHADES)
@pytest.mark.parametrize("hue", COLOURS)
def test_marks_and_coloured_words_stand_out_from_the_page(hue: str, mode: Mode) -> None:
    assert contrast(SHADES[mode][hue], PAGE_COLOURS[mode]) >= (3 if hue == "grey" else 4.5)


@pytest.mark.parametrize("mode", SHADES)
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("group", SIDE_BY_SIDE)
def test_colours_that_charts_put_side_by_side_stay_apart(group: str, vision: str, mode: Mode) -> None:
    shades = [SHADES[mode][HUES[role]] for role in SIDE_BY_SIDE[group]]
    assert min(distance(one, other, vision) for one, other in combinations(shades, 2)) > 0.1


@pytest.mark.parametrize("mode", SHADES)
def test_no_two_roles_look_alike_anywhere_in_the_book(mode: Mode) -> None:
    assert len(set(HUES.values())) == len(HUES) == len(COLOURS)
    assert min(distance(one, other, "any colour") for one, other in combinations(SHADES[mode].values(), 2)) > 0.07


def test_a_series_that_is_no_country_has_the_colour_of_none() -> None:
    assert not {COLOURS[hue] for hue, _ in COUNTRIES.values()} & set(SERIES)


def test_a_state_of_europe_is_europe_and_an_unnamed_country_is_one_of_the_rest() -> None:
    colours = country_scale(["Germany", "EU", "Brazil"]).to_dict()["range"]
    assert colours == [role_colour("Europe"), role_colour("Europe"), role_colour("rest")]


def test_a_role_that_the_book_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r'^"guess" is no role: use one of printed, computed, later'):
        role_scale({"ours": "guess"})


def _points() -> alt.Chart:
    helpers.enable()
    countries = ["Russia", "China"]
    return (
        alt.Chart(pd.DataFrame({"entity": countries, "value": [1.0, 2.0]}), name="two-countries", title="Two points")
        .mark_point()
        .encode(
            x=alt.X("value:Q", title="Number"),
            color=alt.Color("entity:N", scale=country_scale(countries)),
            shape=alt.Shape("entity:N", scale=country_scale(countries, "shape")),
            tooltip=["entity:N", "value:Q"],
        )
        .properties(description="Two points.")
    )


def test_every_shade_that_a_chart_is_painted_in_has_a_rule_for_dark_pages() -> None:
    base = _points()
    bars = base.mark_bar().encode(shape=alt.Undefined).to_dict()
    for spec in (base.to_dict(), bars):
        painted = picture.chart_svg(figures.prepare_figure(spec).spec, picture.WIDE)
        colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', painted)) - {"none", "transparent", "currentColor"}
        assert colours
        for colour in colours:
            assert f'[fill="{colour}"] {{ fill: ' in dark_style("")


@pytest.mark.parametrize("mode", SHADES)
def test_painted_live_and_printed_marks_have_the_shade_of_their_ground(browser: Browser, site: str, mode: Mode) -> None:
    fills = """chart => [...chart.querySelectorAll("[fill^='#'], [fill^='rgba']")]
        .map(mark => [mark.getAttribute("fill"), getComputedStyle(mark).fill])"""
    shades = {light: SHADES[mode][hue] for hue, light in COLOURS.items()}
    shades |= {faint_colour(light): faint_colour(shown) for light, shown in shades.items()}

    def rgb(colour: str) -> str:
        return colour if "(" in colour else "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))

    with opened(browser, f"{site}/chapters/3-2-energy.html", color_scheme=mode) as page:
        figure = page.locator("figure.book-figure").first
        for state in ("painted", "live"):
            if state == "live":
                figure.scroll_into_view_if_needed()
                page.mouse.move(200, 200)
                figure.locator(".chart[data-live]").wait_for()
            marks = figure.locator(".chart").evaluate(fills)
            assert marks
            assert [shown for _, shown in marks] == [rgb(shades[light]) for light, _ in marks]
        page.emulate_media(media="print")
        assert all(shown == rgb(light) for light, shown in figure.locator(".chart").evaluate(fills))
