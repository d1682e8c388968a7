"""Every section of the report has a chapter, and every chapter has all that a reader expects of one."""

import itertools
import re
from pathlib import Path
from typing import Any

import jupytext
import pandas as pd
import pytest
import yaml

from axis.notebooks.chapter_facts import read_chapter_facts
from axis.numbers.number_roles import show_numbers
from helpers import load
from helpers.audit import recompute_all_findings

ROOT = Path(__file__).parent.parent
PARTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
#: The chapters behind the report's own, which follow no section: what holds for a chapter holds for them.
BEYOND = [
    chapter["file"].removeprefix("chapters/")
    for part in PARTS
    if part["caption"] == "Beyond the report"
    for chapter in part["chapters"]
]
REPORT = list(dict.fromkeys(load("sections")["chapter"]))
CHAPTERS = sorted({*REPORT, *BEYOND})
HEADINGS = [
    "What the section argues",
    "Predict first",
    "Read the number",
    "Check yourself",
    "Exercise",
    "Further reading",
]


def text(chapter: str) -> str:
    return (ROOT / "chapters" / f"{chapter}.md").read_text(encoding="utf-8")


def code_cells(chapter: str) -> list[str]:
    notebook = jupytext.reads(text(chapter), fmt="md:myst")
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_the_book_has_a_chapter_for_every_section_in_the_order_of_the_report() -> None:
    files = [chapter["file"] for part in PARTS for chapter in part["chapters"]]
    # The page on the report itself stands first; it follows no section.
    pages = ["about-the-report", *REPORT, *BEYOND]
    assert [name.removeprefix("chapters/") for name in files][: len(pages)] == pages
    assert BEYOND


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_the_common_form(chapter: str) -> None:
    found = re.findall(r"^## (.+)$", text(chapter), re.MULTILINE)
    # A chapter that follows no section opens with a heading of its own.
    owed = HEADINGS[1:] if chapter in BEYOND else HEADINGS
    assert [heading for heading in found if heading in owed] == owed
    facts = read_chapter_facts(ROOT / "chapters" / f"{chapter}.md")
    assert len(facts.objectives) == 3
    assert all(re.match(r"\*\*[a-z ]+\*\*", objective) for objective in facts.objectives)
    assert 10 <= facts.minutes <= 20
    assert re.search(r"^# .+\n\n```\{chapter-opening\}\n```\n", text(chapter), re.MULTILINE)
    assert text(chapter).endswith("\n```{cite-this-chapter}\n```\n")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_a_prediction_questions_and_its_exercise(chapter: str) -> None:
    assert re.search(r"^(?:```|:::)\{prediction\}", text(chapter), re.MULTILINE)
    assert 3 <= len(re.findall(r"^(?:```|:::)\{question\}", text(chapter), re.MULTILINE)) <= 6
    assert f"```{{exercise}} {chapter}\n" in text(chapter)
    assert (ROOT / "exercises" / f"{chapter}.ipynb").is_file()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_figures(book: Path, chapter: str) -> None:
    assert (book / f"chapters/{chapter}.html").read_text(encoding="utf-8").count('<figure class="book-figure"') >= 2


def test_every_figure_of_the_book_has_an_address_of_its_own(book: Path) -> None:
    pages = (book / "chapters").glob("*.html")
    found = [name for page in pages for name in re.findall(r'class="book-figure" id="([^"]+)"', page.read_text())]
    assert len(found) == len(set(found))
    assert len(found) > 40


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_neighbours_are_linked_both_ways(chapter: str) -> None:
    place = REPORT + BEYOND
    here = place.index(chapter)
    for neighbour in {*place[max(here - 1, 0) : here], *place[here + 1 : here + 2]}:
        assert f"({neighbour}.md" in text(chapter), neighbour


def test_chapters_that_name_each_other_are_linked_both_ways() -> None:
    links = {chapter: set(re.findall(r"\((\d[\w-]+)\.md", text(chapter))) for chapter in CHAPTERS}
    one_way = [(here, there) for here in CHAPTERS for there in links[here] if here not in links[there]]
    assert one_way == []


@pytest.mark.parametrize("chapter", REPORT)
def test_a_chapter_leads_from_each_doubtful_figure_to_its_finding(chapter: str) -> None:
    sections = load("sections").query("chapter == @chapter")["section"]
    table = recompute_all_findings()
    failing = table[table["section"].isin(sections) & (table["verdict"] == "fails")]
    linked = set(re.findall(r"\(findings\.md#(A\d{2,3})\)", text(chapter)))
    heavy = failing.query("weight == 'a step of the argument'")
    errors = failing.query("nature in ('error', 'translation')")
    assert (set(heavy["id"]) | set(errors["id"])) - linked == set()
    assert linked or failing.empty


