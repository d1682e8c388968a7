"""Separate the answers from the questions: paper cannot hide them, so they go to the end of the chapter."""

from bs4 import Tag
from bs4.element import PageElement

from axis.editions.markup import require_one, tag_from_html, wrap_in_tag


def separate_answers(body: Tag) -> None:
    """Give each option a letter, and move answers and explanations to the end of the page, linked both ways."""
    answers = []
    for number, asked in enumerate(body.select(".book-question, .book-prediction"), 1):
        title = require_one(asked, "legend, .prediction-title")
        is_question = title.name == "legend"
        title.name, title.attrs = "p", {"class": "asks"}
        content = _extract_question_feedback(asked) if is_question else _extract_prediction_answer(asked)
        place = str(asked.get("id", f"asked-{number}"))
        asked.name, asked.attrs = "div", {"class": "asked", "id": place}
        link = '<p class="to-answer">The <a href="#answer-{}">answer</a> is at the end of the chapter.</p>'
        asked.append(tag_from_html(link, number))
        back = tag_from_html('<p><strong><a href="#{}">{}</a></strong></p>', place, title.get_text())
        answers.append(wrap_in_tag("div", [back, *content], class_="answer", id=f"answer-{number}"))
    if answers:
        body.append(wrap_in_tag("section", [tag_from_html("<h2>Answers</h2>"), *answers], id="answers"))


def _extract_question_feedback(asked: Tag) -> list[PageElement]:
    """Write the options of a question as a list, and return the feedback on each."""
    heard = [require_one(option, ".feedback").extract().contents for option in asked.select(".option")]
    asked.append(_lettered_options(asked))
    return [wrap_in_tag("ol", [wrap_in_tag("li", content) for content in heard], type="A")]


def _extract_prediction_answer(asked: Tag) -> list[PageElement]:
    """Leave room for the guess, and return the answer and its explanation."""
    answer = f"{asked['data-answer']} {asked['data-unit']}".strip()
    reveal = require_one(asked, "details.reveal").extract()
    require_one(reveal, "summary").decompose()
    guess = require_one(asked, ".guess").extract()
    if guess.select(".option"):
        asked.append(_lettered_options(guess))
    else:
        asked.append(tag_from_html("<p>{}: ________</p>", require_one(guess, "label").get_text().strip()))
    return [tag_from_html("<p>The answer: <strong>{}</strong></p>", answer), *reveal.contents]


def _lettered_options(place: Tag) -> Tag:
    options = [option.extract() for option in place.select(".option")]
    return wrap_in_tag("ol", [wrap_in_tag("li", require_one(option, "label").contents) for option in options], type="A")
