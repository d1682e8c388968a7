"""Read the text of a page in parts that have an address, without what answers its questions."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

#: What has no text that a reader would look for. The parser would need most of its time for the pictures.
NO_TEXT = re.compile(r"<(svg|script|pre|noscript|select|button|nav)\b.*?</\1>", re.DOTALL)
#: Elements inside which nothing is read: answers, the options among which the right one is, and tools.
SKIPPED = frozenset(
    {
        *("reveal", "feedback", "option", "announcement", "headerlink", "for-listeners", "controls", "tools", "source"),
        *("guess", "filters", "book-links", "book-bibtex", "above-input", "book-forecasts", "backrefs"),
    }
)
#: Elements that end a sentence, whatever stands at its end.
BLOCKS = frozenset(
    {"p", "li", "div", "section", "figure", "figcaption", "dt", "term", "dd", "h1", "h2", "h3", "h4", "tr"}
)
#: Elements that are a part of their own if they have an id.
PARTS = frozenset({"section", "figure", "tr", "dt"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "term"})
CELLS = frozenset({"td", "th"})
VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


class PageSection(NamedTuple):
    """A part of a page: its id on the page, its heading, and its text, with a line for each paragraph."""

    anchor: str
    heading: str
    text: str


def split_page_sections(body: str) -> list[PageSection]:
    """Split the text of a page.

    Parameters
    ----------
    body
        The HTML of the page's text, without what the theme puts around it.
    """
    parser = _SectionParser()
    parser.feed(NO_TEXT.sub(" ", body))
    parser.close()
    found = (PageSection(part.anchor, _join_words(part.heading), _join_lines(part.text)) for part in parser.parts)
    return [section for section in found if section.heading or section.text]


@dataclass
class _Part:
    anchor: str
    heading: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _SectionParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts = [_Part("")]
        #: The open elements, each with the part in which its text belongs, and whether it is read.
        self.open: list[tuple[str, _Part, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        part, skipped = self._place()
        if tag in VOID:
            part.text.append(" ")
            return
        named = dict(attrs)
        if tag in PARTS and named.get("id"):
            part = _Part(named["id"] or "")
            self.parts.append(part)
            tag = "term" if tag == "dt" else tag
        elif tag == "dd":
            # The text of a definition belongs to the term before it.
            part = self.parts[-1]
        skipped = skipped or not SKIPPED.isdisjoint((named.get("class") or "").split())
        self.open.append((tag, part, skipped))
        if tag in BLOCKS:
            part.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        tag = "term" if tag == "dt" and ("term" in (name for name, _, _ in self.open)) else tag
        while any(name == tag for name, _, _ in self.open):
            name, part, _ = self.open.pop()
            if name in BLOCKS:
                part.text.append("\n")
            elif name in CELLS:
                part.text.append(" · ")
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        part, skipped = self._place()
        if skipped:
            return
        names = [name for name, _, _ in self.open]
        is_title = not HEADINGS.isdisjoint(names) or names[-2:] == ["figcaption", "strong"]
        (part.heading if is_title else part.text).append(data)

    def _place(self) -> tuple[_Part, bool]:
        return self.open[-1][1:] if self.open else (self.parts[0], False)


def _join_words(pieces: list[str]) -> str:
    return " ".join("".join(pieces).split())


def _join_lines(pieces: list[str]) -> str:
    """Write one line for each paragraph, and one for the cells of a row."""
    lines = (_join_words([line]).strip(" ·") for line in re.sub(r"[^\S\n]*\n\s*", "\n", _unwrapped(pieces)).split("\n"))
    return "\n".join(re.sub(r"( ·)+ ", " · ", line) for line in lines if line)


def _unwrapped(pieces: list[str]) -> str:
    """Join the pieces; a line break of the source is a space, one that an element has set is a line's end."""
    return "".join(piece if piece == "\n" else piece.replace("\n", " ") for piece in pieces)
