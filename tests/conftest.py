"""What several tests share: the built book, its site on loopback, and a browser."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Playwright, sync_playwright

from axis.editions.print_browser import SWITCHES, find_browser
from static_host import StaticHost, serving

pytest.register_assert_rewrite("pages")

ROOT = Path(__file__).parent.parent


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what a test needs beside Python, from the fixtures that it asks for, and keep one page in one worker."""
    for item in items:
        needed = set(getattr(item, "fixturenames", ()))
        if "browser" in needed:
            item.add_marker("browser")
        if needed & {"once", "book", "published"}:
            item.add_marker("build")
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        visited = next((parameters[name] for name in ("visit", "still") if name in parameters), None)
        if visited:
            item.add_marker(pytest.mark.xdist_group(visited))
        # Where the cells of one notebook run in two workers, nbval's results are silently wrong.
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    yield
    # After pytest's own order, which brings the same view of all pages together, and so a page to each worker at once.
    items.sort(key=_turn)
    # Workers send the group of a test as the end of its name. xdist writes it where pytest before 9.2 kept the name,
    # and no test would be grouped: https://github.com/pytest-dev/pytest-xdist/issues/1386
    for item in items:
        if grouped := vars(item).get("_nodeid"):
            item._id = type(item.id).parse(grouped)


def _turn(item: pytest.Item) -> int:
    """Say when it is a test's turn: one worker builds the book while the others do what needs no book."""
    if not {"book", "site"} & set(getattr(item, "fixturenames", ())):
        return 1
    # Not at the top: pytest rewrites the assertions of this module before anything imports it.
    from pages import CHAPTERS

    # The tests of one page are one group, and so in one worker; tests without a group would keep all of them waiting.
    is_grouped = item.get_closest_marker("xdist_group") is not None
    return 0 if is_grouped and f"chapters/{CHAPTERS[0]}.html" in item.name else 2


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Note a measurement, which the end of the run prints; a worker's own output would be lost."""
    return lambda line: record_property("measured", line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured."""
    reports = [report for group in terminalreporter.stats.values() for report in group]
    properties = [pair for report in reports for pair in getattr(report, "user_properties", [])]
    lines = sorted({str(value) for name, value in properties if name == "measured"})
    if lines:
        terminalreporter.section("measured")
        terminalreporter.write_line("\n".join(lines))


def warmed_processes() -> list[psutil.Process]:
    """Give the processes from which kernels of this program are forked: one, or none so far."""
    return [process for process in psutil.Process().children() if "axis.kernels.fork_server" in process.cmdline()]


def end_warmed_processes() -> None:
    """Kill them, as a system does that runs out of memory."""
    for process in warmed_processes():
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, list[str]], None]:
    """Run a command once in a run of the tests, however many workers ask for what it makes."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    def run(name: str, command: list[str]) -> None:
        report = folder / f"{name}.txt"
        with FileLock(f"{report}.lock"):
            if not report.exists():
                done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
                said = f"{done.stderr[-4000:]}{done.stdout[-1000:]}"
                report.write_text(f"{' '.join(command)} fails:\n{said}" if done.returncode else "", encoding="utf-8")
        if fault := report.read_text(encoding="utf-8"):
            pytest.fail(fault, pytrace=False)

    return run


@pytest.fixture(scope="session")
def book(once: Callable[[str, list[str]], None]) -> Path:
    """The folder of the real book's pages, built by the command that `make book` runs."""
    once("book", [str(Path(sys.executable).parent / "jupyter-book"), "build", str(ROOT), "--quiet"])
    return ROOT / "_build/html"


@pytest.fixture(scope="session")
def published(
    book: Path, once: Callable[[str, list[str]], None], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Path]:
    """Write the book in another form by the command that `make` runs."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    def write(form: str, name: str) -> Path:
        once(form, [sys.executable, "-m", "axis.editions", form, str(folder / name), "--from", str(book)])
        return folder / name

    return write


@pytest.fixture(scope="session")
def site(book: Path) -> Iterator[str]:
    """The address of a static host on loopback that serves the book."""
    with serving(partial(StaticHost, directory=str(book))) as address:
        yield address


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, which starts once in a process, for every browser."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A real Chromium, without the requests that it makes on its own account."""
    executable = find_browser()
    if executable is None:
        pytest.fail("No browser: install chromium, or set CHROMIUM=/path/to/chromium.", pytrace=False)
    chromium = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
    yield chromium
    chromium.close()
