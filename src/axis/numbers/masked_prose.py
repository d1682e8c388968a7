"""The prose of a page: its text with all that is not prose blanked out, character for character.

Front matter keeps what readers see of it, a directive its title and its body, a role and a link their wording.
"""

import re
from dataclasses import dataclass, field

from axis.numbers.number_roles import NUMBER_ROLE, MarkedNumber, parse_number_role

FENCE = re.compile(r"^(\s*)(`{3,}|~{3,}|:{3,})\s*(.*?)\s*$")
DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
#: Directives whose content is not prose, and those whose argument is.
RAW = {"bibliography", "code", "code-block", "code-cell", "listing", "math", "mermaid", "raw", "toctree"}
TITLED = {"admonition", "dropdown", "prediction", "question"}
OPTION = re.compile(r"^\s*:([\w-]+):")
STATED = re.compile(r"^\s+(?:description: |prerequisites: |- )[\"']?(.*?)[\"']?\s*$")
WRONG_OPTION = re.compile(r"^\s*[-*+] \[ \] ")
ANY_OPTION = re.compile(r"^\s*[-*+] \[[x ]\] ")

CITATION = re.compile(r"\{cite(?::\w+)?\}(`+).+?\1", re.DOTALL)
TITLED_ROLE = re.compile(r"\{(?:term|ref|doc|numref|download|any)\}(`+)(.+?)\1", re.DOTALL)
OTHER_ROLE = re.compile(r"\{[\w:-]+\}(`+).+?\1", re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(((?:[^()\s]|\([^()]*\))*)(?:\s+\"[^\"]*\")?\)")
TAG = re.compile(r"<[A-Za-z/!][^<>\n]*>")
LABEL = re.compile(r"^(?:%.*|\([\w-]+\)=\s*)$", re.MULTILINE)
LIST_NUMBER = re.compile(r"^\s*\d+[.)] ", re.MULTILINE)


@dataclass
class Prose:
    """What `mask_page` found: the prose, the marked numbers with their places, and the places of what sources it."""

    text: str
    marked: list[tuple[int, MarkedNumber]] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    link_wordings: list[tuple[int, int]] = field(default_factory=list)


def mask_page(source: str) -> Prose:
    """Blank out all that is not prose; every character that is left keeps its place.

    Parameters
    ----------
    source
        The MyST Markdown of a page.
    """
    prose = Prose(_mask_blocks(source))
    for found in NUMBER_ROLE.finditer(prose.text):
        prose.marked.append((found.start(), parse_number_role(found[1], found[3])))
    prose.text = _blank(NUMBER_ROLE, prose.text)
    prose.sources += [found.start() for found in CITATION.finditer(prose.text)]
    prose.text = _blank(CITATION, prose.text)
    prose.text = TITLED_ROLE.sub(_keep_title, prose.text)
    for pattern in (OTHER_ROLE, CODE, LABEL, LIST_NUMBER):
        prose.text = _blank(pattern, prose.text)
    for found in LINK.finditer(prose.text):
        if "://" in found[2]:
            prose.sources.append(found.start())
            prose.link_wordings.append(found.span(1))
    prose.text = LINK.sub(_keep_link_wording, prose.text)
    prose.text = _blank(TAG, prose.text)
    return prose


def paragraph_bounds(source: str, place: int) -> tuple[int, int]:
    """Return where the paragraph begins and ends that has the character at `place`."""
    start = source.rfind("\n\n", 0, place)
    end = source.find("\n\n", place)
    return (start if start >= 0 else 0), (end if end >= 0 else len(source))


def _mask_blocks(source: str) -> str:
    """Blank out front matter, code, wrong options, and the heads and options of directives."""
    lines = source.split("\n")
    end = lines.index("---", 1) + 1 if lines[0] == "---" and "---" in lines[1:] else 0
    masker = _BlockMasker()
    front = [_keep_stated(line) for line in lines[:end]]
    return "\n".join([*front, *(masker.mask_line(line) for line in lines[end:])])


class _BlockMasker:
    """Masks one line after another, and remembers the directives that are open."""

    def __init__(self) -> None:
        self._fences: list[tuple[str, str]] = []
        self._in_options = False
        self._in_wrong_option = False

    def mask_line(self, line: str) -> str:
        kept = self._mask_directive(line)
        starts_item = ANY_OPTION.match(kept) or kept.strip() in ("", "---")
        self._in_wrong_option = bool(WRONG_OPTION.match(kept)) or (self._in_wrong_option and not starts_item)
        return blank_text(kept) if self._in_wrong_option else kept

    def _mask_directive(self, line: str) -> str:
        fence = FENCE.match(line)
        if fence and self._fences and not fence[3] and fence[2].startswith(self._fences[-1][0]):
            self._fences.pop()
            self._in_options = False
            return blank_text(line)
        if self._fences and self._fences[-1][1] in RAW:
            return blank_text(line)
        if fence:
            return self._open_directive(line, fence)
        option = OPTION.match(line) if self._in_options else None
        self._in_options = bool(option) or (self._in_options and not line.strip())
        return _keep_answer(line, option) if option else line

    def _open_directive(self, line: str, fence: re.Match[str]) -> str:
        directive = DIRECTIVE.fullmatch(fence[3])
        name, title = directive.groups() if directive else ("code", "")
        self._fences.append((fence[2], name))
        self._in_options = True
        return _keep_span(line, line.rfind(title) if name in TITLED and title else len(line), len(line))


def _keep_stated(line: str) -> str:
    found = STATED.match(line)
    return " " * len(line) if not found else _keep_span(line, *found.span(1))


def _keep_answer(line: str, option: re.Match[str]) -> str:
    return _keep_span(line, option.end(), len(line)) if option[1] == "answer" else " " * len(line)


def _keep_title(found: re.Match[str]) -> str:
    """Keep the wording of a role, and not the target in angle brackets."""
    start, end = found.span(2)
    titled = re.fullmatch(r"(.+?)\s*<[^<>]+>", found[2], re.DOTALL)
    cut = start + len(titled[1]) if titled else end
    return _keep_span(found[0], start - found.start(), cut - found.start())


def _keep_link_wording(found: re.Match[str]) -> str:
    """Keep the wording of a link; one to another page of the book may begin with that page's number."""
    number = re.match(r"\d(?:\.\d)?(?![\w.,])", found[1]) if "://" not in found[2] else None
    start = found.start(1) - found.start()
    return _keep_span(found[0], start + (number.end() if number else 0), start + len(found[1]))


def _keep_span(text: str, start: int, end: int) -> str:
    return blank_text(text[:start]) + text[start:end] + blank_text(text[end:])


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: blank_text(found[0]), text)


def blank_text(text: str) -> str:
    """Replace every character by a space, and keep the ends of the lines."""
    return re.sub(r"[^\n]", " ", text)
