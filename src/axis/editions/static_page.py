"""Turn an interactive page into one that can be printed: with pictures and lettered options, without buttons."""

from bs4 import Tag

from axis.editions.answer_section import separate_answers
from axis.editions.built_book import BookPage, InlineSvg
from axis.editions.markup import tag_from_html, wrap_in_tag

#: Elements that are of use only in a browser.
LEFT_OUT = (
    "script, noscript, button, input, .headerlink, .backrefs, .label, .book-figure .controls, .picture.narrow, "
    ".announcement, form.filters, a.csv, a.state, span.for-listeners, .toctree-wrapper, "
    ".chapter-cards .frame, .argument-tally .bar, .book-drawing, .book-work, .book-progress, .question-files"
)
FOLDED = "details.hide, details.numbers"
#: An element that unfolds, and needs no simpler form.
BIBTEX = "details.book-bibtex"
#: The fewest columns that do not fit a small reading device.
WIDE = 4
#: Attributes that mean nothing without the site's scripts and styles.
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
        Whether a reader can unfold parts of the page. If so, code, numbers and BibTeX entries stay, folded;
        otherwise they are left out. The window may then be narrow, too, so the cells of wide tables stand one below
        the other, each with its heading.
    """
    body = page.body
    if site:
        for figure in body.select(".book-figure:has(.controls)"):
            figure.append(_live_figure_link(page.name, str(figure["id"]), site))
    separate_answers(body)
    for sheet in body.select("form.book-forecasts"):
        claims = [tag_from_html("<li>{}</li>", label.get_text()) for label in sheet.select(".claim")]
        sheet.replace_with(wrap_in_tag("ol", claims, class_="claims"))
    for element in body.select(LEFT_OUT if folds else f"{LEFT_OUT}, {FOLDED}, {BIBTEX}"):
        element.decompose()
    for chart in body.select(".chart"):
        _describe_svg(chart)
    for fold in body.select(FOLDED):
        _simplify_fold(fold)
    for table in body.select("table") if folds else []:
        _stack_cells(table)
    for cell in body.select(".cell:not(:has(pre, figure, table))"):
        cell.decompose()
    for element in body.select("*"):
        _remove_site_attributes(element)
    _remove_duplicate_ids(body)


def _live_figure_link(name: str, figure: str, site: str) -> Tag:
    address = f"{site}chapters/{name}.html#{figure}"
    return tag_from_html('<p class="live">Compare for yourself: <a href="{}">{}</a></p>', address, address)


def _describe_svg(chart: Tag) -> None:
    """Put the description on the picture, since a browser that prints drops the one of the box around it."""
    picture = chart.find(string=lambda text: isinstance(text, InlineSvg))
    if isinstance(picture, InlineSvg):
        picture.replace_with(picture.with_description(str(chart["aria-label"])))
        chart.attrs = {"class": "chart"}


def _simplify_fold(fold: Tag) -> None:
    """Label what is folded in one line, and leave out the colours of code, which not every device can show."""
    code = fold.select("pre")
    for lines in code:
        lines.string = lines.get_text().strip("\n")
    content = code or fold.select("table")
    summary = tag_from_html("<summary>{}</summary>", "Code" if code else "Numbers")
    fold.replace_with(wrap_in_tag("details", [summary, *content], class_="code" if code else "numbers"))


def _stack_cells(table: Tag) -> None:
    """Mark a wide table, whose cells a narrow window shows one below the other, and put its heading into each."""
    headings = [" ".join(head.get_text().split()) for head in table.select("thead th")]
    if len(headings) < WIDE:
        return
    table["class"] = "stacked"
    for row in table.select("tbody tr"):
        for heading, cell in zip(headings, row.find_all(["th", "td"], recursive=False), strict=False):
            if cell.get_text().strip():
                cell.insert(0, tag_from_html('<span class="heading">{}: </span>', heading))
            else:
                cell["class"] = "empty"


def _remove_site_attributes(element: Tag) -> None:
    for name in [name for name in element.attrs if name in SITE_ATTRIBUTES or name.startswith("data-")]:
        del element[name]


def _remove_duplicate_ids(body: Tag) -> None:
    """Keep each id only where it occurs first: a figure may have the same id as the section around it."""
    taken: set[str] = set()
    for element in body.select("[id]"):
        name = str(element["id"])
        if name in taken:
            del element["id"]
        taken.add(name)
