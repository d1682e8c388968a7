"""No link of the built book is dead: files are there, and so are the places inside them."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """Collect what a page names and what it links to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors |= {values["id"] or ""} if "id" in values else set()
        self.links += [values[name] or "" for name in ("href", "src") if name in values]


def test_every_internal_link_leads_to_a_file_and_to_a_place_in_it(book: Path) -> None:
    pages = {path: _Page(path) for path in book.rglob("*.html") if "_static" not in path.parts}
    assert len(pages) > 15
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if not target.is_file() or (anchor and target in pages and anchor not in pages[target].anchors):
                dead.append(f"{path.relative_to(book)}: {link}")
    assert sorted(set(dead)) == []
