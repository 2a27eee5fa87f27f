"""The side of the sandbox that reads: a process that limits itself and answers one task after the other."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from retrieval.corpus.archive import list_members
from retrieval.corpus.draft import Draft, draft_json
from retrieval.corpus.formats.preload import load_readers
from retrieval.corpus.formats.registry import ARCHIVE, READERS
from retrieval.corpus.sandbox.rights import KEPT, drop_rights
from retrieval.errors import ReportUnreadable

Task = Callable[..., Any]
"""Takes the bytes of a file, and further arguments that JSON can carry; returns what JSON can, or our dataclasses."""

PREPARE = "prepare"
"""The task that is run first, without arguments: it loads what the others would load with a file, and returns the
paths that must stay readable. Where there is none, nothing is loaded before and nothing stays readable."""

TASKS: Mapping[str, Task] = {**READERS, ARCHIVE: list_members, PREPARE: load_readers}
"""What the worker does with the bytes of a file, by suffix."""


def work() -> None:
    """Answer tasks from standard input until it ends."""
    named, seconds, memory = json.loads(sys.argv[1])
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints must not be taken for a reply
    module, _, attribute = named.partition(":")
    tasks: Mapping[str, Task] = getattr(importlib.import_module(module), attribute)
    readable = tasks[PREPARE]() if PREPARE in tasks else ()
    own_status = _own_status()
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_AS", memory)
    kept = drop_rights(readable)
    tasks = {**tasks, KEPT: lambda data: kept}
    replies.write(b"{}\n")
    replies.flush()
    while line := requests.readline():
        request = json.loads(line)
        _limit("RLIMIT_CPU", int(_processor_seconds() + seconds) + 2)
        reply = _answer(tasks[request["task"]], requests.read(request["size"]), request["arguments"], memory)
        leaving = "leaving" in reply or _resident(own_status) > memory // 2
        replies.write(json.dumps({**reply, "leaving": leaving}).encode() + b"\n")
        replies.flush()
        if leaving:  # the next file finds all the memory there is
            return


def _answer(task: Task, data: bytes, arguments: list[Any], memory: int) -> dict[str, Any]:
    try:
        return {"found": _as_json(task(data, *arguments))}
    except ReportUnreadable as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": f"needed more than {memory / 2**30:g} GiB of memory to read", "leaving": True}
    except RecursionError:
        return {"problem": "is nested too deeply: damaged or hostile"}
    except Exception as error:  # a parser may raise anything; the next file must still be read
        return {"problem": f"its reader failed ({type(error).__name__}): damaged or hostile"}


def _as_json(found: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(found, Draft):
        return draft_json(found)
    if isinstance(found, list):
        return [dataclasses.asdict(member) for member in found]
    return found


def _limit(name: str, value: int) -> None:
    """Set a limit on this process where the system knows it."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(getattr(resource, name))
        resource.setrlimit(getattr(resource, name), (value, hard))


def _processor_seconds() -> float:
    times = os.times()
    return times.user + times.system


def _own_status() -> int | None:
    """Open what Linux says of this process, as long as it may open anything; None elsewhere."""
    with contextlib.suppress(OSError):
        return os.open("/proc/self/status", os.O_RDONLY)
    return None


def _resident(own_status: int | None) -> int:
    """Return the most memory this process has held, in bytes; 0 where the system does not say.

    Linux hands the parent's own peak down to ``ru_maxrss``; VmHWM begins anew with the process.
    """
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = os.pread(own_status, 2**16, 0).decode().splitlines() if own_status is not None else []
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    with contextlib.suppress(ImportError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return 0
