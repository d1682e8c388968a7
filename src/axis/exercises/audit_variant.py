"""Give each student another practice page in the exercise on the audit: other figures, and errors in other lines.

The page of the source is one set of `PageFigures`. What depends on them, in the page, in the code, in the prompts and
in the seals, is written out for the source's set and for the student's, and the one replaces the other in the text of
the notebook. Wherever the source says something else than its set does, the variant is refused and nothing is released.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpers.seals import number_seal, rounded_text, row_seals, shown_seal, table_seal

#: The exercise that has variants.
AUDIT_EXERCISE = "6-audit"

#: The digests of a seal: several of them stand in one text where a seal has parts.
_DIGEST = re.compile(r"([0-9a-f]{24})")

_KINDS = {
    "parts": "arithmetic",
    "ferry": "unit",
    "visitors": "arithmetic",
    "fleet": "date",
    "payment": "definition",
    "debt": "attribution",
}
_TIMES = {3: "tripled", 4: "quadrupled"}
_MONTHS = {1: "January", 2: "February", 3: "March", 4: "April", 5: "May"}


class VariantError(ValueError):
    """A source that does not say what the variants are made from."""


@dataclass(frozen=True)
class PageFigures:
    """What differs from page to page.

    Attributes
    ----------
    exports, growth
        The exports of 2015 in million florins, and how many times as large those of 2020 are.
    shares
        What these are of Almar's exports and of Boreland's imports, in percent.
    parts
        The shares of fish, timber and machines, which come to more than 100.
    dollars, rate
        The right price of the ferry in million dollars, of which the page prints a tenth, and florins for a dollar.
    visitors
        Thousands of visitors in 2018 and in 2020.
    boats
        Boats of joint firms, and boats in all.
    fleet_day
        Month and day in 2020 on which the source on the fleet appeared.
    payers
        The percentage of importers who pay in florins.
    debt
        What Sundia, Boreland and Tessara hold; the page gives Boreland the figure of Sundia.
    order
        The subjects of lines 2 to 7.
    """

    exports: int
    growth: int
    shares: tuple[int, int]
    parts: tuple[int, int, int]
    dollars: int
    rate: int
    visitors: tuple[int, int]
    boats: tuple[int, int]
    fleet_day: tuple[int, int]
    payers: int
    debt: tuple[int, int, int]
    order: tuple[str, ...]

    @property
    def later_exports(self) -> int:
        """The exports of 2020 in million florins."""
        return self.exports * self.growth

    @property
    def florins(self) -> int:
        """The price of the ferry in million florins."""
        return self.dollars * self.rate

    @property
    def false_fall(self) -> int:
        """The fall of the visitors in percent of the wrong year."""
        before, after = self.visitors
        return round(100 * (before - after) / after)

    def line(self, subject: str) -> int:
        """Return the number of the line on this subject."""
        return self.order.index(subject) + 2


#: What `exercises/6-audit.ipynb` says.
SOURCE_FIGURES = PageFigures(
    exports=480,
    growth=4,
    shares=(25, 1),
    parts=(58, 27, 21),
    dollars=75,
    rate=8,
    visitors=(60, 25),
    boats=(30, 45),
    fleet_day=(3, 3),
    payers=36,
    debt=(2400, 1700, 900),
    order=("parts", "ferry", "visitors", "fleet", "payment", "debt"),
)


def draw_figures(seed: int) -> PageFigures:
    """Draw the figures of one student's page; the same seed gives the same page."""
    drawn = random.Random(seed)  # noqa: S311  the seed is what nobody can guess
    while True:
        fish, timber = drawn.randint(41, 62), drawn.randint(24, 34)
        before, after = drawn.choice(_FALLS)
        fleet = drawn.randint(38, 64)
        figures = PageFigures(
            exports=20 * drawn.randint(16, 39),
            growth=drawn.choice(list(_TIMES)),
            shares=(drawn.choice((20, 25, 40)), drawn.choice((1, 2))),
            parts=(fish, timber, 100 + drawn.randint(4, 19) - fish - timber),
            dollars=drawn.randint(51, 98),
            rate=drawn.choice((4, 6, 8)),
            visitors=(before, after),
            boats=(drawn.randint(21, 35), fleet),
            fleet_day=(drawn.choice(list(_MONTHS)), drawn.randint(2, 28)),
            payers=drawn.randint(23, 48),
            debt=(100 * drawn.randint(22, 29), 100 * drawn.randint(13, 19), 100 * drawn.randint(6, 11)),
            order=tuple(drawn.sample(list(_KINDS), len(_KINDS))),
        )
        if _mistakes_differ(figures) and figures.parts[2] > 0:
            return figures


