"""Seccomp: a process may from now on make only those system calls that reading a file takes.

The list says what may be called, so that what nobody thought of is refused: no process is started or traced, nothing is
connected, nothing is written but what is open, and no other process gets a signal. Threads may be started.

A refused call fails with EPERM, an opened file with EACCES. Calls that came with Linux 5.1 or later fail with ENOSYS,
as they do on an older kernel, because libraries then fall back on what they called before. That goes for clone3, whose
flags a filter cannot see.

The filter is a program for the kernel's classic BPF, which looks at a call's number and the lower half of an argument.
libseccomp would make the same from names, but need not be installed, and its binding for Python looks for it by running
a compiler. https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.corpus.sandbox.linux import system_call

Numbers = tuple[int | None, int | None]
"""A call's number on x86-64 and on aarch64; None where there is no such call."""


@dataclass(frozen=True, slots=True)
class Limited:
    """A call that may be made where an argument, of which only the bits in ``mask`` count, is one of ``values``."""

    numbers: Numbers
    argument: int
    mask: int
    values: Sequence[int]
    refusal: int = errno.EPERM


MACHINES = {"x86_64": (0, 317, 0xC000003E), "aarch64": (1, 277, 0xC00000B7)}
"""Processor -> its column below, its number of seccomp(2), and what the kernel calls it (``linux/audit.h``)."""
FIRST_NEW = 424
"""Calls from this number on came with Linux 5.1 or later. So do those of the x32 ABI seem to, by their high numbers."""

