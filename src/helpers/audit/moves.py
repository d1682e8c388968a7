"""The moves of an audit: each tests one thing that can be wrong with a figure.

A move takes ids and formulas as text, as they are in the column `arguments` of `audit.csv`, and
returns an `AuditOutcome`: what was computed, the criterion, and whether the figure meets it.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from helpers.audit.formulas import (
    DAYS_PER_YEAR,
    DateSpan,
    Range,
    cell_text,
    date_span,
    evaluate_formula,
    figure_range,
    find_record,
)
from helpers.audit.wording import (
    DETAILS,
    agreement_words,
    formula_words,
    order_words,
    quoted_words,
    range_words,
    span_words,
    times_words,
)
from helpers.tables import load

#: All moves, by their names in `audit.csv`.
MOVES: dict[str, "Move"] = {}

#: The mean radius of the earth.
EARTH_RADIUS_KM = 6371


@dataclass(frozen=True)
class AuditOutcome:
    """What a move found: the numbers by their labels, the criterion, whether the figure meets it, and all in words."""

    computed: dict[str, str]
    criterion: str
    holds: bool
    words: str = ""

    @property
    def verdict(self) -> str:
        """The outcome in one word."""
        return "holds" if self.holds else "fails"

    @property
    def sentence(self) -> str:
        """The outcome in a sentence, such as "2.28 ÷ 0.48 = 4.75 and 5 agree within rounding, so it holds."."""
        return f"{self.words[:1].upper()}{self.words[1:]}, so it {self.verdict}."


@dataclass(frozen=True)
class Move:
    """The function that tests, and the kinds of fault that it can find."""

    test: Callable[..., AuditOutcome]
    kinds: frozenset[str]


def move(*kinds: str) -> Callable[[Callable[..., AuditOutcome]], Callable[..., AuditOutcome]]:
    """Add a function to `MOVES` under its name, with the kinds of fault that it can find."""

    def enter(test: Callable[..., AuditOutcome]) -> Callable[..., AuditOutcome]:
        MOVES[test.__name__] = Move(test, frozenset(kinds))
        return test

    return enter


def _split_names(names: str) -> list[str]:
    return names.split(", ")


@move("arithmetic", "definition", "attribution", "date")
def agrees(one: str, other: str) -> AuditOutcome:
    """Test whether two ways to compute a figure agree within rounding."""
    computed = {
        "one way": str(evaluate_formula(one, rounded=False)),
        "the other way": str(evaluate_formula(other, rounded=False)),
    }
    holds = evaluate_formula(one).overlaps(evaluate_formula(other))
    return AuditOutcome(computed, "both ways agree within rounding", holds, agreement_words(one, other, holds))


@move("arithmetic")
def adds_up(parts: str, whole: str) -> AuditOutcome:
    """Test whether the parts add up to the whole."""
    return agrees(" + ".join(_split_names(parts)), whole)


@move("arithmetic", "definition", "attribution")
def at_most(small: str, large: str) -> AuditOutcome:
    """Test whether one figure can be at most as large as another, as a part is of its whole."""
    computed = {
        "first": str(evaluate_formula(small, rounded=False)),
        "second": str(evaluate_formula(large, rounded=False)),
    }
    holds = evaluate_formula(small).low <= evaluate_formula(large).high * (1 + 1e-9)
    criterion = "the first is not larger than the second, if both may be rounded"
    return AuditOutcome(computed, criterion, holds, order_words(small, large, holds))


@move("arithmetic", "definition")
def surely_at_most(small: str, large: str) -> AuditOutcome:
    """Test whether one figure is at most as large as another, however both were rounded."""
    computed = {
        "first": str(evaluate_formula(small, rounded=False)),
        "second": str(evaluate_formula(large, rounded=False)),
    }
    holds = evaluate_formula(small).high <= evaluate_formula(large).low * (1 + 1e-9)
    criterion = "the first is not larger than the second, however both were rounded"
    return AuditOutcome(computed, criterion, holds, order_words(small, large, holds))


@move("unit")
def implied_rate(amount: str, paid: str, rates: str) -> AuditOutcome:
    """Test whether an amount in two currencies implies an exchange rate that existed."""
    known = _enclosing_range(evaluate_formula(rate) for rate in _split_names(rates))
    printed = _enclosing_range(evaluate_formula(rate, rounded=False) for rate in _split_names(rates))
    rate, plain = evaluate_formula(f"({amount}) / ({paid})"), evaluate_formula(f"({amount}) / ({paid})", rounded=False)
    computed = {"implied rate": str(plain), "known rates": str(printed)}
    words = (
        f"{formula_words(amount)} ÷ {formula_words(paid)} = {range_words(plain)}, "
        f"and the known rates run from {range_words(printed)}"
    )
    return AuditOutcome(computed, "the implied rate is within the known rates", rate.overlaps(known), words)


def _enclosing_range(ranges: Iterable[Range]) -> Range:
    ends = [end for one in ranges for end in (one.low, one.high)]
    return Range(min(ends), max(ends))


@move("unit")
def sign_fits(rates: str) -> AuditOutcome:
    """Test whether the sign before each rate is that of the currency that the rate counts."""
    signs = {"$": "US dollars", "¥": "yuan"}
    rows = [find_record(rate) for rate in _split_names(rates)]
    fits = [row["unit"].startswith(signs[row["printed_as"][0]]) for row in rows]
    computed = {
        "printed": ", ".join(row["printed_as"] for row in rows),
        "counts": ", ".join(sorted({row["unit"] for row in rows})),
    }
    words = f"the report prints {computed['printed']}, and the figures count {computed['counts']}"
    return AuditOutcome(computed, "the sign is that of the currency that is counted", all(fits), words)


@move("date")
def comes_after(later: str, earlier: str, whole: str = "", lag: str = "0") -> AuditOutcome:
    """Test whether a source comes after what it reports: after the beginning of it, or after the whole of it."""
    end, reported = date_span(later).last, date_span(earlier)
    known = reported.last if whole else reported.first
    needed = _add_months(known, int(evaluate_formula(lag, rounded=False).low))
    holds = end > needed if whole else end >= needed
    computed = {"source": end.isoformat(), "could know it from": needed.isoformat()}
    words = f"{_dated(later)} could be known from {span_words(DateSpan(needed, needed))}"
    if not _is_source(later):
        order = "later" if holds else "not later"
        words = f"{span_words(date_span(later))} is {order} than {span_words(date_span(earlier))}"
    return AuditOutcome(computed, "the source is late enough to know it", holds, words)


def _is_source(identifier: str) -> bool:
    """Whether a row has the date of a note's source, or that of the report itself."""
    return identifier[:1] == "n" and identifier[1:].isdigit()


