"""A picture with fewer elements looks the same, to the pixel."""

import altair as alt
import pandas as pd
import pytest
from playwright.sync_api import Browser

from helpers import vega
from helpers.figures.compact_svg import simplify_svg

PRICES = pd.DataFrame(
    {"buyer": ["Europe", "China", "Qatar"], "price": [143.0, 150.2, 340.0], "year": [2018, 2019, 2020]}
)
BARS = alt.Chart(PRICES).mark_bar().encode(x="price:Q", y="buyer:N", color="buyer:N")
CHARTS = {
    "bars with a grid, a legend and labels": BARS + BARS.mark_text(dx=20).encode(text="price:Q"),
    "lines and points": alt.Chart(PRICES).mark_line(point=True).encode(x="year:O", y="price:Q"),
    "rules that differ": alt.Chart(PRICES).mark_rule(strokeDash=[4, 2]).encode(x="price:Q", strokeWidth="year:O"),
    "a coloured ground": BARS.configure_view(fill="#eeeeee", stroke="#000000"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_thinner_picture_has_a_third_fewer_elements_and_the_same_pixels(browser: Browser, name: str) -> None:
    painted = vega.render_svg(CHARTS[name].to_dict())
    page = browser.new_page(viewport={"width": 800, "height": 600})
    seen, count = [], []
    for picture in (painted, simplify_svg(painted)):
        page.set_content(f'<body style="margin: 0">{picture}</body>')
        seen.append(page.screenshot())
        count.append(page.locator("svg *").count())
    assert seen[0] == seen[1]
    assert count[1] < count[0] * 2 / 3


def test_marks_keep_the_class_that_tells_them_from_axes() -> None:
    assert "role-mark" in simplify_svg(vega.render_svg(BARS.to_dict()))


def test_nothing_in_it_speaks_to_listeners() -> None:
    assert "aria-" not in simplify_svg(vega.render_svg(BARS.to_dict()))
