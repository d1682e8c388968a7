"""Carry an answer out of the student's process as plain data, and rebuild it where it is checked.

What comes back is JSON and nothing else: numbers, text, lists, tables, and the specification of a comparison.
Only the kinds below are rebuilt, so that no check ever meets an object whose class a student wrote, with an
`__eq__` or another method of its own.
"""

import base64
import json
import numbers
from collections.abc import Callable, Iterable, Mapping
from typing import Any

#: The limits of one answer: characters of JSON, cells of a table, and levels of nesting.
MAX_JSON_LENGTH, MAX_TABLE_CELLS, MAX_NESTING = 4_000_000, 100_000, 8

#: Elements of a set or a dictionary. Where all have the same hash, each is compared with all before it.
MAX_HASHED_ELEMENTS = 2_000

#: The kinds of value that mean that the student gave no answer.
EMPTY_KINDS = ("missing", "ellipsis", "none")


class BrokenValueError(ValueError):
    """A text that `export_answers` cannot have written."""


def export_answers(names: Iterable[str]) -> str:
    """Write the values of variables of this kernel, for `read_answers`. Runs in the student's kernel.

    Returns
    -------
    str
        A JSON object in Base64, so that no display setting of the student can change it.
    """
    from IPython import get_ipython

    namespace = get_ipython().user_ns
    written = {name: _write_safely(namespace[name]) if name in namespace else ["missing"] for name in names}
    return base64.b64encode(json.dumps(written).encode()).decode()


def read_answers(exported: str, names: Iterable[str]) -> dict[str, str]:
    """Read what `export_answers` wrote, and return a JSON text for each name.

    Raises
    ------
    BrokenValueError
        If it is anything else, or too large.
    """
    try:
        values = json.loads(base64.b64decode(exported, validate=True))
        return {name: _validated_text(values[name]) for name in names}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrokenValueError("the answer could not be read") from error


def value_kind(text: str) -> str:
    """Return the kind of the value in a JSON text."""
    value = json.loads(text)
    return str(value[0]) if isinstance(value, list) and value else "broken"


def value_summary(text: str) -> str:
    """Describe a value in a few words, for tables that people read; a broken one is "an object"."""
    try:
        return _content_summary(*json.loads(text))
    except (IndexError, KeyError, TypeError, ValueError):
        return "an object"


def is_empty_value(text: str) -> bool:
    """Whether a value means that the student gave no answer: quotation marks with nothing in them are none."""
    match json.loads(text):
        case ["text", str(written)]:
            return not written.strip()
        case _:
            return value_kind(text) in EMPTY_KINDS


def value_texts(text: str) -> list[str]:
    """Return the texts in a value: itself, or those in a list or tuple, as one comma too many makes it."""
    return _texts_in(json.loads(text))


def _texts_in(value: Any) -> list[str]:
    kind, content = (value[0], value[1:]) if isinstance(value, list) and value else ("", [])
    if kind == "text":
        return [str(part) for part in content[:1]]
    if kind in ("list", "tuple") and content and isinstance(content[0], list):
        return [text for item in content[0] for text in _texts_in(item)]
    return []


def _content_summary(name: str, *content: Any) -> str:
    if name in EMPTY_KINDS:
        return ""
    if name == "number":
        return f"{content[0]:.10g}" if isinstance(content[0], float) else str(content[0])
    if name == "text":
        return str(content[0])
    if name == "table":
        return f"a table of {len(content[1])} rows with the columns {', '.join(map(str, content[0]))}"
    if name in ("list", "tuple", "set", "series", "array", "dict"):
        return f"a {name} of {len(content[0])}"
    return f"a {content[0] if name == 'other' else name}"


def restore_value(text: str) -> Any:
    """Rebuild a value. Runs in the checking kernel.

    Raises
    ------
    BrokenValueError
        If `export_answers` cannot have written the text.
    """
    try:
        return _restore_by_kind(json.loads(text))
    except BrokenValueError:
        raise
    except Exception as error:  # with a hostile text, any of the libraries that rebuild it may fail
        raise BrokenValueError("the answer could not be rebuilt") from error


