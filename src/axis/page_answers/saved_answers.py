"""Read one file of answers, which may be anything that a student chose to upload."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from axis.grading.intake.submitted_files import safe_label
from axis.page_answers.answer_files import SAVE_AGAIN
from axis.quizzes.question_bank import ANSWERS_SCHEMA


class SavedAnswersError(ValueError):
    """A file that cannot be read; the text is the rest of a sentence that begins with its name."""


@dataclass(frozen=True)
class FirstAnswer:
    """The first answer to one question: the version that was answered, and what was answered."""

    version: str
    answer: Any


def read_saved_answers(content: bytes, book: str) -> dict[str, FirstAnswer]:
    """Read a file that the page "My work" saved.

    Parameters
    ----------
    content
        The bytes of the file.
    book
        The name of the book to which the answers must belong.

    Returns
    -------
    dict
        The first answer to each question, by the id of the question; without the views that a reader kept.

    Raises
    ------
    SavedAnswersError
        If it is not such a file.
    """
    document = _parse_json(content)
    if document.get("format") != "book-answers":
        raise SavedAnswersError(f"is not a file of answers: {SAVE_AGAIN}")
    if document.get("formatVersion") != 1:
        raise SavedAnswersError("was saved by another edition of the book: read it with the tools of that edition")
    # Not `iter_errors` on a document of any depth: what JSON has read is within Python's own limit.
    if fault := best_match(_answers_validator().iter_errors(document)):
        place = safe_label(fault.json_path)[:80]
        raise SavedAnswersError(f"does not have the form of a file of answers at {place}: {SAVE_AGAIN}")
    if document["book"] != book:
        shown = safe_label(document["book"])
        raise SavedAnswersError(f'belongs to another book, "{shown}": hand in the file that this book saves')
    found = {}
    for record in document["answers"]:
        if record["id"] in found:
            raise SavedAnswersError(f'has two answers to the question "{safe_label(record["id"])[:80]}": {SAVE_AGAIN}')
        found[record["id"]] = FirstAnswer(record["version"], record["first"]["answer"])
    return found


def _parse_json(content: bytes) -> Mapping[str, Any]:
    if not content.strip():
        raise SavedAnswersError(f"is empty: {SAVE_AGAIN}")
    try:
        document = json.loads(content, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise SavedAnswersError(f"is not text, so it is not a file of answers: {SAVE_AGAIN}") from error
    except json.JSONDecodeError as error:
        raise SavedAnswersError(f"is not JSON from line {error.lineno} on: {SAVE_AGAIN}") from error
    except ValueError as error:  # a number of more digits than Python reads, or one that JSON does not know
        raise SavedAnswersError(f"contains a number that no answer can be: {SAVE_AGAIN}") from error
    except RecursionError as error:
        raise SavedAnswersError(f"is nested too deeply for a file of answers: {SAVE_AGAIN}") from error
    if not isinstance(document, dict):
        raise SavedAnswersError(f"is not a file of answers: {SAVE_AGAIN}")
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


@functools.cache
def _answers_validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(ANSWERS_SCHEMA.read_text(encoding="utf-8")))
