"""A sandbox made by bubblewrap: no network, none of the instructor's files, no escape.

bubblewrap makes the namespaces and the tree of files. A kernel process then enters them. bubblewrap's own processes
in the sandbox, its first one and the `cat` that holds it, are under the same filter of system calls and under
limits. An ordinary user's kernel has the same user as these two, so it gets a user namespace of its own beside
theirs, from which it cannot write to their memory. Only where AppArmor restricts namespaces does it share theirs.
"""

import contextlib
import ctypes
import faulthandler
import fcntl
import json
import os
import platform
import resource
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import helpers
from axis.kernels import seccomp
from axis.kernels.limits import Limits
from helpers.tables import data_folder

#: The folder that code inside may write to. No machine has its Python in a folder of this name.
SCRATCH = Path("/student")
#: The folder of the kernel's sockets, on a small file system of its own.
SOCKETS = Path("/sockets")
#: The folders on which each file takes memory, and that get a limit on their number.
_WRITABLE_FOLDERS = (SCRATCH, SOCKETS, Path("/dev/shm"))
#: What the kernel writes to its standard error. The file system is small, so a flood cannot grow.
ERRORS_FILE = SOCKETS / "errors.txt"
#: Bytes of that file that are read.
MAX_ERRORS_BYTES = 4096
#: What lets bubblewrap make namespaces where AppArmor forbids that to all other programs of ordinary users.
APPARMOR_PROFILE = """\
abi <abi/4.0>,
include <tunables/global>
profile bwrap {program} flags=(unconfined) {{
  userns,
}}"""
#: The most files and folders on each file system that can be written to.
MAX_FILES = 8192

# From <linux/sched.h>: cgroups, mounts, interprocess communication, names, processes, network; and users.
_NAMESPACES = 0x02000000 | 0x00020000 | 0x08000000 | 0x04000000 | 0x20000000 | 0x40000000
_USER_NAMESPACE = 0x10000000
# From <linux/nsfs.h> and <linux/keyctl.h>.
_NS_GET_USERNS, _KEYCTL_JOIN_SESSION_KEYRING = 0xB701, 1
#: The number of keyctl by the name of the machine.
_KEYCTL_NUMBERS = {"x86_64": 250, "aarch64": 219}
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION_3 = 0x20080522
# MS_REMOUNT, with the MS_NOSUID and MS_NODEV that bubblewrap sets.
_REMOUNT_FLAGS = 0x20 | 0x02 | 0x04

#: Whether the user is root, to whom the system's limit on processes does not apply: root makes the sandbox with its
#: own privileges, and a process that enters it becomes another user. All other users get a user namespace, which needs
#: no privileges. It is asked once, because inside a user namespace they may be called root too.
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


class SandboxError(RuntimeError):
    """A sandbox cannot be made on this machine; the text says why."""


class Sandbox:
    """An empty sandbox, which exists until `close`.

    Parameters
    ----------
    limits
        What the processes inside may use; the size of the file systems depends on it.

    Attributes
    ----------
    pid
        The number, outside the sandbox, of the process that holds it: when it ends, everything inside ends.
    """

    def __init__(self, limits: Limits) -> None:
        with contextlib.ExitStack() as pipes:
            information, told = _open_pipe(pipes)
            blocked, start = _open_pipe(pipes)
            filtering, program = _open_pipe(pipes)
            program.write(seccomp.filter_program())
            program.close()
            command = [
                *bubblewrap_command(limits),
                "--info-fd",
                str(told.fileno()),
                "--block-fd",
                str(blocked.fileno()),
            ]
            command += ["--seccomp", str(filtering.fileno())] if seccomp.filter_program() else []
            try:
                self._process = subprocess.Popen(
                    [*command, "cat"],
                    pass_fds=[told.fileno(), blocked.fileno(), filtering.fileno()],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env={"PATH": os.defpath},
                )
            except OSError as error:
                raise SandboxError(f"bubblewrap cannot be started ({error.strerror}).") from error
            told.close()
            self.pid = int(json.loads(information.read() or "{}").get("child-pid", 0))
            # A descriptor, because by the time of `close` the number could belong to another process.
            self._holder = os.pidfd_open(self.pid) if self.pid else None
            self._limit_holder(limits)
            with contextlib.suppress(BrokenPipeError):
                start.write(b"1")
                start.close()
        self._wait_until_ready()

    def _limit_holder(self, limits: Limits) -> None:
        """Limit the first process inside while it waits, and so those that it will start."""
        with contextlib.suppress(ProcessLookupError):  # `_wait_until_ready` says why there is none
            for kind, value in limits.rlimits():
                resource.prlimit(self.pid, kind, (value, value))

    def _wait_until_ready(self) -> None:
        """Wait for an answer of `cat`, which is started only when every mount is in place."""
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        # `__init__` asked for all three.
        stdin, stdout, stderr = cast("tuple[IO[bytes], IO[bytes], IO[bytes]]", pipes)
        with contextlib.suppress(BrokenPipeError):
            stdin.write(b"\n")
            stdin.flush()
        if stdout.readline() != b"\n":
            reason = stderr.read().decode(errors="replace").strip()
            self.close()
            raise SandboxError(f"bubblewrap cannot make a sandbox on this machine ({reason}).")

    def outside_path(self, path: Path) -> Path:
        """Return the path by which a file inside is reached from outside."""
        return Path(f"/proc/{self.pid}/root") / path.relative_to("/")

    def error_output(self) -> str:
        """Return what the kernel inside wrote first to its standard error; empty if that cannot be read.

        Code inside may have replaced the file by anything, so only a regular file is read, and no link is followed.
        """
        try:
            descriptor = os.open(self.outside_path(ERRORS_FILE), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return ""
        try:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            return os.read(descriptor, MAX_ERRORS_BYTES).decode(errors="replace") if regular else ""
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """End every process inside, and the sandbox."""
        if self._holder is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._holder, signal.SIGKILL)
            os.close(self._holder)
            self._holder = None
            # bubblewrap waits for its child and ends; if it were killed now, the child would become a zombie.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def why_sandbox_unavailable() -> str:
    """Return why submissions cannot be confined on this machine, and what to do about it; empty if they can."""
    if not sys.platform.startswith("linux"):
        return "that needs Linux; the instructor's page says how to run it in a container on macOS and Windows"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (apt install bubblewrap, or dnf install bubblewrap)"
    try:
        Sandbox(Limits()).close()
    except SandboxError as error:
        return str(error).rstrip(".") + _namespace_remedy()
    return ""


