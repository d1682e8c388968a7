"""The directives `question` and `prediction`: the reader answers on the page and gets feedback straight away.

They are plain HTML. Without JavaScript an option still shows its feedback when it is chosen, and the answer to a
prediction can be unfolded. The script adds announcements for screen readers and keeps what the reader answered, under
the name of the question and with its version.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from markupsafe import escape
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from axis.book.reader_tasks import register_task, task_attributes
from axis.numbers.number_roles import NUMBER_ROLE, show_numbers
from helpers.templates import render

MARK = re.compile(r"^\[(x| )\]\s+")
SHAPE = "A prediction needs a prompt, a line with ---, and then the answer."
ANSWER = "A prediction needs either :answer: and :unit: or a list of options, not both."
SAME_TITLE = "Another prediction on this page has the same title: give each one a title of its own."
SAME_NAME = "Another question on this page begins with the same words: give one of them a :name: of its own."

#: How many words of its title name a question. A correction further on then leaves the name as it is.
WORDS_OF_NAME = 8


@dataclass(frozen=True)
class Option:
    """One item of a list of options: whether it is right, its wording, and its feedback."""

    is_right: bool
    wording: list[nodes.Node]
    feedback: list[nodes.Node]

    @property
    def text(self) -> str:
        """The wording without its markup."""
        return "".join(node.astext() for node in self.wording)


class _OptionListDirective(SphinxDirective):
    """What both directives have in common: a title, a body of Markdown, a list of options."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def _parse_title(self) -> list[nodes.Node]:
        found, _ = self.state.inline_text(self.arguments[0], self.lineno)
        return list(found)

    def _parse_markdown(self, lines: StringList, offset: int = 0) -> list[nodes.Node]:
        body = nodes.Element()
        self.state.nested_parse(lines, self.content_offset + offset, body)
        return body.children

    def _parse_options(self, listed: nodes.Node) -> list[Option]:
        options = [self._parse_option(item) for item in listed.children]
        if sum(option.is_right for option in options) != 1 or len(options) < 2:
            raise self.error("The list needs two or more options: mark the right one with [x], the others with [ ].")
        return options

    def _parse_option(self, item: nodes.Node) -> Option:
        first, *feedback = item.children or [nodes.paragraph()]
        mark = MARK.match(first.astext())
        if not mark:
            raise self.error(f'The option "{first.astext()}" must begin with [x] or [ ], followed by its text.')
        start, *rest = first.children
        return Option(mark[1] == "x", [nodes.Text(MARK.sub("", start.astext())), *rest], feedback)


class QuestionDirective(_OptionListDirective):
    """A single-choice question. The body is a list; each item has a mark, an option and feedback.

    A reader's answer is kept under the question's name, which comes from its title. Where the title is written
    anew, :name: keeps the earlier one.
    """

    option_spec: ClassVar[dict[str, Any]] = {"name": nodes.make_id}

    def run(self) -> list[nodes.Node]:
        """Turn the list into radio buttons, each followed by its feedback."""
        body = self._parse_markdown(self.content)
        if len(body) != 1 or not isinstance(body[0], nodes.bullet_list):
            raise self.error("The body of a question must be one list of options, each with its feedback indented.")
        options = self._parse_options(body[0])
        for option in options:
            if not option.feedback:
                raise self.error(f'The option "{option.text}" has no feedback: indent a paragraph below it.')
        title = self._parse_title()
        name = self.options.get("name") or name_question(self.arguments[0])
        task = register_task(self.env, f"question-{name}", _task_wording(title, options))
        if task is None:
            raise self.error(SAME_NAME)
        name = f"question-{self.env.new_serialno('question')}"
        return [
            _raw_html_node(f'<fieldset class="book-question" {task_attributes(task)}><legend>'),
            *title,
            _raw_html_node("</legend>"),
            *(node for index, option in enumerate(options) for node in _question_option_nodes(option, name, index)),
            _raw_html_node('<p class="announcement" role="status"></p></fieldset>'),
        ]


