"""What a reader can do about a finding: see its record, object, read what was corrected, audit it anew."""

import csv
import json
import math
import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup
from click.testing import CliRunner

from axis.book.directives import audit_pages, listing
from axis.book.head import linked_data
from axis.book.published_findings import describe_findings
from axis.cli import main
from helpers import load
from helpers.audit import recompute_all_findings, record, wording
from helpers.audit.agreement import (
    CHOICES,
    SHEET_FINDINGS,
    SheetError,
    agreement,
    agreement_lines,
    audit_sheet,
    cohens_kappa,
    our_sheet,
    read_sheet,
)
from helpers.tables import data_folder, data_package, last_checked, table_names

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "src/axis/book/templates/findings.schema.json").read_text(encoding="utf-8"))
REPORT = {
    "@type": "Report",
    "name": "Axis of collusion: The fragile Putin-Xi partnership",
    "author": [{"@type": "Person", "givenName": "Harley", "familyName": "Balzer"}],
    "datePublished": "2021-12-21",
    "url": "https://www.atlanticcouncil.org/report/",
}
AUDIT = load("audit")
FINDINGS = recompute_all_findings().set_index("id", drop=False)


def finding(name: str) -> pd.Series:
    row = FINDINGS.loc[name]
    assert isinstance(row, pd.Series), "two findings have one number"
    return row


def text(page: str) -> str:
    return (ROOT / f"chapters/{page}.md").read_text(encoding="utf-8")


# Results in words


@pytest.mark.parametrize("name", AUDIT["id"])
def test_a_result_is_a_sentence_that_ends_with_the_verdict(name: str) -> None:
    sentence = finding(name)["sentence"]
    assert re.fullmatch(r"[A-Z\d(“−].{8,}, so it (holds|fails)\.", sentence)
    assert sentence.endswith(f"{finding(name)['verdict']}.")
    # No id of a table, no sign of a programming language, no key of the bibliography, no date in ISO 8601.
    assert not re.search(
        r"\d-[a-z]?\d\d\b|\b[fnp]\d\d+\b|[*/_=]{2}| [*/-] |\d{4}-\d\d|[a-z]\d{4}[a-z]|\binf\b|nan", sentence
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("A34", "2.28 ÷ 0.48 = 4.75 and 250 ÷ 100 = 2.5 do not agree, even if both were rounded, so it fails."),
        ("A27", "143 is below 150.2, so it holds."),
        ("A69", "12 × 1,000 ÷ 1.75 = 6,857, and the known rates run from 6.2 to 7, so it fails."),
        ("A20", "2013 is later than 2010, so it holds."),
        (
            "A51",
            "One says Badmaeva (2018), 116, “term limits”, "
            "the other Turitsyn (2021), 117, “environmental activism”, so it fails.",
        ),
        ("A58", "Both figures are 51, but one says “Chinese”, the other “not asked”, so it fails."),
        ("A97", "April 2021 and 22 to 23 March 2021 do not overlap, so it fails."),
        ("A106", "Both are 4.1, so it holds."),
    ],
)
def test_a_result_reads_as_one_would_say_it(name: str, sentence: str) -> None:
    assert finding(name)["sentence"] == sentence


@pytest.mark.parametrize(
    ("first", "second", "holds", "words"),
    [
        ("3", "5", True, "3 is below 5"),
        ("5", "5", True, "5 is not above 5"),
        ("7", "5", False, "7 is above 5"),
        ("7", "5", True, "7 is above, but need not be above, once rounding is allowed for, 5"),
        ("4", "5", False, "4 may be above, once rounding is allowed for, 5"),
    ],
)
def test_a_comparison_says_whether_rounding_decides_it(first: str, second: str, holds: bool, words: str) -> None:
    assert wording.order_words(first, second, holds) == words


def test_the_formula_in_a_sentence_gives_the_number_beside_it() -> None:
    found = 0
    for sentence in FINDINGS["sentence"]:
        for formula, result in re.findall(r"((?:[\d.,]+|[()×÷+−]|\s)+) = ([\d,.]+)(?= |,|$)", sentence):
            # What begins within a range, such as "(6.2 to 6.4)", is no whole formula.
            if formula.count("(") != formula.count(")"):
                continue
            python = formula.replace("×", "*").replace("÷", "/").replace("−", "-").replace(",", "")
            digits = result.rstrip(".,").replace(",", "")
            half_of_last = 0.5 / 10 ** len(digits.partition(".")[2])
            assert pd.eval(python) == pytest.approx(float(digits), abs=half_of_last, rel=6e-4), sentence
            found += 1
    assert found > 15


