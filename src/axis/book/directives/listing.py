"""The directive `listing`: one of the book's tables as a list that a reader can search and filter.

It is a plain HTML table, complete without JavaScript; a script adds the search.
"""

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from docutils import nodes
from markupsafe import Markup, escape
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from helpers.audit import recompute_all_findings
from helpers.audit.record import (
    WITHDRAWN,
    checking_sentence,
    day_words,
    finding_state,
    finding_status,
    leaning_sentence,
)
from helpers.audit.verdicts import later_figures
from helpers.figures.spec import UNNUMBERED_SECTIONS
from helpers.tables import load, load_statements, title_and_description
from helpers.templates import render

#: Marks the keys of works in a cell, until the directive turns them into citations.
CITED = "\x1e"


@dataclass(frozen=True)
class ListingRow:
    """One line of a listing: its anchor, its cells, what the filters compare, and what else leads to it."""

    anchor: str
    cells: list[str]
    facets: dict[str, list[str]] = field(default_factory=dict)
    former_anchors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ListingTable:
    """A listing: its caption, its headings, its rows, and a sentence to stand above them."""

    caption: str
    headings: list[str]
    rows: list[ListingRow]
    note: str = ""

    @property
    def facets(self) -> dict[str, list[str]]:
        """Each filter with the values that it offers, in the order in which a reader looks for them."""
        names = list(self.rows[0].facets)
        found = {name: {value for row in self.rows for value in row.facets[name]} for name in names}
        return {name: sorted(values, key=_facet_sort_key) for name, values in found.items()}


def format_quantity(row: pd.Series) -> str:
    """Write a statement's figure with its qualifier, its range and its unit."""
    value = f"{row['value']:,.10g}"
    if pd.notna(row["value_high"]):
        value += f" to {row['value_high']:,.10g}"
    qualifier = "" if row["qualifier"] == "exact" else f"{row['qualifier']} "
    return f"{qualifier}{value} {row['unit']}"


def list_statements(folder: Path) -> ListingTable:
    """List every quantitative statement of the report."""
    chapters = _chapter_by_section(folder)
    rows = [
        ListingRow(
            anchor=f"statement-{row['id']}",
            cells=[
                row["id"],
                _join_parties(row["entity"], row["counterpart"]),
                row["measure"],
                format_quantity(row),
                row["period"],
                _location_links(row, chapters),
                row["doubt"],
            ],
            facets={
                "Section": [_section_label(row["section"])],
                "Precision": [row["qualifier"]],
                "Unit": [row["unit"]],
                "Doubt": ["with a doubt" if row["doubt"] else "without a doubt"],
            },
        )
        for _, row in load_statements(folder).iterrows()
    ]
    headings = ["Number", "Who", "What", "Figure", "Period", "Section and notes", "Doubt"]
    return ListingTable("Every quantitative statement of the report", headings, rows)


def list_events(folder: Path) -> ListingTable:
    """List every dated event of the report in the order of the dates."""
    chapters = _chapter_by_section(folder)
    rows = [
        ListingRow(
            anchor=f"event-{row['id']}",
            cells=[row["date"], row["event"], row["actors"], row["kind"], _location_links(row, chapters), row["doubt"]],
            facets={
                "Section": [_section_label(row["section"])],
                "Actor": row["actors"].split("; "),
                "Kind": [row["kind"]],
            },
        )
        for _, row in load("events", folder).sort_values("date", kind="stable").iterrows()
    ]
    headings = ["Date", "Event", "Actors", "Kind", "Section and notes", "Doubt"]
    return ListingTable("Every dated event of the report", headings, rows)


def list_notes(folder: Path) -> ListingTable:
    """List the report's notes with the works that each leads to."""
    chapters = _chapter_by_section(folder)
    rows = [
        ListingRow(
            anchor=f"note-{row['note']}",
            cells=[
                str(row["note"]),
                row["kind"],
                f"{CITED}{row['keys'].replace('; ', ',')}{CITED}" if row["keys"] else "",
                row["remark"],
                _chapter_link(row["section"], chapters),
            ],
            facets={"Section": [_section_label(row["section"])], "Kind": [row["kind"]]},
        )
        for _, row in load("notes", folder).iterrows()
    ]
    return ListingTable("Every note of the report", ["Note", "Kind", "Works", "Remark", "Section"], rows)


