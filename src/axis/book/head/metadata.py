"""Write the head of each page: what it says about itself for search, for previews and for citing.

sphinxext-opengraph was tried. It takes the line with the reading time for a chapter's description, writes a
relative ``og:url`` if no address is known, and draws a card with Matplotlib instead of showing the chart.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx

from axis.book import citation
from axis.book.directives.chapter_frame import page_facts
from axis.book.directives.data_dictionary import SHARED, data_archive_name
from axis.book.directives.listing import has_listing
from axis.book.head import linked_data, preview
from axis.book.head.linked_data import Thing
from axis.book.head.page_description import page_description
from axis.book.site_address import absolute_url
from axis.book_identity import read_citation_file
from axis.notebooks.chapter_error import ChapterError
from axis.notebooks.chapter_facts import ChapterFacts
from helpers.files import write_atomically
from helpers.templates import render

DESCRIPTION = re.compile(r'<meta[^<>]* name="description"[^<>]*>\n?')


@dataclass(frozen=True)
class PageMetadata:
    """What other sites show when they link to a page.

    ``up`` leads from the page to the root of the site. ``address`` is "" if it is unknown; ``picture`` is then
    relative to the page. ``shows`` describes the picture.
    """

    name: str
    up: str
    title: str
    description: str
    address: str
    picture: str
    shows: str


def setup(app: Sphinx) -> None:
    """Register the writing of each page's head."""
    app.connect("html-page-context", _add_page_head, priority=600)


def render_book_head(app: Sphinx, name: str) -> str:
    """Write the head of a page that stands for the whole book.

    Parameters
    ----------
    app
        The running build.
    name
        The page, as a place in the site without its suffix.
    """
    tree = app.env.get_doctree(app.config.root_doc)
    page = _collect_page_metadata(app, name, app.config.html_title, tree, "")
    return _render_head(
        app, page, [], _page_linked_data(app, page, linked_data.describe_book(_list_chapters(app, page.up)))
    )


def _add_page_head(app: Sphinx, name: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    title, stated = Markup(context.get("title", "")).striptags(), context.get("metatags", "")
    if tree is None:
        context["metatags"] = stated + render(
            "axis.book", "search-page-head.html", title=title, site=app.config.html_title
        )
        return
    page = _collect_page_metadata(app, name, title, tree, context["body"])
    book = read_citation_file(Path(app.srcdir))
    cited = citation.citation_meta_tags(title, book, page.address, app.config.language) if _facts(app, name) else []
    # docutils has written the description of the front matter already; here it is written with the rest.
    context["metatags"] = DESCRIPTION.sub("", stated) + _render_head(
        app, page, cited, _page_linked_data(app, page, _describe_page_type(app, page, tree))
    )


def _collect_page_metadata(app: Sphinx, name: str, title: str, tree: nodes.document, body: str) -> PageMetadata:
    """Collect what a page says about itself, and paint its picture."""
    figure = preview.first_figure(body)
    place, up = preview.preview_path(name, figure), "../" * name.count("/")
    said = page_description(tree)
    if figure:
        image = preview.render_preview_image(title, app.config.html_title, figure)
    else:
        below = page_description(app.env.get_doctree(app.config.root_doc))
        image = preview.render_book_image(below, app.config.html_title)
    write_atomically(Path(app.outdir) / place, image)
    return PageMetadata(
        name=name,
        up=up,
        title=title,
        description=said or f"{title}: a page of {app.config.html_title}.",
        address=absolute_url(app, app.builder.get_target_uri(name)),
        picture=absolute_url(app, place) or up + place,
        shows=figure.spec["description"] if figure else app.config.html_title,
    )


def _render_head(app: Sphinx, page: PageMetadata, cited: list[tuple[str, str]], linked: Thing) -> str:
    data = json.dumps(linked, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    values: dict[str, Any] = {"width": preview.WIDTH, "height": preview.HEIGHT, "cited": cited, "linked": Markup(data)}
    return render("axis.book", "page-head.html", page=page, site=app.config.html_title, **values)


def _describe_page_type(app: Sphinx, page: PageMetadata, tree: nodes.document) -> Thing:
    """Describe a page as what it is: the book, a chapter, a data set, or just a page."""
    if page.name == app.config.root_doc:
        return linked_data.describe_book(_list_chapters(app, page.up))
    facts = _facts(app, page.name)
    if facts:
        notebook = f"notebooks/{PurePath(page.name).name}.ipynb"
        return linked_data.describe_chapter(page.title, facts, absolute_url(app, notebook) or page.up + notebook)
    if any(SHARED in section["ids"] for section in tree.findall(nodes.section)):
        return linked_data.describe_dataset(
            Path(app.srcdir) / "data", absolute_url(app, "data/") or f"{page.up}data/", data_archive_name(app)
        )
    if has_listing(tree, "audit"):
        return _describe_findings_page(app, page)
    return {"@type": "WebPage"}


def _describe_findings_page(app: Sphinx, page: PageMetadata) -> Thing:
    """Describe the list of findings as a page with reviews of claims."""
    (report, *_) = linked_data.describe_reports(read_citation_file(Path(app.srcdir)).get("references", []))
    author = {"@type": "Organization", "name": app.config.html_title, "url": app.config.html_baseurl}
    address = page.address or f"{PurePath(page.name).name}.html"
    known = {key: value for key, value in author.items() if value}
    return {"@type": "WebPage", "hasPart": linked_data.describe_claim_reviews(address, known, report)}


def _facts(app: Sphinx, name: str) -> ChapterFacts | None:
    """Return what a page states about itself, if it is a chapter without a fault."""
    try:
        return page_facts(app, name)
    except ChapterError:  # its directive has named the fault
        return None


def _list_chapters(app: Sphinx, up: str) -> list[Thing]:
    """List the chapters in their order."""
    chapters = [name for name in app.env.toctree_includes.get(app.config.root_doc, []) if _facts(app, name)]
    uris = {name: app.builder.get_target_uri(name) for name in chapters}
    return [
        {"@type": "Chapter", "name": app.env.titles[name].astext(), "url": absolute_url(app, uri) or up + uri}
        for name, uri in uris.items()
    ]


def _page_linked_data(app: Sphinx, page: PageMetadata, kind: Thing) -> Thing:
    """Add what all pages of the book say to the description of one."""
    book = read_citation_file(Path(app.srcdir))
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
        "creator": linked_data.describe_authors(book),
        "datePublished": str(book.get("date-released", "")),
        "version": str(book.get("version", "")),
        "citation": linked_data.describe_reports(book.get("references", [])),
        "isPartOf": {} if "Book" in kind["@type"] else {key: value for key, value in whole.items() if value},
    }
    # What is not known is left out instead of being given as empty.
    return {key: value for key, value in {**shared, **kind}.items() if value}