# The record of a finding


def test_every_finding_says_when_it_was_checked() -> None:
    for day in AUDIT["checked"]:
        assert date(2026, 11, 24) <= date.fromisoformat(day)
    assert {record.finding_status(row) for _, row in AUDIT.iterrows()} <= {
        f"Checked {record.day_words(day)}; no reply so far." for day in AUDIT["checked"]
    } or AUDIT["reply"].any()


@pytest.mark.parametrize(
    ("changes", "state", "status"),
    [
        ({}, "no reply so far", "Checked 30 November 2026; no reply so far."),
        (
            {"reply": "No.", "reply_stance": "disputes", "reply_by": "Harley Balzer", "reply_date": "2026-12-03"},
            "disputed",
            "Disputed; checked 30 November 2026; Harley Balzer disputes it, 3 December 2026.",
        ),
        (
            {"reply": "Yes.", "reply_stance": "accepts", "reply_by": "Harley Balzer", "reply_date": "2026-12-03"},
            "answered",
            "Checked 30 November 2026; Harley Balzer accepts it, 3 December 2026.",
        ),
        (
            {"second_opinion": "differs", "second_opinion_by": "a class"},
            "disputed",
            "Disputed; checked 30 November 2026; a second auditor, a class, differs.",
        ),
    ],
)
def test_a_reader_is_told_what_became_of_a_finding(changes: dict[str, str], state: str, status: str) -> None:
    row = pd.Series({**AUDIT.iloc[0], **dict.fromkeys(AUDIT.columns[17:], ""), "checked": "2026-11-30", **changes})
    assert record.finding_state(row) == state
    assert record.finding_status(row) == status


def test_a_reply_is_whole_or_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert record.incomplete_replies() == []
    broken = AUDIT.assign(reply=["No."] + [""] * (len(AUDIT) - 1))
    monkeypatch.setattr(record, "load", lambda _: broken)
    (fault,) = record.incomplete_replies()
    assert fault.startswith("audit.csv, A01: reply_stance, reply_by, reply_date, reply_address is empty; fill it in")


def test_a_reply_stands_beside_its_finding_with_its_author_and_cannot_break_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reply = {"reply": "<script>No.</script>", "reply_stance": "disputes", "reply_by": "Harley Balzer"}
    reply |= {"reply_date": "2026-12-03", "reply_address": "https://example.org/reply"}
    table = recompute_all_findings()
    for column, value in reply.items():
        table.loc[0, column] = value
    monkeypatch.setattr(listing, "recompute_all_findings", lambda: table)
    row = listing.list_findings(data_folder()).rows[0]
    assert row.facets["Status"] == ["disputed"]
    assert "&lt;script&gt;No.&lt;/script&gt;" in row.cells[5]
    assert "Harley Balzer disputes it" in row.cells[5]
    assert 'href="https://example.org/reply"' in row.cells[5]


def test_a_withdrawn_finding_keeps_its_number_and_says_why() -> None:
    withdrawn = load("audit_withdrawn").query("included_in == ''").set_index("id")
    assert "A12" in withdrawn.index
    assert not set(withdrawn.index) & set(AUDIT["id"])
    rows = {row.anchor: row for row in listing.list_findings(data_folder()).rows}
    for name, row in withdrawn.iterrows():
        assert rows[str(name)].cells[4:6] == [row["reason"], f"Withdrawn {record.day_words(row['withdrawn'])}."]
        assert row["entered"] <= row["withdrawn"]
        assert row["reason"].endswith(".")
    numbers = [int(name.removeprefix("A")) for name in rows]
    assert numbers == sorted(numbers)


def test_every_number_that_was_ever_given_is_still_in_the_list() -> None:
    """The first 107 numbers were given without a gap, so none of them may lead nowhere."""
    kept = set(AUDIT["id"]) | set(load("audit_withdrawn")["id"])
    assert {f"A{number:02}" for number in range(1, 108)} <= kept


def test_the_list_of_findings_says_which_way_the_weighty_ones_lean() -> None:
    sides = record.weighty_leanings()
    sentence = listing.list_findings(data_folder()).note
    assert sentence.startswith(f"{sides.sum()} findings fail and would change a step of the argument.")
    assert f"In {sides['for the thesis']} of them" in sentence
    assert "(6-audit.md) discusses what follows" in text("findings")


# Corrections


