"""What is said of classes and checks, against figures worked out by hand."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from axis.grading.records import State
from axis.grading.reports import class_report, class_statistics, marks_table
from synthetic_class import ENERGY, hostile, mark, ordinary, students, submit

COLUMNS = list(marks_table.TABLE_COLUMNS)


def marks(*rows: tuple[str, str, float | None, str]) -> pd.DataFrame:
    """A table of checks out of two points, from (student, check, points, state)."""
    full = [(s, "e", c, c.title(), p, 2.0, state, "Hint.", "", f"{s}.ipynb") for s, c, p, state in rows]
    return pd.DataFrame(full, columns=COLUMNS).astype({"points": float})


def grid(points: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """The same, from the points of each check, one for each student."""
    return marks(*((f"s{i}", c, p, "right" if p else "wrong") for c, ps in points.items() for i, p in enumerate(ps)))


def test_scores_are_percent_of_what_does_not_wait() -> None:
    found = class_statistics.submission_scores(
        marks(
            ("ada", "a", 2, "right"),
            ("ada", "b", 1, "marked"),
            ("bob", "a", 2, "right"),
            ("bob", "b", None, "to mark"),
            ("cy", "a", 2, "right"),
            ("cy", "b", 0, "stopped"),
            ("di", "a", 0, "refused"),
            ("di", "b", 0, "refused"),
        )
    ).set_index("student")
    assert found["percent"].fillna(-1).to_dict() == {"ada": 75, "bob": 100, "cy": 50, "di": -1}
    assert found["outcome"].to_dict() == {"ada": "marked", "bob": "marked", "cy": "stopped", "di": "refused"}
    assert found["waiting"].to_dict() == {"ada": 0, "bob": 1, "cy": 0, "di": 0}


def test_the_distribution_counts_a_border_above_it_and_full_marks_in_the_last_step() -> None:
    scores = pd.DataFrame({"exercise": "e", "percent": [0, 9.9, 10, 100 * 0.7, 90, 100, math.nan]})
    found = class_statistics.score_distribution(scores)
    assert found["students"].tolist() == [2, 1, 0, 0, 0, 0, 0, 1, 0, 2]
    assert (found["low"].iloc[-1], found["high"].iloc[-1]) == (90, 100)


def test_difficulty_is_the_mean_share_of_the_points() -> None:
    found = class_statistics.analyse_checks(grid({"a": [2, 2, 1, 0], "b": [0, 0, 0, 0], "c": [2, 2, 2, 2]}))
    assert found["difficulty"].tolist() == [0.625, 0, 1]
    assert found["students"].tolist() == [4, 4, 4]


def test_discrimination_is_the_correlation_with_the_rest_of_the_exercise() -> None:
    points = {"a": [2, 2, 1, 0, 0], "b": [2, 1, 2, 0, 1], "c": [0, 1, 0, 2, 2]}
    found = class_statistics.analyse_checks(grid(points)).set_index("check")["discrimination"]
    a, b, c = (np.array(points[name]) for name in "abc")
    assert found["a"] == pytest.approx(np.corrcoef(a, b + c)[0, 1])
    assert found["c"] == pytest.approx(np.corrcoef(c, a + b)[0, 1])
    assert found["c"] < 0


@pytest.mark.parametrize(
    "points",
    [
        {"a": [2], "b": [0]},
        {"a": [2, 0], "b": [2, 0]},
        {"a": [2, 2, 2, 2], "b": [0, 2, 0, 2]},
        {"a": [0, 1, 2, 1]},
    ],
    ids=["one student", "two students", "everybody right", "no rest"],
)
def test_discrimination_that_is_not_defined_is_nan(points: dict[str, list[float]]) -> None:
    assert math.isnan(class_statistics.analyse_checks(grid(points))["discrimination"].iloc[0])


def test_files_that_did_not_run_to_the_end_say_nothing_of_a_check() -> None:
    ended = [("x", "a", 0, "stopped"), ("x", "b", 2, "right"), ("y", "a", 0, "refused"), ("y", "b", 0, "refused")]
    whole = grid({"a": [2, 2, 1, 0], "b": [2, 0, 0, 0]})
    pd.testing.assert_frame_equal(
        class_statistics.analyse_checks(pd.concat([whole, marks(*ended)])), class_statistics.analyse_checks(whole)
    )


def test_a_free_text_that_waits_does_not_belong_to_the_rest_and_has_no_difficulty_yet() -> None:
    waiting = [(f"s{i}", "text", 0.0 if i == 0 else None, "unanswered" if i == 0 else "to mark") for i in range(4)]
    whole = grid({"a": [2, 2, 1, 0], "b": [2, 0, 0, 0]})
    found = class_statistics.analyse_checks(pd.concat([whole, marks(*waiting)])).set_index("check")
    assert found.loc["a", "discrimination"] == class_statistics.analyse_checks(whole)["discrimination"].iloc[0]
    assert found.loc["text", "students"] == 0
    assert math.isnan(found["difficulty"]["text"])
    assert math.isnan(found["discrimination"]["text"])


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((0.29, 0.3, 10), "very hard"),
        ((0.91, -0.7, 10), "very easy, negative discrimination"),
        # A correlation of so few is below zero by chance.
        ((0.91, -0.1, 10), "very easy"),
        ((0.5, -0.12, 39), ""),
        ((0.5, -0.34, 39), "negative discrimination"),
        ((0.5, 0.2, 10), ""),
        ((0.3, math.nan, 10), ""),
        ((0.0, -1.0, 9), ""),
    ],
)
def test_a_check_is_flagged_only_where_enough_took_it(figures: tuple[float, float, int], said: str) -> None:
    assert class_statistics.remark_on_check(*figures) == said


def answers(*given: tuple[str, str, str]) -> pd.DataFrame:
    rows = [
        (f"s{i}", "e", "a", "A", 0.0, 2.0, state, hint, answer, f"{i}") for i, (answer, hint, state) in enumerate(given)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_wrong_answers_are_grouped_by_value_and_hint() -> None:
    found = class_statistics.wrong_answers(
        answers(
            ("586.3", "Europe's price.", "wrong"),
            ("586.30001", "Europe's price.", "wrong"),
            (" 5.86e2 ", "Europe's price.", "wrong"),
            ("586.3", "Another hint.", "wrong"),
            ("It shows", "Which years?", "wrong"),
            ("It shows", "Which years?", "wrong"),
            ("nan", "A missing value.", "wrong"),
            ("", "No answer.", "wrong"),
            ("615820000", "Unit.", "right"),
            ("", "Still dots.", "unanswered"),
            ("586.3", "Europe's price.", "stopped"),
        )
    )
    assert found[["answer", "reason", "count", "share"]].values.tolist() == [
        ["586", "Europe's price.", 3, 0.3],
        ["It shows", "Which years?", 2, 0.2],
    ]


def test_at_most_five_wrong_answers_of_a_check_are_shown() -> None:
    found = class_statistics.wrong_answers(answers(*[(str(value), "Hint.", "wrong") for value in range(100, 107)] * 2))
    assert found["answer"].tolist() == ["100", "101", "102", "103", "104"]


def test_one_student_who_hands_in_twice_is_not_a_group() -> None:
    twice = answers(("1", "Hint.", "wrong"), ("1", "Hint.", "wrong")).assign(student="ada")
    assert len(class_statistics.wrong_answers(twice)) == 0


def test_the_check_that_goes_against_the_others_is_found() -> None:
    found = class_statistics.analyse_checks(marks_table.build_marks_table(ordinary(students(300)))).set_index("check")
    assert found["discrimination"].idxmin() == "lng-check"
    assert found["discrimination"]["lng-check"] < -0.1
    others = found["discrimination"].drop(["lng-check", "judgement-answer"])
    assert (others > 0).all()


def test_empty_classes_and_hostile_answers_have_statistics_too() -> None:
    for marked in ([], [submit("ada", ENERGY, tuple(mark(q, State.REFUSED) for q in ENERGY.questions))]):
        frame = marks_table.build_marks_table(marked)
        assert len(class_statistics.analyse_checks(frame)) == len(class_statistics.wrong_answers(frame)) == 0
        assert len(class_statistics.score_distribution(class_statistics.submission_scores(frame))) == 0
    assert class_statistics.wrong_answers(marks_table.build_marks_table(hostile()[:-1] * 2))["share"].max() <= 1


# Speed


def test_a_report_on_500_students_takes_less_than_three_seconds(
    tmp_path: Path, measured: Callable[[str], None]
) -> None:
    marked = ordinary(students(500))
    class_report.write_class_report(tmp_path, marked[:1], {})
    start = time.perf_counter()
    class_report.write_class_report(tmp_path, marked, {"3-2-energy": ENERGY})
    took = time.perf_counter() - start
    measured(f"class report on 500 students: {took:.1f} s")
    assert took < 3
