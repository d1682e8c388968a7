"""Write what a page says of itself in its head: for search, for previews and for citing.

sphinxext-opengraph was tried: it takes a chapter's line on reading time for its description, writes
a relative ``og:url`` where no address is known, and draws cards with Matplotlib instead of the chart.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx

from axis.book.directives.data_dictionary import ARCHIVE, SHARED
from axis.book.head import citation, linked_data, preview
from axis.book.head.linked_data import Thing
from axis.book.head.summary import describe
from axis.book.site_address import absolute
from helpers.files import write_whole
from helpers.templates import render

DESCRIPTION = re.compile(r'<meta[^<>]* name="description"[^<>]*>\n?')


@dataclass(frozen=True)
class Page:
    """One page for those who link to it.

    ``up`` leads from the page to the root of the site. ``address`` is "" where it is unknown, and
    ``picture`` is then relative to the page.
    """

    name: str
    up: str
    title: str
    description: str
    address: str
    picture: str
    shows: str


def setup(app: Sphinx) -> None:
    """Register the licence of the text, and the writing of each page's head."""
    app.add_config_value("book_licence", "", "html", [str])
    app.connect("html-page-context", _add_to_page, priority=600)


def front(app: Sphinx, name: str) -> str:
    """Write the head of a page that stands for the whole book.

    Parameters
    ----------
    app
        The running build.
    name
        The page, as a place in the site without its suffix.
    """
    tree = app.env.get_doctree(app.config.root_doc)
    page = _page(app, name, app.config.html_title, tree, "")
    return _head(app, page, [], _linked(app, page, linked_data.book(_chapters(app, page.up))))


def _add_to_page(app: Sphinx, name: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    title, stated = Markup(context.get("title", "")).striptags(), context.get("metatags", "")
    if tree is None:
        context["metatags"] = stated + render(
            "axis.book", "head-search.html", title=title, site=app.config.html_title
        )
        return
    page = _page(app, name, title, tree, context["body"])
    book = citation.read(Path(app.srcdir))
    is_chapter = bool(linked_data.objectives(tree))
    cited = citation.tags(title, book, page.address, app.config.language) if is_chapter else []
    # What docutils made of the header's description stands in the head already, with the rest.
    context["metatags"] = DESCRIPTION.sub("", stated) + _head(
        app, page, cited, _linked(app, page, _kind(app, page, tree))
    )
    if book and is_chapter:
        entry = citation.bibtex(PurePath(name).name, title, book, page.address)
        context["body"] = citation.add(context["body"], entry)


def _page(app: Sphinx, name: str, title: str, tree: nodes.document, body: str) -> Page:
    """Collect what a page says of itself, and paint its picture."""
    figure = preview.first_figure(body)
    place, up = preview.place(name, figure), "../" * name.count("/")
    said = describe(tree)
    below = title if figure else describe(app.env.get_doctree(app.config.root_doc))
    write_whole(Path(app.outdir) / place, preview.paint(below, app.config.html_title, figure))
    return Page(
        name=name,
        up=up,
        title=title,
        description=said or f"{title}: a page of {app.config.html_title}.",
        address=absolute(app, app.builder.get_target_uri(name)),
        picture=absolute(app, place) or up + place,
        shows=figure.spec["description"] if figure else app.config.html_title,
    )


def _head(app: Sphinx, page: Page, cited: list[tuple[str, str]], linked: Thing) -> str:
    data = json.dumps(linked, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    values: dict[str, Any] = {"width": preview.WIDTH, "height": preview.HEIGHT, "cited": cited, "linked": Markup(data)}
    return render("axis.book", "head.html", page=page, site=app.config.html_title, **values)


def _kind(app: Sphinx, page: Page, tree: nodes.document) -> Thing:
    """Tell what a page is beside a page."""
    if page.name == app.config.root_doc:
        return linked_data.book(_chapters(app, page.up))
    if linked_data.objectives(tree):
        notebook = f"notebooks/{PurePath(page.name).name}.ipynb"
        return linked_data.chapter(page.title, tree, absolute(app, notebook) or page.up + notebook)
    if any(SHARED in section["ids"] for section in tree.findall(nodes.section)):
        return linked_data.dataset(Path(app.srcdir) / "data", absolute(app, "data/") or f"{page.up}data/", ARCHIVE)
    return {"@type": "WebPage"}


def _chapters(app: Sphinx, up: str) -> list[Thing]:
    """Name the numbered chapters in their order."""
    titles = {name: app.env.titles[name].astext() for name in app.env.toctree_includes.get(app.config.root_doc, [])}
    uris = {name: app.builder.get_target_uri(name) for name in titles}
    return [
        {"@type": "Chapter", "name": title, "url": absolute(app, uris[name]) or up + uris[name]}
        for name, title in titles.items()
        if linked_data.NUMBER.match(title)
    ]


def _linked(app: Sphinx, page: Page, kind: Thing) -> Thing:
    """Add to what a page is what all pages of the book say."""
    book = citation.read(Path(app.srcdir))
    whole = {"@type": "Book", "name": app.config.html_title, "url": app.config.html_baseurl}
    shared = {
        "@context": "https://schema.org",
        "name": page.title,
        "description": page.description,
        "url": page.address,
        "image": page.picture,
        "inLanguage": app.config.language,
        "isAccessibleForFree": True,
        "license": app.config.book_licence,
        "creator": linked_data.authors(book),
        "datePublished": str(book.get("date-released", "")),
        "version": str(book.get("version", "")),
        "citation": linked_data.report(book.get("references", [])),
        "isPartOf": {} if "Book" in kind["@type"] else {key: value for key, value in whole.items() if value},
    }
    # What is not known is left out, not said to be empty.
    return {key: value for key, value in {**shared, **kind}.items() if value}