def list_findings(folder: Path) -> ListingTable:
    """List every finding of the audit, with what its test computes."""
    chapters, statements = _chapter_by_section(folder), set(load_statements()["id"])
    joined = load("audit_withdrawn", folder).groupby("included_in")["id"].agg(list).to_dict()
    rows = [
        ListingRow(
            anchor=row["id"],
            cells=[
                row["id"],
                row["printed"],
                f"{row['kind']}, {row['nature']}" if row["verdict"] == "fails" else row["kind"],
                row["test"],
                row["sentence"],
                _finding_record(row),
                row["likely"],
                f"{row['confidence']}; changes {row['weight']}",
                Markup(", ").join(
                    [_chapter_link(row["section"], chapters), *_finding_subject_links(row["statements"], statements)]
                ),
                _finding_source_link(row),
            ],
            facets={
                "Section": [_section_label(row["section"])],
                "Kind": [row["kind"]],
                "Cause": [row["nature"]],
                "Confidence": [row["confidence"]],
                "Weight": [row["weight"]],
                "Status": [finding_state(row)],
            },
            former_anchors=joined.get(row["id"], []),
        )
        for _, row in recompute_all_findings().iterrows()
    ]
    rows = sorted([*rows, *_withdrawn_findings(folder, chapters)], key=lambda row: int(row.anchor.removeprefix("A")))
    headings = [
        "Number",
        "Printed",
        "Kind",
        "Test",
        "Result",
        "Status",
        "Likely meant",
        "Sure",
        "Section and rows",
        "Outside source",
    ]
    return ListingTable("Every finding of the audit", headings, rows, leaning_sentence())


def _withdrawn_findings(folder: Path, chapters: dict[str, str]) -> list[ListingRow]:
    """Keep the place of each finding that was withdrawn, with the reason."""
    rows = []
    for _, row in load("audit_withdrawn", folder).query("included_in == ''").iterrows():
        status = f"Withdrawn {day_words(row['withdrawn'])}."
        link = _chapter_link(row["section"], chapters)
        cells = [row["id"], row["printed"], "", "", row["reason"], status, "", "", link, ""]
        facets = {"Section": [_section_label(row["section"])], "Status": [WITHDRAWN]}
        facets |= {name: [] for name in ("Kind", "Cause", "Confidence", "Weight")}
        rows.append(ListingRow(row["id"], cells, facets))
    return rows


def _finding_record(row: pd.Series) -> Markup:
    """Say what has become of a finding, with the reply in full."""
    status = Markup(escape(finding_status(row)))
    if row["reply"]:
        link = Markup(' <a href="{}">{}</a>').format(row["reply_address"], "The reply in full")
        status += Markup(" <q>{}</q>{}").format(row["reply"], link)
    return status


def list_corrections(folder: Path) -> ListingTable:
    """List what the book had wrong, the newest first."""
    labels = _page_labels(folder)
    rows = [
        ListingRow(
            anchor=row["id"],
            cells=[
                row["id"],
                row["wrong"],
                row["right"],
                day_words(row["since"], row["corrected"]),
                Markup(", ").join(_page_link(name, labels) for name in row["pages"].split("; ")),
                Markup(", ").join(_finding_link(name) for name in filter(None, row["findings"].split("; "))),
                row["affects"],
            ],
            facets={
                "Page": [labels.get(name, name) for name in row["pages"].split("; ")],
                "Touches": ["exercises or questions" if row["affects"] else "the text alone"],
            },
        )
        for _, row in load("corrections", folder).sort_values("corrected", ascending=False, kind="stable").iterrows()
    ]
    headings = ["Number", "What was wrong", "What is right", "Wrong from and to", "Page", "Findings", "Touches"]
    return ListingTable("Every correction of the book", headings, rows)


def _page_labels(folder: Path) -> dict[str, str]:
    """Return how a page is named in a list: by its section, or by the beginning of its file's name."""
    chapters = {name: _section_label(section) for section, name in _chapter_by_section(folder).items()}
    return {**chapters, "6-audit": "6", "7-after-2021": "7", "findings": "list of findings"}


def _page_link(name: str, labels: dict[str, str]) -> Markup:
    return Markup('<a href="{}.html">{}</a>').format(name, labels.get(name, name))


def _finding_link(name: str) -> Markup:
    return Markup('<a href="findings.html#{}">{}</a>').format(name, name)


def list_verdicts(folder: Path) -> ListingTable:
    """List what became of each claim, with the rule and with what was already in print in 2021."""
    chapters = _chapter_by_section(folder)
    rows = [
        ListingRow(
            anchor=f"verdict-{row['id']}",
            cells=[
                row["label"],
                Markup("{} ({})").format(row["claim"], _chapter_link(row["section"], chapters)),
                row["verdict"],
                row["reason"],
                row["criterion"],
                row["foresight"],
                row["knowable"],
                row["data_end"],
            ],
            facets={
                "Verdict": [row["verdict"]],
                "Foresight": [row["foresight"]],
                "Section": [_section_label(row["section"])],
            },
        )
        for _, row in load("later_verdicts", folder).iterrows()
    ]
    headings = ["Claim", "In the report", "Verdict", "Reason", "Rule", "Foresight", "In print in 2021", "Figures end"]
    return ListingTable("What became of each claim", headings, rows)


