"""The moves of an audit: each tests one thing that can be wrong with a figure.

A move takes ids and formulas as text, as the column `arguments` of `audit.csv` has them, and gives an
`AuditOutcome`: what was computed, by what criterion it is judged, and whether the figure holds.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from helpers.audit.formulas import (
    DAYS_PER_YEAR,
    Range,
    cell_text,
    date_span,
    evaluate_formula,
    figure_range,
    find_record,
)
from helpers.tables import load

#: The moves by their names in `audit.csv`.
MOVES: dict[str, "Move"] = {}

#: Radius of the earth in km.
EARTH_RADIUS_KM = 6371


@dataclass(frozen=True)
class AuditOutcome:
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

    test: Callable[..., AuditOutcome]
    kinds: frozenset[str]


def move(*kinds: str) -> Callable[[Callable[..., AuditOutcome]], Callable[..., AuditOutcome]]:
    """Enter a function among the moves, under its name."""

    def enter(test: Callable[..., AuditOutcome]) -> Callable[..., AuditOutcome]:
        MOVES[test.__name__] = Move(test, frozenset(kinds))
        return test

    return enter


def _split_names(names: str) -> list[str]:
    return names.split(", ")


@move("arithmetic", "definition", "attribution", "date")
def agrees(one: str, other: str) -> AuditOutcome:
    """Test whether two ways to one figure lead to the same one, within rounding."""
    computed = {
        "found": str(evaluate_formula(one, rounded=False)),
        "against": str(evaluate_formula(other, rounded=False)),
    }
    return AuditOutcome(computed, "both agree within rounding", evaluate_formula(one).overlaps(evaluate_formula(other)))


@move("arithmetic")
def adds_up(parts: str, whole: str) -> AuditOutcome:
    """Test whether parts make their whole."""
    return agrees(" + ".join(_split_names(parts)), whole)


@move("arithmetic", "definition", "attribution")
def at_most(small: str, large: str) -> AuditOutcome:
    """Test that one figure may be no larger than another: a part than its whole, a fall than all."""
    computed = {
        "found": str(evaluate_formula(small, rounded=False)),
        "limit": str(evaluate_formula(large, rounded=False)),
    }
    holds = evaluate_formula(small).low <= evaluate_formula(large).high * (1 + 1e-9)
    return AuditOutcome(computed, "the first is no larger than the second, if both may be rounded", holds)


@move("arithmetic", "definition")
def surely_at_most(small: str, large: str) -> AuditOutcome:
    """Test that one figure does not exceed another, however both were rounded."""
    computed = {
        "found": str(evaluate_formula(small, rounded=False)),
        "limit": str(evaluate_formula(large, rounded=False)),
    }
    holds = evaluate_formula(small).high <= evaluate_formula(large).low * (1 + 1e-9)
    return AuditOutcome(computed, "the first is no larger than the second, however both were rounded", holds)


@move("unit")
def implied_rate(amount: str, paid: str, rates: str) -> AuditOutcome:
    """Test whether a sum in two currencies, both in units of one, implies a rate that existed."""
    known = _enclosing_range(evaluate_formula(rate) for rate in _split_names(rates))
    printed = _enclosing_range(evaluate_formula(rate, rounded=False) for rate in _split_names(rates))
    rate, plain = evaluate_formula(f"({amount}) / ({paid})"), evaluate_formula(f"({amount}) / ({paid})", rounded=False)
    computed = {"implied rate": str(plain), "known rates": str(printed)}
    return AuditOutcome(computed, "the implied rate is one of those known", rate.overlaps(known))


def _enclosing_range(ranges: Iterable[Range]) -> Range:
    ends = [end for one in ranges for end in (one.low, one.high)]
    return Range(min(ends), max(ends))


@move("unit")
def sign_fits(rates: str) -> AuditOutcome:
    """Test whether the sign before each rate is that of the currency which it counts."""
    signs = {"$": "US dollars", "¥": "yuan"}
    rows = [find_record(rate) for rate in _split_names(rates)]
    fits = [row["unit"].startswith(signs[row["printed_as"][0]]) for row in rows]
    computed = {
        "printed": ", ".join(row["printed_as"] for row in rows),
        "counts": ", ".join(sorted({row["unit"] for row in rows})),
    }
    return AuditOutcome(computed, "the sign is that of the currency counted", all(fits))


@move("date")
def comes_after(later: str, earlier: str, whole: str = "", lag: str = "0") -> AuditOutcome:
    """Test whether a source comes after what it reports: its beginning, or the whole of it."""
    end, reported = date_span(later).last, date_span(earlier)
    known = reported.last if whole else reported.first
    needed = _add_months(known, int(evaluate_formula(lag, rounded=False).low))
    holds = end > needed if whole else end >= needed
    computed = {"source": end.isoformat(), "could know from": needed.isoformat()}
    return AuditOutcome(computed, "the later date is not before the earlier", holds)


def _add_months(day: date, months: int) -> date:
    # By way of the day after, so that the last day of a month leads to the last day of another.
    after = day + timedelta(days=1)
    year, month = divmod(after.year * 12 + after.month - 1 + months, 12)
    return date(year, month + 1, after.day) - timedelta(days=1)


@move("date")
def same_time(one: str, other: str, within: str = "0") -> AuditOutcome:
    """Test whether two dates of one event overlap, or lie no more than some days apart."""
    here, there = date_span(one), date_span(other)
    gap = max((there.first - here.last).days, (here.first - there.last).days, 0)
    computed = {"days apart": str(gap), "allowed": within}
    return AuditOutcome(computed, "the two dates are one", gap <= int(within))


@move("date")
def up_to_date(source: str, at: str, years: str = "2") -> AuditOutcome:
    """Test whether the source of what is told in the present tense is too old."""
    age = (date_span(at).first - date_span(source).last).days / DAYS_PER_YEAR
    computed = {"age in years": f"{age:.1f}", "allowed": years}
    return AuditOutcome(computed, f"the source is no older than {years} years", age <= float(years))


@move("definition", "attribution", "unit", "reference")
def same_word(one: str, other: str) -> AuditOutcome:
    """Test whether two figures count the same thing: one unit, base or measure."""
    found = {"first": cell_text(one), "second": cell_text(other)}
    return AuditOutcome(found, "both say the same", found["first"] == found["second"])


@move("definition", "attribution", "unit")
def same_thing(figures: str, things: str) -> AuditOutcome:
    """Test whether two figures that agree also count the same thing: then one may be the other's source."""
    (one, other), (first, second) = _split_names(figures), map(cell_text, _split_names(things))
    equal = figure_range(one).overlaps(figure_range(other))
    computed = {first: str(figure_range(one, rounded=False)), second: str(figure_range(other, rounded=False))}
    return AuditOutcome(computed, "figures that agree count the same thing", not equal or first == second)


