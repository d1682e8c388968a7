"""Place the names of points in a picture so that they cover neither one another nor a point."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Pixels: the mean width of a sign in 12-pixel text, the height of a line, the radius of a point.
SIGN, LINE, RADIUS = 6.8, 15.0, 7.0

#: Where a name may stand, best first: the side of the point, and pixels below its middle.
PLACES = [(side, below) for below in (0, -14, 14, -28, 28, -42, 42, -56, 56) for side in ("right", "left")]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, counted from the top left."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Give the area that two rectangles share, in square pixels."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(across, 0.0) * max(down, 0.0)


def place_labels(
    points: Sequence[tuple[float, float]], names: Sequence[str], size: tuple[float, float], lines: Sequence[Box] = ()
) -> list[tuple[str, int]]:
    """Choose a place for each name.

    Parameters
    ----------
    points
        Every point of the picture in pixels, from the top left.
    names
        The name of each; empty for points that get none.
    size
        Width and height of the picture in pixels.
    lines
        What else a name should not cover.

    Returns
    -------
    list of (str, int)
        For each point the side of its name, "right" or "left", and by how many pixels the name is
        lower than the point.
    """
    taken = [*lines, *(Box(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in points)]
    found = []
    for (x, y), name in zip(points, names, strict=True):
        boxes = {choice: _label_box(x, y, name, *choice) for choice in PLACES}
        # min takes the first of equals, so that a name moves no further than it must.
        best = min(PLACES, key=lambda choice: _placement_cost(boxes[choice], taken, size)) if name else PLACES[0]
        taken += [boxes[best]] if name else []
        found.append(best)
    return found


def _label_box(x: float, y: float, name: str, side: str, below: int) -> Box:
    width = SIGN * len(name)
    left = x + RADIUS + 2 if side == "right" else x - RADIUS - 2 - width
    return Box(left, y + below - LINE / 2, left + width, y + below + LINE / 2)


def _placement_cost(box: Box, taken: Sequence[Box], size: tuple[float, float]) -> float:
    width, height = size
    inside = box.overlap(Box(0, 0, width, height))
    outside = (box.right - box.left) * (box.bottom - box.top) - inside
    return round(outside + sum(box.overlap(other) for other in taken), 6)
