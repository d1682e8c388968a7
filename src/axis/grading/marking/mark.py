"""Mark one submission: plan what runs, run it, check what comes back."""

import logging
import time
from dataclasses import replace

from axis.exercises.source import Exercise, Question
from axis.grading.intake.notebook_content import ContentError, read_notebook
from axis.grading.marking import answer_values
from axis.grading.marking.answer_checker import AnswerChecker, CheckResult
from axis.grading.marking.plan import Plan, WrongNotebookError, plan_run
from axis.grading.marking.run import ReturnedAnswers, run_submission
from axis.grading.records import Mark, Policy, Result, State, Submission

LOGGER = logging.getLogger(__name__)

#: Characters of an answer in a table of marks; a free text is kept in full.
MAX_ANSWER_LENGTH = 200

HIDDEN_TEST_FAILED = (
    "The visible check passes, but another test by your instructor does not: "
    "compute the answer from the data, and keep more digits."
)


class SubmissionMarker:
    """Mark one submission after another.

    The checking kernel is kept as long as the exercise and the policy stay the same, apart from its seconds.
    """

    def __init__(self) -> None:
        self._checker: AnswerChecker | None = None

    def mark(self, submission: Submission, exercise: Exercise, policy: Policy) -> Result:
        """Mark one submission.

        Parameters
        ----------
        submission
            A file of this exercise.
        policy
            The conditions under which it runs.

        Returns
        -------
        Result
            The marks; if the file cannot be marked, it is refused, with the reason.

        Raises
        ------
        Exception
            If marking itself fails. The file is not to blame and has no result.
        """
        started = time.monotonic()
        if submission.problem:
            return refused_result(exercise, submission.problem, policy)
        try:
            plan = plan_run(exercise, read_notebook(submission.content))
        except ContentError as error:
            return refused_result(exercise, f"The file {error}.", policy)
        except WrongNotebookError as error:
            return refused_result(exercise, str(error), policy)
        returned = run_submission(plan, exercise, policy)
        if returned.stopped:
            LOGGER.info("%s was stopped: %s.%s", submission.path, returned.stopped, returned.error_output)
        by_machine = [q.check for q in exercise.questions if not q.by_hand and q.check in returned.answers]
        checks = self._checker_for(exercise, policy).check_answers(
            {check: returned.answers[check] for check in by_machine}
        )
        marks = tuple(_mark_question(question, plan, returned, checks) for question in exercise.questions)
        notes = (*submission.notes, *plan.notes, *map(_missing_module_note, returned.missing))
        seconds = time.monotonic() - started
        return Result(exercise.name, marks, notes, policy.confined, returned.missing, returned.out_of_time, seconds)

    def close(self) -> None:
        """End the checking kernel."""
        if self._checker:
            checker, self._checker = self._checker, None
            checker.close()

    def _checker_for(self, exercise: Exercise, policy: Policy) -> AnswerChecker:
        # The checks have a time of their own for each cell, so the time of the notebook makes no difference to them.
        policy = replace(policy, seconds=Policy.seconds)
        if not self._checker or (self._checker.exercise, self._checker.policy) != (exercise, policy):
            self.close()
            self._checker = AnswerChecker(exercise, policy)
        return self._checker


def refused_result(exercise: Exercise, reason: str, policy: Policy) -> Result:
    """Return the result of a file that cannot be marked, with one reason for all its checks."""
    return _unmarked_result(exercise, State.REFUSED, reason, policy)


def failed_result(exercise: Exercise, policy: Policy) -> Result:
    """Return the result of a submission on which marking itself failed; the error is not for the student to read."""
    reason = "Marking itself failed here. The file is not the cause; it will be marked again."
    return _unmarked_result(exercise, State.FAILED, reason, policy)


def _unmarked_result(exercise: Exercise, state: State, reason: str, policy: Policy) -> Result:
    marks = tuple(Mark(q.check, q.title, state, None, q.out_of, reason) for q in exercise.questions)
    return Result(exercise.name, marks, (), policy.confined)


def _mark_question(question: Question, plan: Plan, returned: ReturnedAnswers, checks: dict[str, CheckResult]) -> Mark:
    check = question.check
    if question.by_hand:
        return _mark_free_text(question, plan, returned)
    answers = returned.answers.get(check)
    if answers is None:
        return _unreached_mark(question, returned)
    answer = _replace_surrogates(", ".join(filter(None, map(answer_values.value_summary, answers.values()))))
    answer = answer if len(answer) <= MAX_ANSWER_LENGTH else answer[: MAX_ANSWER_LENGTH - 2] + " …"
    if checks[check].right:
        return Mark(check, question.title, State.RIGHT, question.out_of, question.out_of, "", answer)
    unanswered = all(map(answer_values.is_empty_value, answers.values()))
    state = State.UNANSWERED if unanswered else State.WRONG
    reason = checks[check].hint or HIDDEN_TEST_FAILED
    if returned.errors.get(check):
        reason = f"{reason} Before this check, {_replace_surrogates(returned.errors[check])}"
    return Mark(check, question.title, state, 0.0, question.out_of, reason, answer)


def _mark_free_text(question: Question, plan: Plan, returned: ReturnedAnswers) -> Mark:
    """Let whatever was written in the place of a free text wait for the instructor, even if it did not run."""
    check, written = question.check, plan.texts[question.check]
    values = returned.answers.get(check, {}).values()
    assigned = "\n".join(text for value in values for text in answer_values.value_texts(value)).strip()
    answer = _replace_surrogates("\n\n".join(filter(None, (assigned, written.beside))) if assigned else written.whole)
    if answer:
        error = returned.errors.get(check, "") or (returned.stopped if check not in returned.answers else "")
        reason = f"Your instructor reads it as it stands in the file: {_replace_surrogates(error)}." if error else ""
        return Mark(check, question.title, State.WAITING, None, question.out_of, reason if not assigned else "", answer)
    if check not in returned.answers and returned.stopped:
        return _unreached_mark(question, returned)
    return Mark(check, question.title, State.UNANSWERED, 0.0, question.out_of, "There is no text to mark.")


def _missing_module_note(name: str) -> str:
    return f"The notebook imports {name}, which is not installed where it was marked."


def _replace_surrogates(text: str) -> str:
    """Replace surrogates, which are allowed in JSON but cannot be written to a file."""
    return text.encode("utf-8", "replace").decode()


def _unreached_mark(question: Question, returned: ReturnedAnswers) -> Mark:
    reason = f"Not reached: {returned.stopped}."
    return Mark(question.check, question.title, State.STOPPED, None, question.out_of, reason)
