"""Count for each student and chapter what was answered, and what was right at the first try.

Such marks count work and not knowledge, since the answers lie in the pages. The files have the form of those that
`axis grade` writes.
"""

from collections.abc import Sequence
from pathlib import Path

from axis.grading.records import Mark, MarkedSubmission, Result, State, Submission
from axis.grading.reports.gradebook import write_gradebook
from axis.grading.reports.marks_table import write_marks_csv
from axis.grading.reports.report_text import clean_record
from axis.page_answers.class_answers import StudentAnswers
from axis.page_answers.saved_answers import FirstAnswer
from axis.quizzes.question_bank import QUESTION, BankQuestion, QuestionBank

#: The two columns of the gradebook.
ANSWERED, FIRST_TRY = "answers", "first-try"


def is_right(question: BankQuestion, first: FirstAnswer | None) -> bool:
    """Whether the first answer to a question is right; an answer to another version of it never is."""
    return (
        first is not None
        and first.version == question.version
        and isinstance(first.answer, int | float)
        and question.right_option == first.answer
    )


def mark_class_answers(answers: Sequence[StudentAnswers], bank: QuestionBank) -> list[MarkedSubmission]:
    """Count the work of each student.

    Returns
    -------
    list of MarkedSubmission
        Two for each student whose file was read, for `ANSWERED` and `FIRST_TRY`, with a mark for each chapter; for a
        file that was not read, one with its problem.
    """
    return [clean_record(record) for one in answers for record in _mark_student(one, bank)]


def _mark_student(one: StudentAnswers, bank: QuestionBank) -> list[MarkedSubmission]:
    if one.problem:
        refused = Submission(one.student, ANSWERED, one.path, problem=one.problem, number=one.number)
        marks = [Mark("", "", State.REFUSED, 0.0, 0.0, one.problem)]
        return [MarkedSubmission(refused, Result(ANSWERED, tuple(marks)))]
    found = []
    for name, count in ((ANSWERED, _count_answered), (FIRST_TRY, _count_right)):
        submission = Submission(one.student, name, one.path, notes=one.notes, number=one.number)
        counts = [(chapter, title, *count(one, bank.of_chapter(chapter))) for chapter, title in bank.chapters.items()]
        marks = [
            Mark(chapter, title, State.MARKED, float(points), float(most)) for chapter, title, points, most in counts
        ]
        found.append(MarkedSubmission(submission, Result(name, tuple(marks))))
    return found


def _count_answered(one: StudentAnswers, questions: Sequence[BankQuestion]) -> tuple[int, int]:
    return sum(question.id in one.first for question in questions), len(questions)


def _count_right(one: StudentAnswers, questions: Sequence[BankQuestion]) -> tuple[int, int]:
    """Count the questions that were right at the first try; predictions are guesses, and do not count."""
    asked = [question for question in questions if question.kind == QUESTION]
    return sum(is_right(question, one.first.get(question.id)) for question in asked), len(asked)


def write_answer_marks(folder: Path, marked: Sequence[MarkedSubmission]) -> list[Path]:
    """Write ``marks.csv`` and ``gradebook.csv``."""
    return [write_marks_csv(folder, marked), write_gradebook(folder, marked, {})]
