"""A sandbox is made wherever it can be, and where it cannot the refusal says what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from axis.kernels import control_group, fork_client, sandbox
from axis.kernels.control_group import ControlGroup, find_group
from axis.kernels.limits import Limits
from axis.kernels.sandbox import Sandbox, SandboxError, why_sandbox_unavailable
from axis.kernels.usage import KernelProcesses


def refuse(settings: dict[str, str], patch: pytest.MonkeyPatch, *, root: bool = False) -> str:
    """Give the reason on a system with these settings, on which bubblewrap is not allowed to work."""

    def fail(_: Limits) -> Sandbox:
        raise SandboxError("bubblewrap cannot make a sandbox on this machine (bwrap: setting up uid map).")

    patch.setattr(sandbox, "Sandbox", fail)
    patch.setattr(sandbox, "IS_ROOT", root)
    patch.setattr(sandbox, "_read_setting", lambda name: settings.get(name, ""))
    return why_sandbox_unavailable()


def test_a_system_that_forbids_namespaces_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    ubuntu = refuse({"kernel/apparmor_restrict_unprivileged_userns": "1"}, monkeypatch)
    assert f"profile bwrap {shutil.which('bwrap')} flags=(unconfined) {{\n  userns,\n}}\n" in ubuntu
    assert ubuntu.endswith("sudo systemctl reload apparmor")
    debian = refuse({"kernel/unprivileged_userns_clone": "0"}, monkeypatch)
    assert debian.endswith("run sudo sysctl kernel.unprivileged_userns_clone=1")
    assert refuse({"user/max_user_namespaces": "0"}, monkeypatch).endswith("sysctl user.max_user_namespaces=15000")
    for reason in (refuse({}, monkeypatch), refuse({"user/max_user_namespaces": "0"}, monkeypatch, root=True)):
        assert "(bwrap: setting up uid map)" in reason
        assert reason.endswith(
            "In a container, its host must allow namespaces: the instructor's page shows the options"
        )


def test_bubblewrap_is_started_from_where_it_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shutil.which("bwrap")
    assert program
    (tmp_path / "bwrap").symlink_to(program)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sandbox.bubblewrap_command(Limits())[0] == str(tmp_path / "bwrap")
    assert why_sandbox_unavailable() == ""


def test_where_bubblewrap_can_make_no_sandbox_its_own_words_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: no permissions' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert why_sandbox_unavailable().startswith(
        "bubblewrap cannot make a sandbox on this machine (bwrap: no permissions)."
    )


def test_the_python_of_a_module_system_finds_its_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/python/lib")
    assert fork_client._minimal_environment()["LD_LIBRARY_PATH"] == "/opt/python/lib"


#: What systemd's command does for a scope, without systemd: it starts the program.
SCOPE = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'


def test_an_ordinary_user_gets_a_scope_where_systemd_makes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "systemd-run"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(control_group, "is_version_2", lambda _: True)
    program.write_text("#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n")
    program.chmod(0o755)
    assert fork_client._server_command(3)[0][0] == sys.executable
    program.write_text(SCOPE)
    command, environment = fork_client._server_command(3)
    assert command[:3] == [str(program), "--user", "--scope"]
    assert "--property=Delegate=yes" in command
    # The manager is found, and the fork server, whose memory its forks could read, does not get its address.
    shown = subprocess.run(
        [*command[: command.index(sys.executable)], "env"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert environment["XDG_RUNTIME_DIR"] == "/run/user/1000"
    assert "XDG_RUNTIME_DIR" not in shown
    assert "PYTHONHASHSEED=0" in shown


def folders_of_version_2(root: Path, own: str, *, counted: str = "") -> Path:
    """Make folders as the second version of control groups shows them; in `counted`, memory is turned on below."""
    folder = root / own
    folder.mkdir(parents=True)
    for place in (folder, *folder.parents):
        if place.is_relative_to(root):
            (place / "cgroup.controllers").write_text("cpu memory pids\n")
            (place / "cgroup.subtree_control").write_text(
                "memory\n" if str(place.relative_to(root)) == counted else "\n"
            )
    return folder


def test_groups_are_made_where_memory_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_group, "MOUNT", tmp_path)
    own = folders_of_version_2(tmp_path, "user.slice/user-0.slice/session-3.scope", counted="user.slice/user-0.slice")
    monkeypatch.setattr(control_group, "_own_folder", lambda _: own)
    control_group.prepare_groups.cache_clear()
    try:
        assert control_group.prepare_groups() == own.parent
        # A folder of ours has no files before the system makes them, so those to be written are put there.
        monkeypatch.setattr(Path, "mkdir", _fill)
        control_group.enter_new_group(2**30)
    finally:
        control_group.prepare_groups.cache_clear()
    (made,) = (folder for folder in own.parent.iterdir() if folder.name.startswith(control_group.PREFIX))
    told = {file.name: file.read_text() for file in made.iterdir()}
    assert told == {
        **{"memory.max": str(2**30), "memory.swap.max": "0", "memory.oom.group": "1", "cgroup.procs": "0"},
        "memory.events": "low 0\noom 1\noom_kill 1\n",
    }
    assert ControlGroup(made).ran_out_of_memory()


def _fill(folder: Path) -> None:
    os.mkdir(folder)  # noqa: PTH102  it stands in for the method of `Path`
    for name in ("memory.max", "memory.swap.max", "memory.oom.group"):
        (folder / name).write_text("max")
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")


def test_a_group_of_an_ordinary_user_is_divided_only_where_the_system_allows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_group, "MOUNT", tmp_path)
    own = folders_of_version_2(tmp_path, "user.slice/run-1.scope")
    monkeypatch.setattr(control_group, "_own_folder", lambda _: own)
    for allowed in (True, False):
        control_group.prepare_groups.cache_clear()
        if not allowed:
            shutil.rmtree(own / f"axis-server-{os.getpid()}")
            (own / "cgroup.subtree_control").unlink()
            (own / "cgroup.subtree_control").mkdir()
        assert control_group.prepare_groups() == (own if allowed else None)
        if allowed:
            assert (own / "cgroup.subtree_control").read_text() == "+memory"
    control_group.prepare_groups.cache_clear()


def test_this_process_is_in_no_group_of_a_kernel() -> None:
    assert find_group(os.getpid()) is None
    assert find_group(2**22 + 1) is None


def test_what_a_program_outside_a_sandbox_uses_is_measured() -> None:
    processes = KernelProcesses(os.getpid())
    assert processes.exceeded_limit(Limits()) == ""
    assert processes.exceeded_limit(Limits(memory=2**20)) == "the notebook used too much memory"
    assert processes.exceeded_limit(Limits(processes=1)) == "the notebook started too many processes"
    # It has ended, and there is nothing to measure.
    assert KernelProcesses(2**22 + 1, 2**22 + 2).exceeded_limit(Limits()) == ""
