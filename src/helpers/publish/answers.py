"""Part the answers from the questions: paper cannot hide them, so they stand at the end of a page."""

from bs4 import Tag

from helpers.publish.markup import around, classes, made


def part_answers(body: Tag) -> None:
    """Give options letters, and move what is right and why to the end of the page, linked both ways."""
    answers = []
    for number, asked in enumerate(body.select(".book-question, .book-prediction"), 1):
        title = asked.select_one("legend, .prediction-title").get_text()
        content = _question(asked) if "book-question" in classes(asked) else _prediction(asked)
        asked.name, asked.attrs = "div", {"class": "asked", "id": asked.get("id", f"asked-{number}")}
        asked.append(made('<p class="to-answer">The <a href="#answer-{}">answer</a> is at the end of the chapter.</p>', number))
        back = made('<p><strong><a href="#{}">{}</a></strong></p>', asked["id"], title)
        answers.append(around("div", [back, *content], class_="answer", id=f"answer-{number}"))
    if answers:
        body.append(around("section", [made("<h2>Answers</h2>"), *answers], id="answers"))


def _question(asked: Tag) -> list[Tag]:
    """Write the options of a question as a list; give what each choice hears."""
    _rename(asked, "legend", "asks")
    heard = [option.select_one(".feedback").extract().contents for option in asked.select(".option")]
    asked.append(_lettered(asked))
    return [around("ol", [around("li", content) for content in heard], type="A")]


def _prediction(asked: Tag) -> list[Tag]:
    """Leave room for the guess; give the answer and its explanation."""
    _rename(asked, ".prediction-title", "asks")
    answer = f"{asked['data-answer']} {asked['data-unit']}".strip()
    reveal = asked.select_one("details.reveal").extract()
    reveal.summary.decompose()
    guess = asked.select_one(".guess").extract()
    said = guess.label.get_text().strip()
    asked.append(_lettered(guess) if guess.select(".option") else made("<p>{}: ________</p>", said))
    return [made("<p>The answer: <strong>{}</strong></p>", answer), *reveal.contents]


def _lettered(place: Tag) -> Tag:
    options = [option.extract() for option in place.select(".option")]
    return around("ol", [around("li", option.label.contents) for option in options], type="A")


def _rename(asked: Tag, selector: str, kind: str) -> None:
    title = asked.select_one(selector)
    title.name, title.attrs = "p", {"class": kind}