def test_a_finding_that_is_told_is_one_of_the_list() -> None:
    grouped = load("audit_withdrawn").query("included_in != ''")["id"]
    known = {*recompute_all_findings()["id"], *grouped}
    told = {name for path in (ROOT / "chapters").glob("*.md") for name in re.findall(r"#(A\d{2,3})", path.read_text())}
    assert told <= known
    assert len(told) > 50


def test_a_picture_of_the_report_is_a_task_for_the_reader_and_not_missing() -> None:
    """Two maps and two charts of the report are pictures, which the text that the book was made from does not hold."""
    captions = [
        "Changes in control of territories in East Asia between 1858 and 1914",
        "Territories gained by Russia between 1858 and 1860",
        "Liquified natural gas export prices",
        "Percentage of Chinese investment in Russia by sector",
    ]
    assert all(caption in text("about-the-report") for caption in captions)
    assert "(about-the-report.md)" in text("2-1-elites")
    assert "(about-the-report.md)" in text("index")
    for chapter in ("1-top-down", "2-1-elites", "2-2-publics", "3-0-imbalances"):
        assert not re.search(r"map that is missing|text does not carry|names no chart", text(chapter)), chapter


@pytest.mark.parametrize(
    ("chapter", "chart"),
    [
        ("3-2-energy", "Liquified natural gas export prices"),
        ("3-3-investment", "Percentage of Chinese investment in Russia by sector"),
    ],
)
def test_a_chart_of_the_report_is_called_a_picture_that_the_book_has_not_reproduced(chapter: str, chart: str) -> None:
    (paragraph,) = [block for block in text(chapter).split("\n\n") if chart in block]
    assert "which is a picture that we have not reproduced" in paragraph
    assert "axis-of-collusion-the-fragile-putin-xi-partnership/), find the chart in section" in paragraph
    assert "What is missing" not in text(chapter)


def test_a_share_that_the_report_gives_in_words_has_no_number_in_the_figure() -> None:
    page: dict[str, Any] = {}
    for cell in code_cells("3-1-technology")[:5]:
        exec(cell, page)  # noqa: S102  the chapter's own code
    for side, words in (("printed", "nearly all"), ("rest", "hardly any")):
        shown = page["which_shares"].table(side=side).set_index("Field").loc["chips made in China"]
        assert (shown["Qualifier"], pd.isna(shown["Percent"])) == (words, True)


def run_code(chapter: str) -> dict[str, Any]:
    """Run a chapter's code and return what it defines."""
    page: dict[str, Any] = {}
    for cell in code_cells(chapter):
        exec(cell, page)  # noqa: S102  the chapter's own code
    return page


def test_the_acts_outnumber_the_limits_in_every_setting_as_the_chapter_says() -> None:
    timeline = run_code("1-top-down")["timeline"]
    settings = itertools.product(["entries", "affairs"], [False, True], ["limits", "acts"])
    said = [timeline.says(unit=unit, undated=undated, ties=ties) for unit, undated, ties in settings]
    counts = [tuple(map(int, re.findall(r"(\d+) (?:acts|limits?)", sentence))) for sentence in said]
    assert counts[0] == (12, 5)
    ordered = sorted(counts, key=lambda count: (count[1] / count[0], -count[0]))
    assert (ordered[0], ordered[-1]) == ((17, 0), (20, 13))
    assert "as little as twenty to thirteen, and there may be seventeen acts and no limit at all" in text("1-top-down")


def test_one_act_of_2019_remains_when_one_meeting_counts_once() -> None:
    page = run_code("1-top-down")
    acts = page["events"].query("group == 'act of the two sides' and dated and not again")
    by_year = acts["date"].str[:4].value_counts()
    assert by_year[["2017", "2018", "2019"]].tolist() == [2, 1, 1]
    assert "and only one is left" in text("1-top-down")


def test_another_partner_than_russia_has_the_word_comprehensive_in_its_title() -> None:
    titles = run_code("1-top-down")["same_title"]
    assert titles.says() == "With comprehensive: Russia 2019."
    assert titles.says(more=True) == "With comprehensive: EU 2003; Kazakhstan 2011; Russia 2011; Russia 2019."
    coordinated = titles.says(needed=["coordination"], more=True)
    assert coordinated == "With coordination: Russia 1996; Russia 2011; Russia 2019."
    assert titles.says(needed=[]) == "No word is chosen."


