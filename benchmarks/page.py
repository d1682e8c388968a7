"""Weigh a chapter against the same chapter built with stock jupyter-book, Altair and ipywidgets.

    make weigh                                     # this script at its defaults
    .venv/bin/python benchmarks/page.py --every    # Lighthouse's score of each chapter besides

Both are served from loopback with gzip. What the stock page takes from content delivery networks
comes from npm's copies of the same files, on a second address, with gzip as well.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import yaml
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from axis.book_identity import read_book_identity
from axis.editions.print_browser import SWITCHES, find_browser
from axis.notebooks.chapter_facts import texts_from_facts

ROOT = Path(__file__).parent.parent
# The host is that of the tests, so that both count alike.
sys.path.insert(0, str(ROOT / "tests"))

from pages import CHAPTERS  # noqa: E402
from static_host import StaticHost, Traffic, serving  # noqa: E402

NODE = ROOT / "_build" / "benchmark" / "node"
PACKAGES = (
    "lighthouse@13.5.0",
    "vega@6",
    "vega-lite@6",
    "vega-embed@7",
    "@jupyter-widgets/html-manager@1.0.6",
    "requirejs@2.3.6",
    "mathjax@3.2.2",
)
CDN = re.compile(r"https://(?:cdn\.jsdelivr\.net/npm|unpkg\.com|cdnjs\.cloudflare\.com/ajax/libs)")

#: The chapter's first cell, in place of this book's helpers: Altair's own renderer below real ipywidgets.
STOCK = """\
from helpers import load
alt.theme.enable("default")
alt.renderers.enable("html")

def Comparison(chart, **controls):
    from IPython.display import display
    specification = chart.to_dict()
    for parameter in specification["params"]:
        if parameter["name"] in controls:
            value = controls[parameter["name"]].value
            parameter["value"] = list(value) if isinstance(value, tuple) else value
    display(widgets.VBox(list(controls.values())))
    return alt.Chart.from_dict(specification)
"""


class Weight(NamedTuple):
    """What one page costs."""

    requests: int
    kilobytes: float
    scrolled_requests: int
    scrolled_kilobytes: float
    nodes: int
    performance: float
    search: float


def main() -> None:
    """Print the two pages side by side."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--chapter", default="3-2-energy", choices=CHAPTERS)
    options.add_argument("--runs", type=int, default=3, help="runs of Lighthouse, of which the median counts")
    options.add_argument("--every", action="store_true", help="score every chapter besides")
    chosen = options.parse_args()
    install()
    with tempfile.TemporaryDirectory(prefix="axis-benchmark-") as folder, serving(Network) as network:
        theirs = build_stock(chosen.chapter, Path(folder), network)
        with serving(partial(StaticHost, directory=str(ROOT / "_build/html"))) as site:
            ours = weigh(f"{site}/chapters/{chosen.chapter}.html", chosen.runs)
            with serving(partial(StaticHost, directory=str(theirs))) as stock:
                compare(chosen.chapter, ours, weigh(f"{stock}/{chosen.chapter}.html", chosen.runs))
            if chosen.every:
                score_every(site, chosen.runs)
    if Network.missing:
        print("Not in npm's copies, so not counted for the stock page:", *sorted(Network.missing))


def install() -> None:
    """Bring Lighthouse and the copies of what stock pages fetch, once, into `_build`."""
    if not shutil.which("node") or not shutil.which("npm"):
        sys.exit("This benchmark needs node and npm: install them, as by apt install nodejs npm.")
    if not (NODE / ".complete").exists():
        NODE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(NODE), "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        if subprocess.run([*command, *PACKAGES], check=False).returncode:
            sys.exit("npm cannot install Lighthouse: see its message above, and run make weigh again with a network.")
        (NODE / ".complete").touch()


class Network(StaticHost):
    """Serve a package's file as a content delivery network does: by default the one that it names itself."""

    missing: ClassVar[set[str]] = set()

    def translate_path(self, path: str) -> str:
        """Find the file of an address such as ``/vega@6.1.0`` or ``/require.js/2.3.4/require.min.js``."""
        if path.startswith("/require.js/"):
            return str(NODE / "node_modules/requirejs/require.js")
        found = re.match(r"/((?:@[^/]+/)?[^/@?]+)(?:@[^/?]*)?/?([^?]*)", path)
        package, file = found.groups() if found else ("", "")
        home = NODE / "node_modules" / package
        description = json.loads((home / "package.json").read_text()) if (home / "package.json").exists() else {}
        target = home / (file or description.get("jsdelivr") or description.get("main", ""))
        if not target.is_file():
            self.missing.add(path)
        return str(target)


