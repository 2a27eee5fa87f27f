"""The filter of system calls, run here instruction by instruction, also for a processor that this machine is not."""

from __future__ import annotations

import errno
import os
import re
import struct
from pathlib import Path

import pytest

from retrieval.corpus.sandbox.system_calls import ALLOWED, MACHINES, PERMIT, filter_for, limited_calls

OWN = 4321
X86, ARM = MACHINES["x86_64"][2], MACHINES["aarch64"][2]
ALLOW = "allowed"
HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}


def verdict(machine, number, *arguments, running_on=None):
    """Return what the filter for a processor says of a call: ``allowed``, or the name of the error."""
    values = [*arguments, *[0] * (6 - len(arguments))]
    called = struct.pack("=iIQ6Q", number, running_on or MACHINES[machine][2], 0, *[value % 2**64 for value in values])
    program = list(struct.iter_unpack("=HBBI", filter_for(machine, OWN)))
    held = line = 0
    while True:
        code, then, otherwise, operand = program[line]
        line += 1
        match code:
            case 0x20:
                (held,) = struct.unpack_from("=I", called, operand)
            case 0x54:
                held &= operand
            case 0x15:
                line += then if held == operand else otherwise
            case 0x35:
                line += then if held >= operand else otherwise
            case 0x06:
                return ALLOW if operand == PERMIT else errno.errorcode[operand & 0xFFFF]
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


def numbers_in(header):
    """Read the numbers of system calls from a header of the kernel."""
    text = Path(header).read_text(encoding="utf-8")
    numbers = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", text)}
    return numbers | {"newfstatat": numbers.get("newfstatat", numbers.get("fstatat"))}


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
def test_numbers_are_those_of_the_kernels_headers(machine, column):
    if not Path(HEADERS[machine]).exists():
        pytest.skip("the kernel's headers are not installed (linux-libc-dev)")
    named = {**ALLOWED, **{name: call.numbers for name, call in limited_calls(OWN).items()}}
    known = numbers_in(HEADERS[machine])
    mine = {name: numbers[column] for name, numbers in named.items() if numbers[column] is not None}
    assert mine == {name: known.get(name) for name in mine}
    assert {name: known[name] for name in named if name in known and name not in mine} == {}
    assert known["seccomp"] == MACHINES[machine][1]


@pytest.mark.parametrize("machine", MACHINES)
def test_whatever_is_on_no_list_is_refused(machine):
    column = MACHINES[machine][0]
    free = {numbers[column] for numbers in ALLOWED.values()}
    limited = {call.numbers[column] for call in limited_calls(OWN).values()}
    verdicts = {number: verdict(machine, number, 2**63) for number in {*range(600)} - limited}
    assert {number for number, said in verdicts.items() if said == ALLOW} == free - {None}
    assert {said for number, said in verdicts.items() if number not in free} == {"EPERM", "ENOSYS"}
    assert {number for number, said in verdicts.items() if said == "ENOSYS"} == {*range(424, 600)}


@pytest.mark.parametrize(("machine", "other"), [("x86_64", ARM), ("x86_64", 0x40000003), ("aarch64", X86)])
def test_calls_by_another_processors_numbers_are_refused(machine, other):
    assert {verdict(machine, number, running_on=other) for number in range(500)} == {"EPERM"}


def test_calls_of_the_x32_abi_are_unknown():
    assert {verdict("x86_64", 0x40000000 + number) for number in range(600)} == {"ENOSYS"}


@pytest.mark.parametrize(("machine", "openat"), [("x86_64", 257), ("aarch64", 56)])
def test_files_are_opened_to_be_read_only(machine, openat):
    reading = [0, os.O_CLOEXEC, os.O_DIRECTORY | os.O_NONBLOCK, os.O_NOFOLLOW, 0o100000, 0o400000]
    changing = [os.O_WRONLY, os.O_RDWR, os.O_TRUNC, os.O_CREAT, os.O_WRONLY | os.O_APPEND, os.O_TMPFILE | os.O_RDWR]
    assert {flags: verdict(machine, openat, -100, 0, flags) for flags in reading} == dict.fromkeys(reading, ALLOW)
    assert {flags: verdict(machine, openat, -100, 0, flags) for flags in changing} == dict.fromkeys(changing, "EACCES")


@pytest.mark.parametrize(("machine", "clone"), [("x86_64", 56), ("aarch64", 220)])
def test_threads_are_cloned_and_processes_and_namespaces_are_not(machine, clone):
    thread = 0x3D0F00  # what the C library asks for
    assert verdict(machine, clone, thread) == ALLOW
    assert [verdict(machine, clone, flags) for flags in (17, 0x4111, 0x1200011, thread | 0x10000000)] == ["EPERM"] * 4


@pytest.mark.parametrize(
    ("machine", "kill", "tgkill", "prlimit", "prctl", "ioctl", "fcntl"),
    [("x86_64", 62, 234, 302, 157, 16, 72), ("aarch64", 129, 131, 261, 167, 29, 25)],
)
def test_a_process_signals_and_limits_only_itself(machine, kill, tgkill, prlimit, prctl, ioctl, fcntl):
    others = (1, 0, -1, -OWN, OWN + 1)
    assert [verdict(machine, call, OWN, 6) for call in (kill, tgkill, prlimit)] == [ALLOW] * 3
    assert {verdict(machine, call, other, 6) for call in (kill, tgkill) for other in others} == {"EPERM"}
    assert [verdict(machine, prlimit, other) for other in (0, 1, OWN + 1)] == [ALLOW, "EPERM", "EPERM"]
    assert [verdict(machine, prctl, option) for option in (15, 4, 22, 38)] == [ALLOW, "EPERM", "EPERM", "EPERM"]
    assert [verdict(machine, ioctl, 0, asked) for asked in (0x5401, 0x5412)] == [ALLOW, "EPERM"]
    assert [verdict(machine, fcntl, 0, command) for command in (1, 1030, 8, 15)] == [ALLOW, ALLOW, "EPERM", "EPERM"]
