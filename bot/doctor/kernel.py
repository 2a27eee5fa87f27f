"""What the kernel has to hold back a reader that a hostile file has taken over."""

from __future__ import annotations

import ctypes
import sys

from bot.doctor.finding import Examined, Finding

LANDLOCK_CREATE_RULESET = 444
"""The system call's number, the same on every architecture."""
LANDLOCK_ASK_VERSION = 1
PR_GET_SECCOMP = 21


def sandbox(examined: Examined) -> Finding:
    """Say which means the kernel has to take rights from the process that reads reports."""
    name = "sandbox"
    if not sys.platform.startswith("linux"):
        return Finding(name, "skipped", f"{sys.platform} has neither Landlock nor seccomp")
    landlock, seccomp = landlock_version(), has_seccomp()
    found = [f"Landlock (version {landlock})"] if landlock else []
    found += ["seccomp"] if seccomp else []
    if len(found) == 2:
        return Finding(name, "ok", f"the kernel has {' and '.join(found)}")
    missing = " and ".join(what for what, there in (("Landlock", landlock), ("seccomp", seccomp)) if not there)
    remedy = "use a kernel from 5.13 on with both, or run Wenbao in a container or under systemd with few rights"
    says = f"the kernel has no {missing}: files are read by a process with more rights"
    return Finding(name, "warning", says, remedy)


def landlock_version() -> int:
    """Return the version of Landlock that the kernel speaks; 0 without it, or where it is switched off."""
    call = ctypes.CDLL(None).syscall
    call.restype = ctypes.c_long
    return max(int(call(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_ASK_VERSION)), 0)


def has_seccomp() -> bool:
    """Whether the kernel can restrict a process's system calls."""
    return int(ctypes.CDLL(None).prctl(PR_GET_SECCOMP, 0, 0, 0, 0)) >= 0
