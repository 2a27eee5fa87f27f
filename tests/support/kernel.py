"""What the kernel under the tests is able to, by its own answers."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from retrieval.corpus.sandbox.system_calls import MACHINES


def has_landlock() -> bool:
    """Whether this kernel has Landlock, by its own answer."""
    return sys.platform == "linux" and ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


def has_filters() -> bool:
    """Whether this kernel filters system calls, on a processor whose calls are known."""
    if sys.platform != "linux" or os.uname().machine not in MACHINES:
        return False
    return "Seccomp_filters:" in Path("/proc/self/status").read_text(encoding="utf-8")


needs_all = pytest.mark.skipif(
    not (has_landlock() and has_filters()), reason="this kernel has no Landlock or no seccomp filters"
)
