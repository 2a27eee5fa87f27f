"""The side of the sandbox that hands out files: it starts a worker, limits its time, and says what became of it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from retrieval.corpus.archive import Member
from retrieval.corpus.draft import Draft, draft_of
from retrieval.corpus.formats.registry import ARCHIVE
from retrieval.corpus.sandbox.idle import Idle, end
from retrieval.corpus.sandbox.rights import KEPT
from retrieval.errors import ReportOutOfReach, ReportUnreadable
from retrieval.processes import environment

MAX_REPLY = 256 * 2**20
"""Bytes of JSON that the parent is ready to take from a worker."""
WORKER = "from retrieval.corpus.sandbox.worker import work; work()"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: ``seconds`` of time, and ``memory`` in bytes for the whole worker.

    Tasks that compute on several ``threads`` may use the processor for so many times ``seconds``.
    """

    seconds: float = 60
    memory: int = 2**30
    threads: int = 1


class Sandbox:
    """Runs tasks in a worker process, which starts with the first one; to be closed, or used in a ``with`` block.

    ``tasks`` names the mapping of tasks as ``module:attribute``, imported by the worker.
    """

    def __init__(self, limits: Limits = Limits(), tasks: str = "retrieval.corpus.sandbox.worker:TASKS") -> None:  # noqa: B008
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
        """Let go of the worker, if there is one: for a while another sandbox may take it over."""
        if self._worker is not None:
            Idle.put(self._key, self._worker)
            self._worker = None

    def _end(self) -> None:
        if self._worker is not None:
            end(self._worker)
            self._worker = None

    @property
    def _key(self) -> tuple[object, ...]:
        return self._tasks, self.limits

    def read(self, suffix: str, data: bytes, *arguments: Any) -> Draft:  # noqa: ANN401 - JSON
        """Read a file's bytes by the reader for ``suffix``; ReportUnreadable says why it cannot be."""
        return draft_of(self.run(suffix, data, *arguments))

    def members(self, data: bytes) -> list[Member]:
        """List a zip archive; ReportUnreadable says why it cannot be."""
        return [Member(**entry) for entry in self.run(ARCHIVE, data)]

    def kept_rights(self) -> dict[str, str]:
        """Return which rights the worker could not give up on this system, by their names in RIGHTS, with the reason.

        ReportUnreadable where no worker can be started.
        """
        return dict(self.run(KEPT, b""))

    def run(self, task: str, data: bytes, *arguments: Any) -> Any:  # noqa: ANN401 - JSON
        """Return what a task makes of a file's bytes, as JSON; ReportUnreadable says why it makes nothing of them."""
        worker = self._worker = self._worker or Idle.take(self._key) or self._start()  # not counted against the file
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
            death = self._death(worker, expired.is_set())
            self._end()
            raise death
        if reply.get("leaving") or expired.is_set():
            self._end()
        if "problem" in reply:
            raise ReportUnreadable(str(reply["problem"]))
        return reply["found"]

    def _start(self) -> subprocess.Popen[bytes]:
        limits = json.dumps([self._tasks, self.limits.seconds * self.limits.threads, self.limits.memory])
        try:
            worker = self._worker = subprocess.Popen(
                [sys.executable, "-P", "-c", WORKER, limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(OPENBLAS_NUM_THREADS="1"),  # each of its threads would count against the memory
            )
        except OSError as error:
            raise ReportOutOfReach(f"the process to read it in cannot be started: {error.strerror}") from error
        if not (worker.stdout and worker.stdout.readline()):
            status = worker.wait()
            self._end()
            raise ReportOutOfReach(f"the process to read it in ended at once with status {status}")
        return worker

    def _death(self, worker: subprocess.Popen[bytes], expired: bool) -> ReportUnreadable:
        """Say what ended the worker."""
        status = worker.wait() if expired or worker.poll() is not None else self._settled(worker)
        if expired or status == -getattr(signal, "SIGXCPU", 0) != 0:
            return ReportUnreadable(f"took longer than {self.limits.seconds:g} s to read")
        if status == -getattr(signal, "SIGKILL", 0) != 0:
            return ReportOutOfReach("was stopped by the system while it was read, probably for want of memory")
        return ReportUnreadable(
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
