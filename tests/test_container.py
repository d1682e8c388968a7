"""The container's recipe names what the repository has, and what its steps make can mark a class."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECIPE = (ROOT / "Containerfile").read_text(encoding="utf-8")
STEPS = [
    (words[0], words[1]) for line in RECIPE.splitlines() if len(words := line.split(" ", 1)) == 2 and words[0].isupper()
]


def steps(kind: str) -> list[str]:
    return [words for step, words in STEPS if step == kind]


def test_the_recipe_installs_what_the_makefile_installs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    version = re.search(r"UV_VERSION := (\S+)", makefile)
    assert version
    installed = " ".join(steps("RUN"))
    assert f"uv=={version[1]}" in installed
    assert "bubblewrap" in installed
    # Submissions run there as an ordinary user, whom a container lets make sandboxes.
    assert STEPS.index(("USER", "teacher")) > max(STEPS.index(step) for step in STEPS if step[0] == "RUN")
    assert "https://" not in RECIPE


def test_the_page_gives_the_commands_of_the_recipe() -> None:
    page = (ROOT / "chapters/marking.md").read_text(encoding="utf-8")
    assert "docker build --tag axis --file Containerfile ." in page
    (volume,) = steps("VOLUME")
    assert f"{volume} axis grade {volume}/submissions.zip --to {volume}/marked" in page


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder of the book as the recipe's steps make it, with the environment of the tests in place of its own."""
    folder = tmp_path / "book"
    for words in steps("COPY"):
        *sources, target = words.split()
        for source in sources:
            place = folder / target / ("" if (ROOT / source).is_dir() else source)
            place.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, place)
    return folder


def test_its_environment_is_that_of_the_lock_and_its_files_are_enough_to_work(image: Path, tmp_path: Path) -> None:
    (sync,) = (words for words in steps("RUN") if words.startswith("uv sync"))
    # The Makefile names its own uv by a path within the repository.
    uv = str(ROOT / (os.environ.get("UV") or shutil.which("uv") or ".uv/bin/uv"))
    command = [uv, *shlex.split(sync)[1:], "--dry-run", "--offline", "--python", sys.executable]
    # What the step would install can be told without a network: every package is in the lock.
    command = [word for word in command if word != "--no-cache"]
    told = subprocess.run(command, cwd=image, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "Would" in told.stderr
    assert " + ipykernel==" in told.stderr
    assert "sphinx" not in told.stderr
    (entry,) = steps("ENTRYPOINT")
    assert entry == '["/book/.venv/bin/axis"]'
    environment = {**os.environ, "PYTHONPATH": str(image / "src")}
    release = [sys.executable, "-m", "axis.cli", "release", "3-2-energy", "--to", str(tmp_path / "class")]
    done = subprocess.run(release, cwd=image, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "class/3-2-energy.ipynb").exists()
