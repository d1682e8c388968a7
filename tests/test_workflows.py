"""What GitHub runs is what `make` runs here, with pinned actions and no more rights than it needs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from axis.book.downloads import NOTEBOOK_BRANCH
from axis.portable.setup_cells import WHEEL_FOLDER

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))

PUSH = """\
mkdir site
tar --extract --file artifact.tar --directory site ./notebooks ./exercises
cd site
git init --quiet --initial-branch notebooks
git config user.name github-actions
git config user.email github-actions@users.noreply.github.com
git add .
git commit --quiet --message "The notebooks of the site, for Colab"
git push --quiet --force "https://x-access-token:$TOKEN@github.com/$REPOSITORY" notebooks"""

#: The only commands that are no targets: they speak to GitHub about a release, make an ordinary user, and write the
#: branch of notebooks.
ELSEWHERE = {
    PUSH,
    'gh release upload "$TAG" axis-of-collusion* --clobber',
    "echo 0 > /proc/sys/kernel/apparmor_restrict_unprivileged_userns\nuseradd --create-home reader\nchown -R reader: .",
}
#: Before a command that runs as this user.
AS_USER = "runuser -u reader -- env HOME=/home/reader "

SCHEMAS = [
    *((path, "github-workflows") for path in WORKFLOWS),
    *((path, "github-actions") for path in ACTIONS),
    (GITHUB / "dependabot.yml", "dependabot"),
    (ROOT / "CITATION.cff", "citation-file-format"),
]


def _read(path: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _jobs(path: Path) -> dict[str, dict[str, Any]]:
    return dict(_read(path)["jobs"])


def _steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for job in _jobs(path).values():
            yield from ((path.name, step) for step in job["steps"])
    for path in ACTIONS:
        yield from ((path.parent.name, step) for step in _read(path)["runs"]["steps"])


@pytest.mark.parametrize(("path", "schema"), SCHEMAS, ids=lambda value: getattr(value, "name", value))
def test_a_file_for_github_fits_its_schema(path: Path, schema: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_broken_workflow_does_not_fit_the_schema(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs: {test: {runs-on: x, steps: [{uses: a, run: b}]}}\n")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(broken)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_every_step_is_a_target_of_make_or_an_action() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    run = [step["run"].strip().removeprefix(AS_USER) for _, step in _steps() if "run" in step]
    assert {"make test", "make lite", "make pdf", "make epub", "make offline", "make links"} <= set(run)
    for command in set(run) - ELSEWHERE:
        assert re.fullmatch(r"make( [a-z]+)+", command), command
        assert set(command.split()[1:]) <= targets, f"the Makefile has no target for `{command}`"


def test_every_action_is_pinned_to_a_commit_and_names_its_version() -> None:
    lines = [line for path in [*WORKFLOWS, *ACTIONS] for line in path.read_text().splitlines() if "uses:" in line]
    assert len(lines) > 10
    for line in lines:
        assert re.search(r"uses: (\./\.github/actions/\w+|[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", line), line


def test_one_action_has_one_version() -> None:
    pins = {step["uses"] for _, step in _steps() if "uses" in step}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


def test_no_job_may_do_more_than_it_says() -> None:
    writing: dict[str, Any] = {}
    for path in WORKFLOWS:
        assert _read(path)["permissions"] == {}
        for name, job in _jobs(path).items():
            assert job["timeout-minutes"] <= 60
            writing |= {name: job} if "write" in job["permissions"].values() else {}
    assert set(writing) == {"publish", "attach", "notebooks"}
    # With the right to write, no code of the repository runs.
    for job in writing.values():
        assert not any("checkout" in step.get("uses", "") or "make" in step.get("run", "") for step in job["steps"])


def test_no_expression_reaches_a_shell() -> None:
    assert not [step["run"] for _, step in _steps() if "${{" in step.get("run", "")]


def test_the_tests_run_as_an_ordinary_user() -> None:
    steps = _jobs(GITHUB / "workflows/book.yml")["test"]["steps"]
    assert [step["run"] for step in steps if "make test" in step.get("run", "")] == [f"{AS_USER}make test"]


def test_only_main_is_published_and_only_after_its_tests() -> None:
    jobs = _jobs(GITHUB / "workflows/book.yml")
    assert jobs["build"]["needs"] == "test"
    assert "github.ref == 'refs/heads/main'" in jobs["build"]["if"]
    assert jobs["publish"]["needs"] == jobs["notebooks"]["needs"] == "build"
    # The links to Colab name the branch that this writes.
    assert f"--initial-branch {NOTEBOOK_BRANCH}" in PUSH
    assert f"./{WHEEL_FOLDER} ./exercises" in PUSH


def test_the_cache_of_executed_chapters_is_keyed_by_what_they_depend_on() -> None:
    step = next(step for _, step in _steps() if "_build/.jupyter_cache" in step.get("with", {}).get("path", ""))
    for part in ("uv.lock", "data/**", "src/helpers/**"):
        assert part in step["with"]["restore-keys"]
    assert step["with"]["key"].startswith(step["with"]["restore-keys"])


def test_the_report_on_links_comes_weekly_and_makes_nothing_fail() -> None:
    # YAML 1.1 reads the key `on` as true.
    assert _read(GITHUB / "workflows/links.yml")[True]["schedule"] == [{"cron": "23 4 * * 1"}]
