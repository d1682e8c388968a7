"""The filter of system calls denies what it says on each kind of machine, and nothing that a notebook needs.

A small interpreter of such filters stands in for the kernels of both kinds; that the kernel of this machine
takes the filter and obeys it, the attacks in `tests/hostile` show.
"""

import errno
import itertools
from dataclasses import replace

import pytest

from axis.kernels.seccomp import (
    ALLOW,
    ANY_BIT,
    ARCHITECTURES,
    AT_LEAST,
    CALL_ARCHITECTURE,
    CALL_NUMBER,
    CLONE3,
    EQUAL,
    FAIL_WITH,
    FIRST_ARGUMENT,
    LOAD,
    MAX_SKIPPED,
    MAX_STEPS,
    RETURN,
    SECOND_ARGUMENT,
    THIRD_ARGUMENT,
    X32_CALLS,
    Architecture,
    Instruction,
    Step,
    assemble,
    filter_steps,
)

DENIED, UNKNOWN = FAIL_WITH | errno.EPERM, FAIL_WITH | errno.ENOSYS

#: read, write, openat, mmap, futex, execve, exit_group, getrandom: what each kind of machine calls them.
NEEDED = {"x86_64": (0, 1, 257, 9, 202, 59, 231, 318), "aarch64": (63, 64, 56, 222, 98, 221, 94, 278)}