def test_the_sum_of_four_treaties_reaches_the_demand_and_six_times_fits_one_year() -> None:
    page = run_code("2-1-elites")
    account, six_times = page["account"], page["six_times"]
    assert "1.00 million km², 67 percent" in account.says()
    assert "1.51 million km², 101 percent" in account.says(count=page["treaties"])
    assert six_times.says().endswith("It fits 2018.")
    assert six_times.says(reading="more").endswith("It fits 2016 and 2017.")
    assert six_times.says(multiple=5).endswith("It fits 2019 and 2020.")


def test_only_a_stock_or_a_gross_amount_cannot_fall_by_more_than_all_of_it() -> None:
    told = show_numbers(text("3-3-investment")) + (ROOT / "exercises/3-3-investment.ipynb").read_text(encoding="utf-8")
    assert "Nothing can fall by more than 100 percent" not in told
    assert "A fall of 250 percent is impossible" not in told
    assert "A **net flow** can: from 2 billion in to 3 billion out is a fall of 250 percent" in told


@pytest.mark.parametrize("section", ["3.1", "3.2", "3.4", "3.5", "3.6", "3.7"])
def test_the_source_of_each_outside_figure_is_linked_where_it_is_told(section: str) -> None:
    chapter = dict(zip(load("sections")["section"], load("sections")["chapter"], strict=True))[section]
    figures = load("outside_figures")
    addresses = figures["address"][figures["section"] == section].unique()
    assert [address for address in addresses if f"]({address})" not in text(chapter)] == []


def figure(table: str, identifier: str) -> float:
    return float(load(table).set_index("id")["value"].to_dict()[identifier])


def outside(identifier: str) -> float:
    return figure("outside_figures", identifier)


def test_the_loss_on_yuan_follows_from_rates_of_the_time_of_the_purchases() -> None:
    record = figure("yuan_purchases", "3.6-13")
    september, october = outside("3.6-x28"), outside("3.6-x52")
    lost = [record * (1 - outside("3.6-x27") / september), record * (1 - outside("3.6-x61") / october)]
    early = figure("yuan_purchases", "3.6-10") + figure("yuan_purchases", "3.6-11")
    march = figure("yuan_purchases", "3.6-12")
    rates = [(outside("3.6-x49"), outside("3.6-x50"), september), (outside("3.6-x51"), outside("3.6-x53"), october)]
    first = [early * (1 - before / end) + march * (1 - after / end) for before, after, end in rates]
    both = [one + two for one, two in zip(first, lost, strict=True)]
    shown = show_numbers(text("3-6-dollar"))
    assert f"lost between {both[0]:.1f} and {both[1]:.1f} billion dollars" in shown
    assert f"the record alone between {lost[0]:.1f} and {lost[1]:.1f}" in shown
    # Inside the range by more than a billion on either side, and out of reach of the record alone.
    assert both[0] + 1 < 5 < both[1] - 1
    assert lost[1] < 5


def test_the_euro_took_most_of_what_the_dollar_lost() -> None:
    gained, lost = outside("3.6-x10") - outside("3.6-x32"), outside("3.6-x25") - outside("3.6-x09")
    shown = show_numbers(text("3-6-dollar"))
    assert f"the dollar lost {lost:.0f} points of all trade, and the euro took {gained:.1f} of them" in shown
    # The article in the note is older than the shift that it is cited for.
    assert outside("3.6-x18") < 2 < outside("3.6-x19") < outside("3.6-x21") < outside("3.6-x22")
    assert f"{outside('3.6-x19'):.0f} percent in 2018]" in shown
    assert f"[{outside('3.6-x21'):.1f} in 2020 and {outside('3.6-x22'):.1f} in the last quarter" in shown


def test_the_suppliers_of_the_c919_are_as_many_as_the_share_in_the_source() -> None:
    foreign, all_suppliers = outside("3.1-x11"), outside("3.1-x09")
    assert 100 * (foreign - 1) / all_suppliers < outside("3.1-x10") < 100 * foreign / all_suppliers < 41.1
    assert f"foreign, suppliers = {foreign:.0f}, {all_suppliers:.0f}" in text("3-1-technology")