class PredictionDirective(_OptionListDirective):
    """A guess that the reader makes first. The body holds the prompt, a line ``---``, and the answer.

    The guess is a number, with :answer: and :unit:, or one of a list of options after the prompt.
    """

    option_spec: ClassVar[dict[str, Any]] = {"unit": str, "answer": str}

    def run(self) -> list[nodes.Node]:
        """Write the prompt, a number field or a list of options, and the answer, folded."""
        cut = self._find_separator()
        prompt = self._parse_markdown(self.content[:cut])
        options = self._parse_options(prompt.pop()) if isinstance(prompt[-1], nodes.bullet_list) else []
        id_ = self._register_id()
        answer, unit = self._parse_answer(options)
        field = _prediction_option_nodes(options, id_) if options else _number_field_nodes(id_, unit)
        title = self._parse_title()
        asked = [*title, *prompt]
        task = register_task(self.env, id_, [*_task_wording(asked, options), answer, unit])
        if task is None:
            raise self.error(SAME_TITLE)
        return [
            _raw_html_node(
                f'<div class="book-prediction" id="{id_}" {task_attributes(task)} data-answer="{escape(answer)}"'
                f' data-unit="{escape(unit)}"><p class="prediction-title"><strong>'
            ),
            *title,
            _raw_html_node("</strong></p>"),
            *prompt,
            *field,
            _raw_html_node(
                '<p class="announcement" role="status"></p><details class="reveal"><summary>Show the answer</summary>'
            ),
            *self._parse_markdown(self.content[cut + 1 :], cut + 1),
            _raw_html_node("</details></div>"),
        ]

    def _find_separator(self) -> int:
        """Return the line that separates the prompt from the answer."""
        lines = [line.strip() for line in self.content]
        cut = lines.index("---") if "---" in lines else 0
        if not any(lines[:cut]) or not any(lines[cut + 1 :]):
            raise self.error(SHAPE)
        return cut

    def _parse_answer(self, options: list[Option]) -> tuple[str, str]:
        """Return the answer and its unit as the reader is told them."""
        answer, unit = (show_numbers(self.options.get(name, "")).strip() for name in ("answer", "unit"))
        if options and not answer and not unit:
            return next(option.text for option in options if option.is_right), ""
        if options or not answer or not unit:
            raise self.error(ANSWER)
        if not re.fullmatch(r"[-−]?[\d,]*\.?\d+", answer):
            raise self.error(f'The :answer: "{answer}" of a prediction must be a number; put its unit into :unit:.')
        return answer, unit

    def _register_id(self) -> str:
        """Make an id of the prediction's title, so that a stored guess survives changes elsewhere on the page."""
        id_ = nodes.make_id(f"prediction-{self.arguments[0]}")
        if id_ in self.state.document.ids:
            raise self.error(SAME_TITLE)
        self.state.document.set_id(nodes.Element(ids=[id_]))
        return id_


def name_question(title: str) -> str:
    """Name a question by the first words of its title, without its numbers: a corrected number keeps the name.

    Examples
    --------
    >>> name_question("China paid {printed}`150.2` and Europe {printed}`143` *dollars*. Who paid more?")
    'china-paid-and-europe-dollars-who-paid-more'
    """
    words = re.findall(r"[^\W\d_]+", NUMBER_ROLE.sub(" ", title))
    return nodes.make_id(" ".join(words[:WORDS_OF_NAME])) or "unnamed"


def _task_wording(asked: Iterable[nodes.Node], options: Iterable[Option]) -> list[str]:
    """List what a reader answers to; a change of any of it makes another version of the question."""
    text = " ".join(node.astext() for node in asked)
    return [text, *(f"{'x' if option.is_right else ' '} {option.text}" for option in options)]


def _question_option_nodes(option: Option, name: str, index: int) -> Iterable[nodes.Node]:
    """Write one option of a question, with the feedback that its radio button shows."""
    id_ = f"{name}-{index}"
    kind, words = ("right", "✓ Right. ") if option.is_right else ("wrong", "✗ Not quite. ")
    return [
        _raw_html_node(f'<div class="option"><input type="radio" name="{name}" id="{id_}"><label for="{id_}">'),
        *option.wording,
        _raw_html_node(f'</label><div class="feedback {kind}"><strong>{words}</strong>'),
        *option.feedback,
        _raw_html_node("</div></div>"),
    ]


def _prediction_option_nodes(options: list[Option], name: str) -> list[nodes.Node]:
    """Write the options of a prediction. Without the script a reader sees them, but cannot commit to one."""
    found: list[nodes.Node] = [_raw_html_node('<fieldset class="guess"><legend>Your guess</legend>')]
    for index, option in enumerate(options):
        id_, value = f"{name}-{index}", escape(option.text)
        start = f'<div class="option"><input type="radio" name="{name}" id="{id_}" value="{value}">'
        found += [_raw_html_node(f'{start}<label for="{id_}">'), *option.wording, _raw_html_node("</label></div>")]
    return [*found, _raw_html_node('<button type="button" hidden>Commit</button></fieldset>')]


def _number_field_nodes(name: str, unit: str) -> list[nodes.Node]:
    """Write a field for a number, and two for a range around it, which stay hidden without the script."""
    return [_raw_html_node(render("axis.book", "number-guess.html", name=name, unit=unit).replace("\n", " "))]


def _raw_html_node(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("question", QuestionDirective)
    app.add_directive("prediction", PredictionDirective)
