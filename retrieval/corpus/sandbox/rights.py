"""The rights that a worker gives up for good, before it sees the first byte of a file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from retrieval.corpus.sandbox import linux
from retrieval.corpus.sandbox.landlock import restrict_files
from retrieval.corpus.sandbox.system_calls import restrict_calls

KEPT = "kept"
"""The task that every worker has: which rights it kept, as ``drop_rights`` says."""
RIGHTS = {
    "privileges": "to gain more rights by starting a program",
    "memory": "to be looked into by other processes of the same user",
    "files": "to open files",
    "calls": "to start processes, to connect, to write files, and whatever else reading does not take",
}
"""What can be given up, by name, in words."""


def drop_rights(readable: Iterable[Path]) -> dict[str, str]:
    """Give up what this system lets go of, and return what is kept, by name, with the reason.

    Of all files on the disk only those at or below ``readable`` can be opened afterwards, and only to be read. The
    process must have no other thread yet, because Landlock takes files from one thread and those it starts.
    """
    threads = _threads()
    steps: dict[str, Callable[[], None]] = {
        "privileges": lambda: linux.prctl(linux.SET_NO_NEW_PRIVILEGES, 1),
        "memory": lambda: linux.prctl(linux.SET_DUMPABLE, 0),
        "files": lambda: restrict_files(readable),
        "calls": restrict_calls,
    }
    kept = {}
    for name, step in steps.items():
        try:
            step()
        except OSError as error:
            kept[name] = error.strerror or str(error)
    if threads > 1:
        kept.setdefault("files", f"{threads - 1} of its threads had begun before")
    return kept


def _threads() -> int:
    """Count the threads of this process, those of libraries too; 1 where the system does not say."""
    with contextlib.suppress(OSError):
        return len(os.listdir("/proc/self/task"))
    return 1