def test_every_correction_names_pages_and_findings_that_exist() -> None:
    pages = {path.stem for path in (ROOT / "chapters").glob("*.md")}
    known = set(AUDIT["id"]) | set(load("audit_withdrawn")["id"])
    table = load("corrections")
    assert len(table) >= 30
    assert table["id"].tolist() == [f"C{number:02}" for number in range(1, len(table) + 1)]
    for _, row in table.iterrows():
        assert set(row["pages"].split("; ")) <= pages, row["id"]
        assert set(filter(None, row["findings"].split("; "))) <= known, row["id"]
        assert date.fromisoformat(row["since"]) <= date.fromisoformat(row["corrected"])
        assert re.fullmatch(r'["A-Z\d].+\.', row["wrong"]), row["id"]
        assert re.fullmatch(r'["A-Z\d].+\.', row["right"]), row["id"]
    assert not table["wrong"].duplicated().any()


def test_a_withdrawn_finding_is_in_the_log_of_corrections() -> None:
    told = {name for cell in load("corrections")["findings"] for name in cell.split("; ")}
    assert set(load("audit_withdrawn")["id"]) <= told


def test_the_log_shows_every_correction_with_links(book: Path) -> None:
    page = BeautifulSoup((book / "chapters/corrections.html").read_text(encoding="utf-8"), "html.parser")
    rows = page.select("#corrections tbody tr")
    assert len(rows) == len(load("corrections"))
    assert page.select_one("#C01 a[href$='.html']")
    assert page.select_one("#corrections a[href='findings.html#A12']")


# Tables of later figures


@pytest.mark.parametrize("name", [name for name in table_names() if name.startswith("later_")])
def test_a_table_of_later_figures_says_when_it_was_checked(name: str, book: Path) -> None:
    day = last_checked(name)
    assert date(2026, 11, 24) <= date.fromisoformat(day)
    newest = max(value for value in load(name).get("source_date", pd.Series([""])) if len(value) in (0, 10))
    assert newest <= day
    words = record.day_words(day)
    dictionary = BeautifulSoup((book / "chapters/data-dictionary.html").read_text(encoding="utf-8"), "html.parser")
    section = dictionary.select_one(f"section#table-{name.replace('_', '-')}")
    assert section is not None
    assert f"Last compared with its sources: {words}." in section.get_text()
    assert words in record.checking_sentence()


def test_the_page_of_later_figures_says_when_each_table_was_checked(book: Path) -> None:
    page = BeautifulSoup((book / "chapters/later-figures.html").read_text(encoding="utf-8"), "html.parser")
    note = page.select_one("#later .note")
    assert note is not None
    assert note.get_text() == record.checking_sentence()
    assert last_checked("gas_prices") == ""


# How to object


@pytest.mark.parametrize(
    ("repository", "contact", "html"),
    [
        ("https://github.com/someone/book", "", 'href="https://github.com/someone/book/issues"'),
        ("https://gitlab.com/someone/book", "", 'href="https://gitlab.com/someone/book/-/issues"'),
        ("https://git.example.org/book", "", 'href="https://git.example.org/book"'),
        ("", "editor@example.org", 'href="mailto:editor@example.org"'),
        ("", "https://example.org/contact", 'href="https://example.org/contact"'),
        ("", '"><script>', "&lt;script&gt;"),
    ],
)
def test_a_reader_learns_where_to_object(repository: str, contact: str, html: str) -> None:
    assert html in audit_pages.objection_sentence(repository, contact)


def test_without_repository_and_address_no_address_is_invented() -> None:
    sentence = audit_pages.objection_sentence("", "")
    assert "names no repository and no address" in sentence
    assert "href" not in sentence
    assert "@" not in sentence


def test_the_page_on_method_says_what_is_owed_to_the_author(book: Path) -> None:
    page = (book / "chapters/method.html").read_text(encoding="utf-8")
    assert 'class="where-to-object"' in page
    for heading in ("How a finding is made", "What the audit cannot see", "How to object", "right of reply"):
        assert heading in page
    for page_name in ("findings", "6-audit", "class-audit", "corrections"):
        assert "(method.md" in text(page_name), page_name
    chapters = [
        one["file"] for part in yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"] for one in part["chapters"]
    ]
    place = chapters.index("chapters/findings")
    assert chapters[place + 1 : place + 3] == ["chapters/method", "chapters/corrections"]


