"""Translate a chapter's MyST Markdown into the plain Markdown that JupyterLab shows.

JupyterLab shows directives and roles as raw text. Here a question or a prediction becomes a text that unfolds, an
admonition a quotation, a citation its author and year, and a cross reference a link to a notebook.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from pybtex.database import BibliographyData, Entry, Person, parse_file

from axis.book_identity import BookIdentity
from axis.notebooks.chapter_error import ChapterError
from axis.notebooks.chapter_facts import CITATION, MISSING_BLOCK, OPENING
from axis.numbers.number_roles import ROLES, parse_number_role, show_numbers, shown_number

DIRECTIVE = re.compile(r"\{([\w:-]+)\}[ \t]*(.*)")
ROLE = re.compile(r"\{([\w:-]+)\}(`+)(.+?)\2", re.DOTALL)
LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\)")
TITLED = re.compile(r"(.+?)\s*<([^<>]+)>", re.DOTALL)
HEADING = re.compile(r"^(?:\(([\w-]+)\)=\n+)?#+ +(.+?) *$", re.MULTILINE)
LABEL = re.compile(r"^\([\w-]+\)= *\n+", re.MULTILINE)
COMMENT = re.compile(r"^%.*\n?", re.MULTILINE)
SETTING = re.compile(r"\A(?::[\w-]+:.*\n?|\s*\n)+")
CODE_OR_DOLLAR = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)|\\?\$", re.DOTALL)
MARK = re.compile(r"^[-*+] \[(x| )\] +", re.MULTILINE)

ADMONITIONS = [
    "admonition",
    "attention",
    "caution",
    "danger",
    "error",
    "hint",
    "important",
    "note",
    "seealso",
    "tip",
    "warning",
]
#: Directives that a notebook leaves out; the book has these lists.
LEFT_OUT = {"bibliography", "contents", "data-dictionary", "index", "listing", "raw", "tableofcontents"}


@dataclass(frozen=True)
class ReferenceTargets:
    """What a chapter may refer to: its book, the works of the bibliography, and the headings of the other chapters."""

    book: BookIdentity
    works: BibliographyData
    titles: dict[str, str]
    labels: dict[str, tuple[str, str]]
    notebooks: frozenset[str]


def is_chapter(source: Path) -> bool:
    """Whether a Markdown file is a notebook in text form."""
    return source.read_text(encoding="utf-8").startswith("---\njupytext:")


def collect_reference_targets(root: Path, book: BookIdentity) -> ReferenceTargets:
    """Collect what the chapters of a book may refer to.

    Parameters
    ----------
    root
        The folder that holds ``chapters`` and ``data``; a book may have no ``data/references.bib``.
    book
        What the book is called.
    """
    titles: dict[str, str] = {}
    labels: dict[str, tuple[str, str]] = {}
    chapters, references = sorted((root / "chapters").glob("*.md")), root / "data/references.bib"
    for path in chapters:
        for label, heading in HEADING.findall(path.read_text(encoding="utf-8")):
            titles.setdefault(path.stem, heading)
            if label:
                labels[label] = (path.stem, heading)
    works = parse_file(str(references)) if references.is_file() else BibliographyData()
    notebooks = frozenset(path.stem for path in chapters if is_chapter(path))
    return ReferenceTargets(book, works, titles, labels, notebooks)


def translate_markdown(text: str, around: ReferenceTargets, own_texts: Mapping[str, str]) -> str:
    """Translate MyST Markdown into plain Markdown.

    Parameters
    ----------
    text
        The Markdown of a cell.
    around
        What the text may refer to.
    own_texts
        What the directives print that take their text from the chapter's front matter.

    Raises
    ------
    ChapterError
        If the text cites a work that the bibliography lacks, or asks for facts that the chapter does not state.
    """
    return _MarkdownTranslator(around, own_texts).translate_blocks(text)


class _MarkdownTranslator:
    """Translates one text: first blocks, then the roles and links in the text between them."""

    def __init__(self, around: ReferenceTargets, own_texts: Mapping[str, str]) -> None:
        self.around = around
        self.own_texts = own_texts

    def translate_blocks(self, text: str) -> str:
        lines, done, parts = text.split("\n"), 0, []
        for fence in _parse_fences(text):
            start, end = fence.map or (done, done)
            found = DIRECTIVE.fullmatch(fence.info.strip())
            indent = re.match(r"\s*", lines[start])[0]  # type: ignore[index]
            parts.append(self.translate_text("\n".join(lines[done:start])))
            own = self.translate_directive(found[1], found[2].strip(), fence.content) if found else None
            kept = "\n".join(lines[start:end]) if own is None else own.replace("\n", f"\n{indent}")
            parts.append(kept if own is None else indent + kept)
            done = end
        parts.append(self.translate_text("\n".join(lines[done:])))
        return "\n".join(parts).strip("\n")

    def translate_text(self, text: str) -> str:
        text = COMMENT.sub("", LABEL.sub("", text))
        text = _escape_dollars(text)
        text = ROLE.sub(self.translate_found_role, text)
        return LINK.sub(lambda link: self.translate_link(link[1], link[2]), text)

    def translate_directive(self, name: str, argument: str, content: str) -> str:
        content = SETTING.sub("", content)
        if name in ADMONITIONS:
            return _format_quotation(
                argument if name == "admonition" else name.capitalize(), self.translate_blocks(content)
            )
        if name in (OPENING, CITATION):
            if name not in self.own_texts:
                raise ChapterError(MISSING_BLOCK, wording=f"{{{name}}}")
            return self.translate_blocks(self.own_texts[name])
        if name == "question":
            return self.translate_question(argument, content)
        if name == "prediction":
            return self.translate_prediction(argument, content)
        if name == "exercise":
            return f"Open [the exercise](../assignments/{argument}.ipynb)."
        if name == "forecasts":
            return "The sheet for your forecasts is on the published page. The table `later_verdicts` lists the claims."
        if name == "draw-series":
            return (
                "The sliders are on the published page. Here, put your own numbers into `flat` in the next cell. "
                "To see the counted figures too, give the parameter `shown` the value `True`."
            )
        if name in ("figure", "image"):
            return f"![]({argument})\n\n{self.translate_blocks(content)}".strip()
        if name == "math":
            return f"$$\n{content.strip()}\n$$"
        if name in ("code", "code-block"):
            return f"```{argument}\n{content.rstrip()}\n```"
        return "" if name in LEFT_OUT else self.translate_blocks(f"{argument}\n\n{content}")

    def translate_question(self, title: str, content: str) -> str:
        content = show_numbers(content)
        options = "\n".join(f"- {MARK.sub('', line)}" for line in content.split("\n") if MARK.match(line))
        answers = MARK.sub(lambda mark: "- **Right:** " if mark[1] == "x" else "- ", content)
        asked = self.translate_text(f"**{title}**\n\n{options}")
        return f"{asked}\n\n{_format_disclosure('Show what each answer means', self.translate_blocks(answers))}"

    def translate_prediction(self, title: str, content: str) -> str:
        prompt, _, answer = content.partition("\n---\n")
        asked = self.translate_blocks(f"**{title}**\n\n{MARK.sub('- ', prompt).strip()}")
        return f"{asked}\n\n{_format_disclosure('Show the answer', self.translate_blocks(answer))}"

    def translate_found_role(self, role: re.Match[str]) -> str:
        text = self.translate_role(role[1], role[3])
        # Only a formula has dollar signs of its own.
        return text if role[1] == "math" else _escape_dollars(text)

    def translate_role(self, name: str, content: str) -> str:
        if name == "cite" or name.startswith("cite:"):
            return _format_citation(name, content, self.around.works)
        if name == "math":
            return f"${content}$"
        if name in ROLES:
            return shown_number(parse_number_role(name, content))
        titled = TITLED.fullmatch(content)
        text, target = (titled[1], titled[2]) if titled else ("", content)
        if name in ("ref", "numref"):
            return self.translate_link(text, f"#{target}")
        if name == "doc":
            return self.translate_link(text, f"{target.removesuffix('.md')}.md")
        return f"[{text or target}]({target})" if name == "download" else text or target

    def translate_link(self, text: str, address: str) -> str:
        place, _, label = address.partition("#")
        stem = place.removesuffix(".md")
        title = self.around.titles.get(stem, stem)
        if not place and label in self.around.labels:
            stem, title = self.around.labels[label]
            place, address = f"{stem}.md", f"{stem}.md#{title.replace(' ', '-')}"
        if place.endswith(".md") and "://" not in place:
            if stem not in self.around.notebooks:
                # The page is not a notebook: a live session would show raw text, and beside a download it is missing.
                return text or title or label
            address = address.replace(".md", ".ipynb", 1)
        return f"[{text or title or label}]({address.replace('(', '%28').replace(')', '%29')})"


def _escape_dollars(text: str) -> str:
    """Keep each dollar sign as it is: on a page it is money, and a notebook would set what follows it as a formula."""
    return CODE_OR_DOLLAR.sub(lambda found: r"\$" if found[0] == "$" else found[0], text)


def _parse_fences(text: str) -> Iterator[Token]:
    parser = MarkdownIt().use(colon_fence_plugin)
    return (token for token in parser.parse(text) if token.type in ("fence", "colon_fence"))


def _format_quotation(title: str, content: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in f"**{title}**\n\n{content}".split("\n"))


def _format_disclosure(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{content.strip()}\n\n</details>"


def _format_citation(role: str, keys: str, works: BibliographyData) -> str:
    named = [_author_and_year(key.strip(), works) for key in keys.split(",")]
    if role == "cite:t":
        return ", ".join(f"{author} ({year})" for author, year in named)
    return "(" + "; ".join(f"{author} {year}" for author, year in named) + ")"


def _author_and_year(key: str, works: BibliographyData) -> tuple[str, str]:
    if key not in works.entries:
        message = f'the work "{key}" is not in the bibliography: add it, or correct the citation.'
        raise ChapterError(message, wording=key)
    entry = works.entries[key]
    return _format_authors(entry), entry.fields.get("year", "n.d.")


def _format_authors(entry: Entry) -> str:
    people = [_format_last_name(person) for person in entry.persons.get("author") or entry.persons.get("editor") or []]
    if len(people) > 2:
        return f"{people[0]} et al."
    return " and ".join(people) or entry.fields.get("publisher") or entry.fields.get("title", entry.key)


def _format_last_name(person: Person) -> str:
    return " ".join(str(part) for part in [*person.rich_prelast_names, *person.rich_last_names])
