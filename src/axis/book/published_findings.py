"""The findings of the audit for machines, and the sheet on which a class audits ten of them.

``findings/findings.json`` holds each finding with its result, its sources and its record; ``findings.schema.json``
beside it says what each member means, as a JSON Schema.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from sphinx.application import Sphinx

import helpers
from axis.book.checksums import files_checksum, make_if_changed
from axis.book.directives.listing import has_listing
from axis.book.head.linked_data import describe_reports
from axis.book.site_address import absolute_url
from axis.book_identity import read_citation_file
from helpers.audit import parse_arguments, recompute_all_findings
from helpers.audit.agreement import audit_sheet
from helpers.audit.record import finding_state, leaning_sentence
from helpers.files import write_atomically
from helpers.tables import load

FOLDER = "findings"
FINDINGS, SCHEMA, SHEET = "findings.json", "findings.schema.json", "audit-sheet.csv"

#: Columns of the table `audit` that are published under their own names.
PLAIN = ("section", "printed", "kind", "criterion", "verdict", "confidence", "weight", "checked")


def setup(app: Sphinx) -> None:
    """Register the writing of the files."""
    app.connect("build-finished", _write_findings, priority=700)


def describe_findings(book: dict[str, str], report: dict[str, Any], page: str) -> dict[str, Any]:
    """Describe all findings, those that were withdrawn among them.

    Parameters
    ----------
    book
        The ``name``, the ``url`` and the ``license`` of the book.
    report
        The report that the findings are about, in the terms of schema.org.
    page
        The address of the list of findings.
    """
    return {
        "$schema": SCHEMA,
        "book": book,
        "report": report,
        "leaning": leaning_sentence(),
        "findings": [_describe_finding(row, page) for _, row in recompute_all_findings().iterrows()],
        "withdrawn": [
            {"id": row["id"], "url": f"{page}#{row['id']}", "status": "withdrawn"}
            | {name: row[name] for name in ("section", "printed", "entered", "withdrawn", "reason")}
            for _, row in load("audit_withdrawn").query("included_in == ''").iterrows()
        ],
    }


def _describe_finding(row: pd.Series, page: str) -> dict[str, Any]:
    source = {name: row[column] for name, column in _renamed("source_title", "publisher", "address", "source_date")}
    reply = {name: row[column] for name, column in _renamed(*(f"reply{end}" for end in REPLY_ENDS))}
    opinion = {"outcome": row["second_opinion"], "by": row["second_opinion_by"]}
    return {
        "id": row["id"],
        "url": f"{page}#{row['id']}",
        "status": finding_state(row),
        **{name: row[name] for name in PLAIN},
        "statements": row["statements"].split("; "),
        "question": row["test"],
        "cause": row["nature"],
        "move": row["check"],
        "arguments": parse_arguments(row["arguments"]),
        "result": row["sentence"],
        "likely": row["likely"],
        "leans": row["leans"],
        "sources": [source] if row["address"] else [],
        "reply": reply if row["reply"] else None,
        "second_opinion": opinion if row["second_opinion"] else None,
    }


#: How the columns of a reply end; the first has its text.
REPLY_ENDS = ("", "_stance", "_by", "_date", "_address")

#: How some columns are called in the published file.
NAMES = {
    **{"source_title": "title", "address": "url", "source_date": "date"},
    **{"reply": "text", "reply_stance": "stance", "reply_by": "by", "reply_date": "date", "reply_address": "url"},
}


def _renamed(*columns: str) -> list[tuple[str, str]]:
    return [(NAMES.get(column, column), column) for column in columns]


def _write_findings(app: Sphinx, exception: Exception | None) -> None:
    page = _findings_page(app) if exception is None and app.builder.format == "html" else ""
    if not page:
        return
    target, root = Path(app.outdir) / FOLDER, Path(app.srcdir)
    schema = Path(__file__).parent / "templates" / SCHEMA
    uri = app.builder.get_target_uri(page)
    book = {"name": app.config.html_title, "url": app.config.html_baseurl, "license": app.config.book_licence}
    made_of = [root / "data", Path(helpers.__file__).parent / "audit", schema, root / "CITATION.cff"]

    def write() -> Iterable[Path]:
        (report, *_) = describe_reports(read_citation_file(root)["references"])
        described = describe_findings(book, report, absolute_url(app, uri) or f"../{uri}")
        text = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
        yield write_atomically(target / FINDINGS, text)
        yield write_atomically(target / SCHEMA, schema.read_bytes())
        # Excel takes a file for UTF-8 only if it begins with a mark.
        yield write_atomically(target / SHEET, audit_sheet().to_csv(index=False, encoding="utf-8").encode("utf-8-sig"))

    own = files_checksum(Path(__file__))
    make_if_changed(app, target, made_of, (book, own), write)


def _findings_page(app: Sphinx) -> str:
    """Return the page that lists the findings, or "" if this book has none."""
    pages = [name for name in app.env.found_docs if Path(name).name == "findings"]
    return next((name for name in sorted(pages) if has_listing(app.env.get_doctree(name), "audit")), "")