def test_the_grades_on_the_page_on_method_are_those_of_the_table() -> None:
    page = text("method").lower()
    for column in ("confidence", "weight", "nature"):
        for grade in set(AUDIT[column]):
            assert grade in page, grade
    for number, name in linked_data.RATINGS.values():
        assert f"{{chosen}}`{number}`, " in page, name


# Findings for machines


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    book = {"name": "The book", "url": "", "license": "https://creativecommons.org/licenses/by/4.0/"}
    return describe_findings(book, REPORT, "../chapters/findings.html")


def test_the_published_findings_fit_their_description(published: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(published)


def test_a_finding_that_lacks_its_verdict_or_has_a_strange_status_does_not_fit(published: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    changes: list[dict[str, Any]] = [{"verdict": "wrong"}, {"status": "withdrawn"}, {"reply": {}}, {"checked": "soon"}]
    for change in changes:
        broken = {**published, "findings": [{**published["findings"][0], **change}]}
        assert not validator.is_valid(broken), change


def test_the_published_findings_are_those_of_the_list(book: Path) -> None:
    found = json.loads((book / "findings/findings.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    assert json.loads((book / "findings/findings.schema.json").read_text(encoding="utf-8")) == SCHEMA
    by_id = {one["id"]: one for one in found["findings"]}
    assert list(by_id) == FINDINGS["id"].tolist()
    page = BeautifulSoup((book / "chapters/findings.html").read_text(encoding="utf-8"), "html.parser")
    for name, one in by_id.items():
        cells = {cell["data-heading"]: cell.get_text() for cell in page.select(f"#{name} > *")}
        assert cells["Result"] == one["result"] == finding(name)["sentence"]
        assert one["verdict"] == finding(name)["verdict"]
        assert one["url"].endswith(f"findings.html#{name}")
    assert [one["id"] for one in found["withdrawn"]] == load("audit_withdrawn").query("included_in == ''")[
        "id"
    ].tolist()
    assert found["book"]["license"] == "https://creativecommons.org/licenses/by/4.0/"
    links = {link["href"] for link in page.select("a[download]")}
    assert {"../findings/findings.json", "../findings/findings.schema.json"} <= links


# Reviews of claims for search engines

TEXT = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "pattern": r"^\S+$"}
DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}


def thing(kind: str, required: list[str], /, **properties: Any) -> dict[str, Any]:
    """Describe a type of schema.org by those of its properties that the book uses, with their expected types."""
    members = {"@type": {"const": kind}, **properties}
    return {"type": "object", "required": ["@type", *required], "properties": members, "additionalProperties": False}


ORGANIZATION = thing("Organization", ["name"], name=TEXT, url=ADDRESS)
PERSON = thing("Person", ["name"], name=TEXT, givenName=TEXT, familyName=TEXT, url=ADDRESS)
AUTHOR_OF_WORK = thing("Person", ["familyName"], name=TEXT, givenName=TEXT, familyName=TEXT)
#: CreativeWork, of which Report is a kind, has author, publisher, datePublished; Thing has name and url.
APPEARANCE = thing(
    "Report",
    ["url"],
    name=TEXT,
    url=ADDRESS,
    datePublished=DAY,
    author={"type": "array", "items": AUTHOR_OF_WORK},
    publisher=ORGANIZATION,
)
#: Claim has appearance, which expects a CreativeWork; it is itself a CreativeWork.
CLAIM = thing(
    "Claim",
    ["author", "appearance"],
    author={"type": "array", "minItems": 1, "items": PERSON},
    datePublished=DAY,
    appearance=APPEARANCE,
)
NUMBER = {"type": "integer"}
#: Rating has ratingValue, bestRating, worstRating and ratingExplanation; Thing has alternateName.
RATING = thing(
    "Rating",
    ["ratingValue", "bestRating", "worstRating", "alternateName"],
    **{"ratingValue": NUMBER, "bestRating": NUMBER, "worstRating": NUMBER},
    alternateName=TEXT,
    ratingExplanation=TEXT,
)
#: ClaimReview has claimReviewed; Review, of which it is a kind, has itemReviewed and reviewRating. Search engines
#: require claimReviewed, reviewRating and url.
CLAIM_REVIEW = thing(
    "ClaimReview",
    ["claimReviewed", "reviewRating", "url", "author", "itemReviewed"],
    **{"url": ADDRESS, "name": TEXT, "claimReviewed": TEXT, "datePublished": DAY},
    itemReviewed=CLAIM,
    reviewRating=RATING,
    author=ORGANIZATION,
)


def test_a_review_of_a_claim_uses_the_terms_of_schema_org_as_they_are_meant(book: Path) -> None:
    html = (book / "chapters/findings.html").read_text(encoding="utf-8")
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert "<" not in script
    page = json.loads(script)
    assert page["@type"] == "WebPage"
    reviews = page["hasPart"]
    validator = jsonschema.Draft202012Validator(CLAIM_REVIEW)
    for review in reviews:
        validator.validate(review)
    fit = FINDINGS[(FINDINGS["weight"] == record.WEIGHTY) & (FINDINGS["confidence"] != "low")]
    assert [review["url"].partition("#")[2] for review in reviews] == fit["id"].tolist()
    assert len(reviews) >= 5
    for review in reviews:
        row = finding(review["url"].partition("#")[2])
        assert row["printed"] == review["claimReviewed"]
        rating = review["reviewRating"]
        assert rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]
        assert (rating["ratingValue"] == 3) == (row["verdict"] == "holds")
        assert review["itemReviewed"]["author"][0]["name"] == "Harley Balzer"
        assert review["itemReviewed"]["appearance"]["url"].startswith("https://www.atlanticcouncil.org/")


def test_a_disputed_finding_is_no_review_and_nothing_breaks_out_of_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    table = recompute_all_findings()
    chosen = table.index[table["id"] == "A58"][0]
    table.loc[chosen, "printed"] = "</script><script>alert(1)</script>"
    monkeypatch.setattr(linked_data, "recompute_all_findings", lambda: table)
    author = {"@type": "Organization", "name": "The book"}
    before = linked_data.describe_claim_reviews("findings.html", author, REPORT)
    assert any(review["claimReviewed"].startswith("</script>") for review in before)
    written = json.dumps(before).replace("<", "\\u003c")
    assert "</script" not in written
    assert json.loads(written) == before
    table.loc[chosen, "second_opinion"] = "differs"
    after = linked_data.describe_claim_reviews("findings.html", author, REPORT)
    assert len(after) == len(before) - 1


# Ten findings for a class


def test_the_sheet_has_ten_findings_that_differ_and_none_of_our_answers(book: Path) -> None:
    sheet = audit_sheet()
    assert len(sheet) == len(set(SHEET_FINDINGS)) == 10
    chosen = FINDINGS.loc[list(SHEET_FINDINGS)]
    assert chosen["section"].nunique() >= 8
    assert set(chosen["nature"]) == set(AUDIT["nature"])
    assert 3 <= (chosen["verdict"] == "holds").sum() <= 7
    assert (sheet[[*CHOICES, "reason"]] == "").all().all()
    data = (book / "findings/audit-sheet.csv").read_bytes()
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert [row["finding"] for row in rows] == list(SHEET_FINDINGS)
    assert list(rows[0]) == ["finding", "section", "printed", "question", *CHOICES, "reason"]
    page = BeautifulSoup((book / "chapters/class-audit.html").read_text(encoding="utf-8"), "html.parser")
    assert [cell.get_text() for cell in page.select(".book-sheet tbody th")] == list(SHEET_FINDINGS)
    assert page.select_one("a[download][href='../findings/audit-sheet.csv']")
    for choices in CHOICES.values():
        for choice in choices:
            assert f"*{choice}*" in text("class-audit").replace("*Nothing*", "*nothing*"), choice


def test_our_own_answers_are_choices_of_the_sheet() -> None:
    ours = our_sheet()
    for column, choices in CHOICES.items():
        assert set(ours[column]) <= set(choices)


@pytest.mark.parametrize(
    ("one", "other", "kappa"),
    [
        # The usual example: 50 proposals, 20 yes and 15 no in common.
        (["y"] * 25 + ["n"] * 25, ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15, 0.4),
        # Two tables with the same agreement of 60 of 100 and another kappa.
        (["y"] * 60 + ["n"] * 40, ["y"] * 45 + ["n"] * 15 + ["y"] * 25 + ["n"] * 15, 0.1304),
        (["y"] * 60 + ["n"] * 40, ["y"] * 25 + ["n"] * 35 + ["y"] * 5 + ["n"] * 35, 0.2593),
        (["a", "b", "c"], ["a", "b", "c"], 1),
        (["a", "b"], ["b", "a"], -1),
        (["a", "a"], ["a", "b"], 0),
    ],
)
def test_kappa_has_its_known_values(one: list[str], other: list[str], kappa: float) -> None:
    assert cohens_kappa(one, other) == pytest.approx(kappa, abs=5e-5)
    assert cohens_kappa(other, one) == pytest.approx(kappa, abs=5e-5)


def test_kappa_is_undefined_where_both_gave_one_answer_to_all() -> None:
    assert math.isnan(cohens_kappa(["high"] * 10, ["high"] * 10))
    assert cohens_kappa(["high"] * 10, ["low"] * 10) == 0


def test_kappa_of_answers_by_chance_is_near_zero() -> None:
    chance = random.Random(0)
    answers = [[chance.choice("abc") for _ in range(20_000)] for _ in range(2)]
    assert abs(cohens_kappa(*answers)) < 0.02


@pytest.fixture
def sheets(tmp_path: Path) -> tuple[Path, Path]:
    """Two sheets: ours, and one that differs in three cells and was saved by a spreadsheet with semicolons."""
    ours = our_sheet()
    other = ours.copy()
    other.loc[0, "verdict"] = "Cannot tell"
    other.loc[[0, 1], "confidence"] = "low"
    paths = tmp_path / "anna.csv", tmp_path / "ben.csv"
    ours.to_csv(paths[0], index=False)
    other.to_csv(paths[1], index=False, sep=";", encoding="utf-8-sig")
    return paths


def test_two_sheets_are_compared_column_by_column(sheets: tuple[Path, Path]) -> None:
    found = agreement(*sheets)
    assert found["agree"].to_dict() == {"verdict": 9, "cause": 10, "confidence": 8, "weight": 10}
    assert found.loc["cause", "kappa"] == 1
    assert found.loc["verdict", "share"] == 90
    assert found["kappa"].between(0, 1).all()
    assert found["kappa"].to_dict()["verdict"] < 1
    shuffled = read_sheet(sheets[1]).sample(frac=1, random_state=1)
    assert agreement(sheets[0], shuffled).equals(found)


def test_the_command_says_how_far_two_auditors_agree(sheets: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(main, ["agreement", *map(str, sheets)])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == agreement_lines(agreement(*sheets))
    assert done.output.startswith("verdict: you agree on 9 of 10 findings (90 percent); kappa is 0.")


def test_an_undefined_kappa_is_explained() -> None:
    same = our_sheet().set_index("finding").assign(confidence="high")
    (line,) = [line for line in agreement_lines(agreement(same, same)) if line.startswith("confidence")]
    assert line.endswith("kappa is undefined, since both of you gave one answer to all.")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace("A18,fails", "A18,maybe"),
            'line 3, verdict: "maybe" is no answer; write one of: holds, fails',
        ),
        (
            lambda text: text.replace("A18,fails", "A18,"),
            "line 3, verdict: the cell is empty; write one of: holds, fails",
        ),
        (lambda text: text.replace("weight", "wait", 1), "line 1: the column weight is missing; keep the first line"),
        (lambda text: text + text.splitlines()[1] + "\n", "line 12: finding A01 stands here a second time; delete one"),
        (lambda text: text.splitlines()[0] + "\n", "there is no finding in it; fill in the sheet"),
        (lambda _: "", "line 1: the column finding, verdict, cause, confidence, weight is missing"),
    ],
)
def test_a_bad_sheet_is_refused_with_file_line_and_remedy(change: Any, message: str, sheets: tuple[Path, Path]) -> None:
    path = sheets[0]
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(SheetError) as refusal:
        agreement(*sheets)
    assert str(refusal.value).startswith(str(path))
    assert message in str(refusal.value)
    done = CliRunner().invoke(main, ["agreement", *map(str, sheets)])
    assert done.exit_code == 1
    assert message in done.output.replace("\n", " ")


def test_a_file_that_is_no_sheet_is_refused(tmp_path: Path, sheets: tuple[Path, Path]) -> None:
    workbook = tmp_path / "sheet.xlsx"
    workbook.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(SheetError, match="save the sheet as CSV"):
        agreement(sheets[0], workbook)
    with pytest.raises(SheetError, match="there is no such file"):
        agreement(sheets[0], tmp_path / "missing.csv")


def test_two_sheets_with_other_findings_are_refused() -> None:
    ours = our_sheet().set_index("finding")
    with pytest.raises(SheetError, match="Only one of the two sheets has A01; let both auditors judge the same"):
        agreement(ours, ours.drop("A01"))


def test_the_description_of_the_package_says_what_the_new_columns_hold() -> None:
    (audit,) = [one for one in data_package()["resources"] if one["name"] == "audit"]
    assert {"checked", "leans", "reply", "reply_by", "second_opinion"} <= {
        one["name"] for one in audit["schema"]["fields"]
    }