def build_stock(chapter: str, folder: Path, network: str) -> Path:
    """Build a book of one chapter with jupyter-book as it is delivered; give the folder of its pages."""
    for file in ("glossary.md", "index.md"):
        (folder / file).write_text(f"# {file}\n")
    (folder / "chapter.md").write_text(stock_text(ROOT / "chapters" / f"{chapter}.md"))
    (folder / "chapter.md").rename(folder / f"{chapter}.md")
    shutil.copy(ROOT / "data/references.bib", folder)
    contents = {"format": "jb-book", "root": "index", "chapters": [{"file": chapter}, {"file": "glossary"}]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents))
    settings = {"title": "Stock", "bibtex_bibfiles": ["references.bib"], "execute": {"execute_notebooks": "force"}}
    settings["parse"] = {"myst_enable_extensions": ["colon_fence", "deflist", "attrs_inline"]}
    (folder / "_config.yml").write_text(yaml.safe_dump(settings))
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    pages = folder / "_build/html"
    if done.returncode or not (pages / f"{chapter}.html").exists():
        sys.exit(f"The stock book does not build:\n{done.stderr[-3000:]}")
    for page in pages.glob("*.html"):
        page.write_text(CDN.sub(network, page.read_text(encoding="utf-8")), encoding="utf-8")
    return pages


def stock_text(chapter: Path) -> str:
    """Take this book's own directives and helpers out of a chapter."""
    text = chapter.read_text(encoding="utf-8")
    title = re.findall(r"^# (.+)$", text, re.MULTILINE)[0]
    for name, printed in texts_from_facts(chapter, title, read_book_identity(ROOT)).items():
        text = text.replace(f"```{{{name}}}\n```", printed)
    text = re.sub(r"^from helpers import .*$", lambda _: STOCK, text, count=1, flags=re.MULTILINE)
    text = re.sub(r"```\{exercise\} (.*)\n```", r"See the notebook `\1`.", text)
    text = re.sub(r"```\{(?:question|prediction)\}", "```{admonition}", text)
    return re.sub(r"(```\{admonition\}.*\n)(?::\w+:.*\n)+", r"\1", text)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser of the tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=SWITCHES)
        yield browser
        browser.close()


def executable() -> str:
    """Find the browser."""
    return find_browser() or sys.exit("No browser: install chromium, or set CHROMIUM=/path/to/chromium.")


def weigh(address: str, runs: int) -> Weight:
    """Read a page on a phone from top to bottom, then have Lighthouse read it."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        traffic = Traffic(page)
        page.goto(address, wait_until="networkidle")
        first = traffic.total()
        for place in range(0, page.evaluate("document.body.scrollHeight"), 400):
            page.mouse.wheel(0, 400)
            page.wait_for_timeout(20 if place else 200)
        page.wait_for_timeout(2000)
        last = traffic.total()
        nodes = page.evaluate("document.querySelectorAll('*').length")
    performance, search = lighthouse(address, runs)
    return Weight(first[0], first[1] / 1000, last[0], last[1] / 1000, nodes, performance, search)


def lighthouse(address: str, runs: int) -> tuple[float, float]:
    """Give the medians of Lighthouse's mobile performance and of its score for search engines."""
    switches = " ".join(["--headless=new", *SWITCHES])
    command = [str(NODE / "node_modules/.bin/lighthouse"), address, "--quiet", "--output=json"]
    command += ["--only-categories=performance,seo", f"--chrome-flags={switches}"]
    scores: list[tuple[float, float]] = []
    for _ in range(runs):
        environment = {**os.environ, "CHROME_PATH": executable()}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            sys.exit(f"Lighthouse fails on {address}:\n{done.stderr[-2000:]}")
        categories = json.loads(done.stdout)["categories"]
        scores.append((categories["performance"]["score"] * 100, categories["seo"]["score"] * 100))
    return statistics.median(score for score, _ in scores), statistics.median(score for _, score in scores)


def compare(chapter: str, ours: Weight, theirs: Weight) -> None:
    """Print the table."""
    table = Table(title=f"{chapter} here, and in stock jupyter-book")
    for heading in ("", "this book", "stock", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    names = {
        "requests": "requests, first view",
        "kilobytes": "kB, first view",
        "scrolled_requests": "requests, scrolled through",
        "scrolled_kilobytes": "kB, scrolled through",
        "nodes": "elements",
        "performance": "Lighthouse, mobile performance",
        "search": "Lighthouse, search engines",
    }
    for field, name in names.items():
        mine, other = getattr(ours, field), getattr(theirs, field)
        table.add_row(name, f"{mine:,.0f}", f"{other:,.0f}", f"{mine / other:.2f}" if other else "")
    Console(width=110).print(table)


def score_every(site: str, runs: int) -> None:
    """Print what Lighthouse says of each chapter."""
    table = Table(title="Lighthouse, mobile")
    for heading in ("chapter", "performance", "search engines"):
        table.add_column(heading, justify="left" if heading == "chapter" else "right")
    for chapter in CHAPTERS:
        performance, search = lighthouse(f"{site}/chapters/{chapter}.html", runs)
        table.add_row(chapter, f"{performance:.0f}", f"{search:.0f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
