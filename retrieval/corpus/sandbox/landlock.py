"""Landlock: a process gives up files, ports and signals for good, without being root (Linux 5.13 and later).

It is no part of Python, and the packages for it are drafts, so the three system calls are made here. Their numbers and
structures are those of ``linux/landlock.h`` on every processor. https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from retrieval.corpus.sandbox.linux import system_call

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
PATH_BENEATH = 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
FILE_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""Version of Landlock, and how many rights to files it knows: from it on, that many bits can be taken."""
PORTS_FROM, PORTS = 4, 0b11
"""Version that knows rights to TCP ports: to bind one and to connect to one."""
SCOPES_FROM, SCOPES = 6, 0b11
"""Version that can keep a process from other processes' abstract sockets, and from signalling them."""


def restrict_files(readable: Iterable[Path]) -> None:
    """Take from this thread, and from those it starts, all files but what is at or below ``readable``, to be read.

    What is open already stays open. Where the kernel's Landlock is old, it takes what it knows. OSError without it.
    """
    version = system_call(CREATE_RULESET, None, 0, ASK_VERSION)
    count = max(count for since, count in FILE_RIGHTS if since <= version)
    attributes = [
        (1 << count) - 1,
        *([PORTS] if version >= PORTS_FROM else []),
        *([SCOPES] if version >= SCOPES_FROM else []),
    ]
    packed = struct.pack(f"={len(attributes)}Q", *attributes)
    ruleset = system_call(CREATE_RULESET, packed, len(packed), 0)
    try:
        for path in readable:
            with contextlib.suppress(OSError):  # it is not there, or could not be read before either
                _allow(ruleset, path)
        system_call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path) -> None:
    """Let a file be read, or a folder with all below it."""
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = READ_FILE | READ_DIR if path.is_dir() else READ_FILE  # a file's rule with a folder's right is refused
        system_call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)