def test_the_growth_of_transit_is_computed_from_the_containers() -> None:
    years = [outside(name) for name in ("3.5-x01", "3.5-x02", "3.5-x03")]
    rise, again = (100 * (after / before - 1) for before, after in itertools.pairwise(years))
    shown = show_numbers(text("3-5-transport"))
    assert f"grew by {rise:.0f} percent, and in 2021 by another {again:.0f}" in shown
    assert [year for year in years if f"{year:g}" not in shown] == []
    # Even with all that it carries elsewhere, the way by the Caspian Sea had under a twentieth of it.
    assert figure("audit_facts", "f118") < years[2] / 20


def test_the_projects_of_the_report_are_fewer_than_those_of_the_programme() -> None:
    printed = figure("joint_projects", "3.4-05")
    assert printed < outside("3.4-x02") < outside("3.4-x01")
    assert f"{outside('3.4-x01'):.0f} joint projects on both sides" in show_numbers(text("3-4-regions"))


def kept_in(group: pd.DataFrame, successes: list[str], left_out: list[str]) -> tuple[int, int]:
    """Count the announcements of a group that a rule calls kept, and those that it judges."""
    return int(group["verdict"].isin(successes).sum()), int((~group["verdict"].isin(left_out)).sum())


def test_leaders_kept_more_than_companies_by_every_rule_until_state_companies_change_sides() -> None:
    outcomes = load("outcomes")
    above = outcomes["who_can"].isin(["leaders", "state bodies"])
    doubtful = ["kept in part", "cannot be told"]
    rules = []
    for ways in itertools.product(["success", "failure", "left out"], repeat=2):
        successes, left_out = (
            [case for case, way in zip(doubtful, ways, strict=True) if way == kind] for kind in ("success", "left out")
        )
        rules.append((["kept", *successes], left_out))

    def share(group: pd.DataFrame, rule: tuple[list[str], list[str]]) -> float:
        kept, judged = kept_in(group, *rule)
        return kept / judged

    everywhere = [share(outcomes, rule) for rule in rules]
    assert f"from {100 * min(everywhere):.0f} to {100 * max(everywhere):.0f} percent" in text("4-conclusion")
    assert min(share(outcomes[above], rule) for rule in rules) > max(share(outcomes[~above], rule) for rule in rules)
    firms = outcomes["who_can"] == "many firms"
    assert sum(share(outcomes[firms], rule) > share(outcomes[~firms], rule) for rule in rules) == 1


def test_a_slider_of_kept_announcements_levels_the_groups_where_the_chapter_says() -> None:
    outcomes = load("outcomes")
    above = outcomes["who_can"].isin(["leaders", "state bodies"])
    (kept, judged), (others, of) = (
        kept_in(outcomes[group], ["kept"], ["kept in part", "cannot be told"]) for group in (above, ~above)
    )
    level = next(more for more in range(30) if (others + more) / (of + more) >= kept / judged)
    assert f"it takes {level} further" in show_numbers(text("4-conclusion"))


def test_no_plausible_number_of_banks_makes_the_two_million_rubles_believable() -> None:
    rubles, wage = 1e6 * figure("payment_systems", "3.7-11"), outside("3.7-x08")
    assert rubles / 50 < wage
    assert round(wage / (rubles / figure("payment_systems", "3.7-02"))) == 10
    whole = 100 * rubles / figure("payment_systems", "3.7-05")
    assert round(whole / wage, -2) == 200
    assert "the wages of two hundred people" in text("3-7-swift")
    # What the central bank counted in 2023 were messages, and more of them.
    assert outside("3.7-x07") / 5 > outside("3.7-x01")


def test_the_aim_for_spfs_needs_a_modest_growth() -> None:
    needed = (figure("payment_systems", "3.7-08") / figure("payment_systems", "3.7-05")) ** (1 / 3)
    assert f"{needed:.3f}" == "1.145"
    assert needed < figure("payment_systems", "3.7-04")


def test_cells_are_short() -> None:
    lengths = sorted(len(cell.splitlines()) for chapter in CHAPTERS for cell in code_cells(chapter))
    assert lengths[int(len(lengths) * 0.9)] <= 22
    assert lengths[-1] <= 25


def test_a_chapter_shows_figures_and_prints_nothing_else(book: Path) -> None:
    for chapter in CHAPTERS:
        page = (book / "chapters" / f"{chapter}.html").read_text(encoding="utf-8")
        assert 'class="output text_plain' not in page, chapter
        assert 'class="dataframe"' not in page, chapter
