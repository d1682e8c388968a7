"""The sheet on which a reader forecasts what becomes of each claim: kept, scored, and no use without its script."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from axis.page_answers.class_spread import brier_score
from helpers import load
from pages import Mode


@pytest.fixture
def page(browser: Browser, site: str) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{site}/chapters/7-after-2021.html")
    return page


def verdicts() -> list[str]:
    return load("later_verdicts")["verdict"].tolist()


def fields(page: Page) -> list[Locator]:
    return page.locator("#forecasts li input").all()


def commit(page: Page, chances: dict[int, int]) -> str:
    """Give the claims at these places a probability, and return what is said then."""
    for place, chance in chances.items():
        fields(page)[place].fill(str(chance))
    page.locator("#forecasts button").click()
    return page.locator("#forecasts").get_by_role("status").inner_text()


def test_each_claim_has_a_field_of_its_own_that_is_named_by_it(page: Page) -> None:
    claims = load("later_verdicts")["claim"].tolist()
    assert len(fields(page)) == len(claims)
    name = "Chance that it will be judged “held”: "
    assert all(page.locator("#forecasts").get_by_label(name + claim, exact=True).is_visible() for claim in claims)


def test_each_claim_stands_with_the_rule_that_will_decide_it(page: Page) -> None:
    rules = load("later_verdicts")["criterion"].tolist()
    assert page.locator("#forecasts .rule").all_inner_texts() == [f"Rule: {rule}" for rule in rules]


def test_no_verdict_is_seen_before_the_reader_commits(page: Page) -> None:
    sheet = page.locator("#forecasts")
    assert not any(verdict.is_visible() for verdict in sheet.locator(".verdict").all())
    assert commit(page, {}) == "Give at least one claim a probability first."
    assert "whole number from 0 to 100" in commit(page, {2: 101})
    assert fields(page)[2].evaluate("field => field === document.activeElement")
    assert not any(verdict.is_visible() for verdict in sheet.locator(".verdict").all())


def test_the_score_is_that_of_a_reference_beside_one_half_the_base_rate_and_the_class(
    page: Page, tmp_path: Path
) -> None:
    chances = dict(enumerate([70, 30, 80, 60, 50, 90, 40]))
    said = commit(page, chances)
    held = [verdict == "held" for verdict in verdicts()]
    mine, half, base, shared = (
        brier_score([chance / 100 for chance in given], held[: len(given)])
        for given in ([*chances.values()], [50] * 7, [100 * sum(held) / len(held)] * 7, [20, 10])
    )
    assert said.startswith(f"Your Brier score for 7 of {len(held)} claims is {mine:.3f}. That is ")
    assert f"which scores {half:.3f}; 0 would be perfect." in said
    rows = page.locator("#forecasts .scores tbody tr")
    assert [row.locator("td").inner_text() for row in rows.all()] == [f"{one:.3f}" for one in (mine, half, base)]
    assert [one.inner_text().split(":")[0].strip() for one in page.locator("#forecasts .verdict").all()] == verdicts()

    ids = load("later_verdicts")["id"].tolist()
    version = page.locator("#forecasts").get_attribute("data-version")
    told = {"format": "book-class-forecasts", "version": version, "means": {ids[0]: 20, ids[1]: 10, ids[9]: 99}}
    file = tmp_path / "class_forecasts.json"
    file.write_text(json.dumps({**told, "version": "old"}))
    field = page.locator("#class-forecasts")
    field.set_input_files(file)
    page.get_by_text("This file has no forecasts of a class for these claims").wait_for()
    file.write_text(json.dumps(told))
    field.set_input_files(file)
    page.get_by_text("The table now has the score of your class.").wait_for()
    last = rows.last
    assert last.locator("th").inner_text() == "The mean of your class, on the 2 of these claims that it judged"
    assert last.locator("td").inner_text() == f"{shared:.3f}"


def test_the_calibration_picture_takes_the_readers_forecasts(page: Page) -> None:
    figure = page.locator("#calibration")
    figure.scroll_into_view_if_needed()
    page.locator("#calibration .chart[data-live]").wait_for()
    commit(page, {0: 70, 1: 65, 2: 95, 5: 95})
    figure.locator("summary").click()
    yours = figure.get_by_role("cell", name="you", exact=True)
    yours.nth(1).wait_for()
    rows = [row.locator("td").all_inner_texts() for row in figure.locator("tbody tr").all()]
    assert sorted(row for row in rows if row[0] == "you") == [["you", "68", "0", "2"], ["you", "95", "100", "2"]]
    page.get_by_role("button", name="Forecast again").click()
    yours.first.wait_for(state="detached")


def test_a_line_is_drawn_by_keyboard_and_compared_once_it_is_committed(page: Page) -> None:
    drawing, figure = page.locator(".book-drawing"), page.locator("#drawn-exports")
    sliders = drawing.get_by_role("slider")
    assert sliders.count() == 5
    figure.scroll_into_view_if_needed()
    page.locator("#drawn-exports .chart[data-live]").wait_for()
    figure.locator("summary").click()
    years = figure.locator("tbody tr:has-text('counted') td:first-child")
    assert years.all_inner_texts() == ["2016", "2017", "2018", "2019", "2020"]
    sliders.first.focus()
    page.keyboard.press("ArrowRight")
    assert sliders.first.get_attribute("aria-valuetext") == "52 billion US dollars"
    expect(figure.locator("tbody tr:has-text('yours') td:nth-child(2)").first).to_have_text("52.0")
    drawing.get_by_role("button", name="Commit").click()
    expect(years.last).to_have_text("2025")
    table = load("later_trade").query("series == 'Chinese exports to Russia' and basis == 'Chinese customs'")
    counted = table[table["stage"] == "after"].sort_values("period")["value"].tolist()
    line = [float(slider.input_value()) for slider in sliders.all()]
    missed = sum(abs(one - other) for one, other in zip(line, counted, strict=True)) / 5
    naive = sum(abs(round(50.58) - other) for other in counted) / 5
    said = drawing.locator(".announcement").inner_text()
    assert said.startswith(f"Your line misses the counted one by {missed:.0f} billion US dollars a year on average")
    assert said.endswith(f"misses it by {naive:.0f}.")
    page.reload()
    assert drawing.locator(".announcement").inner_text() == said
    assert sliders.first.is_disabled()
    drawing.get_by_role("button", name="Draw again").click()
    assert sliders.first.is_enabled()


def test_a_verdict_leads_to_its_rule_and_its_reason(page: Page) -> None:
    commit(page, {0: 50})
    for verdict in page.locator("#forecasts .verdict").all():
        rule = verdict.get_attribute("href")
        assert rule
        assert page.locator(rule).count() == 1


def test_forecasts_are_remembered_until_the_reader_takes_them_back(page: Page) -> None:
    fields(page)[0].fill("35")
    page.locator("#forecasts button").press("Enter")
    page.reload()
    assert fields(page)[0].input_value() == "35"
    assert fields(page)[0].is_disabled()
    page.get_by_role("button", name="Forecast again").click()
    assert fields(page)[0].is_enabled()
    page.reload()
    assert fields(page)[0].input_value() == ""


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_committed_sheet_passes_axe_and_fits_a_phone(page: Page, mode: Mode) -> None:
    page.emulate_media(color_scheme=mode)
    commit(page, {0: 50})
    page.locator(".book-drawing button").click()
    for place in ("#forecasts", ".book-drawing"):
        found = Axe().run(page, place).response["violations"]
        assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_the_list_of_verdicts_says_it_all(browser: Browser, site: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/chapters/7-after-2021.html")
    assert not page.locator("#forecasts").is_visible()
    assert not page.locator(".book-drawing").is_visible()
    assert page.locator("#verdicts tbody tr").count() == len(verdicts())
