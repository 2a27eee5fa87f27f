"""Who changed what, and who was turned away: one JSON line each, in a file that is rotated.

    {"when", "face", "who", "what", "result", "about"}

``who`` is the name of a key, "admin" for the token, or a hash of a user or an address. ``about`` names what it was
about: ids of reports, the name of a key, an address below the server.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao")

FILE = "audit.jsonl"
LARGEST = 10 * 2**20
"""Bytes from which on a new file is begun."""
KEPT_FILES = 5
"""How many full files are kept beside the one that is written."""
MOST_NAMED = 50
WAIT_SECONDS = 3.0
_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}
"""What ends a line for some readers, though not in JSON; strangers choose the addresses that are written down."""


class Audit:
    """The log below one index folder; what cannot be written is an error in the ordinary log, and all else goes on."""

    def __init__(self, folder: Path, *, largest: int = LARGEST, kept: int = KEPT_FILES) -> None:
        self.file = folder / FILE
        self._largest = largest
        self._kept = kept

    def record(self, face: str, who: str, what: str, result: str, about: Sequence[str] = ()) -> None:
        """Write a line; any number of processes may."""
        named = [*about[:MOST_NAMED], *([f"+{len(about) - MOST_NAMED}"] if len(about) > MOST_NAMED else [])]
        when = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        entry = {"when": when, "face": face, "who": who, "what": what, "result": result, "about": named}
        line = json.dumps(entry, ensure_ascii=False).translate(_LINE_ENDS).encode("utf-8", "replace") + b"\n"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.file.with_suffix(".lock"), timeout=WAIT_SECONDS):
                self._rotate(len(line))
                descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                try:
                    os.write(descriptor, line)
                finally:
                    os.close(descriptor)
        except (OSError, Timeout) as error:
            log.error("%s cannot be written: %s", self.file, error)

    @contextmanager
    def noting(self, face: str, who: str, what: str, about: Sequence[str] = ()) -> Iterator[None]:
        """Write down what came of the block, which is about these names."""
        try:
            yield
        except WenbaoError as error:
            self.record(face, who, what, f"failed: {error}", about)
            raise
        self.record(face, who, what, "done", about)

    def _rotate(self, more: int) -> None:
        """Begin a new file where the line would make this one too large, and delete the oldest."""
        if not self.file.exists() or self.file.stat().st_size + more <= self._largest:
            return
        for number in range(self._kept, 0, -1):
            older = self.file.with_name(f"{FILE}.{number - 1}") if number > 1 else self.file
            if older.exists():
                older.replace(self.file.with_name(f"{FILE}.{number}"))
