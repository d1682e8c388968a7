"""Write ``lesson.html``, which shows how a class answered, and names no student who could be read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import altair as alt
import pandas as pd
from markupsafe import Markup

from axis.grading.reports.report_page import render_report_page
from axis.grading.reports.report_text import escape_unprintable, format_number, format_percent, write_report
from axis.page_answers.class_answers import StudentAnswers
from axis.page_answers.class_spread import (
    ChoiceSpread,
    ForecastSpread,
    NumberSpread,
    spread_choices,
    spread_forecasts,
    spread_numbers,
)
from axis.quizzes.question_bank import FORECAST, PREDICTION, QUESTION, QuestionBank
from helpers import theme
from helpers.figures import picture
from helpers.templates import render
from helpers.theme import COLOURS

#: A guess further from the answer than this many times the answer is counted beside the chart.
REACH = 4


@dataclass(frozen=True)
class GuessChart:
    """The guesses of a number as two pictures, in words, and how many lie beyond them."""

    wide: Markup
    narrow: Markup
    description: str
    beyond: int


@dataclass(frozen=True)
class ChapterLesson:
    """What the page says about one chapter."""

    title: str
    questions: tuple[ChoiceSpread, ...]
    choices: tuple[ChoiceSpread, ...]
    numbers: tuple[tuple[NumberSpread, GuessChart], ...]
    forecasts: tuple[ForecastSpread, ...]


def write_lesson_page(folder: Path, answers: Sequence[StudentAnswers], bank: QuestionBank) -> Path:
    """Write the page."""
    read = [one for one in answers if not one.problem]
    chapters = [
        one for one in (_describe_chapter(name, title, read, bank) for name, title in bank.chapters.items()) if one
    ]
    lesson = render(
        __package__,
        "lesson.html",
        title=bank.title,
        students=len(read),
        chapters=chapters,
        problems=[(escape_unprintable(one.student), escape_unprintable(one.problem)) for one in answers if one.problem],
        notes=[(escape_unprintable(one.student), escape_unprintable(note)) for one in answers for note in one.notes],
        percent=format_percent,
        number=format_number,
        html=Markup,
    )
    # The page has the frame of the other reports.
    page = render_report_page("frame.html", title="For the next lesson", confined=True, main=Markup(lesson))
    return write_report(folder / "lesson.html", page)


def write_class_forecasts(folder: Path, answers: Sequence[StudentAnswers], bank: QuestionBank) -> Path | None:
    """Write ``class_forecasts.json`` with the mean of each claim, which the sheet in the pages reads; None if none."""
    read = [one for one in answers if not one.problem]
    sheets = [question for question in bank.questions if question.kind == FORECAST]
    for spread in filter(None, (spread_forecasts(sheet, read) for sheet in sheets)):
        content = {
            "format": "book-class-forecasts",
            "book": bank.book,
            "version": spread.question.version,
            "students": spread.students,
            "means": {one.claim.id: round(one.mean, 2) for one in spread.claims},
        }
        return write_report(folder / "class_forecasts.json", json.dumps(content, indent=1) + "\n")
    return None


def _describe_chapter(
    name: str, title: str, answers: Sequence[StudentAnswers], bank: QuestionBank
) -> ChapterLesson | None:
    """Describe a chapter; None if nobody has answered anything of it."""
    own = bank.of_chapter(name)
    choices = [spread_choices(question, answers) for question in own if question.options]
    numbers = [spread_numbers(one, answers) for one in own if one.kind == PREDICTION and not one.options]
    forecasts = [spread_forecasts(question, answers) for question in own if question.kind == FORECAST]
    lesson = ChapterLesson(
        title,
        tuple(one for one in choices if one.question.kind == QUESTION and (one.students or one.earlier)),
        tuple(one for one in choices if one.question.kind == PREDICTION and (one.students or one.earlier)),
        tuple((one, _draw_guesses(one)) for one in numbers if one.guesses),
        tuple(one for one in forecasts if one),
    )
    return lesson if lesson.questions or lesson.choices or lesson.numbers or lesson.forecasts else None


def _draw_guesses(spread: NumberSpread) -> GuessChart:
    """Draw the guesses as ticks on a line, with the answer as a longer one."""
    answer = spread.question.number or 0.0
    reach = REACH * max(abs(answer), 1e-9)
    inside = [guess for guess in spread.guesses if abs(guess - answer) <= reach]
    theme.enable_theme()
    axis = alt.X("guess:Q", title=spread.question.unit, scale=alt.Scale(zero=False, padding=12))
    ticks = alt.Chart(pd.DataFrame({"guess": inside or [answer]})).mark_tick(size=26, thickness=2, opacity=0.55)
    line = alt.Chart(pd.DataFrame({"guess": [answer], "label": [f"answer: {spread.question.answer}"]}))
    rule = line.mark_tick(size=58, thickness=3, color=COLOURS["vermilion"]).encode(x=axis)
    label = line.mark_text(dy=-38).encode(x=axis, text="label:N")
    drawn = ticks.encode(x=axis, color=alt.value(COLOURS["blue"]), opacity=alt.value(0.55 if inside else 0))
    spec = alt.layer(drawn, rule, label, height=90).to_dict(validate=False)
    wide, narrow = (
        Markup(picture.chart_svg(spec, width).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))
        for width in (picture.WIDE, picture.NARROW)
    )
    middle = spread.guesses[len(spread.guesses) // 2]
    said = (
        f"Guesses from {format_number(spread.guesses[0])} to {format_number(spread.guesses[-1])}, "
        f"the middle one {format_number(middle)}; the answer is {spread.question.answer} {spread.question.unit}."
    )
    return GuessChart(wide, narrow, said, len(spread.guesses) - len(inside))
