"""The types of what Vega draws from, and of charts that can be drawn."""

from typing import Any, Protocol

#: A Vega-Lite specification, as dictionaries and lists.
Spec = dict[str, Any]

#: A node of the scene graph that Vega makes from it: a group, a mark, or an item of a mark.
SceneNode = dict[str, Any]


class Drawable(Protocol):
    """Anything that can write itself as a specification, such as an Altair chart."""

    def to_dict(self) -> Spec:
        """Return the specification of the chart."""
        ...
