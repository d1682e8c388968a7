"""The report's figures: complete, described, typed, and refused where a file is broken."""

import shutil
from collections import Counter
from pathlib import Path

import frictionless
import pandas as pd
import pytest

from helpers import load
from helpers.tables import column_descriptions, data_folder, load_statements, table_names

#: How many statements and dated events each section of the report holds, counted in its text and notes.
STATEMENTS = {
    **{"0": 1, "1": 14, "2.1": 12, "2.2": 2, "3": 4, "3.1": 11, "3.2": 18},
    **{"3.3": 25, "3.4": 13, "3.5": 10, "3.6": 34, "3.7": 12, "4": 0, "5": 4},
}
EVENTS = {
    **{"0": 9, "1": 27, "2.1": 18, "2.2": 3, "3": 2, "3.1": 0, "3.2": 10},
    **{"3.3": 9, "3.4": 9, "3.5": 4, "3.6": 23, "3.7": 10, "4": 7, "5": 4},
}


@pytest.fixture(scope="module")
def every_statement() -> pd.DataFrame:
    return load_statements()


def test_the_package_is_valid_under_frictionless() -> None:
    with frictionless.system.use_context(trusted=True):
        report = frictionless.validate(str(data_folder() / "datapackage.json"), type="package")
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


@pytest.mark.parametrize("name", table_names())
def test_every_column_is_described_and_typed(name: str) -> None:
    columns = column_descriptions(name)
    assert (columns["description"].str.len() > 10).all()
    frame = load(name)
    assert list(frame.columns) == list(columns["name"])
    assert "object" not in set(frame.dtypes.astype(str))
    assert frame.attrs["table"] == name


def test_sections_have_all_their_statements(every_statement: pd.DataFrame) -> None:
    assert Counter(every_statement["section"]) == Counter(STATEMENTS)
    assert Counter(load("events")["section"]) == Counter(EVENTS)


def test_every_section_of_the_report_has_rows() -> None:
    assert list(STATEMENTS) == list(EVENTS) == load("sections")["section"].tolist()


def test_statements_are_numbered_through_in_each_section(every_statement: pd.DataFrame) -> None:
    for section, group in every_statement.groupby("section"):
        assert sorted(group["id"]) == [f"{section}-{number:02d}" for number in range(1, len(group) + 1)]


def test_money_has_a_currency_and_nothing_else_has(every_statement: pd.DataFrame) -> None:
    # A unit such as "rubles per US dollar" is a rate and no amount; a price of gas is an amount.
    is_rate = every_statement["unit"].isin(["yuan per US dollar", "rubles per US dollar"])
    words = {"USD": "US dollars", "CNY": "yuan", "RUB": "rubles"}
    for currency, word in words.items():
        amounts = every_statement["unit"].str.contains(word) & ~is_rate
        assert every_statement.loc[amounts, "currency"].eq(currency).all()
    money = every_statement["unit"].str.contains("|".join(words.values())) & ~is_rate
    assert every_statement.loc[~money, "currency"].eq("").all()


@pytest.mark.parametrize(
    ("table", "where", "value"),
    [
        ("gas_prices", "entity == 'Russia' and counterpart == 'China' and form == 'pipeline gas'", 150.2),
        ("gas_prices", "entity == 'Russia' and counterpart == 'Europe'", 143),
        ("gas_prices", "entity == 'Myanmar'", 340),
        ("gas_prices", "entity == 'Qatar'", 275),
        ("export_shares", "entity == 'Timber'", 8),
        ("statements", "topic == 'gas volume'", 4.1),
        ("statements", "entity == 'China' and counterpart == 'Rosneft'", 14),
        ("fdi", "entity == 'Germany' and kind == 'stock'", 16.6),
        ("fdi", "entity == 'Cyprus' and kind == 'multiple'", 68),
        ("investment", "entity == 'Brazil'", 34),
        ("investment", "unit == 'percent'", 250),
        ("investment", "period == '2021'", 0.48),
    ],
)
def test_a_figure_stands_as_the_report_prints_it(table: str, where: str, value: float) -> None:
    assert load(table).query(where)["value"].tolist() == [value]


