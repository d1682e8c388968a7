"""Deny system calls to untrusted code for good, by a seccomp filter.

The calls that are denied either hold memory that no limit covers (files without a name, System V segments and
queues, larger socket buffers, pages given to a pipe), or reach the sandbox's own processes, or open parts of the
system that no notebook needs and in which most known escapes from a sandbox were found.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """The system calls of one kind of machine.

    Attributes
    ----------
    audit_value
        The value by which a filter recognises it, from <linux/audit.h>.
    denied
        The numbers of the calls that are denied, in groups.
    clone, socket, setsockopt, fcntl, prlimit
        The numbers of these calls, which are denied for some arguments.
    """

    audit_value: int
    denied: dict[str, tuple[int, ...]]
    clone: int
    socket: int
    setsockopt: int
    fcntl: int
    prlimit: int


#: The known kinds of machine, by the name that `platform.machine` returns.
ARCHITECTURES = {
    "x86_64": Architecture(
        audit_value=0xC000003E,
        denied={
            "memory": (29, 319, 323, 447, 278, 206),  # shmget, memfd_create to memfd_secret, vmsplice, io_setup
            "queues": (68, 64, 240),  # msgget, semget, mq_open
            "watches": (253, 294, 300),  # inotify_init, inotify_init1, fanotify_init
            "namespaces": (155, 161, 165, 166, 272, 308),  # pivot_root, chroot, mount, umount2, unshare, setns
            "mounts": (428, 429, 430, 431, 432, 433, 442),  # open_tree to fspick, mount_setattr
            # ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd, process_madvise
            "others": (101, 310, 311, 312, 438, 440),
            "keys": (248, 249, 250),  # add_key, request_key, keyctl
            "system": (298, 321, 425, 426, 427),  # perf_event_open, bpf, io_uring
        },
        clone=56,
        socket=41,
        setsockopt=54,
        fcntl=72,
        prlimit=302,
    ),
    "aarch64": Architecture(
        audit_value=0xC00000B7,
        denied={
            "memory": (194, 279, 282, 447, 75, 0),
            "queues": (186, 190, 180),
            "watches": (26, 262),
            "namespaces": (39, 40, 41, 51, 97, 268),
            "mounts": (428, 429, 430, 431, 432, 433, 442),
            "others": (117, 270, 271, 272, 438, 440),
            "keys": (217, 218, 219),
            "system": (241, 280, 425, 426, 427),
        },
        clone=220,
        socket=198,
        setsockopt=208,
        fcntl=25,
        prlimit=261,
    ),
}
#: The allowed kinds of sockets, Unix, IPv4 and IPv6: a network namespace does not confine all others.
SOCKET_FAMILIES = (1, 2, 10)
#: Netlink sockets are allowed only for the first protocol, which lists the network's interfaces.
NETLINK, NETLINK_ROUTE = 16, 0
#: SOL_SOCKET, with SO_SNDBUF and SO_RCVBUF: buffers keep their usual size, so that they can be counted.
SOCKET_LEVEL, BUFFER_OPTIONS = 1, (7, 8)
#: F_SETPIPE_SZ of fcntl, for the same reason.
SET_PIPE_SIZE = 1031
#: This number is the same on all machines. If it is missing, the C library uses clone, whose flags a filter can read.
CLONE3 = 435
#: The flags of clone that make a namespace.
NAMESPACE_FLAGS = 0x7E020000
#: The first number of the calls of the x32 interface.
X32_CALLS = 0x40000000

# From <linux/bpf_common.h>, <linux/seccomp.h> and <sys/prctl.h>.
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, FAIL_WITH = 0x7FFF0000, 0x00050000
#: The offsets of the parts of a call; an argument has eight bytes, and only the first four are needed.
CALL_NUMBER, CALL_ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT, THIRD_ARGUMENT = 0, 4, 16, 24, 32
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
#: The most steps of a filter, and the most steps that a jump can skip, which is stored in one byte.
MAX_STEPS, MAX_SKIPPED = 4096, 255


@dataclass(frozen=True)
class Step:
    """One instruction, with the labels where the filter continues; an empty label means the next instruction."""

    code: int
    operand: int
    if_true: str = ""
    if_false: str = ""


#: An instruction as the kernel reads it: code, steps to skip if the condition is true, if it is false, and operand.
Instruction = tuple[int, int, int, int]


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_program() -> bytes:
    """Return the filter for this kind of machine as the kernel reads it; empty on a kind that is not known here."""
    known = ARCHITECTURES.get(platform.machine())
    if known is None:
        return b""
    return b"".join(struct.pack("HBBI", *instruction) for instruction in assemble(list(filter_steps(known))))


def install_seccomp_filter() -> None:
    """Install the filter for this process and all that it starts. It must have given up gaining new privileges.

    On a kind of machine that is not known here, no filter is installed.

    Raises
    ------
    OSError
        If the system does not support seccomp filters.
    """
    text = filter_program()
    if not text:
        return
    library = ctypes.CDLL(None, use_errno=True)
    program = _FilterProgram(len(text) // struct.calcsize("HBBI"), text)
    if library.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def filter_steps(machine: Architecture) -> Iterator[Step | str]:
    """Yield the filter for one kind of machine: steps, and labels before some of them."""
    yield Step(LOAD, CALL_ARCHITECTURE)
    yield Step(EQUAL, machine.audit_value, if_false="deny")
    yield Step(LOAD, CALL_NUMBER)
    yield Step(AT_LEAST, X32_CALLS, if_true="deny")
    for number in sorted(number for group in machine.denied.values() for number in group):
        yield Step(EQUAL, number, if_true="deny")
    yield Step(EQUAL, CLONE3, if_true="deny as unknown")
    yield Step(EQUAL, machine.clone, if_true="clone")
    yield Step(EQUAL, machine.socket, if_true="socket")
    yield Step(EQUAL, machine.setsockopt, if_true="setsockopt")
    yield Step(EQUAL, machine.fcntl, if_true="fcntl")
    yield Step(EQUAL, machine.prlimit, if_true="prlimit", if_false="allow")
    yield "clone"
    yield Step(LOAD, FIRST_ARGUMENT)
    yield Step(ANY_BIT, NAMESPACE_FLAGS, if_true="deny", if_false="allow")
    yield "setsockopt"
    yield Step(LOAD, SECOND_ARGUMENT)
    yield Step(EQUAL, SOCKET_LEVEL, if_false="allow")
    yield Step(LOAD, THIRD_ARGUMENT)
    for option in BUFFER_OPTIONS:
        yield Step(EQUAL, option, if_true="deny")
    yield Step(RETURN, ALLOW)
    yield "fcntl"
    yield Step(LOAD, SECOND_ARGUMENT)
    yield Step(EQUAL, SET_PIPE_SIZE, if_true="deny", if_false="allow")
    yield "prlimit"
    # A process may ask for its own limits, as the C library does; 0 stands for it.
    yield Step(LOAD, FIRST_ARGUMENT)
    yield Step(EQUAL, 0, if_true="allow", if_false="deny")
    yield "socket"
    yield Step(LOAD, FIRST_ARGUMENT)
    for family in SOCKET_FAMILIES:
        yield Step(EQUAL, family, if_true="allow")
    yield Step(EQUAL, NETLINK, if_false="deny")
    yield Step(LOAD, THIRD_ARGUMENT)
    yield Step(EQUAL, NETLINK_ROUTE, if_true="allow")
    yield "deny"
    yield Step(RETURN, FAIL_WITH | errno.EPERM)
    yield "deny as unknown"
    yield Step(RETURN, FAIL_WITH | errno.ENOSYS)
    yield "allow"
    yield Step(RETURN, ALLOW)


def assemble(steps: Sequence[Step | str]) -> list[Instruction]:
    """Replace labels by the number of steps to skip.

    Raises
    ------
    ValueError
        If a label is missing, appears twice, is not after the jump to it or too far from it, or if the program is
        too long for the kernel.
    """
    labels: dict[str, int] = {}
    program: list[Step] = []
    for step in steps:
        if isinstance(step, Step):
            program.append(step)
        elif step in labels:
            raise ValueError(f'the label "{step}" appears twice')
        else:
            labels[step] = len(program)
    if len(program) > MAX_STEPS:
        raise ValueError(f"a filter of {len(program)} steps is longer than {MAX_STEPS}")

    def skipped(position: int, label: str) -> int:
        if not label:
            return 0
        distance = labels.get(label, -1) - position - 1
        if not 0 <= distance <= MAX_SKIPPED:
            raise ValueError(f'step {position} cannot jump to "{label}"')
        return distance

    return [
        (step.code, skipped(position, step.if_true), skipped(position, step.if_false), step.operand)
        for position, step in enumerate(program)
    ]
