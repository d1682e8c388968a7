"""Control groups: where the system counts the memory of a kernel, its children and their buffers together.

The fork server prepares a place for groups once, and each kernel enters a new one before it runs any code. Root makes
groups beside or below its own. An ordinary user may do so only where the system has delegated a group, as systemd
does for a scope of the user's own. Where neither is possible, `usage` alone counts.
"""

import contextlib
import functools
import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

#: Where systems mount control groups.
MOUNT = Path("/sys/fs/cgroup")
#: How the names of our groups begin.
PREFIX = "axis-kernel-"
#: Seconds in which systemd must have made a scope.
SCOPE_SECONDS = 5.0


@dataclass(frozen=True)
class GroupFiles:
    """The files of a group in one of the two versions of control groups; each is tried, and some systems lack it."""

    limits: tuple[str, ...]
    killed: str


#: In the second version swap space has a limit of its own, in the first it is counted together with memory.
_VERSION_2 = GroupFiles(("memory.max",), "memory.events")
_VERSION_1 = GroupFiles(("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), "memory.oom_control")


@dataclass(frozen=True)
class ControlGroup:
    """The group of one kernel.

    Attributes
    ----------
    folder
        Its folder.
    """

    folder: Path

    def ran_out_of_memory(self) -> bool:
        """Return whether the system has ended a process because the group reached its limit."""
        for name in (_VERSION_2.killed, _VERSION_1.killed):
            with contextlib.suppress(OSError):
                words = (self.folder / name).read_text(encoding="ascii").split()
                return int(dict(zip(words[::2], words[1::2], strict=False)).get("oom_kill", 0)) > 0
        return False

    def remove(self) -> None:
        """Remove the group, if all its processes have ended."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def enter_new_group(memory: int) -> None:
    """Move this process to a group of its own with this limit of memory, where groups can be made."""
    base = prepare_groups()
    if base is None:
        return
    folder = base / f"{PREFIX}{uuid.uuid4().hex[:12]}"
    with contextlib.suppress(OSError):  # `usage` counts too
        folder.mkdir()
        for name in (_VERSION_2 if is_version_2(base) else _VERSION_1).limits:
            _write_if_there(folder / name, str(memory))
        _write_if_there(folder / "memory.swap.max", "0")
        # All processes of the notebook end together, so that none is left waiting for another.
        _write_if_there(folder / "memory.oom.group", "1")
        (folder / "cgroup.procs").write_text("0", encoding="ascii")


def find_group(pid: int) -> ControlGroup | None:
    """Return the group of a kernel, by the process that was ordered; None if it has none of its own."""
    folder = _own_folder(pid)
    return ControlGroup(folder) if folder and folder.name.startswith(PREFIX) else None


@functools.cache
def prepare_groups() -> Path | None:
    """Return the folder in which groups can be made, after whatever that needs; None where they cannot.

    A group of the second version holds either processes or other groups, so an ordinary user's process moves from
    the group that it was given to a new one inside it.
    """
    own = _own_folder(os.getpid())
    if own is None:
        return None
    if not is_version_2(own):
        return own if os.access(own, os.W_OK) else None
    above = [folder for folder in (own, *own.parents) if folder.is_relative_to(MOUNT)]
    ready = next((folder for folder in above if _gives_memory(folder) and os.access(folder, os.W_OK)), None)
    return ready or (own if _divide_group(own) else None)


def _divide_group(own: Path) -> bool:
    """Move this process to a group inside its own, and count memory in those inside; return whether that worked."""
    inner = own / f"axis-server-{os.getpid()}"
    try:
        inner.mkdir()
        (inner / "cgroup.procs").write_text("0", encoding="ascii")
        (own / "cgroup.subtree_control").write_text("+memory", encoding="ascii")
    except OSError:
        # Other processes share the group, or it is not this user's.
        _write_if_there(own / "cgroup.procs", "0")
        with contextlib.suppress(OSError):
            inner.rmdir()
        return False
    return True


def scope_command() -> list[str]:
    """Return a command that starts a program in a scope of systemd's which an ordinary user may divide.

    Empty for root, who needs none, and where systemd does not make one.
    """
    program = shutil.which("systemd-run")
    if os.geteuid() == 0 or program is None or not is_version_2(MOUNT):
        return []
    command = [program, "--user", "--scope", "--quiet", "--collect", "--property=Delegate=yes", "--"]
    try:
        subprocess.run([*command, "true"], capture_output=True, check=True, timeout=SCOPE_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return []
    return command


def is_version_2(folder: Path) -> bool:
    """Return whether a folder belongs to the second version of control groups."""
    return (folder / "cgroup.controllers").exists()


def _gives_memory(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return "memory" in (folder / "cgroup.subtree_control").read_text(encoding="ascii").split()
    return False


def _own_folder(pid: int) -> Path | None:
    """Return the folder of the group by which a process's memory is counted."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, place = line.split(":", 2)
            if "memory" in controllers.split(","):
                folder = MOUNT / "memory" / place.lstrip("/")
            elif not controllers and is_version_2(MOUNT):
                folder = MOUNT / place.lstrip("/")
            else:
                continue
            return folder if folder.is_dir() else None
    return None


def _write_if_there(file: Path, text: str) -> None:
    if file.exists():
        with contextlib.suppress(OSError):
            file.write_text(text, encoding="ascii")
