"""Deny system calls to untrusted code for good, by a seccomp filter.

The calls that are denied either allocate memory that no limit covers (files without a name, System V segments), or
open parts of the system that no notebook needs and in which most known escapes from a sandbox were found.
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
    clone, socket
        The numbers of these two calls, which are denied for some arguments.
    """

    audit_value: int
    denied: dict[str, tuple[int, ...]]
    clone: int
    socket: int


#: The known kinds of machine, by the name that `platform.machine` returns.
ARCHITECTURES = {
    "x86_64": Architecture(
        audit_value=0xC000003E,
        denied={
            "memory": (29, 319, 323, 447),  # shmget, memfd_create, userfaultfd, memfd_secret
            "namespaces": (155, 161, 165, 166, 272, 308),  # pivot_root, chroot, mount, umount2, unshare, setns
            "mounts": (428, 429, 430, 431, 432, 433, 442),  # open_tree to fspick, mount_setattr
            "others": (101, 310, 311),  # ptrace, process_vm_readv, process_vm_writev
            "keys": (248, 249, 250),  # add_key, request_key, keyctl
            "system": (298, 321, 425, 426, 427),  # perf_event_open, bpf, io_uring
        },
        clone=56,
        socket=41,
    ),
    "aarch64": Architecture(
        audit_value=0xC00000B7,
        denied={
            "memory": (194, 279, 282, 447),
            "namespaces": (39, 40, 41, 51, 97, 268),
            "mounts": (428, 429, 430, 431, 432, 433, 442),
            "others": (117, 270, 271),
            "keys": (217, 218, 219),
            "system": (241, 280, 425, 426, 427),
        },
        clone=220,
        socket=198,
    ),
}
#: The allowed kinds of sockets, Unix, IPv4, IPv6 and netlink: a network namespace does not confine all others.
SOCKET_FAMILIES = (1, 2, 10, 16)
#: This number is the same on all machines. If it is missing, the C library uses clone, whose flags a filter can read.
CLONE3 = 435
#: The flags of clone that make a namespace.
NAMESPACE_FLAGS = 0x7E020000
#: The first number of the calls of the x32 interface.
X32_CALLS = 0x40000000

# From <linux/bpf_common.h>, <linux/seccomp.h> and <sys/prctl.h>.
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, FAIL_WITH = 0x7FFF0000, 0x00050000
#: The offsets of the parts of a call.
CALL_NUMBER, CALL_ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
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


def install_seccomp_filter() -> None:
    """Install the filter for this process and all that it starts. It must have given up gaining new privileges.

    On a kind of machine that is not known here, no filter is installed.

    Raises
    ------
    OSError
        If the system does not support seccomp filters.
    """
    known = ARCHITECTURES.get(platform.machine())
    if known is None:
        return
    program = assemble(list(filter_steps(known)))
    text = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(_FilterProgram(len(program), text)), 0, 0):
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
    yield Step(EQUAL, machine.socket, if_true="socket", if_false="allow")
    yield "clone"
    yield Step(LOAD, FIRST_ARGUMENT)
    yield Step(ANY_BIT, NAMESPACE_FLAGS, if_true="deny", if_false="allow")
    yield "socket"
    yield Step(LOAD, FIRST_ARGUMENT)
    for family in SOCKET_FAMILIES:
        yield Step(EQUAL, family, if_true="allow")
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
