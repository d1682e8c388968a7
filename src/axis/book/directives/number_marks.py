"""The roles `computed`, `printed`, `sourced` and `chosen`, and the refusal of a number in prose that has none of them.

A reader sees the number alone. That of a computed one is computed when the page is read, and its title says how.
"""

from pathlib import Path, PurePath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole, SphinxTranslator
from sphinx.writers.html5 import HTML5Translator

from axis.numbers.known_numbers import chart_numbers
from axis.numbers.number_roles import (
    COMPUTED,
    NUMBER_ROLE,
    ROLES,
    explain_number,
    parse_number_role,
    show_numbers,
    shown_number,
)
from axis.numbers.number_rules import SETTING, page_faults, sort_numbers
from helpers.tables import data_folder

LOGGER = logging.getLogger(__name__)


class ComputedNumber(nodes.inline):
    """A computed number; the attribute ``explanation`` says how it was computed."""


class NumberRole(SphinxRole):
    """One of the four roles."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Write the number; what is wrong with it, `_check_numbers` reports."""
        number = parse_number_role(self.name, self.text)
        shown = shown_number(number)
        if number.role != COMPUTED:
            return [nodes.Text(shown)], []
        return [ComputedNumber(self.rawtext, shown, explanation=explain_number(number))], []


def setup(app: Sphinx) -> None:
    """Register the roles, the setting and the check."""
    # The pages that are not held to the rules yet, by their names; without this setting, no page is held.
    app.add_config_value(SETTING, None, "env", [list])
    for role in ROLES:
        app.add_role(role, NumberRole())
    inline = (_visit_inline, _depart_inline)
    app.add_node(ComputedNumber, html=(_open_data, _close_data), latex=inline, text=inline, man=inline, texinfo=inline)
    app.connect("source-read", _check_numbers)


def _check_numbers(app: Sphinx, page: str, source: list[str]) -> None:
    """Report each number of a page without an origin, and print the computed ones of its front matter."""
    text = source[0]
    if NUMBER_ROLE.search(text):
        for table in sorted(data_folder().glob("*.csv")):
            app.env.note_dependency(str(table))
    not_held = getattr(app.config, SETTING)
    path = Path(app.env.doc2path(page))
    if not_held is not None and path.suffix == ".md":
        stem = PurePath(page).name
        is_held = stem not in not_held
        in_charts = chart_numbers(text, stem) if is_held else ()
        for number in (*page_faults(sort_numbers(text, stem), is_held), *in_charts):
            if number.fault:
                LOGGER.warning("%s", number.fault, location=(page, number.line))
    if text.startswith("---\n"):
        end = text.find("\n---", 4)
        # A description goes into attributes, where Markdown has no roles.
        source[0] = show_numbers(text[:end]) + text[end:]


def _open_data(translator: HTML5Translator, node: ComputedNumber) -> None:
    value = node.astext().replace(",", "").replace("−", "-")
    translator.body.append(translator.starttag(node, "data", "", value=value, title=node["explanation"]))


def _close_data(translator: HTML5Translator, _node: ComputedNumber) -> None:
    translator.body.append("</data>")


def _visit_inline(translator: SphinxTranslator, node: ComputedNumber) -> None:
    translator.visit_inline(node)


def _depart_inline(translator: SphinxTranslator, node: ComputedNumber) -> None:
    translator.depart_inline(node)
