"""Check the links that lead out of the built book, and report those that a person should look at.

``python -m axis.book.link_check FOLDER`` reads the built pages below the folder. A broken link fails nothing:
hosts refuse programs for many reasons, so the answer needs a person.

Two other programs were tried. Sphinx's own link checker reads the chapters' text, and so misses the sources in
the lists of figures, which are HTML. LinkChecker 10.6 reads the built pages, but names only one of the pages
that hold a broken link, mixes dead links with refused and unreachable ones in the order in which it met them,
takes nine lines for each, and reads nothing if root runs it in a folder that only root may read. On this book,
with 220 links of which 70 had something wrong, its report had 670 lines and ours 153.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import requests
from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

#: Seconds that a host has to answer, and seconds between two requests to one host.
TIMEOUT, PAUSE = 15, 1.0
#: How many hosts are asked at the same time.
HOSTS = 8
GONE, PERMANENT = {404, 410}, {301, 308}
#: Some hosts send no page to a program that does not call itself a browser.
HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; check of the links of a book)"}
#: What can become of a link, in the order of the report.
KINDS = {
    "dead": "Dead",
    "moved": "Moved for good",
    "unreachable": "Unreachable",
    "refused": "Refused, which says nothing about the page",
    "good": "Good",
}


@dataclass(frozen=True)
class LinkResult:
    """What became of one link: its kind, which is a key of `KINDS`, and what the host answered."""

    address: str
    kind: str
    answer: str = ""


def collect_links(folder: Path) -> dict[str, list[str]]:
    """Map each address outside the book to the pages that link to it.

    Parameters
    ----------
    folder
        The folder of the built pages.
    """
    pages: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.html")):
        links = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser", parse_only=SoupStrainer("a"))
        addresses = {urldefrag(str(link.get("href", ""))).url for link in links.find_all("a")}
        for address in sorted(addresses):
            if address.startswith(("http://", "https://")):
                pages[address].append(str(path.relative_to(folder)))
    return dict(pages)


def check_links(addresses: Iterable[str]) -> list[LinkResult]:
    """Ask for each address: several hosts at a time, but one page of a host after another, with a pause between."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for address in sorted(addresses):
        hosts[urlsplit(address).netloc].append(address)
    with ThreadPoolExecutor(HOSTS) as pool:
        return [result for results in pool.map(_check_host, hosts.values()) for result in results]


def format_report(results: list[LinkResult], pages: dict[str, list[str]]) -> str:
    """Write what a person should look at.

    Parameters
    ----------
    results
        What `check_links` returned.
    pages
        What `collect_links` returned.
    """
    if not results:
        return "No page links to another site."
    if all(result.kind == "unreachable" for result in results):
        return f"None of the {len(results)} links could be reached: this machine seems to have no network."
    by_kind = {kind: [result for result in results if result.kind == kind] for kind in KINDS}
    lines = [f"{len(by_kind[kind]):4} {words.lower()}" for kind, words in KINDS.items()]
    for kind in list(KINDS)[:-1]:
        lines += [f"\n{KINDS[kind]}:"] if by_kind[kind] else []
        for result in by_kind[kind]:
            lines += [f"  {result.address}  {result.answer}", f"    on {', '.join(pages[result.address])}"]
    return "\n".join(lines)


def _check_host(addresses: list[str]) -> list[LinkResult]:
    """Ask one host for its pages; if it cannot be reached, do not ask again."""
    results: list[LinkResult] = []
    with requests.Session() as session:
        session.headers.update(HEADERS)
        for address in addresses:
            if results and results[-1].kind == "unreachable":
                results.append(LinkResult(address, "unreachable", results[-1].answer))
                continue
            time.sleep(PAUSE if results else 0)
            results.append(_check_link(session, address))
    return results


def _check_link(session: requests.Session, address: str) -> LinkResult:
    try:
        # Many hosts answer HEAD wrongly, so this is GET; the page itself is not downloaded.
        with session.get(address, timeout=TIMEOUT, stream=True) as response:
            return _classify_response(address, response)
    except (requests.ConnectionError, requests.Timeout) as error:
        return LinkResult(address, "unreachable", type(error).__name__)
    except requests.RequestException as error:
        return LinkResult(address, "refused", type(error).__name__)


def _classify_response(address: str, response: requests.Response) -> LinkResult:
    if response.status_code in GONE:
        return LinkResult(address, "dead", str(response.status_code))
    if not response.ok:
        return LinkResult(address, "refused", str(response.status_code))
    if any(step.status_code in PERMANENT for step in response.history):
        return LinkResult(address, "moved", f"to {response.url}")
    return LinkResult(address, "good")


if __name__ == "__main__":
    linked = collect_links(Path(sys.argv[1]))
    print(format_report(check_links(linked), linked))
