"""Ask whether the links that lead out of the built book still lead somewhere; nothing fails by the answer.

``python -m axis.book.outgoing FOLDER`` reads the pages below the folder. Sphinx's own builder for
this reads chapters alone, and would miss the sources in the lists of figures, which are HTML.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import requests

#: Seconds that a host has to answer, and how many hosts are asked at the same time.
PATIENCE, HOSTS = 15, 8
GONE, PERMANENT = {404, 410}, {301, 308}
#: Some hosts send no page to what does not call itself a browser.
NAME = {"User-Agent": "Mozilla/5.0 (compatible; check of the links of a book)"}
#: What became of a link, in the order of the report.
KINDS = {
    "dead": "Dead",
    "moved": "Moved for good",
    "unreachable": "Unreachable",
    "refused": "Refused, which says nothing about the page",
    "good": "Good",
}


@dataclass(frozen=True)
class Answer:
    """What became of one link: its kind, a key of `KINDS`, and how that showed."""

    address: str
    kind: str
    said: str = ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        if tag == "a" and address.startswith(("http://", "https://")):
            self.found.add(urldefrag(address).url)


def collect(folder: Path) -> dict[str, list[str]]:
    """Give each address outside the book with the pages that link to it.

    Parameters
    ----------
    folder
        The folder of the built pages.
    """
    pages: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.html")):
        links = _Links()
        links.feed(path.read_text(encoding="utf-8"))
        for address in links.found:
            pages[address].append(str(path.relative_to(folder)))
    return dict(pages)


def ask(addresses: Iterable[str]) -> list[Answer]:
    """Ask for each address, several hosts at a time but one page of a host after another."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for address in sorted(addresses):
        hosts[urlsplit(address).netloc].append(address)
    with ThreadPoolExecutor(HOSTS) as pool:
        return [answer for answers in pool.map(_ask_host, hosts.values()) for answer in answers]


def report(answers: list[Answer], pages: dict[str, list[str]]) -> str:
    """Write what a person should look at.

    Parameters
    ----------
    answers
        What `ask` gave.
    pages
        What `collect` gave.
    """
    if not answers:
        return "No page links out of the book."
    if all(answer.kind == "unreachable" for answer in answers):
        return f"None of {len(answers)} links could be reached: this machine seems to have no network."
    by_kind = {kind: [answer for answer in answers if answer.kind == kind] for kind in KINDS}
    lines = [f"{len(by_kind[kind]):4} {words.lower()}" for kind, words in KINDS.items()]
    for kind in list(KINDS)[:-1]:
        lines += [f"\n{KINDS[kind]}:"] if by_kind[kind] else []
        for answer in by_kind[kind]:
            lines += [f"  {answer.address}  {answer.said}", f"    on {', '.join(pages[answer.address])}"]
    return "\n".join(lines)


def _ask_host(addresses: list[str]) -> list[Answer]:
    """Ask one host; once it cannot be reached, it is not asked for its other pages."""
    answers: list[Answer] = []
    with requests.Session() as session:
        session.headers.update(NAME)
        for address in addresses:
            if answers and answers[-1].kind == "unreachable":
                answers.append(Answer(address, "unreachable", answers[-1].said))
            else:
                answers.append(_ask(session, address))
    return answers


def _ask(session: requests.Session, address: str) -> Answer:
    try:
        # Not HEAD, which many hosts answer wrongly; the page itself is not fetched.
        with session.get(address, timeout=PATIENCE, stream=True) as got:
            return _judge(address, got)
    except (requests.ConnectionError, requests.Timeout) as error:
        return Answer(address, "unreachable", type(error).__name__)
    except requests.RequestException as error:
        return Answer(address, "refused", type(error).__name__)


def _judge(address: str, got: requests.Response) -> Answer:
    if got.status_code in GONE:
        return Answer(address, "dead", str(got.status_code))
    if not got.ok:
        return Answer(address, "refused", str(got.status_code))
    if any(step.status_code in PERMANENT for step in got.history):
        return Answer(address, "moved", f"to {got.url}")
    return Answer(address, "good")


def main(folder: Path) -> None:
    """Print the report on the pages below a folder.

    Parameters
    ----------
    folder
        The folder of the built pages.
    """
    pages = collect(folder)
    print(report(ask(pages), pages))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
