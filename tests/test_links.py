"""No link of the built book is dead: files are there, and so are the places inside them.

What lies outside the book may vanish at any time. `make links` reports it, and is tested here on loopback.
"""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import pytest

from axis.book import link_check


class _Page(HTMLParser):
    """What a page names, and what it links to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given["id"]} if "id" in given else set()
        self.links += [given[name] for name in ("href", "src", "xlink:href", "poster") if name in given]
        self.links += [given["content"].partition("url=")[2]] if given.get("http-equiv") == "refresh" else []


def test_every_internal_link_leads_to_a_file_and_to_a_place_in_it(book: Path) -> None:
    pages = {path: _Page(path) for path in book.rglob("*.html") if "_static" not in path.parts}
    assert len(pages) > 15
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if not target.is_file() or (anchor and target in pages and anchor not in pages[target].anchors):
                dead.append(f"{path.relative_to(book)}: {link}")
    assert sorted(set(dead)) == []


def test_every_download_is_there_and_linked(book: Path) -> None:
    files = {path.resolve() for folder in ("data", "notebooks", "exercises") for path in (book / folder).iterdir()}
    assert len(files) > 60
    linked = set()
    for path in (book / "chapters").glob("*.html"):
        linked |= {(path.parent / unquote(urlsplit(link).path)).resolve() for link in _Page(path).links}
    assert {path.name for path in files - linked} == set()


def test_what_a_style_loads_is_there(book: Path) -> None:
    loads = re.compile(r"""url\(["']?(?!data:|#)([^"')?#]+)["'?#)]""")
    found = [(path, name) for path in book.rglob("_static/**/*.css") for name in loads.findall(path.read_text("utf-8"))]
    assert found
    assert [name for path, name in found if not (path.parent / name).is_file()] == []


def test_a_downloaded_notebook_leads_to_notebooks_that_there_are(book: Path) -> None:
    links = set()
    for path in (book / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        links |= {link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^()\s]+)\)", text)}
    assert len(links) > 20
    places = {"": book / "notebooks", "../assignments/": book / "exercises"}
    assert [link for link in links if not (places[re.sub(r"[^/]+$", "", link)] / Path(link).name).is_file()] == []


class _Host(BaseHTTPRequestHandler):
    """A host with a page that is there, one that has moved, one that is gone and one that refuses."""

    codes: ClassVar = {"/good": 200, "/moved": 301, "/elsewhere": 302, "/gone": 404, "/refused": 403}
    #: When each page was asked for, in the order of the requests.
    asked: ClassVar[list[tuple[float, str]]] = []

    def do_GET(self) -> None:
        self.asked.append((time.monotonic(), self.path))
        code = self.codes[self.path]
        self.send_response(code)
        if code in (301, 302):
            self.send_header("Location", "/good")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the report of the tests readable."""


@contextmanager
def _host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Host) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def host() -> Iterator[str]:
    """The address of a host."""
    _Host.asked.clear()
    with _host() as address:
        yield address


@pytest.fixture
def hosts() -> Iterator[dict[str, str]]:
    """For each page the address of a host that is asked for it alone, so that nothing pauses between two pages."""
    with ExitStack() as stack:
        yield {path: stack.enter_context(_host()) for path in _Host.codes}


@pytest.fixture
def nobody() -> str:
    """The address of a host that does not answer: a port that was free a moment ago."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def _write_page(folder: Path, name: str, links: list[str]) -> None:
    page = "".join(f'<a href="{link}#place">x</a><link rel="canonical" href="{link}-not-a-link">' for link in links)
    (folder / name).write_text(f'{page}<a href="inside.html">x</a>')


def _report(folder: Path) -> str:
    command = [sys.executable, "-m", "axis.book.link_check", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_report_tells_what_is_dead_moved_or_silent(tmp_path: Path, hosts: dict[str, str], nobody: str) -> None:
    links = [host + path for path, host in hosts.items()]
    _write_page(tmp_path, "page.html", [*links, f"{nobody}/one", f"{nobody}/two"])
    report = _report(tmp_path)
    counts = {words: int(count) for count, words in re.findall(r"^ *(\d+) (.+)$", report, re.MULTILINE)}
    assert list(counts.values()) == [1, 1, 2, 1, 2]
    assert f"\nDead:\n  {hosts['/gone']}/gone  404\n    on page.html\n" in report
    assert f"{hosts['/moved']}/moved  to {hosts['/moved']}/good\n" in report
    assert f"{hosts['/refused']}/refused  403\n" in report
    assert f"{nobody}/two  ConnectionError\n" in report
    # A page that is there, or has moved for a while, needs no attention.
    assert f"  {hosts['/elsewhere']}/elsewhere" not in report
    assert f"  {hosts['/good']}/good " not in report


def test_the_report_names_every_page_that_holds_a_dead_link(tmp_path: Path, host: str) -> None:
    for name in ("one.html", "two.html"):
        _write_page(tmp_path, name, [f"{host}/gone"])
    assert f"  {host}/gone  404\n    on one.html, two.html\n" in _report(tmp_path)
    assert len(_Host.asked) == 1


def test_a_host_is_asked_for_one_page_at_a_time_with_a_pause_between(tmp_path: Path, host: str) -> None:
    _write_page(tmp_path, "page.html", [host + path for path in ("/good", "/gone", "/refused")])
    _report(tmp_path)
    times = [moment for moment, _ in _Host.asked]
    assert len(times) == 3
    assert min(later - earlier for earlier, later in pairwise(times)) >= link_check.PAUSE


def test_without_a_network_the_report_says_so_and_nothing_else(tmp_path: Path, nobody: str) -> None:
    _write_page(tmp_path, "page.html", [f"{nobody}/one", f"{nobody}/two"])
    assert _report(tmp_path) == "None of the 2 links could be reached: this machine seems to have no network.\n"


def test_a_page_without_links_to_other_sites_is_said_to_have_none(tmp_path: Path) -> None:
    _write_page(tmp_path, "page.html", [])
    assert _report(tmp_path) == "No page links to another site.\n"


def test_the_sources_of_figures_are_among_what_is_asked(book: Path) -> None:
    found = link_check.collect_links(book)
    assert len(found) > 100
    assert any("chapters/later-figures.html" in pages for pages in found.values())
