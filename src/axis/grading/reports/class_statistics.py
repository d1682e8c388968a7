"""Compute what the table of marks says about the class and about the checks."""

import math

import numpy as np
import pandas as pd

from axis.grading.records import State

#: Below or above these shares of its points, a check says little about who knows more.
VERY_HARD, VERY_EASY = 0.3, 0.9

#: What is said of a check that is too easy.
EASY_REMARK = "very easy"

#: How many standard errors below zero a correlation must lie, so that chance alone gives it once in forty times.
STANDARD_ERRORS = 1.96

#: With fewer submissions, a share or a correlation is mostly chance.
MIN_SUBMISSIONS = 10

#: How many wrong answers of a check to show.
MAX_WRONG_ANSWERS = 5

#: Width of a step of the distribution, in percent.
STEP_PERCENT = 10


def submission_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Add up the points of each submission.

    Parameters
    ----------
    table
        All marks, as `marks_table.build_marks_table` returns them.

    Returns
    -------
    pandas.DataFrame
        One row for each submission: ``student``, ``exercise``, ``path``; ``outcome`` is "marked",
        "stopped" (a check was not reached), "refused" or "not marked"; ``points`` and ``out_of`` of what does not
        wait; ``waiting``, the number of free texts that wait; ``percent`` of the points, NaN where
        the file was refused or has no points yet.
    """
    # What a stopped notebook did not reach counts here, although it is not decided: half of a notebook is no score.
    decided = table["points"].notna() | (table["state"] == State.STOPPED.value)
    flagged = table.assign(
        out_of=table["out_of"].where(decided, 0.0),
        refused=table["state"] == State.REFUSED.value,
        failed=table["state"] == State.FAILED.value,
        stopped=table["state"] == State.STOPPED.value,
        waiting=(table["state"] == State.WAITING.value).astype(int),
    )
    sums = {"points": "sum", "out_of": "sum", "refused": "all", "failed": "all", "stopped": "any", "waiting": "sum"}
    found = flagged.groupby(["student", "exercise", "path"], sort=False).agg(sums).reset_index()
    ended = [found[name].astype(bool) for name in ("refused", "failed", "stopped")]
    outcome = np.select(ended, ["refused", "not marked", "stopped"], "marked")
    counts = (outcome != "refused") & (found["out_of"] > 0)
    percent = 100 * (found["points"] / found["out_of"].where(counts))
    return found.drop(columns=["refused", "failed", "stopped"]).assign(outcome=outcome, percent=percent)


def score_distribution(found: pd.DataFrame) -> pd.DataFrame:
    """Count the scores of each exercise in steps of ten percent.

    Parameters
    ----------
    found
        The scores, as `submission_scores` returns them.

    Returns
    -------
    pandas.DataFrame
        ``exercise``, ``low`` and ``high`` in percent, ``students``. A score on a border counts in
        the higher step; 100 counts in the last one.
    """
    lows = np.arange(0, 100, STEP_PERCENT)
    parts = []
    for exercise, group in found.dropna(subset="percent").groupby("exercise"):
        # Rounding errors must not put a share such as 0.7 below its border.
        counts, _ = np.histogram(group["percent"].round(9), bins=[*lows, 100.0])
        parts.append(pd.DataFrame({"exercise": exercise, "low": lows, "high": lows + STEP_PERCENT, "students": counts}))
    return pd.concat(parts) if parts else pd.DataFrame(columns=["exercise", "low", "high", "students"])


def analyse_checks(table: pd.DataFrame) -> pd.DataFrame:
    """Compute how hard each check is, and whether students who do well elsewhere do well in it.

    Only submissions that ran to the end count: a file that was refused or stopped says nothing
    about a question.

    Returns
    -------
    pandas.DataFrame
        ``exercise``, ``check``, ``title``, ``out_of``; ``students``, how many count;
        ``difficulty``, the mean share of the points, from 0 (nobody got any) to 1 (everybody got all);
        ``discrimination``, the correlation between the points for the check and those for the rest of
        the exercise, from -1 to 1. It is NaN if fewer than three submissions count, or if all have the
        same points for the check or for the rest. A check with a free text that still waits has no
        students and does not belong to the rest.
    """
    parts = [_analyse_exercise(group) for _, group in _completed_submissions(table).groupby("exercise")]
    columns = ["exercise", "check", "title", "out_of", "students", "difficulty", "discrimination"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def remark_on_check(difficulty: float, discrimination: float, students: int) -> str:
    """Return why a check deserves a look; empty if it does not, or if too few students took it."""
    if students < MIN_SUBMISSIONS:
        return ""
    found = []
    if difficulty < VERY_HARD:
        found.append("very hard")
    if difficulty > VERY_EASY:
        found.append(EASY_REMARK)
    # By Fisher's transformation, whose standard error depends on the number alone.
    if discrimination < -math.tanh(STANDARD_ERRORS / math.sqrt(students - 3)):
        found.append("negative discrimination")
    return ", ".join(found)


def wrong_answers(table: pd.DataFrame) -> pd.DataFrame:
    """Group the wrong answers that students share.

    Returns
    -------
    pandas.DataFrame
        ``exercise``, ``check``, ``title``, ``answer``, ``reason``; ``count``, the students who gave
        it; ``share`` of all whose check was run, from 0 to 1. At most five a check, and only where
        two students or more share one. Numbers are the same that agree in three significant digits.
    """
    run = table[table["state"].isin([State.RIGHT.value, State.WRONG.value, State.UNANSWERED.value])]
    totals = run.groupby(["exercise", "check"])["student"].nunique().rename("total").reset_index()
    wrong = run[(run["state"] == State.WRONG.value) & (run["answer"].str.strip() != "")]
    wrong = wrong.assign(answer=[_normalise_answer(answer) for answer in wrong["answer"]])
    keys = ["exercise", "check", "title", "answer", "reason"]
    counts = wrong.groupby(keys)["student"].nunique().rename("count").reset_index()
    shared = counts[counts["count"] >= 2].merge(totals, on=["exercise", "check"])
    shared = shared.assign(share=shared["count"] / shared["total"]).drop(columns="total")
    place = {
        check: place for place, check in enumerate(dict.fromkeys(zip(table["exercise"], table["check"], strict=True)))
    }
    shared["place"] = [place[check] for check in zip(shared["exercise"], shared["check"], strict=True)]
    shared = shared.sort_values(["exercise", "count", "place", "answer"], ascending=[True, False, True, True])
    shared = shared.drop(columns="place")
    return shared.groupby(["exercise", "check"]).head(MAX_WRONG_ANSWERS).reset_index(drop=True)


def _completed_submissions(table: pd.DataFrame) -> pd.DataFrame:
    ended = table["state"].isin([State.REFUSED.value, State.FAILED.value, State.STOPPED.value])
    return table[~ended.groupby([table["student"], table["exercise"], table["path"]]).transform("any")]


def _analyse_exercise(group: pd.DataFrame) -> pd.DataFrame:
    # While some texts wait, students without a text already have their 0: a mean of only these would mislead.
    waits = (group["state"] == State.WAITING.value).groupby(group["check"]).transform("any")
    group = group.assign(points=group["points"].mask(waits))
    found = group.groupby("check", sort=False).agg(
        exercise=("exercise", "first"),
        title=("title", "first"),
        out_of=("out_of", "first"),
        students=("points", "count"),
    )
    once = group.drop_duplicates(["student", "path", "check"], keep="last")
    points = once.pivot(index=["student", "path"], columns="check", values="points").reindex(columns=found.index)
    rest = points.dropna(axis="columns")
    total = rest.sum(axis="columns")
    found["difficulty"] = points.mean() / found["out_of"].where(found["out_of"] > 0)
    found["discrimination"] = [
        _pearson_correlation(points[check], total - rest[check] if check in rest else total) for check in found.index
    ]
    return found.reset_index()


def _pearson_correlation(one: pd.Series, other: pd.Series) -> float:
    known = one.notna()
    first, second = one[known].to_numpy(), other[known].to_numpy()
    if len(first) < 3 or np.ptp(first) < 1e-9 or np.ptp(second) < 1e-9:
        return math.nan
    return float(np.corrcoef(first, second)[0, 1])


def _normalise_answer(answer: str) -> str:
    """Round a number to three digits, so that 586.3 and 586.30001 are the same answer; keep other text."""
    plain = answer.strip()
    try:
        value = float(plain)
    except ValueError:
        return plain
    return f"{float(f'{value:.3g}'):,.10g}" if math.isfinite(value) else plain
