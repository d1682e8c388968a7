"""The questions, predictions, forecasts and drawings of the book as records, and the file ``questions.json``."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

#: The description of the file in which a reader saves answers to these questions.
ANSWERS_SCHEMA = Path(__file__).parent / "templates" / "answers.schema.json"

QUESTION, PREDICTION, FORECAST, DRAWING = "question", "prediction", "forecast", "drawing"


@dataclass(frozen=True)
class BankOption:
    """One option: its text without markup, its HTML, the HTML of its feedback, and whether it is right."""

    text: str
    wording: str
    feedback: str
    is_right: bool


@dataclass(frozen=True)
class BankClaim:
    """One claim of a sheet of forecasts, the rule that decides it, and the verdict."""

    id: str
    claim: str
    rule: str
    verdict: str


@dataclass(frozen=True)
class BankQuestion:
    """Anything that a reader can answer in the pages.

    Attributes
    ----------
    id
        The chapter and the name of the question, as in ``3-2-energy/question-who-paid-more``.
    kind
        `QUESTION`, `PREDICTION`, `FORECAST` or `DRAWING`.
    version
        A short hash of what is asked, which changes with it.
    text, prompt
        What is asked, as text and as HTML.
    options
        Of a question, and of a prediction that has them.
    answer, unit, solution
        Of a prediction: the answer, its unit if it is a number, and the HTML of what is told afterwards.
    claims
        Of a sheet of forecasts.
    years, counted, start
        Of a drawing: its years, the figures as they were counted, and the last figure known before.
    """

    id: str
    kind: str
    version: str
    text: str
    prompt: str
    options: tuple[BankOption, ...] = ()
    answer: str = ""
    unit: str = ""
    solution: str = ""
    claims: tuple[BankClaim, ...] = ()
    years: tuple[str, ...] = ()
    counted: tuple[float, ...] = ()
    start: float = 0.0

    @property
    def chapter(self) -> str:
        """The name of the chapter's page."""
        return self.id.partition("/")[0]

    @property
    def number(self) -> float | None:
        """The answer of a prediction as a number; None if it is an option."""
        return None if self.options or not self.answer else float(self.answer.replace(",", "").replace("−", "-"))

    @property
    def right_option(self) -> int | None:
        """The place of the right option; None if there are no options."""
        return next((place for place, option in enumerate(self.options) if option.is_right), None)


@dataclass(frozen=True)
class QuestionBank:
    """All questions of a book, in the order of its chapters, with the titles of the chapters."""

    book: str
    title: str
    chapters: Mapping[str, str]
    questions: tuple[BankQuestion, ...] = field(default=())

    def of_chapter(self, chapter: str) -> list[BankQuestion]:
        """Return the questions of one chapter."""
        return [question for question in self.questions if question.chapter == chapter]

    def to_json(self) -> str:
        """Return the bank as JSON, for `from_json`."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError, KeyError, TypeError
            If the text is not such a bank.
        """
        values: dict[str, Any] = json.loads(text)
        questions = tuple(_read_question(one) for one in values.pop("questions"))
        return cls(**values, questions=questions)


def _read_question(values: dict[str, Any]) -> BankQuestion:
    options = tuple(BankOption(**one) for one in values.pop("options"))
    claims = tuple(BankClaim(**one) for one in values.pop("claims"))
    years, counted = tuple(values.pop("years")), tuple(values.pop("counted"))
    return BankQuestion(**values, options=options, claims=claims, years=years, counted=counted)