def _namespace_remedy() -> str:
    """Return what to do about a system that forbids namespaces, as a sentence that follows the reason."""
    if not IS_ROOT and _apparmor_restricts():
        profile = APPARMOR_PROFILE.format(program=shutil.which("bwrap"))
        return (
            ". AppArmor forbids ordinary users what a sandbox needs, as on Ubuntu 23.10 and later. Allow it to "
            f"bubblewrap: write the file /etc/apparmor.d/bwrap with the lines\n{profile}\n"
            "and run sudo systemctl reload apparmor"
        )
    for name, allowed in (("kernel/unprivileged_userns_clone", 1), ("user/max_user_namespaces", 15000)):
        if not IS_ROOT and _read_setting(name) == "0":
            setting = f"{name.replace('/', '.')}={allowed}"
            return f". This system forbids ordinary users what a sandbox needs: run sudo sysctl {setting}"
    return ". In a container, its host must allow namespaces: the instructor's page shows the options"


def _apparmor_restricts() -> bool:
    """Return whether only programs with a profile of AppArmor's get the rights of a user namespace that they make."""
    return _read_setting("kernel/apparmor_restrict_unprivileged_userns") == "1"


def _read_setting(name: str) -> str:
    """Return a setting of the system; empty if this system does not have it."""
    try:
        return Path("/proc/sys", name).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def bubblewrap_command(limits: Limits) -> list[str]:
    """Return the command that makes a sandbox, without the program to run in it."""
    # The place by the caller's PATH: the sandbox's own has only the system's programs.
    command = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    command += ["--cap-drop", "ALL"] if IS_ROOT else ["--unshare-user"]
    command += ["--die-with-parent", "--new-session"]
    command += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib32", "lib64", "sbin"):
        if Path("/", name).is_symlink():
            command += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path("/", name).is_dir():
            command += ["--ro-bind", f"/{name}", f"/{name}"]
    command += ["--perms", "0755", "--dir", "/etc", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    folders = list(_python_folders())
    for folder in folders:
        # bubblewrap would make the folders above accessible to root alone.
        for above in reversed(folder.parents[:-1]):
            command += ["--perms", "0755", "--dir", str(above)]
        command += ["--ro-bind", str(folder), str(folder)]
    command += ["--proc", "/proc", "--dev", "/dev"]
    # The names of the keys that the system keeps for this user, as for a network's file system.
    for file in ("/proc/keys", "/proc/key-users"):
        command += ["--ro-bind", os.devnull, file] if Path(file).exists() else []
    # Each file system that can be written to has a limited size, and all others are read-only.
    command += [*_tmpfs_options("/dev/shm", limits.scratch), "--remount-ro", "/dev"]
    command += [*_tmpfs_options(str(SCRATCH), limits.scratch), *_tmpfs_options(str(SOCKETS), 2**20)]
    if not any(folder.is_relative_to("/tmp") for folder in folders):
        command += ["--symlink", str(SCRATCH), "/tmp"]
    command += ["--ro-bind", str(data_folder()), str(SCRATCH / "data")]
    return [*command, "--remount-ro", "/", "--chdir", str(SCRATCH)]


def _open_pipe(pipes: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    """Return the two ends of a pipe, which are closed with the stack."""
    reading, writing = os.pipe()
    return pipes.enter_context(os.fdopen(reading, "rb")), pipes.enter_context(os.fdopen(writing, "wb"))


def _tmpfs_options(folder: str, size: int) -> list[str]:
    return ["--perms", "0777", "--size", str(size), "--tmpfs", folder]


def _python_folders() -> Iterator[Path]:
    """Yield the folders from which this Python runs and imports `helpers`, but not those of `axis`."""
    library = Path(sysconfig.get_path("stdlib")).parent.parent
    package = Path(helpers.__file__).parent
    wanted = [Path(sys.base_prefix), library, Path(sys.prefix), package, data_folder()]
    found: list[Path] = []
    for folder in wanted:
        # A folder inside another one, or inside /usr, is there already.
        if not any(folder.is_relative_to(other) for other in [Path("/usr"), *found]):
            found.append(folder)
    yield from found


def enter_sandbox(pid: int) -> None:
    """Enter the sandbox that the process `pid` holds. Only children of this process are completely inside.

    Raises
    ------
    OSError
        If the sandbox no longer exists.
    """
    _leave_keyrings()
    descriptor = os.pidfd_open(pid)
    if not IS_ROOT:
        _enter_owner_namespace(pid)
    _check_errno(_load_libc().setns(descriptor, _NAMESPACES))
    os.close(descriptor)


def _leave_keyrings() -> None:
    """Get a session keyring of its own, so that the keys of the user's session are out of reach."""
    number = _KEYCTL_NUMBERS.get(platform.machine())
    # Not every system has keyrings, and then there is nothing to leave.
    if number and Path("/proc/keys").exists():
        _check_errno(_load_libc().syscall(number, _KEYCTL_JOIN_SESSION_KEYRING, None) < 0)


def _enter_owner_namespace(pid: int) -> None:
    """Enter the user namespace to which the sandbox's file systems belong, where an ordinary user has all rights.

    bubblewrap's own processes are in another one below it, in which they have none.
    """
    with Path(f"/proc/{pid}/ns/mnt").open("rb") as mounts:
        owner = fcntl.ioctl(mounts, _NS_GET_USERNS)
    _check_errno(_load_libc().setns(owner, _USER_NAMESPACE))
    os.close(owner)


def redirect_errors() -> None:
    """Redirect the standard error of this process to a file inside the sandbox."""
    descriptor = os.open(ERRORS_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    os.dup2(descriptor, 2)
    # ipykernel replaces standard error by a pipe, which is not read any more when the process crashes.
    faulthandler.enable(descriptor, all_threads=False)


def drop_privileges(user: int) -> None:
    """Give up all capabilities for good, and the system calls that no notebook needs.

    Root becomes the user with this number, who owns nothing; any other user gets it in a user namespace of its own.
    """
    _limit_file_count()
    if IS_ROOT:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        _allow_own_files()
    elif _apparmor_restricts():
        _enter_holder_namespace()
    else:
        _enter_own_namespace(user)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check_errno(_load_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check_errno(_load_libc().capset(header, nothing))
    seccomp.install_seccomp_filter()


def _allow_own_files() -> None:
    """Let this process read and write its own files in /proc, which a change of its rights forbids."""
    _check_errno(_load_libc().prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0))


def _enter_holder_namespace() -> None:
    """Enter the user namespace of bubblewrap's own processes, which are under the filter and the limits too."""
    namespace = os.open("/proc/1/ns/user", os.O_RDONLY)
    _check_errno(_load_libc().setns(namespace, _USER_NAMESPACE))
    os.close(namespace)
    _allow_own_files()


def _enter_own_namespace(number: int) -> None:
    """Make a user namespace, in which this process has this number and no rights over bubblewrap's processes."""
    user, group = os.geteuid(), os.getegid()
    _check_errno(_load_libc().unshare(_USER_NAMESPACE))
    _allow_own_files()
    for file, text in (("setgroups", "deny"), ("uid_map", f"{number} {user} 1"), ("gid_map", f"{number} {group} 1")):
        Path("/proc/self", file).write_text(text, encoding="utf-8")


def _limit_file_count() -> None:
    """Limit the number of files: each takes memory that does not count towards the size of the file system."""
    for folder in _WRITABLE_FOLDERS:
        options = f"nr_inodes={MAX_FILES}".encode()
        _check_errno(_load_libc().mount(b"tmpfs", os.fsencode(folder), None, _REMOUNT_FLAGS, options))


def die_with_parent() -> None:
    """Have the system kill this process when its parent ends."""
    if sys.platform == "linux":
        _check_errno(_load_libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


def _load_libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check_errno(failed: int) -> None:
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
