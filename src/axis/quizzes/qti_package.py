"""Write questions as a QTI 1.2 package, which Canvas and other platforms import as a quiz.

text2qti writes the package. It reads questions in a Markdown of its own, in which HTML that begins a paragraph is left
as it is.
"""

import io
import zipfile
from collections.abc import Iterable

from text2qti.config import Config
from text2qti.qti import QTI
from text2qti.quiz import Quiz

from axis.quizzes.moodle_xml import TOLERANCE, question_label
from axis.quizzes.question_bank import BankQuestion

#: Signs that begin mathematics or code in text2qti's Markdown.
LITERAL = str.maketrans({"$": "&#36;", "`": "&#96;", "\n": " "})


def write_qti_package(title: str, questions: Iterable[BankQuestion]) -> bytes:
    """Return a zip with the questions as one quiz; the same questions give the same bytes.

    Parameters
    ----------
    title
        The name of the quiz.
    questions
        Questions and predictions; forecasts and drawings have no form on a platform.
    """
    parts = [f"Quiz title: {title}", "Shuffle answers: true"]
    parts += [_question_markdown(number, question) for number, question in enumerate(questions, 1)]
    # Not loaded: text2qti would read a file of the user, and write one that is missing.
    package = QTI(Quiz("\n".join(parts) + "\n", config=Config(), source_name=title)).zip_bytes()
    return _undated_zip(package)


def _question_markdown(number: int, question: BankQuestion) -> str:
    lines = [f"Title: {question_label(question)}", "Points: 1", f"{number}. {_html_block(question.prompt)}"]
    if question.solution:
        lines.append(f"... {_html_block(question.solution)}")
    if question.number is not None:
        lines.append(f"= {question.number} +- {TOLERANCE:.0%}")
    for letter, option in zip("abcdefghijklmnopqrstuvwxyz", question.options, strict=False):
        lines.append(f"{'*' if option.is_right else ''}{letter}) {_html_block(option.wording)}")
        if option.feedback:
            lines.append(f"... {_html_block(option.feedback)}")
    return "\n".join(lines)


def _html_block(html: str) -> str:
    """Put HTML into one line and one box, which Markdown leaves alone."""
    return f"<div>{html.translate(LITERAL)}</div>"


def _undated_zip(package: bytes) -> bytes:
    """Give each file of a zip the same date, so that a package changes only with its questions."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as found, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name in found.namelist():
            written.writestr(zipfile.ZipInfo(name), found.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()
