"""Keep the text of every page for the search, and write the two scripts of its page.

Pagefind and Sphinx's own search were tried. Pagefind reads its index over the network, which a browser refuses to
pages from a folder. Sphinx drops every number, and fetches whole pages to show a line of them.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.search.en import SearchEnglish

from axis.book.directives.chapter_frame import page_facts
from axis.book.search.page_sections import split_page_sections
from axis.notebooks.chapter_error import ChapterError
from helpers.files import write_atomically

SCRIPTS = Path(__file__).parent / "scripts"
ANSWER = re.compile(r'data-answer="([^"]+)"')


def setup(app: Sphinx) -> None:
    """Register the page of the search and the writing of its scripts."""
    app.connect("builder-inited", _replace_own_search)
    app.connect("html-page-context", _keep_page_text, priority=800)
    app.connect("html-collect-pages", _list_search_page)


def _replace_own_search(app: Sphinx) -> None:
    """Keep Sphinx from making an index that no page loads."""
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.search = False


def _list_search_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the scripts, once the text of every page is there, and name the page that loads them."""
    if app.builder.name != "html":
        return
    addresses = {
        "search_script": _write_versioned(app, "search.js", _search_script()),
        "search_texts": _write_versioned(app, "search-texts.js", _search_texts(app)),
    }
    yield "search", {"title": "Search", **addresses}, "search.html"


def _write_versioned(app: Sphinx, name: str, content: str) -> str:
    """Write a script, and return its address, which changes with its content."""
    write_atomically(Path(app.outdir) / "_static" / name, content)
    return f"_static/{name}?v={hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _search_script() -> str:
    """Join the stemmer of Sphinx, MiniSearch, and the script that asks it."""
    own = [(SCRIPTS / name).read_text(encoding="utf-8") for name in ("minisearch.js", "search-page.js")]
    return "\n;\n".join([SearchEnglish.js_stemmer_code, *own])


def _search_texts(app: Sphinx) -> str:
    files = [_texts_folder(app) / f"{name}.json" for name in sorted(app.env.found_docs)]
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    return "window.bookTexts = [\n" + ",\n".join(texts) + "\n];\n"


def _texts_folder(app: Sphinx) -> Path:
    """Return the folder for the text of each page, which lies beside what Sphinx keeps of the page itself."""
    return Path(app.doctreedir) / "search-texts"


def _keep_page_text(app: Sphinx, name: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    if tree is None or app.builder.name != "html":
        return
    body = context["body"]
    kept = {
        "page": app.builder.get_target_uri(name),
        "title": str(Markup(context["title"]).striptags()),
        "chapter": _is_chapter(app, name),
        "answers": sorted({unescape(answer) for answer in ANSWER.findall(body)}),
        "parts": split_page_sections(body),
    }
    write_atomically(_texts_folder(app) / f"{name}.json", json.dumps(kept, ensure_ascii=False, separators=(",", ":")))


def _is_chapter(app: Sphinx, name: str) -> bool:
    try:
        return page_facts(app, name) is not None
    except ChapterError:  # its directive has named the fault
        return False