def bind_answers(namespace: dict[str, Any], answers: Mapping[str, str]) -> None:
    """Assign the answers of one submission, and leave nothing of the one before. Runs in the checking kernel."""
    for name, text in answers.items():
        namespace[name] = ...
        try:
            namespace[name] = restore_value(text)
        except BrokenValueError:
            namespace[name] = _make_placeholder("object")


def _validated_text(value: Any) -> str:
    """Return the JSON text of one answer."""
    if not (isinstance(value, list) and value and value[0] in _RESTORERS):
        raise BrokenValueError("the answer could not be read")
    text = json.dumps(value)
    if len(text) > MAX_JSON_LENGTH:
        raise BrokenValueError("the answer is too large")
    return text


def _write_safely(value: Any) -> list[Any]:
    try:
        written = _write_value(value, MAX_NESTING)
        return written if len(json.dumps(written)) <= MAX_JSON_LENGTH else ["large", type(value).__name__]
    except Exception:  # noqa: BLE001  a value of a class that the student wrote may raise anything
        return ["other", type(value).__name__]


def _write_value(value: Any, depth: int) -> list[Any]:
    if depth == 0:
        return ["other", type(value).__name__]
    if value is None or value is ...:
        return ["none" if value is None else "ellipsis"]
    for matches, write in _WRITERS:
        if matches(value):
            return write(value, depth - 1)
    return ["other", type(value).__name__]


def _is_scalar_array(value: Any) -> bool:
    return hasattr(value, "item") and getattr(value, "size", 0) == 1 and not hasattr(value, "columns")


def _class_matcher(*names: str) -> Callable[[Any], bool]:
    """Match a value by the names of its classes and of those that they extend.

    To compare with the classes themselves, pandas, NumPy, Altair and `Comparison` would have to be imported into
    every student's kernel, even if the exercise needs none of them. A student's class with such a name gains
    nothing: what it writes is rebuilt from plain data like everything else.
    """
    return lambda value: any(parent.__name__ in names for parent in type(value).__mro__)


def _write_number(value: Any, _: int) -> list[Any]:
    return ["number", int(value) if isinstance(value, numbers.Integral) else float(value)]


