"""What a reader can answer on each page: its name, its version, and how many tasks each page has.

The browser keeps an answer under the name of the book, of the page and of the task, and not under an address, so that
answers survive a move of the site. The version tells it when a question has changed since it was answered. Each page
states how many tasks every page has, from which its script shows how far a reader has come.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from docutils import nodes
from markupsafe import escape
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

#: The page on which a reader finds all answers, by the end of its name.
WORK_PAGE = "my-work"


@dataclass(frozen=True)
class Task:
    """The name of a task, such as ``3-2-energy/question-who-paid-more``, and a short hash of its wording."""

    name: str
    version: str


def setup(app: Sphinx) -> None:
    """Register the counting of tasks, and the line about them in the head of each page."""
    app.connect("env-purge-doc", _forget_tasks)
    app.connect("env-updated", _pages_to_write_again)
    app.connect("html-page-context", _state_tasks, priority=600)


def register_task(env: BuildEnvironment, name: str, wording: Iterable[str]) -> Task | None:
    """Note a task of the page that is being read.

    Parameters
    ----------
    env
        What Sphinx knows of all pages.
    name
        The name of the task on its page.
    wording
        Everything that a reader answers to.

    Returns
    -------
    Task or None
        None if the page already has a task of this name.
    """
    page = PurePath(env.docname).name
    task = Task(f"{page}/{name}", wording_version(wording))
    tasks: list[str] = _tasks_by_page(env).setdefault(env.docname, [])
    if task.name in tasks:
        return None
    tasks.append(task.name)
    return task


def wording_version(wording: Iterable[str]) -> str:
    """Return a short hash of a wording, in which spaces do not count.

    Examples
    --------
    >>> wording_version(["Who  paid?", "China"]) == wording_version(["Who paid? ", "China"])
    True
    """
    text = "\n".join(" ".join(part.split()) for part in wording)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def task_attributes(task: Task) -> str:
    """Return the attributes by which the script of a page knows a task."""
    return f'data-task="{escape(task.name)}" data-version="{task.version}"'


def _tasks_by_page(env: BuildEnvironment) -> dict[str, list[str]]:
    # Sphinx keeps what it knows of all pages between builds, with every attribute.
    found: dict[str, list[str]] = vars(env).setdefault("book_reader_tasks", {})
    return found


def _forget_tasks(_app: Sphinx, env: BuildEnvironment, page: str) -> None:
    _tasks_by_page(env).pop(page, None)


def count_tasks(env: BuildEnvironment) -> dict[str, int]:
    """Return how many tasks each page has, without the pages that have none, in the order of their names."""
    return {PurePath(page).name: len(tasks) for page, tasks in sorted(_tasks_by_page(env).items()) if tasks}


def _pages_to_write_again(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Name every page if the number of tasks has changed on one, since each page states them all."""
    counts = count_tasks(env)
    before = vars(env).get("book_task_counts", counts)
    vars(env)["book_task_counts"] = counts
    return [] if counts == before else sorted(env.found_docs)


def _state_tasks(app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: nodes.document | None) -> None:
    if app.builder.format != "html":
        return
    counts = count_tasks(app.env)
    here = [name for name in app.env.found_docs if PurePath(name).name == WORK_PAGE]
    work = app.builder.get_relative_uri(page, here[0]) if here else ""
    stated = {"book": app.config.book_slug, "page": PurePath(page).name, "work": work, "tasks": counts}
    line = f'<meta name="book-work" content="{escape(json.dumps(stated, separators=(",", ":")))}">'
    context["metatags"] = f"{context.get('metatags', '')}\n{line}"