#: Thousands of visitors before and after, of which the page's wrong percentage is a whole number above 100.
_FALLS = [
    (before, after)
    for after in range(20, 41)
    for before in range(2 * after + 1, 3 * after)
    if 100 * (before - after) % after == 0
]


def _mistakes_differ(figures: PageFigures) -> bool:
    """Return whether no expected mistake is the right answer or another mistake."""
    return all(
        len({rounded_text(value, 3) for value in values}) == len(values) for values in _numbers(figures).values()
    )


def _numbers(figures: PageFigures) -> dict[str, list[float]]:
    """Return for each numeric question the right answer, then the mistakes that have a hint."""
    before, after = figures.visitors
    total, dollars, rate = sum(figures.parts), figures.dollars, figures.rate
    left = 100 * after / before
    return {
        "excess": [total - 100, total],
        "fall": [100 - left, -figures.false_fall, figures.false_fall, left, 1000 * (before - after)],
        "ferry": [dollars, rate * 10, figures.florins * rate, dollars / 10, figures.florins / 10],
    }


def vary_audit(text: str, seed: int) -> str:
    """Return the instructor's notebook of the audit exercise with the page that belongs to a seed.

    Parameters
    ----------
    text
        The instructor's notebook as JSON.

    Raises
    ------
    VariantError
        If the notebook does not say what `SOURCE_FIGURES` say.
    """
    notebook = json.loads(text)
    figures = draw_figures(seed)
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    for (name, old), (_, new) in zip(_cell_fragments(SOURCE_FIGURES), _cell_fragments(figures), strict=True):
        source = "".join(cells[name]["source"]) if name in cells else ""
        if old not in source:
            raise VariantError(f'the cell "{name}" does not contain "{old[:60]}", from which its variants are made')
        cells[name]["source"] = source.replace(old, new)
    for name, digests in _changed_digests(figures).items():
        source = "".join(cells[name]["source"])
        if not set(digests) <= set(_DIGEST.findall(source)):
            raise VariantError(f'the cell "{name}" does not contain the seals that belong to the figures of its page')
        cells[name]["source"] = "".join(digests.get(part, part) for part in _DIGEST.split(source))
    for cell in notebook["cells"]:
        # The source's own page is among what its given cells showed.
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["outputs"] = []
    return json.dumps(notebook)


def _changed_digests(figures: PageFigures) -> dict[str, dict[str, str]]:
    """Return for each check what replaces each digest, all at one time: one may be new for one and old for another."""
    changed: dict[str, dict[str, str]] = {}
    for (name, old), (_, new) in zip(_cell_seals(SOURCE_FIGURES), _cell_seals(figures), strict=True):
        changed.setdefault(name, {}).update(zip(old.split(":"), new.split(":"), strict=True))
    return changed


def _cell_fragments(figures: PageFigures) -> Iterator[tuple[str, str]]:
    """Yield each text that depends on the figures, with the name of its cell, in an order that is always the same."""
    whole, part = figures.shares
    yield "page", "\n".join(f"> {number}. {line}" for number, line in enumerate(_page_lines(figures), start=1))
    month, day = figures.fleet_day
    yield "page", f'"Who owns the fleet?", Harbour Gazette, {day} {_MONTHS[month]} 2020'
    yield "page", f'"{figures.payers} percent of importers pay in florins"'
    sundia, boreland, tessara = figures.debt
    yield "page", f"Sundia {sundia:,}, Boreland {boreland:,}, Tessara {tessara:,} million florins"
    yield "tables", "\n".join(f"        {_row_code(row)}," for row in _table_rows(figures))
    yield "tables", f'4: "2020-{month:02}-{day:02}"'
    yield "parts-question", f"that line {figures.line('parts')} prints"
    yield "parts-answer", f'page["line"] == {figures.line("parts")}]'
    yield "excess-question", f"the parts of line {figures.line('parts')} exceed"
    yield "fall-question", f"the visitors of line {figures.line('visitors')} fall"
    yield "fall-answer", f'page["line"] == {figures.line("visitors")}]'
    yield "ferry-question", f"Line {figures.line('ferry')} gives the price"
    yield "ferry-answer", f"ferry = {figures.florins} / {figures.rate}"
    yield "line_8-question", f"as {whole} percent and as {part} percent"
    yield "kinds-answer", f'"kind": {json.dumps(_kinds(figures))}'
    before, after = (1000 * count for count in figures.visitors)
    yield (
        "by_base-answer",
        f'("Exports", {figures.exports}, {figures.later_exports}), ("Visitors", {before}, {after})',
    )


