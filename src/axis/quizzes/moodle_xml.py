"""Write questions as Moodle XML: single-choice questions with feedback for each option, and numbers."""

from collections.abc import Iterable

from axis.quizzes.question_bank import QUESTION, BankQuestion
from helpers.templates import render

#: A number that a student predicts counts as right within this share of the answer.
TOLERANCE = 0.1


def write_moodle_xml(category: str, questions: Iterable[BankQuestion]) -> str:
    """Write questions as a file that Moodle's question bank imports.

    Parameters
    ----------
    category
        The category of the question bank that Moodle puts them in; a slash begins a subcategory.
    questions
        Questions and predictions; forecasts and drawings have no form on a platform.
    """
    return render(__package__, "moodle.xml", category=category, questions=list(map(_question_values, questions)))


def _question_values(question: BankQuestion) -> dict[str, object]:
    number = question.number
    return {
        "question": question,
        "name": question_label(question),
        "number": number,
        "tolerance": None if number is None else f"{abs(number) * TOLERANCE:.6g}",
    }


def question_label(question: BankQuestion, length: int = 80) -> str:
    """Return a short name for lists of questions: the chapter and the first words."""
    kind = "" if question.kind == QUESTION else " (prediction)"
    words = question.text if len(question.text) <= length else f"{question.text[:length].rsplit(' ', 1)[0]} …"
    return f"{question.chapter}{kind}: {words}"
