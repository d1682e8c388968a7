"""One palette serves the light and the dark page, and readers with any colour vision."""

from itertools import combinations

import pytest

from helpers.theme import COLOURS, PAGE_COLOURS


def _linear(colour: str) -> list[float]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours."""
    light = sorted(sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), _linear(x), strict=True)) for x in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


#: Machado, Oliveira and Fernandes (2009), full deficiency, on linear RGB.
BLINDNESS = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.mark.parametrize("page", PAGE_COLOURS)
@pytest.mark.parametrize("name", COLOURS)
def test_a_mark_stands_out_from_the_page(name: str, page: str) -> None:
    assert contrast(COLOURS[name], PAGE_COLOURS[page]) >= 3


@pytest.mark.parametrize("kind", BLINDNESS)
def test_the_three_colours_that_charts_put_side_by_side_stay_apart(kind: str) -> None:
    def seen(colour: str) -> list[float]:
        return [sum(w * c for w, c in zip(row, _linear(colour), strict=True)) for row in BLINDNESS[kind]]

    side_by_side = [COLOURS[name] for name in ("blue", "vermilion", "green")]
    for one, other in combinations(side_by_side, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one), seen(other), strict=True)) ** 0.5
        assert distance > 0.1