def list_later_figures(folder: Path) -> ListingTable:
    """List every figure from after 2021 with its source, and the figures of the report that it continues."""
    rows = [
        ListingRow(
            anchor=f"later-{row['id']}",
            cells=[
                row["id"],
                row["series"],
                row["period"],
                format_quantity(row),
                row["basis"],
                _figure_source_link(row),
                row["note"],
            ],
            facets={
                "Field": [title_and_description(row["table"], folder)[0].removeprefix("After 2021: ")],
                "Series": [row["series"]],
                "Stage": [row["stage"]],
            },
        )
        for _, row in later_figures(folder).assign(value_high=float("nan")).iterrows()
    ]
    headings = ["Number", "Series", "Period", "Figure", "Whose count", "Source", "Note"]
    return ListingTable("Every figure from after 2021", headings, rows, checking_sentence(folder))


LISTINGS: dict[str, Callable[[Path], ListingTable]] = {
    "statements": list_statements,
    "events": list_events,
    "notes": list_notes,
    "audit": list_findings,
    "verdicts": list_verdicts,
    "later": list_later_figures,
    "corrections": list_corrections,
}


class ListingDirective(SphinxDirective):
    """``{listing} statements``: the list of that name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write the table, with its filters."""
        name = self.arguments[0]
        if name not in LISTINGS:
            raise self.error(f'There is no listing "{name}": choose one of {", ".join(LISTINGS)}.')
        table = LISTINGS[name](Path(self.env.srcdir) / "data")
        html = render("axis.book", "listing-table.html", name=name, table=table)
        anchors = [name for row in table.rows for name in (row.anchor, *row.former_anchors)]
        places = nodes.raw("", "", format="html", anchors=anchors, listing=name)
        return [places, *self._insert_citations(html.split(CITED))]

    def _insert_citations(self, parts: list[str]) -> Iterator[nodes.Node]:
        """Turn every second part, which holds the keys of works, into citations."""
        for index, part in enumerate(parts):
            if index % 2:
                cited, _ = self.state.inline_text(f"{{cite:t}}`{part}`", self.lineno)
                yield from cited
            else:
                yield nodes.raw("", part, format="html")


def has_listing(tree: nodes.document, name: str) -> bool:
    """Whether a page has the listing of this name."""
    return any(node.get("listing") == name for node in tree.findall(nodes.raw))


def setup(app: Sphinx) -> None:
    """Register the directive, and make its rows places that chapters can link to."""
    app.add_directive("listing", ListingDirective)
    app.connect("doctree-read", _register_row_anchors)


def _register_row_anchors(app: Sphinx, doctree: nodes.document) -> None:
    """Let chapters link to a row, as in ``findings.md#A07``; a link to a row that does not exist fails the build."""
    places = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for node in doctree.findall(nodes.raw):
        anchors: list[str] = node.get("anchors", [])
        places.update({anchor: (0, anchor, anchor) for anchor in anchors})


def _facet_sort_key(value: str) -> tuple[str, ...]:
    return tuple(re.split(r"[.\s]", value.casefold()))


def _chapter_by_section(folder: Path) -> dict[str, str]:
    sections = load("sections", folder)
    return dict(zip(sections["section"], sections["chapter"], strict=True))


def _join_parties(entity: str, counterpart: str) -> str:
    return f"{entity}; {counterpart}" if counterpart else entity


def _location_links(row: pd.Series, chapters: dict[str, str]) -> Markup:
    """Link to the chapter of a row's section, and to its notes."""
    return Markup(", ").join([_chapter_link(row["section"], chapters), *_note_links(row["notes"])])


def _figure_source_link(row: pd.Series) -> Markup:
    """Link to the source of a figure, with its publisher and its date."""
    link = Markup('<a href="{}">{}</a>').format(row["address"], row["source_title"])
    return Markup("{}, {}, {}").format(link, row["publisher"], row["source_date"])


def _note_links(notes: str) -> Iterator[Markup]:
    for note in filter(None, notes.split("; ")):
        yield Markup(f'<a href="bibliography.html#note-{escape(note)}">note {escape(note)}</a>')


def _finding_subject_links(identifiers: str, statements: Set[str]) -> Iterator[Markup]:
    """Link to the rows that a finding is about, in the lists that have an anchor for each."""
    for name in identifiers.split("; "):
        page = "statements.html#statement-" if name in statements else ""
        page = page or ("timeline.html#event-" if "-e" in name else "")
        if name.startswith("note-"):
            yield Markup('<a href="bibliography.html#{}">{}</a>').format(name, name.replace("-", " "))
        else:
            yield Markup('<a href="{}{}">{}</a>').format(page, name, name) if page else escape(name)


def _finding_source_link(row: pd.Series) -> Markup:
    if not row["address"]:
        return Markup("")
    date = f" ({row['source_date']})" if row["source_date"] else ""
    return Markup('<a href="{}">{}</a>, {}{}').format(row["address"], row["source_title"], row["publisher"], date)


def _chapter_link(section: str, chapters: dict[str, str]) -> Markup:
    return Markup('<a href="{}.html">{}</a>').format(chapters[section], _section_label(section))


def _section_label(section: str) -> str:
    return UNNUMBERED_SECTIONS[section][0] if section in UNNUMBERED_SECTIONS else section
