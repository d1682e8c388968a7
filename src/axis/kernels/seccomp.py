"""Take system calls away from untrusted code for good, by a seccomp filter.

What is denied either makes memory that no limit counts (files without a name, System V segments), or opens
parts of the system that no notebook needs and that held most of the known ways out of a sandbox.
"""

import ctypes
import errno
import os
import platform
import struct

#: For each machine, what the filter sees as its architecture, the numbers of the denied calls, and those of
#: clone and socket, which it denies in part.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        {
            "memory": (29, 319, 323, 447),  # shmget, memfd_create, userfaultfd, memfd_secret
            "namespaces": (155, 161, 165, 166, 272, 308),  # pivot_root, chroot, mount, umount2, unshare, setns
            "mounts": (428, 429, 430, 431, 432, 433, 442),  # open_tree to fspick, mount_setattr
            "others": (101, 310, 311),  # ptrace, process_vm_readv, process_vm_writev
            "keys": (248, 249, 250),  # add_key, request_key, keyctl
            "system": (298, 321, 425, 426, 427),  # perf_event_open, bpf, io_uring
        },
        56,
        41,
    ),
    "aarch64": (
        0xC00000B7,
        {
            "memory": (194, 279, 282, 447),
            "namespaces": (39, 40, 41, 51, 97, 268),
            "mounts": (428, 429, 430, 431, 432, 433, 442),
            "others": (117, 270, 271),
            "keys": (217, 218, 219),
            "system": (241, 280, 425, 426, 427),
        },
        220,
        198,
    ),
}
#: Kinds of sockets that stay, Unix, IPv4, IPv6 and netlink: a network namespace does not hold all others.
_SOCKETS = (1, 2, 10, 16)
_CLONE3, _NEW_NAMESPACES = 435, 0x7E020000
#: Calls of the x32 interface, with numbers of their own, begin here.
_X32 = 0x40000000

# From <linux/bpf_common.h>, <linux/seccomp.h> and <sys/prctl.h>.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install_seccomp_filter() -> None:
    """Deny them to this process and to all that it starts. It must have given up gaining privileges.

    A machine of a kind that is not known here goes without.

    Raises
    ------
    OSError
        If the system has no seccomp filters.
    """
    known = _MACHINES.get(platform.machine())
    if known is None:
        return
    steps = _filter_instructions(*known)
    text = b"".join(struct.pack("HBBI", *step) for step in steps)
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(_FilterProgram(len(steps), text)), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _filter_instructions(
    architecture: int, denied: dict[str, tuple[int, ...]], clone: int, socket: int
) -> list[tuple[int, int, int, int]]:
    """Write the filter: each step has a code, how many steps to skip if so and if not, and an operand."""
    refuse = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), refuse]
    steps += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _X32), refuse]
    for number in sorted(number for group in denied.values() for number in group):
        steps += [(_EQUAL, 0, 1, number), refuse]
    # The C library falls back to clone, whose flags a filter can read.
    steps += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    steps += [(_EQUAL, 0, 3, clone), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_BIT, 0, 1, _NEW_NAMESPACES), refuse]
    steps += [(_LOAD, 0, 0, _NUMBER), (_EQUAL, 0, 2 + len(_SOCKETS), socket), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    steps += [(_EQUAL, len(_SOCKETS) - position, 0, kind) for position, kind in enumerate(_SOCKETS)]
    return [*steps, refuse, (_RETURN, 0, 0, _ALLOW)]
