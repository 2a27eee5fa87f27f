"""The log of changes as a file below ``index.path``: one JSON line each, and the file is rotated."""

from __future__ import annotations

import json
import os
from pathlib import Path

from filelock import FileLock, Timeout

from bot.state.protocol import StateUnusable
from bot.state.records import AuditEntry

FILE = "audit.jsonl"
LARGEST = 10 * 2**20
"""Bytes from which on a new file is begun."""
KEPT_FILES = 5
"""How many full files are kept beside the one that is written."""
WAIT_SECONDS = 3.0
_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}
"""What ends a line for some readers, though not in JSON; strangers choose the addresses that are written down."""


class AuditFile:
    """The log below one index folder."""

    def __init__(self, folder: Path, *, largest: int = LARGEST, kept: int = KEPT_FILES) -> None:
        self.file = folder / FILE
        self._largest = largest
        self._kept = kept

    def write(self, entry: AuditEntry) -> None:
        """Write a line; any number of processes may. Raises StateUnusable."""
        text = json.dumps(entry.as_json(), ensure_ascii=False)
        line = text.translate(_LINE_ENDS).encode("utf-8", "replace") + b"\n"
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
            raise StateUnusable(f"{self.file} cannot be written: {error}") from error

    def _rotate(self, more: int) -> None:
        """Begin a new file where the line would make this one too large, and delete the oldest."""
        if not self.file.exists() or self.file.stat().st_size + more <= self._largest:
            return
        for number in range(self._kept, 0, -1):
            older = self.file.with_name(f"{FILE}.{number - 1}") if number > 1 else self.file
            if older.exists():
                older.replace(self.file.with_name(f"{FILE}.{number}"))
