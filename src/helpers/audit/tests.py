"""The moves of an audit: each tests one thing that can be wrong with a figure.

A move takes ids and formulas as text, as the column `arguments` of `audit.csv` has them, and gives an
`Outcome`: what was computed, by what criterion it is judged, and whether the figure holds.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from helpers.audit.formulas import YEAR, Range, cell, days, figure, formula, record
from helpers.tables import load

#: The moves by their names in `audit.csv`.
MOVES: dict[str, "Move"] = {}

#: Radius of the earth in km.
EARTH = 6371


@dataclass(frozen=True)
class Outcome:
    """What a move found: the numbers, the criterion, and whether the figure meets it."""

    computed: dict[str, str]
    criterion: str
    holds: bool

    @property
    def verdict(self) -> str:
        """Say it in a word."""
        return "holds" if self.holds else "fails"


@dataclass(frozen=True)
class Move:
    """A function that tests, and the kinds of fault that it can show."""

    test: Callable[..., Outcome]
    kinds: frozenset[str]


def move(*kinds: str) -> Callable[[Callable[..., Outcome]], Callable[..., Outcome]]:
    """Enter a function among the moves, under its name."""

    def enter(test: Callable[..., Outcome]) -> Callable[..., Outcome]:
        MOVES[test.__name__] = Move(test, frozenset(kinds))
        return test

    return enter


def _split(names: str) -> list[str]:
    return names.split(", ")


@move("arithmetic", "definition", "attribution", "date")
def agrees(one: str, other: str) -> Outcome:
    """Test whether two ways to one figure lead to the same one, within rounding."""
    computed = {"found": str(formula(one, rounded=False)), "against": str(formula(other, rounded=False))}
    return Outcome(computed, "both agree within rounding", formula(one).meets(formula(other)))


@move("arithmetic")
def adds_up(parts: str, whole: str) -> Outcome:
    """Test whether parts make their whole."""
    return agrees(" + ".join(_split(parts)), whole)


@move("arithmetic", "definition", "attribution")
def at_most(small: str, large: str) -> Outcome:
    """Test that one figure may be no larger than another: a part than its whole, a fall than all."""
    computed = {"found": str(formula(small, rounded=False)), "limit": str(formula(large, rounded=False))}
    holds = formula(small).low <= formula(large).high * (1 + 1e-9)
    return Outcome(computed, "the first is no larger than the second, if both may be rounded", holds)


@move("arithmetic", "definition")
def surely_at_most(small: str, large: str) -> Outcome:
    """Test that one figure does not exceed another, however both were rounded."""
    computed = {"found": str(formula(small, rounded=False)), "limit": str(formula(large, rounded=False))}
    holds = formula(small).high <= formula(large).low * (1 + 1e-9)
    return Outcome(computed, "the first is no larger than the second, however both were rounded", holds)


@move("unit")
def implied_rate(amount: str, paid: str, rates: str) -> Outcome:
    """Test whether a sum in two currencies, both in units of one, implies a rate that existed."""
    known = _hull(formula(rate) for rate in _split(rates))
    printed = _hull(formula(rate, rounded=False) for rate in _split(rates))
    rate, plain = formula(f"({amount}) / ({paid})"), formula(f"({amount}) / ({paid})", rounded=False)
    computed = {"implied rate": str(plain), "known rates": str(printed)}
    return Outcome(computed, "the implied rate is one of those known", rate.meets(known))


def _hull(ranges: Iterable[Range]) -> Range:
    ends = [end for one in ranges for end in (one.low, one.high)]
    return Range(min(ends), max(ends))


@move("unit")
def sign_fits(rates: str) -> Outcome:
    """Test whether the sign before each rate is that of the currency which it counts."""
    signs = {"$": "US dollars", "¥": "yuan"}
    rows = [record(rate) for rate in _split(rates)]
    fits = [row["unit"].startswith(signs[row["printed_as"][0]]) for row in rows]
    computed = {
        "printed": ", ".join(row["printed_as"] for row in rows),
        "counts": ", ".join(sorted({row["unit"] for row in rows})),
    }
    return Outcome(computed, "the sign is that of the currency counted", all(fits))


@move("date")
def comes_after(later: str, earlier: str, whole: str = "", lag: str = "0") -> Outcome:
    """Test whether a source comes after what it reports: its beginning, or the whole of it."""
    end = days(later)[1]
    needed = _months_later(days(earlier)[1 if whole else 0], int(formula(lag, rounded=False).low))
    holds = end > needed if whole else end >= needed
    computed = {"source": end.isoformat(), "could know from": needed.isoformat()}
    return Outcome(computed, "the later date is not before the earlier", holds)


def _months_later(day: date, months: int) -> date:
    # From the first of the next month, so that an end of month stays one.
    year, month = divmod((day + timedelta(days=1)).year * 12 + (day + timedelta(days=1)).month - 1 + months, 12)
    return date(year, month + 1, (day + timedelta(days=1)).day) - timedelta(days=1)


@move("date")
def same_time(one: str, other: str, within: str = "0") -> Outcome:
    """Test whether two dates of one event overlap, or lie no more than some days apart."""
    (start, end), (first, last) = days(one), days(other)
    gap = max((first - end).days, (start - last).days, 0)
    computed = {"days apart": str(gap), "allowed": within}
    return Outcome(computed, "the two dates are one", gap <= int(within))


@move("date")
def up_to_date(source: str, at: str, years: str = "2") -> Outcome:
    """Test whether the source of what is told in the present tense is too old."""
    age = (days(at)[0] - days(source)[1]).days / YEAR
    computed = {"age in years": f"{age:.1f}", "allowed": years}
    return Outcome(computed, f"the source is no older than {years} years", age <= float(years))


@move("definition", "attribution", "unit", "reference")
def same_word(one: str, other: str) -> Outcome:
    """Test whether two figures count the same thing: one unit, base or measure."""
    found = {"first": cell(one), "second": cell(other)}
    return Outcome(found, "both say the same", found["first"] == found["second"])


@move("definition", "attribution", "unit")
def same_thing(figures: str, things: str) -> Outcome:
    """Test whether two figures that agree also count the same thing: then one may be the other's source."""
    (one, other), (first, second) = _split(figures), map(cell, _split(things))
    equal = figure(one).meets(figure(other))
    computed = {first: str(figure(one, rounded=False)), second: str(figure(other, rounded=False))}
    return Outcome(computed, "figures that agree count the same thing", not equal or first == second)


