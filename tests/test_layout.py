"""The house rules of the code that a program can hold: names, and dependencies where they are imported.

`make lint` runs this file, and import-linter holds the direction of imports.
"""

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src"
MODULES = sorted(path for path in SOURCES.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

#: A function of such a name says nothing unless a noun follows.
NEEDS_A_NOUN = {
    *("build", "cell", "check", "collect", "content", "create", "digest", "draw", "figure", "file", "find", "get"),
    *("give", "handle", "make", "merge", "number", "page", "part", "place", "plan", "process", "read", "record"),
    *("rows", "run", "set", "start", "table", "text", "version", "write"),
}
#: What chapters and exercises call, by the names that their readers know: `checks.number(…)`.
INTERFACE = {"number_checks.number", "checks.table", "checks.text"}

#: For each package, the groups of pyproject.toml that declare what it imports.
DECLARED_BY = {
    "helpers": (),
    "axis/kernels": ("teach",),
    "axis/exercises": ("teach",),
    "axis/grading": ("teach", "cluster"),
    "axis/page_answers": ("teach",),
    "axis/quizzes": ("book",),
    "axis/notebooks": ("book",),
    "axis/numbers": ("book",),
    "axis/portable": ("teach",),
    "axis/book": ("book",),
    "axis/editions": ("publish",),
    "axis/lite": ("lite",),
    "axis/cli.py": ("teach",),
    "axis/book_identity.py": ("book",),
    "axis/errors.py": (),
}
#: Brought by every browser that runs Python, and by nothing else.
PYODIDE = {"pyodide"}


def module_name(path: Path) -> str:
    return path.parent.name if path.stem == "__init__" else path.stem


def test_no_two_modules_of_the_tree_have_one_name() -> None:
    counts = Counter(module_name(path) for path in MODULES if path.stem != "__main__")
    assert [name for name, count in counts.items() if count > 1] == []


def functions() -> Iterator[tuple[str, str]]:
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield module_name(path), node.name


def test_a_function_says_what_it_does_to_what() -> None:
    bare = {f"{module}.{name}" for module, name in functions() if name.strip("_") in NEEDS_A_NOUN}
    assert bare - INTERFACE == set()


def test_a_name_has_two_words_on_average() -> None:
    words = [len(name.strip("_").split("_")) for _, name in functions()]
    assert sum(words) / len(words) >= 2


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports from elsewhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"axis", "helpers"} - PYODIDE


def declared(groups: tuple[str, ...]) -> set[str]:
    """The distributions that the project's own dependencies and these groups name."""
    project = PROJECT["project"]
    lines = list(project["dependencies"])
    for group in groups:
        lines += {**project["optional-dependencies"], **PROJECT["dependency-groups"]}[group]
    return {_normal(Requirement(line).name) for line in lines}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_module_has_a_place_that_declares_what_it_imports() -> None:
    places = [SOURCES / place for place in DECLARED_BY]
    homeless = [path for path in MODULES if not any(path == place or place in path.parents for place in places)]
    assert homeless == [SOURCES / "axis/__init__.py"]


@pytest.mark.parametrize("package", DECLARED_BY)
def test_what_a_package_imports_is_declared_for_it(package: str) -> None:
    place = SOURCES / package
    modules = [place] if place.is_file() else place.rglob("*.py")
    distributions = importlib.metadata.packages_distributions()
    known = declared(DECLARED_BY[package])
    missing = {
        (path.name, name)
        for path in modules
        for name in imported(path)
        if not known & {_normal(one) for one in distributions[name]}
    }
    assert missing == set()
