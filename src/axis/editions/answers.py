"""Part the answers from the questions: paper cannot hide them, so they stand at the end of a chapter."""

from bs4 import Tag
from bs4.element import PageElement

from axis.editions.markup import around, first, made


def part_answers(body: Tag) -> None:
    """Give options letters, and move what is right and why to the end of the page, linked both ways."""
    answers = []
    for number, asked in enumerate(body.select(".book-question, .book-prediction"), 1):
        title = first(asked, "legend, .prediction-title")
        is_question = title.name == "legend"
        title.name, title.attrs = "p", {"class": "asks"}
        content = _question(asked) if is_question else _prediction(asked)
        place = str(asked.get("id", f"asked-{number}"))
        asked.name, asked.attrs = "div", {"class": "asked", "id": place}
        link = '<p class="to-answer">The <a href="#answer-{}">answer</a> is at the end of the chapter.</p>'
        asked.append(made(link, number))
        back = made('<p><strong><a href="#{}">{}</a></strong></p>', place, title.get_text())
        answers.append(around("div", [back, *content], class_="answer", id=f"answer-{number}"))
    if answers:
        body.append(around("section", [made("<h2>Answers</h2>"), *answers], id="answers"))


def _question(asked: Tag) -> list[PageElement]:
    """Write the options of a question as a list; give what each choice hears."""
    heard = [first(option, ".feedback").extract().contents for option in asked.select(".option")]
    asked.append(_lettered(asked))
    return [around("ol", [around("li", content) for content in heard], type="A")]


def _prediction(asked: Tag) -> list[PageElement]:
    """Leave room for the guess; give the answer and its explanation."""
    answer = f"{asked['data-answer']} {asked['data-unit']}".strip()
    reveal = first(asked, "details.reveal").extract()
    first(reveal, "summary").decompose()
    guess = first(asked, ".guess").extract()
    if guess.select(".option"):
        asked.append(_lettered(guess))
    else:
        asked.append(made("<p>{}: ________</p>", first(guess, "label").get_text().strip()))
    return [made("<p>The answer: <strong>{}</strong></p>", answer), *reveal.contents]


def _lettered(place: Tag) -> Tag:
    options = [option.extract() for option in place.select(".option")]
    return around("ol", [around("li", first(option, "label").contents) for option in options], type="A")
