"""Describe in a sentence or two what a page is about."""

import re

from docutils import nodes

SHORTEST, LONGEST = 80, 160

#: A citation as it is printed, such as " [Balzer, 2021]".
CITATION = re.compile(r"\s*\[[^\[\]]*\d{4}[a-z]?\]")


def page_description(tree: nodes.document) -> str:
    """Return the description that the page's front matter states under ``html_meta``, or else its first sentences."""
    for stated in tree.findall(nodes.meta):
        if stated["name"] == "description":
            return str(stated["content"])
    return first_sentences(tree)


def first_sentences(tree: nodes.document) -> str:
    """Return the start of the first paragraph of running text, skipping lists and lines of a few words."""
    for paragraph in tree.findall(nodes.paragraph):
        text = CITATION.sub("", " ".join(paragraph.astext().split()))
        if isinstance(paragraph.parent, nodes.section) and len(text) >= SHORTEST:
            return _shorten_text(text)
    return ""


def _shorten_text(text: str) -> str:
    """Keep as many whole sentences as fit, or cut the first one between two words."""
    kept = ""
    for sentence in re.split(r"(?<=[.!?]) ", text):
        if len(f"{kept} {sentence}") > LONGEST:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or text[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