FILES: dict[str, Numbers] = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "lseek": (8, 62),
    "close": (3, 57), "fstat": (5, 80), "newfstatat": (262, 79), "statx": (332, 291), "stat": (4, None),
    "lstat": (6, None), "access": (21, None), "faccessat": (269, 48), "readlink": (89, None), "readlinkat": (267, 78),
    "getdents64": (217, 61), "getcwd": (79, 17), "statfs": (137, 43), "fstatfs": (138, 44), "dup": (32, 23),
    "dup2": (33, None), "dup3": (292, 24), "pipe2": (293, 59), "eventfd2": (290, 19), "poll": (7, None),
    "ppoll": (271, 73),
}  # fmt: skip
MEMORY: dict[str, Numbers] = {
    "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216), "madvise": (28, 233),
    "brk": (12, 214), "msync": (26, 227), "mincore": (27, 232),
}  # fmt: skip
THREADS: dict[str, Numbers] = {
    "futex": (202, 98), "set_robust_list": (273, 99), "get_robust_list": (274, 100), "set_tid_address": (218, 96),
    "rseq": (334, 293), "membarrier": (324, 283), "arch_prctl": (158, None), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "sched_getscheduler": (145, 120), "sched_getparam": (143, 121),
    "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
}  # fmt: skip
TIME: dict[str, Numbers] = {
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "times": (100, 153), "getrusage": (98, 165),
}  # fmt: skip
SIGNALS: dict[str, Numbers] = {
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "rt_sigpending": (127, 136),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128),
}  # fmt: skip
ITSELF: dict[str, Numbers] = {
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "uname": (63, 160), "sysinfo": (99, 179), "getrandom": (318, 278),
    "getcpu": (309, 168), "getrlimit": (97, 163), "setrlimit": (160, 164), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
ALLOWED: dict[str, Numbers] = FILES | MEMORY | THREADS | TIME | SIGNALS | ITSELF
"""Calls that may be made with any arguments, by name."""

CHANGES_A_FILE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
THREAD, NEW_NAMESPACES = 0x10000, 0x7E020000
"""Flags of clone(2)."""
SET_NAME = 15
"""Option of prctl(2): the name of a thread."""
ASK_TERMINAL, CLOSE_ON_EXEC = 0x5401, 0x5451
"""Requests of ioctl(2) that Python makes of every file it opens."""
COPY, GET_FLAGS, SET_FLAGS, GET_STATE, SET_STATE, COPY_CLOSED_ON_EXEC = 0, 1, 2, 3, 4, 1030
"""Commands of fcntl(2). Those that lock a file, or have it send signals, are not among them."""
WHOLE = 0xFFFFFFFF


LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
"""Instructions of the filter (``linux/bpf_common.h``)."""
PERMIT, FAIL = 0x7FFF0000, 0x00050000
"""What it returns: the call is made, or fails with the error number in the lower bits."""
NUMBER, MACHINE, ARGUMENTS = 0, 4, 16
"""Where it finds what is called, on which processor, and with what (``struct seccomp_data``), 8 bytes an argument."""
SET_FILTER, ALL_THREADS = 1, 1
"""Operation and flag of seccomp(2)."""


def limited_calls(process: int) -> dict[str, Limited]:
    """Return the calls that ``process`` may make with some arguments, by name."""
    commands = (COPY, GET_FLAGS, SET_FLAGS, GET_STATE, SET_STATE, COPY_CLOSED_ON_EXEC)
    return {
        "open": Limited((2, None), 1, CHANGES_A_FILE, (0,), errno.EACCES),
        "openat": Limited((257, 56), 2, CHANGES_A_FILE, (0,), errno.EACCES),
        "clone": Limited((56, 220), 0, THREAD | NEW_NAMESPACES, (THREAD,)),
        "kill": Limited((62, 129), 0, WHOLE, (process,)),
        "tkill": Limited((200, 130), 0, WHOLE, (process,)),
        "tgkill": Limited((234, 131), 0, WHOLE, (process,)),
        "prlimit64": Limited((302, 261), 0, WHOLE, (0, process)),
        "prctl": Limited((157, 167), 0, WHOLE, (SET_NAME,)),
        "ioctl": Limited((16, 29), 1, WHOLE, (ASK_TERMINAL, CLOSE_ON_EXEC)),
        "fcntl": Limited((72, 25), 1, WHOLE, commands),
    }


def restrict_calls() -> None:
    """Take from this process all other calls; OSError where the system cannot, or this processor is not known here."""
    machine = os.uname().machine if sys.platform == "linux" and sys.maxsize > 2**32 else ""
    if machine not in MACHINES:
        raise OSError(0, f"it is not known how to on {machine or sys.platform}")
    _, seccomp, _ = MACHINES[machine]
    program = filter_for(machine, os.getpid())
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HP", len(program) // 8, ctypes.addressof(code))
    if system_call(seccomp, SET_FILTER, ALL_THREADS, header) > 0:
        raise OSError(0, "one of its threads has another filter")


def filter_for(machine: str, process: int) -> bytes:
    """Return the filter, 8 bytes an instruction, for a processor of ``MACHINES`` and the process of that number."""
    column, _, name = MACHINES[machine]
    lines = [(LOAD, MACHINE), (EQUAL, name, 1, 0), (RETURN, FAIL | errno.EPERM), (LOAD, NUMBER)]
    lines += [(AT_LEAST, FIRST_NEW, 0, 1), (RETURN, FAIL | errno.ENOSYS)]
    for numbers in ALLOWED.values():
        if (number := numbers[column]) is not None:
            lines += [(EQUAL, number, 0, 1), (RETURN, PERMIT)]
    for call in limited_calls(process).values():
        if (number := call.numbers[column]) is not None:
            lines += _arguments_checked(number, call)
    return b"".join(_instruction(*line) for line in [*lines, (RETURN, FAIL | errno.EPERM)])


def _arguments_checked(number: int, call: Limited) -> list[tuple[int, ...]]:
    """Return what decides on one call; any other goes on behind it."""
    block: list[tuple[int, ...]] = [(LOAD, ARGUMENTS + 8 * call.argument), (AND, call.mask)]
    for value in call.values:
        block += [(EQUAL, value, 0, 1), (RETURN, PERMIT)]
    block.append((RETURN, FAIL | call.refusal))
    return [(EQUAL, number, 0, len(block)), *block]


def _instruction(code: int, operand: int, then: int = 0, otherwise: int = 0) -> bytes:
    """Pack an instruction: how many to skip where a comparison holds, and where it does not."""
    return struct.pack("=HBBI", code, then, otherwise, operand)