#: What each kind of machine calls the denied calls, from its own table of system calls.
CALLS = {
    "x86_64": {
        **{"shmget": 29, "memfd_create": 319, "userfaultfd": 323, "memfd_secret": 447},
        **{"pivot_root": 155, "chroot": 161, "mount": 165, "umount2": 166, "unshare": 272, "setns": 308},
        **{"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311},
        **{"add_key": 248, "request_key": 249, "keyctl": 250, "perf_event_open": 298, "bpf": 321},
        **{"vmsplice": 278, "io_setup": 206, "msgget": 68, "semget": 64, "mq_open": 240, "kcmp": 312},
        **{"inotify_init": 253, "inotify_init1": 294, "fanotify_init": 300},
    },
    "aarch64": {
        **{"shmget": 194, "memfd_create": 279, "userfaultfd": 282, "memfd_secret": 447},
        **{"pivot_root": 41, "chroot": 51, "mount": 40, "umount2": 39, "unshare": 97, "setns": 268},
        **{"ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271},
        **{"add_key": 217, "request_key": 218, "keyctl": 219, "perf_event_open": 241, "bpf": 280},
        **{"vmsplice": 75, "io_setup": 0, "msgget": 186, "semget": 190, "mq_open": 180, "kcmp": 272},
        **{"inotify_init1": 26, "fanotify_init": 262},
    },
}
#: The same numbers everywhere.
LATER_CALLS = {
    **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429},
    **{"fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442},
    **{"pidfd_getfd": 438, "process_madvise": 440},
}


def decide(program: list[Instruction], number: int, architecture: int, *arguments: int) -> int:
    """Do what the kernel does with a filter at one system call."""
    places = (FIRST_ARGUMENT, SECOND_ARGUMENT, THIRD_ARGUMENT)
    given = dict(itertools.zip_longest(places, arguments, fillvalue=0))
    call = {CALL_NUMBER: number, CALL_ARCHITECTURE: architecture, **given}
    position, loaded = 0, 0
    while True:
        code, if_true, if_false, operand = program[position]
        position += 1
        if code == RETURN:
            return operand
        if code == LOAD:
            loaded = call[operand]
            continue
        holds = {EQUAL: loaded == operand, AT_LEAST: loaded >= operand, ANY_BIT: loaded & operand}[code]
        position += if_true if holds else if_false


@pytest.fixture(params=ARCHITECTURES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def machine(kind: str) -> Architecture:
    return ARCHITECTURES[kind]


@pytest.fixture
def program(machine: Architecture) -> list[Instruction]:
    return assemble(list(filter_steps(machine)))


def test_each_call_on_the_list_is_denied_and_no_other(
    program: list[Instruction], machine: Architecture, kind: str
) -> None:
    listed = set(itertools.chain.from_iterable(machine.denied.values()))
    assert listed == {*CALLS[kind].values(), *LATER_CALLS.values()}
    partly = {machine.clone, machine.socket, CLONE3}
    # What of these is denied, a test below says; a call whose arguments are all 0 is not.
    assert {machine.setsockopt, machine.fcntl, machine.prlimit}.isdisjoint(listed)
    for number in {*range(600), *NEEDED[kind]} - partly:
        assert decide(program, number, machine.audit_value) == (DENIED if number in listed else ALLOW), number
    assert not listed & set(NEEDED[kind])


def test_a_call_of_another_interface_is_denied(program: list[Instruction], machine: Architecture) -> None:
    i386, x86_64, aarch64 = 0x40000003, 0xC000003E, 0xC00000B7
    for architecture in {i386, x86_64, aarch64, 0} - {machine.audit_value}:
        assert decide(program, 0, architecture) == DENIED
    for number in (X32_CALLS, X32_CALLS + 1, X32_CALLS + 520, 0xFFFFFFFF):
        assert decide(program, number, machine.audit_value) == DENIED


def test_a_process_or_thread_starts_and_a_namespace_does_not(program: list[Instruction], machine: Architecture) -> None:
    fork, thread = 0x01200011, 0x003D0F00
    namespaces = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
    for flags in (0, fork, thread):
        assert decide(program, machine.clone, machine.audit_value, flags) == ALLOW
        for namespace in namespaces:
            assert decide(program, machine.clone, machine.audit_value, flags | namespace) == DENIED
    # As if the system were older: the C library then calls clone.
    assert decide(program, CLONE3, machine.audit_value) == UNKNOWN


def test_only_sockets_that_a_network_namespace_holds_are_made(
    program: list[Instruction], machine: Architecture
) -> None:
    unix, ipv4, ipv6, netlink = 1, 2, 10, 16
    made = {n for n in range(64) if decide(program, machine.socket, machine.audit_value, n) == ALLOW}
    assert made == {unix, ipv4, ipv6, netlink}
    # Of netlink, which lists the network's interfaces, only that: other protocols reach the packet filter.
    reached = {n for n in range(32) if decide(program, machine.socket, machine.audit_value, netlink, 3, n) == ALLOW}
    assert reached == {0}


def test_buffers_keep_their_size_and_limits_are_changed_only_by_whom_they_bind(
    program: list[Instruction], machine: Architecture
) -> None:
    socket_level, reuse, send_buffer, receive_buffer, tcp = 1, 2, 7, 8, 6
    for option in (send_buffer, receive_buffer):
        assert decide(program, machine.setsockopt, machine.audit_value, 3, socket_level, option) == DENIED
        assert decide(program, machine.setsockopt, machine.audit_value, 3, tcp, option) == ALLOW
    assert decide(program, machine.setsockopt, machine.audit_value, 3, socket_level, reuse) == ALLOW
    set_pipe_size, get_pipe_size = 1031, 1032
    assert decide(program, machine.fcntl, machine.audit_value, 3, set_pipe_size, 2**20) == DENIED
    assert decide(program, machine.fcntl, machine.audit_value, 3, get_pipe_size) == ALLOW
    assert decide(program, machine.prlimit, machine.audit_value, 0) == ALLOW
    assert decide(program, machine.prlimit, machine.audit_value, 1) == DENIED


def test_a_program_that_the_kernel_would_refuse_or_misread_is_not_assembled(machine: Architecture) -> None:
    end: list[Step | str] = ["end", Step(RETURN, ALLOW)]
    jump = Step(EQUAL, 1, if_true="end")
    idle = Step(LOAD, CALL_NUMBER)
    assert assemble([jump, *[idle] * MAX_SKIPPED, *end])[0] == (EQUAL, MAX_SKIPPED, 0, 1)
    faulty: list[tuple[list[Step | str], str]] = [
        ([jump, *[idle] * (MAX_SKIPPED + 1), *end], 'step 0 cannot jump to "end"'),
        ([*end, jump], 'step 1 cannot jump to "end"'),
        ([jump], 'step 0 cannot jump to "end"'),
        ([*end, *end], 'the label "end" appears twice'),
        ([idle] * (MAX_STEPS + 1), "a filter of 4097 steps is longer than 4096"),
    ]
    for steps, fault in faulty:
        with pytest.raises(ValueError, match=fault):
            assemble(steps)
    many = replace(machine, denied={"many": tuple(range(500, 800))})
    with pytest.raises(ValueError, match='cannot jump to "deny"'):
        assemble(list(filter_steps(many)))
