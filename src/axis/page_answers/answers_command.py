"""Read the answers of a class from a terminal: write the files, and say what was read and what was not."""

from collections.abc import Iterator
from pathlib import Path

from axis.grading.reports.report_text import escape_unprintable, format_count
from axis.page_answers.answer_files import AnswersError
from axis.page_answers.answer_marks import mark_class_answers, write_answer_marks
from axis.page_answers.class_answers import collect_class_answers
from axis.page_answers.lesson_page import write_class_forecasts, write_lesson_page
from axis.quizzes.question_bank import QuestionBank


def read_class_answers(source: Path, questions: Path, target: Path) -> Iterator[str]:
    """Read what a class answered, and write marks and the page for the next lesson.

    Parameters
    ----------
    source
        A folder or a zip with the files that students saved.
    questions
        The file ``questions.json`` of the built book.
    target
        The folder to write to.

    Yields
    ------
    str
        What was done, one line at a time.

    Raises
    ------
    BookError
        If nothing can be read, or a file cannot be written.
    """
    bank = load_question_bank(questions)
    answers = collect_class_answers(source, bank.book)
    marked = mark_class_answers(answers, bank)
    written = [write_lesson_page(target, answers, bank), *write_answer_marks(target, marked)]
    forecasts = write_class_forecasts(target, answers, bank)
    unread = [one for one in answers if one.problem]
    files, students = format_count(len(answers), "file"), format_count(len({one.student for one in answers}), "student")
    yield f"{files} from {students}, {len(unread)} of them not read."
    for one in unread:
        problem = escape_unprintable(one.problem)
        place = escape_unprintable(one.path)
        yield f"Not read: {problem}" if place in problem else f"Not read: {problem} ({place})"
    yield from map(str, written)
    if forecasts:
        yield str(forecasts)


def load_question_bank(path: Path) -> QuestionBank:
    """Load the questions of the built book.

    Raises
    ------
    AnswersError
        If there is no such file, or it is not one of questions.
    """
    try:
        return QuestionBank.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AnswersError(
            path, "cannot be read; build the book with `make book`, or name its questions.json with --questions."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise AnswersError(path, "is not the file of questions of a built book; build the book again.") from error