def test_every_impossible_or_undated_total_has_a_doubt() -> None:
    doubtful = load("investment").query("value == 250 or value == 0.48 or entity == 'Russia'")
    assert (doubtful["doubt"].str.len() > 40).all()


def test_a_figure_names_only_notes_that_the_report_has(every_statement: pd.DataFrame) -> None:
    used = {int(note) for cell in every_statement["notes"] if cell for note in cell.split("; ")}
    assert used <= set(load("notes")["note"])


def test_an_unknown_table_is_told_the_near_one() -> None:
    with pytest.raises(ValueError, match=r'no table "gas_price"\. Did you mean "gas_prices"'):
        load("gas_price")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("340", "dear", 'row 6, column "value"'),
        ("LNG,stated", "balloon,stated", 'row 7, column "form"'),
        ("3.2-12", "3.2-11", 'row 5, column "id"'),
        ("Myanmar", "", 'row 6, column "entity"'),
        ("counterpart", "buyer", "the header lacks counterpart and has the unknown column buyer"),
        ("entity,counterpart", "counterpart,entity", "the header has a column twice or in another place"),
        ("id,", "id,id,", "the header has a column twice or in another place"),
        ("\n", "\n\n", 'Row at position "2" is completely blank'),
        ("3.2-10,Russia", "3.2-19,Russia,Europe\n3.2-10,Russia", 'row 3, column "measure": an empty cell is refused'),
    ],
    ids=[
        *("not a number", "outside the list", "number used twice", "left empty"),
        *("another header", "columns swapped", "a column twice", "a blank row", "a short row"),
    ],
)
def test_a_broken_table_is_refused_with_file_and_place(old: str, new: str, place: str, tmp_path: Path) -> None:
    folder = shutil.copytree(data_folder(), tmp_path / "data")
    table = folder / "gas_prices.csv"
    text = table.read_text()
    assert old in text
    table.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=r"gas_prices\.csv") as refusal:
        load("gas_prices", folder=folder)
    assert place in str(refusal.value)
    assert "datapackage.json" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_without_a_line_is_told_to_be_empty(tmp_path: Path) -> None:
    folder = shutil.copytree(data_folder(), tmp_path / "data")
    (folder / "gas_prices.csv").write_text("")
    with pytest.raises(ValueError, match=r"gas_prices\.csv: .*the source is empty; correct it there"):
        load("gas_prices", folder=folder)


def test_a_missing_column_is_named_and_not_its_neighbour(tmp_path: Path) -> None:
    folder = shutil.copytree(data_folder(), tmp_path / "data")
    load("fdi").drop(columns="kind").to_csv(folder / "fdi.csv", index=False)
    with pytest.raises(ValueError, match=r"fdi\.csv: the header lacks kind;"):
        load("fdi", folder=folder)


def test_a_broken_or_missing_description_is_named(tmp_path: Path) -> None:
    description = tmp_path / "datapackage.json"
    with pytest.raises(ValueError, match=r"datapackage\.json is missing"):
        load("fdi", folder=tmp_path)
    description.write_text('{\n"name": ')
    with pytest.raises(ValueError, match=r"datapackage\.json, line 2:"):
        load("fdi", folder=tmp_path)


def test_a_table_is_checked_again_when_its_description_changes(tmp_path: Path) -> None:
    folder = shutil.copytree(data_folder(), tmp_path / "data")
    assert len(load("export_shares", folder=folder)) == 2
    description = folder / "datapackage.json"
    description.write_text(description.read_text().replace('"exact"', '"precise"'))
    with pytest.raises(ValueError, match='column "qualifier": "exact" is refused'):
        load("export_shares", folder=folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = shutil.copytree(data_folder(), tmp_path / "data")
    (folder / "fdi.csv").unlink()
    with pytest.raises(ValueError, match=r"fdi\.csv is missing: put it back"):
        load("fdi", folder=folder)


def test_a_reader_who_changes_a_table_does_not_change_the_next_readers() -> None:
    mine = load("fdi")
    mine.loc[:, "value"] = 0.0
    assert load("fdi")["value"].min() > 0
