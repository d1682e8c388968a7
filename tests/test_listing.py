"""Lists that readers search: whole without a script, quick with one, and a link that brings a view back."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from axis.book.directives import data_dictionary, listing
from helpers.audit import recompute_all_findings
from helpers.audit.verdicts import later_figures
from helpers.tables import data_folder, load, load_statements, table_names
from helpers.templates import render
from pages import opened

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize(
    ("value", "high", "qualifier", "unit", "text"),
    [
        (150.2, None, "exact", "US dollars", "150.2 US dollars"),
        (300_000, None, "about", "troops", "about 300,000 troops"),
        (2, 3, "exact", "percent", "2 to 3 percent"),
        (0.5, None, "less than", "percent", "less than 0.5 percent"),
    ],
)
def test_a_figure_reads_as_the_report_states_it(
    value: float, high: float | None, qualifier: str, unit: str, text: str
) -> None:
    row = pd.Series({"value": value, "value_high": high, "qualifier": qualifier, "unit": unit})
    assert listing.format_quantity(row) == text


def test_a_filter_offers_each_actor_of_an_event_by_itself() -> None:
    facets = listing.list_events(data_folder()).facets
    assert {"Putin", "Xi"} <= set(facets["Actor"])
    assert not any(";" in actor for actor in facets["Actor"])
    assert facets["Section"][:3] == ["1", "2.1", "2.2"]
    assert facets["Section"][-2:] == ["opening", "policy"]


def test_a_number_that_went_into_another_finding_leads_to_it() -> None:
    table = listing.list_findings(data_folder())
    former = {row.anchor: row.former_anchors for row in table.rows if row.former_anchors}
    assert former["A51"] == ["A96", "A98", "A99"]
    page = render("axis.book", "listing-table.html", name="audit", table=table)
    row = page[page.index('<tr id="A51"') :].split("</tr>")[0]
    assert all(f'<span id="{name}"></span>' in row for name in former["A51"])


def _open(browser: Browser, address: str, **options: Any) -> Page:
    page = browser.new_context(**options).new_page()
    page.goto(address, wait_until="networkidle")
    return page


def _shown(page: Page, name: str) -> int:
    return page.locator(f"#{name} tbody tr:visible").count()


def test_every_statement_stands_in_the_list_without_javascript(browser: Browser, site: str) -> None:
    page = _open(browser, f"{site}/chapters/statements.html", java_script_enabled=False)
    rows = page.locator("#statements tbody tr")
    assert rows.count() == len(load_statements())
    assert not page.locator(".filters").is_visible()
    text = page.locator("tr[id='statement-3.3-02']").inner_text()
    assert "less than 0.5 percent" in text
    assert "2020" in text
    assert "note 57" in text


def test_words_and_filters_narrow_the_list(browser: Browser, site: str) -> None:
    page = _open(browser, f"{site}/chapters/statements.html")
    page.locator("[name=section]").select_option("3.2")
    statements = load_statements()
    assert _shown(page, "statements") == (statements["section"] == "3.2").sum()
    page.locator("[name=search]").fill("MYANMAR gas")
    assert _shown(page, "statements") == 1
    assert page.locator(".count").inner_text() == f"1 of {len(statements)} shown"
    page.locator("[name=search]").fill("no such words")
    assert _shown(page, "statements") == 0


def test_a_link_brings_back_a_view_and_an_unknown_value_shows_all(browser: Browser, site: str) -> None:
    page = _open(browser, f"{site}/chapters/timeline.html#events?kind=refusal&actor=Atlantis")
    assert page.locator("#events [name=kind]").input_value() == "refusal"
    assert page.locator("#events [name=actor]").input_value() == ""
    assert _shown(page, "events") == (load("events")["kind"] == "refusal").sum()
    link = page.locator("#events a.state").get_attribute("href")
    assert link == "#events?kind=refusal"


def test_a_row_is_a_card_on_a_phone(browser: Browser, site: str) -> None:
    page = _open(browser, f"{site}/chapters/statements.html", viewport=PHONE)
    cell = page.locator("tr[id='statement-3.2-01'] td").first
    assert cell.evaluate("c => getComputedStyle(c, '::before').content") == '"Who: "'
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_every_table_can_be_downloaded_alone_and_with_all_others(book: Path, browser: Browser, site: str) -> None:
    page = _open(browser, f"{site}/chapters/data-dictionary.html")
    links = {link.get_attribute("href") for link in page.locator("a[download]").all()}
    assert links >= {f"../data/{name}.csv" for name in table_names()}
    with zipfile.ZipFile(book / "data/axis-of-collusion-data.zip") as archive:
        for name in table_names():
            original = (data_folder() / f"{name}.csv").read_bytes()
            assert (book / "data" / f"{name}.csv").read_bytes() == original
            assert archive.read(f"axis-of-collusion-data/{name}.csv") == original
        assert archive.testzip() is None


def test_the_dictionary_describes_every_column_once(browser: Browser, site: str) -> None:
    page = _open(browser, f"{site}/chapters/data-dictionary.html")
    for name in table_names():
        section = page.locator(f"section#table-{name.replace('_', '-')}")
        assert f"{len(load(name))} rows" in section.inner_text()
    shared = page.locator("section#shared-columns dt code").all_inner_texts()
    assert "qualifier" in shared
    assert "qualifier" not in page.locator("section#table-gas-prices dt code").all_inner_texts()


def test_the_archive_is_the_same_for_the_same_tables(tmp_path: Path) -> None:
    first, second = tmp_path / "one.zip", tmp_path / "two" / "one.zip"
    second.parent.mkdir()
    data_dictionary.write_data_archive(data_folder(), first)
    data_dictionary.write_data_archive(data_folder(), second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("one/events.csv").decode())))
    assert len(rows) == len(load("events"))


def test_verdicts_and_later_figures_stand_in_lists_with_filters(browser: Browser, site: str) -> None:
    page = _open(browser, f"{site}/chapters/7-after-2021.html#verdicts?verdict=held")
    table = load("later_verdicts")
    assert page.locator("#verdicts tbody tr").count() == len(table)
    assert _shown(page, "verdicts") == (table["verdict"] == "held").sum()
    page = _open(browser, f"{site}/chapters/later-figures.html#later?stage=report")
    figures = later_figures()
    assert page.locator("#later tbody tr").count() == len(figures)
    assert _shown(page, "later") == (figures["stage"] == "report").sum()
    assert page.locator("#later tbody a[href^=http]").count() == len(figures)


def test_findings_stand_in_a_list_and_a_chapters_link_leads_to_the_row(browser: Browser, site: str) -> None:
    table = recompute_all_findings()
    page = _open(browser, f"{site}/chapters/findings.html#audit?weight=a+step+of+the+argument")
    assert page.locator("#audit tbody tr").count() == len(table) + (load("audit_withdrawn")["included_in"] == "").sum()
    assert _shown(page, "audit") == (table["weight"] == "a step of the argument").sum()
    page = _open(browser, f"{site}/chapters/3-6-dollar.html", viewport=PHONE)
    page.locator("a[href$='findings.html#A69']").first.click()
    row = page.locator("tr:target")
    assert row.get_attribute("id") == "A69"
    assert row.locator("td[data-heading=Result]").inner_text().endswith("so it fails.")
    page.wait_for_function("() => Math.abs(document.querySelector('tr:target').getBoundingClientRect().top) < 400")


@pytest.mark.parametrize("name", ["findings", "statements", "later-figures", "bibliography", "timeline"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_field_of_a_list_is_squeezed_or_hidden_at_any_width(
    browser: Browser, site: str, name: str, width: int
) -> None:
    with opened(browser, f"{site}/chapters/{name}.html", width) as page:
        fields = """() => [...document.querySelectorAll(".book-listing tbody :is(th, td)")].map(field => [
            field.textContent.trim() !== "", field.offsetWidth, field.scrollWidth > field.clientWidth + 1])"""
        for filled, across, cut in page.evaluate(fields):
            assert (across >= 300) == filled
            assert not cut
        assert page.evaluate("document.documentElement.scrollWidth") <= width