def _write_table(frame: Any, _: int) -> list[Any]:
    if frame.size > MAX_TABLE_CELLS:
        return ["large", type(frame).__name__]
    rows = [[_write_cell(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return ["table", [_write_cell(name) for name in frame.columns], rows, [_write_cell(label) for label in frame.index]]


def _write_series(series: Any, _: int) -> list[Any]:
    if series.size > MAX_TABLE_CELLS:
        return ["large", type(series).__name__]
    return ["series", [_write_cell(value) for value in series], [_write_cell(label) for label in series.index]]


def _write_cell(value: Any) -> Any:
    """Write one cell of a table: checks compare numbers as numbers, and everything else as text."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, numbers.Real):
        return _write_number(value, 0)[1]
    return ["as text", str(value)]


def _write_comparison(comparison: Any, _: int) -> list[Any]:
    controls = {name: _write_widget(widget) for name, widget in comparison.controls.items()}
    return ["comparison", comparison.chart.to_dict(), controls]


def _write_widget(widget: Any) -> list[Any]:
    # A notebook that has a comparison has imported this already.
    from helpers.figures.controls import widget_options

    settings = {"description": widget.description, "value": widget.value}
    if options := widget_options(widget):
        settings["options"] = options
    for name in ("min", "max", "step"):
        if hasattr(widget, name):
            settings[name] = getattr(widget, name)
    return [type(widget).__name__, settings]


_WRITERS: tuple[tuple[Callable[[Any], bool], Callable[[Any, int], list[Any]]], ...] = (
    (lambda value: isinstance(value, bool), lambda value, _: ["bool", value]),
    (lambda value: isinstance(value, str), lambda value, _: ["text", str(value)]),
    (lambda value: isinstance(value, numbers.Real), _write_number),
    (_is_scalar_array, lambda value, depth: _write_value(value.item(), depth)),
    (_class_matcher("DataFrame"), _write_table),
    (_class_matcher("Series", "Index"), _write_series),
    (
        _class_matcher("ndarray"),
        lambda value, _: ["array", value.tolist()] if value.size <= MAX_TABLE_CELLS else ["large", "ndarray"],
    ),
    (_class_matcher("Comparison"), _write_comparison),
    (_class_matcher("TopLevelMixin"), lambda value, _: ["chart", value.to_dict()]),
    (lambda value: isinstance(value, list), lambda value, depth: ["list", [_write_value(v, depth) for v in value]]),
    (lambda value: isinstance(value, tuple), lambda value, depth: ["tuple", [_write_value(v, depth) for v in value]]),
    (
        lambda value: isinstance(value, set | frozenset),
        lambda value, depth: (
            ["set", [_write_value(v, depth) for v in sorted(value, key=repr)]]
            if len(value) <= MAX_HASHED_ELEMENTS
            else ["large", type(value).__name__]
        ),
    ),
    (
        lambda value: isinstance(value, Mapping),
        lambda value, depth: (
            ["dict", [[_write_value(k, depth), _write_value(v, depth)] for k, v in value.items()]]
            if len(value) <= MAX_HASHED_ELEMENTS
            else ["large", type(value).__name__]
        ),
    ),
)


def _restore_by_kind(value: Any) -> Any:
    name, *content = value
    return _RESTORERS[name](*content)


def _restore_number(value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BrokenValueError("a number was expected")
    return value


def _restore_text(value: Any) -> str:
    if not isinstance(value, str):
        raise BrokenValueError("a text was expected")
    return value


def _few_enough(elements: list[Any]) -> list[Any]:
    if len(elements) > MAX_HASHED_ELEMENTS:
        raise BrokenValueError("the answer has too many elements")
    return elements


def _restore_cell(value: Any) -> Any:
    if isinstance(value, list):
        return str(value[1])
    return value if isinstance(value, str | bool) else _restore_number(value)


def _restore_table(names: list[Any], rows: list[list[Any]], index: list[Any]) -> Any:
    import pandas as pd

    cells = [[_restore_cell(cell) for cell in row] for row in rows]
    labels = pd.Index([_restore_cell(label) for label in index], dtype=object).infer_objects()
    return pd.DataFrame(cells, columns=[_restore_cell(name) for name in names], index=labels)


def _restore_series(values: list[Any], index: list[Any]) -> Any:
    import pandas as pd

    return pd.Series([_restore_cell(v) for v in values], index=[_restore_cell(label) for label in index])


def _restore_array(values: list[Any]) -> Any:
    import numpy as np

    return np.array(values)


class Chart:
    """A chart that consists of the specification that came back; checks tell students the name of this class."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec

    def to_dict(self) -> dict[str, Any]:
        """Return the specification, as a chart of Altair does."""
        return self._spec


def _restore_comparison(spec: dict[str, Any], controls: dict[str, Any]) -> Any:
    from helpers.comparison import Comparison

    return Comparison(Chart(spec), **{name: _restore_widget(*widget) for name, widget in controls.items()})


def _restore_widget(name: str, settings: dict[str, Any]) -> Any:
    from helpers.figures.controls import KINDS

    known = {kind.__name__: kind for kind in KINDS}
    names = ("description", "value", "options", "min", "max", "step")
    allowed = {key: settings[key] for key in names if key in settings}
    if "options" in allowed:
        allowed["options"] = [tuple(option) for option in allowed["options"]]
    return known[name](**allowed)


def _make_placeholder(name: Any) -> Any:
    """Return an object that only shows, by the name of its class, what kind of value the answer was."""
    shown = name if isinstance(name, str) and name.isidentifier() and len(name) < 60 else "object"
    return type(shown, (), {})()


_RESTORERS: dict[str, Callable[..., Any]] = {
    "missing": lambda: ...,
    "ellipsis": lambda: ...,
    "none": lambda: None,
    "bool": lambda value: bool(value),  # noqa: PLW0108  `bool` would take no value as False
    "number": _restore_number,
    "text": _restore_text,
    "table": _restore_table,
    "series": _restore_series,
    "array": _restore_array,
    "chart": Chart,
    "comparison": _restore_comparison,
    "list": lambda items: [_restore_by_kind(item) for item in items],
    "tuple": lambda items: tuple(_restore_by_kind(item) for item in items),
    "set": lambda items: {_restore_by_kind(item) for item in _few_enough(items)},
    "dict": lambda pairs: {_restore_by_kind(key): _restore_by_kind(value) for key, value in _few_enough(pairs)},
    "other": _make_placeholder,
    "large": _make_placeholder,
}