@move("definition", "reference")
def stated(rows: str, columns: str) -> AuditOutcome:
    """Test whether the report gives what a reader needs, such as a year or a note."""
    cells = [cell_text(f"{row} {column}") for row in _split_names(rows) for column in _split_names(columns)]
    computed = {"asked for": str(len(cells)), "given": str(sum(map(bool, cells)))}
    return AuditOutcome(computed, f"{columns.replace(', ', ' and ')} given for each", all(cells))


@move("definition", "arithmetic")
def counts(table: str, column: str, values: str, printed: str) -> AuditOutcome:
    """Test whether as many rows of a table are of a kind as the report says."""
    return _compare_count(int(load(table)[column].isin(_split_names(values)).sum()), printed)


def _compare_count(number: int, printed: str) -> AuditOutcome:
    said = evaluate_formula(printed)
    computed = {"counted": str(number), "printed": str(said)}
    return AuditOutcome(computed, "the count is the printed one", said.low <= number <= said.high)


@move("attribution", "date")
def nearer(printed: str, own: str, other: str) -> AuditOutcome:
    """Test whether a figure lies nearer to what it claims to be than to something else."""
    value, mine, foreign = (evaluate_formula(name, rounded=False).low for name in (printed, own, other))
    computed = {"printed": f"{value:,.10g}", "its own": f"{mine:,.10g}", "another": f"{foreign:,.10g}"}
    return AuditOutcome(computed, "nearer to its own than to the other", abs(value - mine) < abs(value - foreign))


@move("reference")
def one_source(note: str) -> AuditOutcome:
    """Test whether an ibid. points at one work only."""
    number = len(find_record(note)["keys"].split("; "))
    return AuditOutcome({"works": str(number)}, "the note leads to one work", number == 1)


@move("definition")
def fewer_breaks(one: str, other: str) -> AuditOutcome:
    """Test whether the second route has fewer breaks of gauge."""
    first, second = _count_gauge_breaks(one), _count_gauge_breaks(other)
    return AuditOutcome({one: str(first), other: str(second)}, "the second route has fewer breaks", second < first)


@move("definition", "arithmetic")
def breaks_as_printed(corridor: str, printed: str) -> AuditOutcome:
    """Test whether the gauge changes on a route as often as the report says."""
    return _compare_count(_count_gauge_breaks(corridor), printed)


def _count_gauge_breaks(corridor: str) -> int:
    legs = load("corridor_gauges").dropna(subset="gauge").sort_values("leg")
    return int(legs[legs["corridor"] == corridor]["gauge"].diff().fillna(0).ne(0).sum())


@move("definition")
def north_of(area: str, river: str) -> AuditOutcome:
    """Test that no point of an area is south of the southernmost point of a river."""
    corners = load("ceded_areas").groupby("area")["latitude"].min()
    computed = {"southernmost of the area": f"{corners[area]:.1f}° N", "of the river": f"{corners[river]:.1f}° N"}
    return AuditOutcome(computed, "no point lies south of the river", bool(corners[area] >= corners[river]))


@move("definition")
def covers(areas: str, claim: str) -> AuditOutcome:
    """Test whether areas make up what is claimed, to ten percent, in million km²."""
    total, claimed = sum(map(_spherical_area, _split_names(areas))), evaluate_formula(claim, rounded=False).high
    computed = {"traced": f"{total:.2f}", "claimed": f"{claimed:g}"}
    return AuditOutcome(computed, "the areas reach the claim", total >= 0.9 * claimed)


def _spherical_area(name: str) -> float:
    areas = load("ceded_areas").sort_values("order")
    corners = areas[areas["area"] == name][["longitude", "latitude"]].map(math.radians).to_numpy().tolist()
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    strips = [(b[0] - a[0]) * (2 + math.sin(a[1]) + math.sin(b[1])) for a, b in pairs]
    return float(abs(sum(strips)) / 2 * EARTH_RADIUS_KM**2 / 1e6)
