"""What an import from the package changes in a session: nothing, until somebody asks for the book's charts."""

import subprocess
import sys

import pytest

import helpers

STATE = "\nimport sys\nearly = {'altair', 'ipywidgets', 'pandas'} & set(sys.modules)\n"
STATE += "import altair as alt\nprint(sorted(early), alt.theme.active, alt.renderers.active)"


def state_after(code: str) -> str:
    """Run code in a new Python; return which libraries it imported, and the theme and the renderer of Altair."""
    done = subprocess.run([sys.executable, "-c", code + STATE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import helpers", "[] default default"),
        ("from helpers import enable", "[] default default"),
        ("from helpers.tables import load", "['pandas'] default default"),
        ("from helpers import load", "['altair', 'ipywidgets', 'pandas'] book book"),
        ("from helpers import Comparison", "['altair', 'ipywidgets', 'pandas'] book book"),
        ("from helpers import enable; enable()", "['altair', 'ipywidgets'] book book"),
    ],
)
def test_the_books_charts_come_with_its_names_or_by_enable(code: str, expected: str) -> None:
    assert state_after(code) == expected


def test_the_way_back_is_the_one_that_enable_names() -> None:
    code = "import altair, helpers\nhelpers.enable()\n"
    for line in ('altair.theme.enable("default")', 'altair.renderers.enable("default")'):
        assert line in str(helpers.enable.__doc__)
        code += line + "\n"
    assert state_after(code) == "['altair', 'ipywidgets'] default default"


def test_a_name_that_the_package_does_not_have_is_an_error() -> None:
    with pytest.raises(AttributeError, match="module 'helpers' has no attribute 'Comparsion'"):
        _ = helpers.Comparsion
