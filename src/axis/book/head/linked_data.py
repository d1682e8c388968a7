"""Describe to search engines, in the terms of schema.org, what a page is: a chapter, the tables, the book.

Addresses are absolute if the book's own is known, and otherwise relative to the page, as JSON-LD allows.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from axis.notebooks.chapter_facts import ChapterFacts
from helpers.audit import recompute_all_findings
from helpers.audit.record import DISPUTED, WEIGHTY, finding_state
from helpers.tables import column_descriptions, data_package, load, table_names, title_and_description

Thing = dict[str, Any]

#: The number at the start of a chapter's title.
NUMBER = re.compile(r"(\d+(?:\.\d+)?) ")
YEAR = re.compile(r"\b\d{4}\b")
#: The columns of a table that hold dates in ISO 8601.
DATED = {"date", "period"}
#: The scale of the reviews of claims, by the verdict and whether the sentence is only ambiguous. The page on method
#: explains it to readers.
RATINGS = {
    ("holds", False): (3, "Meets our test"),
    ("fails", True): (2, "Unclear as printed"),
    ("fails", False): (1, "Does not meet our test"),
}


def describe_chapter(name: str, facts: ChapterFacts, notebook: str) -> Thing:
    """Describe a chapter as something to learn from.

    Parameters
    ----------
    name
        Its title.
    facts
        What its front matter states.
    notebook
        The address of the same chapter as a notebook.
    """
    number = NUMBER.match(name)
    download = {"@type": "MediaObject", "encodingFormat": "application/x-ipynb+json", "contentUrl": notebook}
    return {
        "@type": ["LearningResource", "Chapter"],
        "learningResourceType": "interactive chapter",
        "teaches": facts.plain_objectives,
        "competencyRequired": facts.plain_prerequisites,
        "timeRequired": f"PT{facts.minutes}M",
        "encoding": download,
        **({"position": number.group(1)} if number else {}),
    }


def describe_book(chapters: Iterable[Thing]) -> Thing:
    """Describe the first page as the book, with its chapters."""
    return {
        "@type": ["Book", "LearningResource"],
        "learningResourceType": "interactive book",
        "hasPart": list(chapters),
    }


def describe_dataset(folder: Path, address: str, archive: str) -> Thing:
    """Describe the data package and each file of it.

    Parameters
    ----------
    folder
        The folder that holds ``datapackage.json``.
    address
        Where its files lie, with a slash at the end.
    archive
        The name of the file that holds all of them.
    """
    described = data_package(folder)
    tables = [
        _describe_download(f"{address}{name}.csv", title_and_description(name, folder)[0], "text/csv")
        for name in table_names(folder)
    ]
    return {
        "@type": "Dataset",
        "alternateName": described["title"],
        "license": described["licenses"][0]["path"],
        "isBasedOn": [source["path"] for source in described["sources"]],
        "temporalCoverage": _temporal_coverage(folder),
        "distribution": [
            _describe_download(address + archive, "All tables in one archive", "application/zip"),
            *tables,
        ],
    }


def describe_reports(works: Iterable[Thing]) -> list[Thing]:
    """Describe the works that the book discusses, from the ``references`` of ``CITATION.cff``."""
    return [
        {
            "@type": "Report",
            "name": work["title"],
            "author": describe_authors(work),
            "publisher": {"@type": "Organization", "name": work["institution"]["name"]},
            "datePublished": str(work["date-published"]),
            "url": work["url"],
        }
        for work in works
    ]


def describe_claim_reviews(page: str, author: Thing, report: Thing) -> list[Thing]:
    """Describe the findings that matter most as reviews of claims, as fact checkers publish them.

    Only findings that bear on a step of the argument are described, if we are not unsure of them and nobody disputes
    them: a search engine shows such a review without its context.

    Parameters
    ----------
    page
        The address of the list of findings.
    author
        Who made the findings.
    report
        The report that makes the claims, as `describe_reports` describes it.
    """
    table = recompute_all_findings()
    fit = table[(table["weight"] == WEIGHTY) & (table["confidence"] != "low")]
    return [
        _describe_claim_review(finding, page, author, report)
        for _, finding in fit.iterrows()
        if finding_state(finding) != DISPUTED
    ]


def _describe_claim_review(finding: pd.Series, page: str, author: Thing, report: Thing) -> Thing:
    value, name = RATINGS[finding["verdict"], finding["nature"] == "ambiguity"]
    values = [value for value, _ in RATINGS.values()]
    claimants = [{**one, "name": f"{one['givenName']} {one['familyName']}"} for one in report["author"]]
    claim = {"@type": "Claim", "author": claimants, "datePublished": report["datePublished"], "appearance": report}
    rating = {"ratingValue": value, "bestRating": max(values), "worstRating": min(values), "alternateName": name}
    explanation = " ".join(filter(None, [finding["sentence"], finding["likely"]]))
    return {
        "@type": "ClaimReview",
        "url": f"{page}#{finding['id']}",
        "name": f"Finding {finding['id']}",
        "claimReviewed": finding["printed"],
        "itemReviewed": claim,
        "reviewRating": {"@type": "Rating", **rating, "ratingExplanation": explanation},
        "author": author,
        "datePublished": finding["checked"],
    }


def describe_authors(work: Thing) -> list[Thing]:
    """Describe the authors of a work of ``CITATION.cff``: persons have two names, organisations one."""
    return [
        {"@type": "Organization", "name": author["name"]}
        if "name" in author
        else {"@type": "Person", "givenName": author["given-names"], "familyName": author["family-names"]}
        for author in work.get("authors", [])
    ]


def _describe_download(address: str, name: str, kind: str) -> Thing:
    return {"@type": "DataDownload", "name": name, "encodingFormat": kind, "contentUrl": address}


def _temporal_coverage(folder: Path) -> str:
    """Return the first and the last year that the dates of all tables name."""
    years = list(_years_in_tables(folder))
    return f"{min(years)}/{max(years)}"


def _years_in_tables(folder: Path) -> Iterator[str]:
    for name in table_names(folder):
        for column in DATED & set(column_descriptions(name, folder)["name"]):
            for value in load(name, folder)[column]:
                yield from YEAR.findall(str(value))
