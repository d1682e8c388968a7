"""What a chapter states about itself: the block ``book`` of its front matter, and the Markdown that prints it.

The page, the notebook and the description for search engines all take these facts from here.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from axis.book_identity import BookIdentity
from axis.notebooks.chapter_error import ChapterError
from axis.numbers.number_roles import show_numbers

#: The directives that print the facts.
OPENING, CITATION = "chapter-opening", "cite-this-chapter"
#: The message for a chapter that prints facts without stating any.
MISSING_BLOCK = 'the front matter has no block "book": add it, with the fields that CONTRIBUTING.md describes.'


@dataclass(frozen=True)
class ChapterFacts:
    """What a reader needs to know about a chapter; the texts are Markdown.

    ``section`` says which part of the report the chapter follows. ``minutes`` is the time that it takes to read.
    ``objectives`` continue the sentence "After this chapter you can", and end without a full stop.
    ``prerequisites`` says in whole sentences what a reader should know before.
    """

    section: str
    minutes: int
    objectives: tuple[str, ...]
    prerequisites: str

    @property
    def plain_objectives(self) -> list[str]:
        """The objectives without their markup."""
        return [_strip_markup(objective) for objective in self.objectives]

    @property
    def plain_prerequisites(self) -> str:
        """The prerequisites without their markup."""
        return _strip_markup(self.prerequisites)


def read_chapter_facts(source: Path) -> ChapterFacts | None:
    """Read the block ``book`` of a chapter's front matter; a page without one has no facts.

    Raises
    ------
    ChapterError
        If the block lacks a field, has one that is not known, or has a value of another kind.
    """
    text = source.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        return None
    front_matter = text[4:].partition("\n---")[0]
    try:
        stated, lines = _parse_block(front_matter, "book")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise ChapterError(f"the front matter is not valid YAML ({error.problem}): correct it.", line=line) from error
    if stated is None:
        return None
    _check_fields(stated, lines)
    return ChapterFacts(**{**stated, "objectives": tuple(stated["objectives"])})


def opening_markdown(facts: ChapterFacts, book: BookIdentity) -> str:
    """Write the text under a chapter's title."""
    section = f"[{facts.section}]({book.report_url})" if book.report_url else facts.section
    *most, last = facts.objectives
    return "\n".join(
        [
            f"**{section}. Reading time: about {facts.minutes} minutes.**",
            "",
            "After this chapter you can:",
            "",
            *(f"- {_end_with(objective, ';')}" for objective in most),
            f"- {_end_with(last, '.')}",
            "",
            f"**Before you start.** {facts.prerequisites}",
        ]
    )


def citation_markdown(title: str, book: BookIdentity) -> str:
    """Write the line that says how to cite a chapter."""
    about = f", an interactive book on {{cite:t}}`{book.report}`" if book.report else ""
    return f'**To cite this chapter:** "{title}", in *{book.title}*{about}.'


def texts_from_facts(source: Path, title: str, book: BookIdentity) -> dict[str, str]:
    """Write what each of the two directives prints in a chapter; a page without facts has no such texts.

    Raises
    ------
    ChapterError
        As `read_chapter_facts` does.
    """
    facts = read_chapter_facts(source)
    return {OPENING: opening_markdown(facts, book), CITATION: citation_markdown(title, book)} if facts else {}


def _parse_block(front_matter: str, name: str) -> tuple[Any, dict[str, int]]:
    """Return a block of the front matter, and the line in the file of the block and of each of its fields."""
    loader = yaml.SafeLoader(front_matter)
    root = loader.get_single_node()
    if not isinstance(root, yaml.MappingNode):
        return None, {}
    for key, value in root.value:
        if key.value == name:
            inner = value.value if isinstance(value, yaml.MappingNode) else []
            # Lines count from 0 in the front matter, which begins on the second line of the file.
            lines = {str(field.value): field.start_mark.line + 2 for field, _ in inner}
            return loader.construct_document(value), {"": key.start_mark.line + 2, **lines}
    return None, {}


def _check_fields(stated: Any, lines: dict[str, int]) -> None:
    names = [field.name for field in fields(ChapterFacts)]
    if not isinstance(stated, dict):
        raise ChapterError(f'the block "book" is not a mapping: give it the fields {", ".join(names)}.', line=lines[""])
    for name in names:
        if name not in stated:
            raise ChapterError(f'the block "book" has no field "{name}": add it to the front matter.', line=lines[""])
    for name, value in stated.items():
        if name not in names:
            message = f'the block "book" has the unknown field "{name}": its fields are {", ".join(names)}.'
            raise ChapterError(message, line=lines[str(name)])
        if wanted := _wrong_kind(name, value):
            raise ChapterError(f'the field "{name}" of the block "book" must be {wanted}.', line=lines[name])


def _wrong_kind(name: str, value: Any) -> str:
    """Return what a field must hold, or "" if it does."""
    if name == "minutes":
        return "" if isinstance(value, int) and value > 0 else "a whole number of minutes"
    if name == "objectives":
        right = isinstance(value, list) and value and all(isinstance(item, str) and item for item in value)
        return "" if right else "a list of texts"
    return "" if isinstance(value, str) and value else "a text"


def _end_with(text: str, sign: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + sign


def _strip_markup(markdown: str) -> str:
    (inline,) = MarkdownIt().parseInline(show_numbers(markdown))
    return "".join(token.content for token in inline.children or [])
