"""A process of its own for the readers of complex formats: a hostile or damaged file ends it, and nothing else.

One worker reads many files. It limits its own memory and processor time where the system can (Linux, and in part
macOS), and the parent ends it when a file takes too long. What it found comes back as JSON, which, unlike a pickle,
can do nothing but be read.

    parent -> worker    a line of JSON {"task", "size", "arguments"}, then ``size`` bytes of data
    worker -> parent    a line when it is ready; then a line of JSON {"found" | "problem", "leaving"}
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from retrieval.corpus.archive import Member, list_members
from retrieval.corpus.draft import Block, Draft, Row
from retrieval.corpus.formats.registry import ARCHIVE, READERS
from retrieval.errors import ReportUnreadable
from retrieval.parts import Cell
from retrieval.recognised import recognised_line

Task = Callable[..., Any]
"""Takes the bytes of a file, and further arguments that JSON can carry; returns what JSON can, or our dataclasses."""

TASKS: Mapping[str, Task] = {**READERS, ARCHIVE: list_members}
"""What the worker does with the bytes of a file, by suffix."""

MAX_REPLY = 256 * 2**20
"""Bytes of JSON that the parent is ready to take from a worker."""
PASSED_ON = ("PATH", "HOME", "LANG", "LC_", "TMP", "TEMP", "SYSTEMROOT", "LD_", "DYLD_", "VIRTUAL_ENV")
"""Environment variables that a worker gets: no token is among them."""
WORKER = "from retrieval.corpus.sandbox import work; work()"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: ``seconds`` of time, and ``memory`` in bytes for the whole worker.

    A plain text of more than ``large_text`` bytes is read in the worker too, so that what is slow for it is bounded.
    Tasks that compute on several ``threads`` may use the processor for so many times ``seconds``.
    """

    seconds: float = 60
    memory: int = 2**30
    large_text: int = 128 * 2**10
    threads: int = 1