def _page_lines(figures: PageFigures) -> list[str]:
    fish, timber, machines = figures.parts
    before, after = (1000 * count for count in figures.visitors)
    joint, fleet = figures.boats
    whole, part = figures.shares
    exports = figures.later_exports
    lines = {
        "parts": f"In 2020, {fish} percent of these exports were fish, {timber} percent timber and {machines} percent "
        "machines. [1]",
        "ferry": f"A ferry that Boreland builds for Almar costs {figures.florins} million florins, or "
        f"{figures.dollars / 10} million dollars. For years a dollar has cost {figures.rate} florins. [2]",
        "visitors": f"Visitors from Boreland fell by {figures.false_fall} percent, from {before:,} in 2018 to "
        f"{after:,} in 2020. [3]",
        "fleet": f"At the end of April 2021, joint firms owned {joint} of the {fleet} boats of Almar's fishing "
        "fleet. [4]",
        "payment": f"In 2020, Almar paid for {figures.payers} percent of its imports in florins. [5]",
        "debt": f"At the end of 2020, Boreland held {figures.debt[0]:,} million florins of Almar's public debt, second "
        "only to Sundia. [6]",
    }
    return [
        f"Almar's exports to Boreland rose from {figures.exports} million florins in 2015 to {exports:,} million in "
        f"2020: they {_TIMES[figures.growth]}. [1]",
        *(lines[subject] for subject in figures.order),
        f"Boreland takes {whole} percent of Almar's exports, which were {100 * exports // whole:,} million florins in "
        f"2020. Yet they are only {part} percent of Boreland's imports, which were {100 * exports // part:,} million. "
        "[1]",
    ]


def _table_rows(figures: PageFigures) -> list[tuple[int, str, float, str, str, int]]:
    end, signed, counted = "2020-12-31", "2021-01-20", "2021-04-30"
    before, after = (1000 * count for count in figures.visitors)
    share = "percent of exports"
    rows: dict[str, list[tuple[str, float, str, str, int]]] = {
        "parts": [
            (name, value, share, end, 1)
            for name, value in zip(("fish", "timber", "machines"), figures.parts, strict=True)
        ],
        "ferry": [
            ("ferry, in florins", figures.florins, "million florins", signed, 2),
            ("ferry, in dollars", figures.dollars / 10, "million dollars", signed, 2),
            ("rate", figures.rate, "florins for a dollar", signed, 2),
        ],
        "visitors": [
            ("visitors, 2018", before, "people", "2018-12-31", 3),
            ("visitors, 2020", after, "people", end, 3),
        ],
        "fleet": [
            ("boats of joint firms", figures.boats[0], "boats", counted, 4),
            ("boats in all", figures.boats[1], "boats", counted, 4),
        ],
        "payment": [("imports paid in florins", figures.payers, "percent of imports", end, 5)],
        "debt": [("debt that Boreland holds", figures.debt[0], "million florins", end, 6)],
    }
    return [
        (1, "exports to Boreland, 2015", figures.exports, "million florins", "2015-12-31", 1),
        (1, "exports to Boreland, 2020", figures.later_exports, "million florins", end, 1),
        *((line, *row) for line, subject in enumerate(figures.order, start=2) for row in rows[subject]),
        (8, "Boreland's share of Almar's exports", figures.shares[0], "percent", end, 1),
        (8, "Almar's share of Boreland's imports", figures.shares[1], "percent", end, 1),
    ]


def _row_code(row: tuple[object, ...]) -> str:
    return f"({', '.join(json.dumps(value) for value in row)})"


def _kinds(figures: PageFigures) -> list[str]:
    return [*(_KINDS[subject] for subject in figures.order), "holds"]


def _cell_seals(figures: PageFigures) -> Iterator[tuple[str, str]]:
    """Yield each seal that depends on the figures, with the name of its cell, in an order that is always the same."""
    # Imported here, because marking a class without variants does without it.
    import pandas as pd

    for name, values in _numbers(figures).items():
        for value in values:
            yield f"{name}-check", number_seal(name, value)
    page = pd.DataFrame(_table_rows(figures), columns=["line", "measure", "value", "unit", "until", "note"])
    parts = page[page["line"] == figures.line("parts")]
    yield "parts-check", table_seal("parts", parts, ["measure", "value"])
    month, day = figures.fleet_day
    old = page[page["line"] == figures.line("fleet")].assign(published=f"2020-{month:02}-{day:02}")
    yield "too_old-check", table_seal("too_old", old, ["line", "measure", "published"])
    kinds = pd.DataFrame({"line": range(2, 9), "kind": _kinds(figures)})
    yield "kinds-check", table_seal("kinds", kinds, ["line", "kind"])
    yield "kinds-check", ":".join(row_seals("kinds", kinds, ["line", "kind"]))
    before, after = figures.visitors
    pairs = [(figures.exports, figures.later_exports), (before, after), (12, 15)]
    for base in (0, 1):
        yield "by_base-check", shown_seal("by_base", [100 * (pair[1] - pair[0]) / pair[base] for pair in pairs])
