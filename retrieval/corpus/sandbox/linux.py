"""Calls of Linux that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

SET_DUMPABLE = 4
SET_NO_NEW_PRIVILEGES = 38
"""Options of prctl(2)."""


@cache
def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError(0, f"{sys.platform} has no such call")
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process; OSError where the system refuses, or is not Linux."""
    if _libc().prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3) != 0:
        raise _refused()


def system_call(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call by its number and return what it returns; OSError where it fails, or this is not Linux."""
    passed = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    found: int = _libc().syscall(ctypes.c_long(number), *passed)
    if found < 0:
        raise _refused()
    return found


def _refused() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
