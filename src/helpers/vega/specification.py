"""What Vega draws from, and who can write it."""

from typing import Any, Protocol

#: A Vega-Lite specification: JSON as dictionaries and lists.
Spec = dict[str, Any]

#: A node of the scene graph that Vega makes of it: a group, a mark, or one of a mark's items.
SceneNode = dict[str, Any]


class Drawable(Protocol):
    """A chart that writes its specification: one of Altair's, or one that came back from a submission."""

    def to_dict(self) -> Spec:
        """Write the whole chart as one specification."""
        ...