@move("definition", "reference")
def stated(rows: str, columns: str) -> Outcome:
    """Test whether the report gives what a reader needs, such as a year or a note."""
    cells = [cell(f"{row} {column}") for row in _split(rows) for column in _split(columns)]
    computed = {"asked for": str(len(cells)), "given": str(sum(map(bool, cells)))}
    return Outcome(computed, f"{columns.replace(', ', ' and ')} given for each", all(cells))


@move("definition", "arithmetic")
def counts(table: str, column: str, values: str, printed: str) -> Outcome:
    """Test whether as many rows of a table are of a kind as the report says."""
    return _count(int(load(table)[column].isin(_split(values)).sum()), printed)


def _count(number: int, printed: str) -> Outcome:
    said = formula(printed)
    computed = {"counted": str(number), "printed": str(said)}
    return Outcome(computed, "the count is the printed one", said.low <= number <= said.high)


@move("attribution", "date")
def nearer(printed: str, own: str, other: str) -> Outcome:
    """Test whether a figure lies nearer to what it claims to be than to something else."""
    value, mine, foreign = (formula(name, rounded=False).low for name in (printed, own, other))
    computed = {"printed": f"{value:,.10g}", "its own": f"{mine:,.10g}", "another": f"{foreign:,.10g}"}
    return Outcome(computed, "nearer to its own than to the other", abs(value - mine) < abs(value - foreign))


@move("reference")
def one_source(note: str) -> Outcome:
    """Test whether an ibid. points at one work only."""
    number = len(_split(record(note)["keys"].replace("; ", ", ")))
    return Outcome({"works": str(number)}, "the note leads to one work", number == 1)


@move("definition")
def fewer_breaks(one: str, other: str) -> Outcome:
    """Test whether the second route has fewer breaks of gauge."""
    first, second = _breaks(one), _breaks(other)
    return Outcome({one: str(first), other: str(second)}, "the second route has fewer breaks", second < first)


@move("definition", "arithmetic")
def breaks_as_printed(corridor: str, printed: str) -> Outcome:
    """Test whether the gauge changes on a route as often as the report says."""
    return _count(_breaks(corridor), printed)


def _breaks(corridor: str) -> int:
    legs = load("corridor_gauges").dropna(subset="gauge").sort_values("leg")
    return int(legs[legs["corridor"] == corridor]["gauge"].diff().fillna(0).ne(0).sum())


@move("definition")
def north_of(area: str, river: str) -> Outcome:
    """Test that no point of an area is south of the southernmost point of a river."""
    corners = load("ceded_areas").groupby("area")["latitude"].min()
    computed = {"southernmost of the area": f"{corners[area]:.1f}° N", "of the river": f"{corners[river]:.1f}° N"}
    return Outcome(computed, "no point lies south of the river", bool(corners[area] >= corners[river]))


@move("definition")
def covers(areas: str, claim: str) -> Outcome:
    """Test whether areas make up what is claimed, to ten percent, in million km²."""
    total, claimed = sum(map(_area, _split(areas))), formula(claim, rounded=False).high
    computed = {"traced": f"{total:.2f}", "claimed": f"{claimed:g}"}
    return Outcome(computed, "the areas reach the claim", total >= 0.9 * claimed)


def _area(name: str) -> float:
    areas = load("ceded_areas").sort_values("order")
    corners = areas[areas["area"] == name][["longitude", "latitude"]].map(math.radians).to_numpy().tolist()
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    strips = [(b[0] - a[0]) * (2 + math.sin(a[1]) + math.sin(b[1])) for a, b in pairs]
    return float(abs(sum(strips)) / 2 * EARTH**2 / 1e6)
