"""A reader who sees no colours tells the series of a chart apart all the same."""

import altair as alt
import pandas as pd
import pytest

from helpers.figures import second_channel

PRICES = pd.DataFrame({"buyer": ["Europe", "China"], "price": [143.0, 150.2], "kind": ["stated", "implied"]})
BASE = alt.Chart(PRICES, name="prices").encode(x="price:Q", y="buyer:N", color="kind:N")


def encoding_of(chart: alt.Chart) -> dict[str, dict[str, object]]:
    spec = chart.to_dict()
    second_channel.add_redundant_encoding(spec)
    return dict(spec["encoding"])


def test_bars_differ_by_fill_and_outline() -> None:
    encoding = encoding_of(BASE.mark_bar())
    assert {"fill", "stroke", "strokeDash"} <= set(encoding)
    assert encoding["fill"]["scale"]["range"][1] == "rgba(155, 104, 7, 0.2)"
    assert encoding["strokeDash"]["field"] == "kind"


def test_lines_differ_by_their_dashes_and_keep_their_colour() -> None:
    encoding = encoding_of(BASE.mark_line())
    assert encoding["strokeDash"]["field"] == encoding["color"]["field"] == "kind"


@pytest.mark.parametrize(
    "chart",
    [BASE.mark_point(), BASE.mark_rule().encode(strokeDash=alt.value([4, 2]))],
    ids=["points", "rules that are all dashed alike"],
)
def test_what_differs_by_colour_alone_is_refused_with_its_name_and_the_remedy(chart: alt.Chart) -> None:
    message = 'In the chart "prices", `kind` differs by colour alone: add shape="kind" to its encoding'
    with pytest.raises(ValueError, match=f"^{message}, or strokeDash= if it draws rules.$"):
        encoding_of(chart)


@pytest.mark.parametrize("channel", [{"shape": "kind:N"}, {"yOffset": "kind:N"}, {"row": "kind:N"}])
def test_series_that_differ_by_more_than_colour_stay_as_they_are(channel: dict[str, str]) -> None:
    chart = BASE.mark_point().encode(**channel)
    assert encoding_of(chart) == chart.to_dict()["encoding"]
