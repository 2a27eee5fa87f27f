"""Workers that wait for the next sandbox."""

from __future__ import annotations

import contextlib
import subprocess
import threading

IDLE_SECONDS = 20.0
"""How long a worker waits for another sandbox, because starting one takes longer than reading most files."""


def end(worker: subprocess.Popen[bytes]) -> None:
    """End a worker, whatever it is doing."""
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        with contextlib.suppress(OSError):
            pipe.close() if pipe else None


class Idle:
    """Workers that wait for the next sandbox of their kind, one of each, and end when none has come."""

    _lock = threading.Lock()
    _workers: dict[tuple[object, ...], tuple[subprocess.Popen[bytes], threading.Timer]] = {}

    @classmethod
    def put(cls, key: tuple[object, ...], worker: subprocess.Popen[bytes]) -> None:
        """Keep a worker of the kind ``key``, or end it where one is kept already."""
        timer = threading.Timer(IDLE_SECONDS, cls._expire, [key, worker])
        timer.daemon = True
        with cls._lock:
            before = cls._workers.get(key)
            if before is None:
                cls._workers[key] = worker, timer
        if before is None:
            timer.start()
        else:
            end(worker)

    @classmethod
    def take(cls, key: tuple[object, ...]) -> subprocess.Popen[bytes] | None:
        """Return the worker of this kind that waits, if there is one and it lives."""
        with cls._lock:
            worker, timer = cls._workers.pop(key, (None, None))
        if worker is None or timer is None:
            return None
        timer.cancel()
        if worker.poll() is None:
            return worker
        end(worker)
        return None

    @classmethod
    def _expire(cls, key: tuple[object, ...], worker: subprocess.Popen[bytes]) -> None:
        with cls._lock:
            kept = cls._workers.get(key)
            if kept is None or kept[0] is not worker:
                return
            del cls._workers[key]
        end(worker)
