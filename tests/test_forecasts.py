"""The sheet on which a reader forecasts what becomes of each claim: kept, scored, and no use without its script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from helpers import load
from pages import Mode


@pytest.fixture
def page(browser: Browser, site: str) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{site}/chapters/7-after-2021.html")
    return page


def verdicts() -> list[str]:
    return load("later_verdicts")["verdict"].tolist()


def menus(page: Page) -> list[Locator]:
    return page.locator("#forecasts select").all()


def test_each_claim_has_a_menu_of_its_own_that_is_named_by_it(page: Page) -> None:
    claims = load("later_verdicts")["claim"].tolist()
    assert len(menus(page)) == len(claims)
    assert all(page.locator("#forecasts").get_by_label(claim, exact=True).is_visible() for claim in claims)


def test_each_claim_stands_with_the_rule_that_will_decide_it(page: Page) -> None:
    rules = load("later_verdicts")["criterion"].tolist()
    assert page.locator("#forecasts .rule").all_inner_texts() == [f"Rule: {rule}" for rule in rules]


def test_no_verdict_is_seen_before_the_reader_commits(page: Page) -> None:
    sheet = page.locator("#forecasts")
    assert not any(verdict.is_visible() for verdict in sheet.locator(".verdict").all())
    sheet.get_by_role("button", name="Commit").click()
    assert sheet.get_by_role("status").inner_text() == "Make a forecast first."
    assert not any(verdict.is_visible() for verdict in sheet.locator(".verdict").all())


def test_the_score_counts_what_came_true_beside_three_who_did_not_think(page: Page) -> None:
    found = verdicts()
    # Right on the first claim that held and the first that was overtaken, wrong on the next of each.
    chosen = {found.index("held"): "held", found.index("overtaken"): "overtaken"}
    chosen |= {found.index("held", found.index("held") + 1): "overtaken"}
    chosen |= {found.index("overtaken", found.index("overtaken") + 1): "mixed"}
    for place, forecast in chosen.items():
        menus(page)[place].select_option(forecast)
    page.locator("#forecasts button").click()
    said = page.locator("#forecasts").get_by_role("status").inner_text()
    assert said.startswith("2 of your 4 forecasts came true.")
    assert f"Of all {len(found)}," in said
    assert f"is right {found.count('held')} times" in said
    assert f'"some of both" {found.count("mixed")} times' in said
    assert f"{found.count('overtaken')} times." in said
    shown = page.locator("#forecasts .verdict").all_inner_texts()
    assert [text.removeprefix("✓ ") for text in shown] == found
    assert [place for place, text in enumerate(shown) if text.startswith("✓")] == sorted(
        place for place, forecast in chosen.items() if found[place] == forecast
    )


def test_a_verdict_leads_to_its_rule_and_its_reason(page: Page) -> None:
    menus(page)[0].select_option("held")
    page.locator("#forecasts button").click()
    for verdict in page.locator("#forecasts .verdict").all():
        rule = verdict.get_attribute("href")
        assert rule
        assert page.locator(rule).count() == 1


def test_forecasts_are_remembered_until_the_reader_takes_them_back(page: Page) -> None:
    menus(page)[0].select_option("held")
    page.locator("#forecasts button").press("Enter")
    page.reload()
    assert menus(page)[0].input_value() == "held"
    assert menus(page)[0].is_disabled()
    page.get_by_role("button", name="Forecast again").click()
    assert menus(page)[0].is_enabled()
    page.reload()
    assert menus(page)[0].input_value() == ""


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_committed_sheet_passes_axe_and_fits_a_phone(page: Page, mode: Mode) -> None:
    page.emulate_media(color_scheme=mode)
    menus(page)[0].select_option("held")
    page.locator("#forecasts button").click()
    found = Axe().run(page, "#forecasts").response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_the_list_of_verdicts_says_it_all(browser: Browser, site: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/chapters/7-after-2021.html")
    assert not page.locator("#forecasts").is_visible()
    assert page.locator("#verdicts tbody tr").count() == len(verdicts())