class Sandbox:
    """Runs tasks in a worker process, which starts with the first one; to be closed, or used in a ``with`` block.

    ``tasks`` names the mapping of tasks as ``module:attribute``, imported by the worker.
    """

    def __init__(self, limits: Limits = Limits(), tasks: str = "retrieval.corpus.sandbox:TASKS") -> None:  # noqa: B008
        self.limits = limits
        self._tasks = tasks
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()
            for pipe in (self._worker.stdin, self._worker.stdout):
                with contextlib.suppress(OSError):
                    pipe.close() if pipe else None
            self._worker = None

    def read(self, suffix: str, data: bytes, *arguments: Any) -> Draft:  # noqa: ANN401 - JSON
        """Read a file's bytes by the reader for ``suffix``; ReportUnreadable says why it cannot be."""
        return draft_of(self.run(suffix, data, *arguments))

    def members(self, data: bytes) -> list[Member]:
        """List a zip archive; ReportUnreadable says why it cannot be."""
        return [Member(**entry) for entry in self.run(ARCHIVE, data)]

    def run(self, task: str, data: bytes, *arguments: Any) -> Any:  # noqa: ANN401 - JSON
        """Return what a task makes of a file's bytes, as JSON; ReportUnreadable says why it makes nothing of them."""
        worker = self._worker or self._start()  # the start is not counted against the file
        expired = threading.Event()

        def end() -> None:
            expired.set()
            worker.kill()

        timer = threading.Timer(self.limits.seconds, end)
        timer.daemon = True
        timer.start()
        try:
            reply = _exchange(worker, task, data, arguments)
        finally:
            timer.cancel()
            timer.join()
        if reply is None:
            reason = self._death(worker, expired.is_set())
            self.close()
            raise ReportUnreadable(reason)
        if reply.get("leaving") or expired.is_set():
            self.close()
        if "problem" in reply:
            raise ReportUnreadable(str(reply["problem"]))
        return reply["found"]

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {
            **{name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)},
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "OPENBLAS_NUM_THREADS": "1",  # each of its threads would count against the memory
        }
        limits = json.dumps([self._tasks, self.limits.seconds * self.limits.threads, self.limits.memory])
        try:
            worker = self._worker = subprocess.Popen(
                [sys.executable, "-P", "-c", WORKER, limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        except OSError as error:
            raise ReportUnreadable(f"the process to read it in cannot be started: {error.strerror}") from error
        if not (worker.stdout and worker.stdout.readline()):
            status = worker.wait()
            self.close()
            raise ReportUnreadable(f"the process to read it in ended at once with status {status}")
        return worker

    def _death(self, worker: subprocess.Popen[bytes], expired: bool) -> str:
        """Say what ended the worker."""
        status = worker.wait() if expired or worker.poll() is not None else self._settled(worker)
        if expired or status == -getattr(signal, "SIGXCPU", 0) != 0:
            return f"took longer than {self.limits.seconds:g} s to read"
        if status == -getattr(signal, "SIGKILL", 0) != 0:
            return "was stopped by the system while it was read, probably for want of memory"
        return (
            f"its reader crashed, or needed more than {self.limits.memory / 2**30:g} GiB of memory: damaged or hostile"
        )

    def _settled(self, worker: subprocess.Popen[bytes]) -> int:
        try:
            return worker.wait(5)
        except subprocess.TimeoutExpired:
            worker.kill()
            return 0


def _exchange(
    worker: subprocess.Popen[bytes], task: str, data: bytes, arguments: tuple[Any, ...]
) -> dict[str, Any] | None:
    """Hand the worker a file and return its reply; None if it died over it."""
    assert worker.stdin is not None and worker.stdout is not None
    with contextlib.suppress(OSError):  # it may have left a reply all the same
        request = {"task": task, "size": len(data), "arguments": arguments}
        worker.stdin.write(json.dumps(request).encode() + b"\n")
        worker.stdin.write(data)
        worker.stdin.flush()
    try:
        line = worker.stdout.readline(MAX_REPLY)
        reply = json.loads(line) if line.endswith(b"\n") else None
    except (OSError, ValueError):
        return None
    return reply if isinstance(reply, dict) else None


def draft_of(value: dict[str, Any]) -> Draft:
    """Make a Draft of what ``dataclasses.asdict`` and JSON made of one."""
    return Draft(
        blocks=tuple(map(_block_of, value["blocks"])),
        title=value["title"],
        date=dt.date.fromisoformat(value["date"]) if value["date"] else None,
        source=value["source"],
        metadata=tuple((label, text) for label, text in value["metadata"]),
        furniture=tuple(value["furniture"]),
        unread=tuple(value["unread"]),
    )


def _block_of(value: dict[str, Any]) -> Block:
    made = tuple((start, end) for start, end in value["made"])
    row = value["row"]
    if row is not None:
        row = Row(**row | {"cells": tuple(Cell(**cell) for cell in row["cells"])})
    recognised = tuple(map(recognised_line, value["recognised"]))
    return Block(**value | {"made": made, "recognised": recognised, "row": row})


# In the worker


def work() -> None:
    """Answer tasks from standard input until it ends."""
    named, seconds, memory = json.loads(sys.argv[1])
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints must not be taken for a reply
    module, _, attribute = named.partition(":")
    tasks: Mapping[str, Task] = getattr(importlib.import_module(module), attribute)
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_AS", memory)
    replies.write(b"{}\n")
    replies.flush()
    while line := requests.readline():
        request = json.loads(line)
        _limit("RLIMIT_CPU", int(_processor_seconds() + seconds) + 2)
        reply = _answer(tasks[request["task"]], requests.read(request["size"]), request["arguments"], memory)
        leaving = "leaving" in reply or _resident() > memory // 2
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
        return dataclasses.asdict(found) | {"date": found.date.isoformat() if found.date else None}
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


def _resident() -> int:
    """Return the most memory this process has held, in bytes; 0 where the system does not say.

    Linux hands the parent's own peak down to ``ru_maxrss``; VmHWM begins anew with the process.
    """
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    with contextlib.suppress(ImportError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return 0
