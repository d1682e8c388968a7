"""Measure how a class answered each question for the first time, and how good its forecasts were."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from axis.page_answers.class_answers import StudentAnswers
from axis.quizzes.question_bank import BankClaim, BankOption, BankQuestion
from helpers.audit.verdicts import HELD


@dataclass(frozen=True)
class ChoiceSpread:
    """How often each option of a question was the first answer, and how many answered an earlier version of it."""

    question: BankQuestion
    counts: tuple[int, ...]
    earlier: int

    @property
    def students(self) -> int:
        """How many answered the question as it stands now."""
        return sum(self.counts)

    @property
    def right_share(self) -> float:
        """The share of them that was right, from 0 to 1; 0 if nobody answered."""
        place = self.question.right_option
        return self.counts[place] / self.students if place is not None and self.students else 0.0

    @property
    def favourite_mistake(self) -> tuple[BankOption, int] | None:
        """The wrong option that most students chose, and how many; None if nobody chose a wrong one."""
        wrong = [
            (count, -place)
            for place, count in enumerate(self.counts)
            if count and not self.question.options[place].is_right
        ]
        if not wrong:
            return None
        count, place = max(wrong)
        return self.question.options[-place], count


@dataclass(frozen=True)
class NumberSpread:
    """The numbers that students guessed, in order, how many stated a range, and how many ranges hold the answer."""

    question: BankQuestion
    guesses: tuple[float, ...]
    ranges: int
    held: int
    earlier: int


@dataclass(frozen=True)
class ClaimForecast:
    """The probabilities that students gave a claim, in percent."""

    claim: BankClaim
    chances: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean."""
        return statistics.fmean(self.chances)

    @property
    def outcome(self) -> int:
        """1 if the claim held, else 0."""
        return int(self.claim.verdict == HELD)


@dataclass(frozen=True)
class ForecastSpread:
    """What a class forecast.

    Attributes
    ----------
    question
        The sheet.
    claims
        The claims that somebody gave a probability.
    students
        How many made forecasts.
    scores
        The Brier score of each of them, from the best to the worst.
    crowd, half, base
        On the same claims, the score of the class's mean probabilities, of always saying one half, and of always
        saying the share of all claims that held.
    """

    question: BankQuestion
    claims: tuple[ClaimForecast, ...]
    students: int
    scores: tuple[float, ...]
    crowd: float
    half: float
    base: float


def brier_score(chances: Sequence[float], outcomes: Sequence[int]) -> float:
    """Return the mean squared distance between probabilities, from 0 to 1, and what happened, 0 or 1.

    Examples
    --------
    >>> round(brier_score([0.9, 0.6, 0.2], [1, 0, 0]), 3)
    0.137
    """
    return statistics.fmean((chance - outcome) ** 2 for chance, outcome in zip(chances, outcomes, strict=True))


def _current_answers(question: BankQuestion, answers: Sequence[StudentAnswers]) -> tuple[list[object], int]:
    """Return the first answers to the question as it stands now, and how many answered another version."""
    found = [one.first[question.id] for one in answers if question.id in one.first]
    current = [first.answer for first in found if first.version == question.version]
    return current, len(found) - len(current)


def spread_choices(question: BankQuestion, answers: Sequence[StudentAnswers]) -> ChoiceSpread:
    """Count the first answers to a question with options."""
    given, earlier = _current_answers(question, answers)
    counts = Counter(answer for answer in given if isinstance(answer, int | float))
    return ChoiceSpread(question, tuple(counts[place] for place in range(len(question.options))), earlier)


def spread_numbers(question: BankQuestion, answers: Sequence[StudentAnswers]) -> NumberSpread:
    """List the numbers that were guessed first."""
    given, earlier = _current_answers(question, answers)
    guessed = [answer for answer in given if isinstance(answer, Mapping) and "guess" in answer]
    spans = [(answer["low"], answer["high"]) for answer in guessed if {"low", "high"} <= set(answer)]
    number = question.number
    held = sum(number is not None and low <= number <= high for low, high in spans)
    return NumberSpread(question, tuple(sorted(float(one["guess"]) for one in guessed)), len(spans), held, earlier)


def spread_forecasts(question: BankQuestion, answers: Sequence[StudentAnswers]) -> ForecastSpread | None:
    """Compare a class's forecasts with what happened; None if nobody made any."""
    given, _ = _current_answers(question, answers)
    sheets = [_valid_chances(question, answer) for answer in given if isinstance(answer, Mapping)]
    sheets = [sheet for sheet in sheets if sheet]
    if not sheets:
        return None
    outcomes = {claim.id: int(claim.verdict == HELD) for claim in question.claims}
    claims = []
    for claim in question.claims:
        if chances := tuple(sheet[claim.id] for sheet in sheets if claim.id in sheet):
            claims.append(ClaimForecast(claim, chances))
    happened = [one.outcome for one in claims]
    base = statistics.fmean(outcomes.values())
    scores = [
        brier_score([chance / 100 for chance in sheet.values()], [outcomes[id_] for id_ in sheet]) for sheet in sheets
    ]
    return ForecastSpread(
        question,
        tuple(claims),
        len(sheets),
        tuple(sorted(scores)),
        brier_score([one.mean / 100 for one in claims], happened),
        brier_score([0.5] * len(claims), happened),
        brier_score([base] * len(claims), happened),
    )


def _valid_chances(question: BankQuestion, answer: Mapping[str, float]) -> dict[str, float]:
    """Return the probabilities of a sheet that a page could have saved."""
    known = {claim.id for claim in question.claims}
    return {id_: float(chance) for id_, chance in answer.items() if id_ in known and 0 <= chance <= 100}
