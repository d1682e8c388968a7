"""The directives `question` and `prediction`: a reader answers in the page and hears at once.

They are plain HTML. Without JavaScript a chosen option still shows its feedback, and the answer to
a prediction lies behind a disclosure; the script adds announcements and remembers a prediction.
"""

import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from markupsafe import escape
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

MARK = re.compile(r"^\[(x| )\]\s+")


class Question(SphinxDirective):
    """A single-choice question. The body is a list; each item has a mark, an option and feedback."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Turn the list into radio buttons, each followed by its feedback."""
        items = self._items()
        name = f"question-{self.env.new_serialno('question')}"
        result = [_raw(f'<fieldset class="book-question"><legend>{escape(self.arguments[0])}</legend>')]
        for index, (is_right, option, feedback) in enumerate(items):
            id_ = f"{name}-{index}"
            result += [
                _raw(f'<div class="option"><input type="radio" name="{name}" id="{id_}"><label for="{id_}">'),
                *option,
                _raw(f'</label><div class="feedback {"right" if is_right else "wrong"}"><strong>'),
                _raw("✓ Right. " if is_right else "✗ Not quite. "),
                _raw("</strong>"),
                *feedback,
                _raw("</div></div>"),
            ]
        return [*result, _raw('<p class="announcement" role="status"></p></fieldset>')]

    def _items(self) -> list[tuple[bool, list[nodes.Node], list[nodes.Node]]]:
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        found = [self._item(item) for item in body.findall(nodes.list_item)]
        if sum(is_right for is_right, _, _ in found) != 1:
            raise self.error("A question needs a list of options with one [x], the right one, among [ ].")
        return found

    def _item(self, item: nodes.list_item) -> tuple[bool, list[nodes.Node], list[nodes.Node]]:
        first, *rest = item.children
        mark = MARK.match(first.astext())
        if not mark:
            raise self.error(f'The option "{first.astext()}" must begin with [x] or [ ].')
        if not rest:
            raise self.error(f'The option "{first.astext()}" has no feedback: indent a paragraph below it.')
        return mark[1] == "x", _without_mark(first), rest


class Prediction(SphinxDirective):
    """A guess that the reader makes first. The body holds the prompt, a line ``---``, and the answer."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "unit": directives.unchanged_required,
        "answer": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Write the prompt, a number field, and the answer behind a disclosure."""
        lines = list(self.content)
        if not {"unit", "answer"} <= set(self.options) or "---" not in lines:
            raise self.error("A prediction needs :unit:, :answer:, a prompt, a line ---, and the answer.")
        cut = lines.index("---")
        id_ = f"prediction-{self.env.docname.rsplit('/', 1)[-1]}-{self.env.new_serialno('prediction')}"
        unit, answer = escape(self.options["unit"]), escape(self.options["answer"])
        return [
            _raw(f'<div class="book-prediction" id="{id_}" data-answer="{answer}" data-unit="{unit}">'),
            _raw(f'<p class="prediction-title"><strong>{escape(self.arguments[0])}</strong></p>'),
            *self._parse(self.content[:cut], 0),
            _raw(
                f'<p class="guess" hidden><label for="{id_}-guess">Your guess, in {unit}</label> '
                f'<input id="{id_}-guess" type="number" step="any"> <button type="button">Commit</button></p>'
                '<p class="announcement" role="status"></p>'
                "<details><summary>Show the answer</summary>"
            ),
            *self._parse(self.content[cut + 1 :], cut + 1),
            _raw("</details></div>"),
        ]

    def _parse(self, lines: StringList, offset: int) -> list[nodes.Node]:
        body = nodes.Element()
        self.state.nested_parse(lines, self.content_offset + offset, body)
        return body.children


def _raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


def _without_mark(paragraph: nodes.Node) -> list[nodes.Node]:
    first, *rest = paragraph.children
    return [nodes.Text(MARK.sub("", first.astext())), *rest]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("question", Question)
    app.add_directive("prediction", Prediction)
