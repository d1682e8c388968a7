"""Turn a page that moves into one that can be printed: pictures, letters for options, no buttons."""

from bs4 import Tag

from axis.editions.answer_section import separate_answers
from axis.editions.built_book import BookPage, InlineSvg
from axis.editions.markup import tag_from_html, wrap_in_tag

#: What only a page in a browser can use.
LEFT_OUT = (
    "script, noscript, button, input, .headerlink, .backrefs, .label, .book-figure .controls, .picture.narrow, "
    ".announcement, form.filters, a.csv, a.state, span.for-listeners, .toctree-wrapper"
)
FOLDED = "details.hide, details.numbers"
#: What the reader can unfold, that needs no simpler form.
BIBTEX = "details.book-bibtex"
#: Attributes that mean something to the site's scripts and styles, and nothing without them.
SITE_ATTRIBUTES = ("title", "tabindex", "hidden", "aria-labelledby", "aria-live", "valign")


def make_page_static(page: BookPage, site: str, *, folds: bool) -> None:
    """Change the text of a page into what paper or a reading device can show.

    Parameters
    ----------
    page
        The page, whose body changes.
    site
        The public address of the book, or empty.
    folds
        Whether the reader can unfold: code, numbers and entries for BibTeX then stay, folded. Else they
        are left out.
    """
    body = page.body
    for figure in body.select(".book-figure:has(.controls)"):
        figure.append(_live_figure_link(page.name, str(figure["id"]), site))
    separate_answers(body)
    for sheet in body.select("form.book-forecasts"):
        claims = [tag_from_html("<li>{}</li>", label.get_text()) for label in sheet.select("label")]
        sheet.replace_with(wrap_in_tag("ol", claims, class_="claims"))
    for element in body.select(LEFT_OUT if folds else f"{LEFT_OUT}, {FOLDED}, {BIBTEX}"):
        element.decompose()
    for chart in body.select(".chart"):
        _describe_svg(chart)
    for fold in body.select(FOLDED):
        _simplify_fold(fold)
    for cell in body.select(".cell:not(:has(pre, figure, table))"):
        cell.decompose()
    for element in body.select("*"):
        _remove_site_attributes(element)
    _remove_duplicate_ids(body)


def _live_figure_link(name: str, figure: str, site: str) -> Tag:
    place = f"chapters/{name}.html#{figure}"
    if site:
        return tag_from_html(
            '<p class="live">Compare for yourself: <a href="{}">{}</a></p>', site + place, site + place
        )
    return tag_from_html('<p class="live">Compare for yourself in the published book: {}</p>', place)


def _describe_svg(chart: Tag) -> None:
    """Put the description on the picture: a browser that prints gives none to the box around it."""
    picture = chart.find(string=lambda text: isinstance(text, InlineSvg))
    if isinstance(picture, InlineSvg):
        picture.replace_with(picture.with_description(str(chart["aria-label"])))
        chart.attrs = {"class": "chart"}


def _simplify_fold(fold: Tag) -> None:
    """Say in one line what is folded; code without colours, which not every device can show."""
    code = fold.select("pre")
    for lines in code:
        lines.string = lines.get_text().strip("\n")
    content = code or fold.select("table")
    summary = tag_from_html("<summary>{}</summary>", "Code" if code else "Numbers")
    fold.replace_with(wrap_in_tag("details", [summary, *content], class_="code" if code else "numbers"))


def _remove_site_attributes(element: Tag) -> None:
    for name in [name for name in element.attrs if name in SITE_ATTRIBUTES or name.startswith("data-")]:
        del element[name]


def _remove_duplicate_ids(body: Tag) -> None:
    """Leave each name to its first place: a figure may be called as the section around it."""
    taken: set[str] = set()
    for element in body.select("[id]"):
        name = str(element["id"])
        if name in taken:
            del element["id"]
        taken.add(name)