def _dated(source: str) -> str:
    """Say when a source appeared; ``n000`` is the report itself."""
    name, says = ("report", "tells") if source == "n000" else ("source", "is cited for")
    return f"the {name} is of {span_words(date_span(source))}, and what it {says}"


def _add_months(day: date, months: int) -> date:
    # By way of the day after, so that the last day of a month leads to the last day of another.
    after = day + timedelta(days=1)
    year, month = divmod(after.year * 12 + after.month - 1 + months, 12)
    return date(year, month + 1, after.day) - timedelta(days=1)


@move("date")
def same_time(one: str, other: str, within: str = "0") -> AuditOutcome:
    """Test whether two dates of one event overlap, or are at most some days apart."""
    here, there = date_span(one), date_span(other)
    gap = max((there.first - here.last).days, (here.first - there.last).days, 0)
    computed = {"first": _span_text(here), "second": _span_text(there)}
    holds = gap <= int(within)
    if within == "0":
        verb = "overlap" if holds else "do not overlap"
    else:
        verb = f"lie {'at most' if holds else 'more than'} {within} {'day' if within == '1' else 'days'} apart"
    words = f"{span_words(here)} and {span_words(there)} {verb}"
    return AuditOutcome(computed, f"the two dates are at most {within} days apart", holds, words)


def _span_text(span: DateSpan) -> str:
    """Write the days of a span as a reader would: a year, a month, a day, or from one day to another."""
    first, last = span.first.isoformat(), span.last.isoformat()
    if (first[4:], last[4:]) == ("-01-01", "-12-31") and first[:4] == last[:4]:
        return first[:4]
    return first if first == last else f"{first} to {last}"


@move("date")
def up_to_date(source: str, at: str, years: str = "2") -> AuditOutcome:
    """Test whether the source of a statement in the present tense was recent enough."""
    age = (date_span(at).first - date_span(source).last).days / DAYS_PER_YEAR
    computed = {"age in years": f"{age:.1f}", "allowed": years}
    words = f"the source is {age:.1f} years older than the sentence, and we allow {years}"
    return AuditOutcome(computed, f"the source is at most {years} years old", age <= float(years), words)


@move("definition", "attribution", "unit", "reference")
def same_word(one: str, other: str) -> AuditOutcome:
    """Test whether two details, such as a unit, a base or a name, are the same."""
    found = {"first": _join_cells(one), "second": _join_cells(other)}
    first, second = found.values()
    words = f"one says {_quote_cells(one)}, the other {_quote_cells(other)}"
    return AuditOutcome(found, "both say the same", first == second, words)


def _join_cells(names: str) -> str:
    return ", ".join(map(cell_text, _split_names(names)))


def _quote_cells(names: str) -> str:
    return ", ".join(quoted_words(cell_text(name)) for name in _split_names(names))


@move("definition", "attribution", "unit")
def same_thing(figures: str, things: str) -> AuditOutcome:
    """Test whether two figures that agree also count the same thing, so that one can be the source of the other."""
    (one, other), (first, second) = _split_names(figures), map(cell_text, _split_names(things))
    equal = figure_range(one).overlaps(figure_range(other))
    computed = {first: str(figure_range(one, rounded=False)), second: str(figure_range(other, rounded=False))}
    joined = "and" if (first == second) == equal else "but"
    words = f"{_equality_words(one, other, equal)}, {joined} {_subject_words(things, first, second)}"
    return AuditOutcome(computed, "figures that agree also count the same thing", not equal or first == second, words)


def _equality_words(one: str, other: str, equal: bool) -> str:
    first, second = (range_words(figure_range(name, rounded=False)) for name in (one, other))
    if not equal:
        return f"{first} and {second} are two figures"
    return f"both figures are {first}" if first == second else f"{first} and {second} may be one figure"


def _subject_words(things: str, first: str, second: str) -> str:
    verb = "say" if things.endswith(" says") else "count"
    return f"both {verb} “{first}”" if first == second else f"one {verb}s “{first}”, the other “{second}”"


@move("definition", "reference")
def stated(rows: str, columns: str) -> AuditOutcome:
    """Test whether the report states what a reader needs, such as a year or a note."""
    cells = [cell_text(f"{row} {column}") for row in _split_names(rows) for column in _split_names(columns)]
    computed = {"needed": str(len(cells)), "stated": str(sum(map(bool, cells)))}
    details = " and ".join(DETAILS[column] for column in _split_names(columns))
    given = sum(map(bool, cells)) or "none"
    words = f"a reader needs {details} for each figure, and of these {len(cells)} details the report gives {given}"
    return AuditOutcome(computed, f"each figure has {details}", all(cells), words)


@move("definition", "arithmetic")
def counts(table: str, column: str, values: str, printed: str) -> AuditOutcome:
    """Test whether there are as many things of a kind as the report says."""
    return _compare_count(int(load(table)[column].isin(_split_names(values)).sum()), printed)


def _compare_count(number: int, printed: str) -> AuditOutcome:
    said = evaluate_formula(printed)
    computed = {"counted": str(number), "printed": str(said)}
    words = f"we count {number}, and the report says {range_words(said)}"
    return AuditOutcome(computed, "the count agrees with the printed one", said.low <= number <= said.high, words)


@move("attribution", "date")
def nearer(printed: str, own: str, other: str) -> AuditOutcome:
    """Test whether a figure is nearer to what it claims to be than to something else."""
    value, mine, foreign = (evaluate_formula(name, rounded=False).low for name in (printed, own, other))
    computed = {"printed": f"{value:,.10g}", "as claimed": f"{mine:,.10g}", "something else": f"{foreign:,.10g}"}
    criterion = "the printed figure is nearer to what it claims to be than to something else"
    holds = abs(value - mine) < abs(value - foreign)
    own_words, other_words = f"the figure that it should be, {mine:,.10g}", f"another figure, {foreign:,.10g}"
    near, far = (own_words, other_words) if holds else (other_words, own_words)
    return AuditOutcome(computed, criterion, holds, f"the printed {value:,.10g} is nearer to {near}, than to {far}")


@move("definition")
def fewer_breaks(one: str, other: str) -> AuditOutcome:
    """Test whether the second route has fewer breaks of gauge."""
    first, second = _count_gauge_breaks(one), _count_gauge_breaks(other)
    computed = {one: str(first), other: str(second)}
    words = f"the gauge changes {times_words(first)} through {one} and {times_words(second)} through {other}"
    return AuditOutcome(computed, "the second route has fewer breaks of gauge", second < first, words)


@move("definition", "arithmetic")
def breaks_as_printed(corridor: str, printed: str) -> AuditOutcome:
    """Test whether the gauge changes as often on a route as the report says."""
    return _compare_count(_count_gauge_breaks(corridor), printed)


def _count_gauge_breaks(corridor: str) -> int:
    legs = load("corridor_gauges").dropna(subset="gauge").sort_values("leg")
    return int(legs[legs["corridor"] == corridor]["gauge"].diff().fillna(0).ne(0).sum())


@move("definition")
def covers(areas: str, claim: str) -> AuditOutcome:
    """Test whether areas together reach at least 90 percent of what is claimed, in million km²."""
    total, claimed = sum(map(_spherical_area, _split_names(areas))), evaluate_formula(claim, rounded=False).high
    computed = {"traced": f"{total:.2f}", "claimed": f"{claimed:g}"}
    words = f"the areas come to {total:.2f} million km², and 90 percent of the claim are {0.9 * claimed:g} million"
    return AuditOutcome(computed, "the areas reach at least 90 percent of the claim", total >= 0.9 * claimed, words)


def _spherical_area(name: str) -> float:
    areas = load("ceded_areas").sort_values("order")
    corners = areas[areas["area"] == name][["longitude", "latitude"]].map(math.radians).to_numpy().tolist()
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    strips = [(b[0] - a[0]) * (2 + math.sin(a[1]) + math.sin(b[1])) for a, b in pairs]
    return float(abs(sum(strips)) / 2 * EARTH_RADIUS_KM**2 / 1e6)
