"""What an earlier run made of each file, so that an unchanged corpus is indexed again without opening a report.

    index.path/readings.json    {"version", "files": {path: {"state", "documents": [[id, digest]], "skipped": [[path,
                                reason]]}}}

A file is taken to be unchanged while its size, its time of change and its inode are (``state``), and while what reads
it is: the ``version`` names our readers, the parsers behind them, and the limits. The documents themselves are those
of the published generation, and this is written after it. What is damaged or missing here costs one reading, and
nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retrieval.disk import file_aside, remove_asides
from retrieval.types import Document, Skipped

READERS_VERSION = 3
"""Raise it when a reader would make something else of the same file."""
PARSERS = ("lxml", "markdown-it-py", "openpyxl", "pypdfium2", "python-docx", "trafilatura")
FILE = "readings.json"
SETTLED_SECONDS = 2
"""A file that changed less than this before it was read may change again within the clock's step, and is not kept."""

Found = Document | Skipped


@dataclass(slots=True)
class Readings:
    """What is known of files from an earlier run, and what this run finds out."""

    version: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    """The published generation's documents, by id."""
    new: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(
        cls, folder: Path, documents: Mapping[str, Document], limits: Sequence[object], *, forget: bool = False
    ) -> Readings:
        """Return what ``folder`` remembers of files that were read by the same readers within the same ``limits``.

        ``documents`` are those of the published generation, by id. With ``forget`` every file is read again, and
        reports only keep their ids. The caller holds the index's lock.
        """
        version = version_of(limits)
        remove_asides(folder / FILE)
        kept, files = kept_readings(folder)
        return cls(version, files if kept == version and not forget else {}, documents)

    @property
    def ids(self) -> dict[str, str]:
        """The id of each report of the published generation, by its path below the corpus root."""
        return {document.path: document.document_id for document in self.documents.values()}

    def of(self, file: Path) -> list[Found] | None:
        """Return what was found in a file that has not changed since; None if it must be read."""
        entry, state = self.known.get(str(file)), state_of(file)
        if entry is None or state is None or entry.get("state") != state:
            return None
        try:
            found = [self._document(*named) for named in entry["documents"]]
            skipped = [Skipped(str(path), str(reason)) for path, reason in entry["skipped"]]
        except (KeyError, TypeError, ValueError):
            return None
        self.new[str(file)] = entry
        return [*found, *skipped]

    def _document(self, document_id: str, digest: str) -> Document:
        document = self.documents[document_id]
        if document.digest != digest:
            raise KeyError(document_id)  # another run published something else
        return document

    def keep(self, file: Path, found: Iterable[Found], state: list[int] | None) -> None:
        """Remember what was found in a file whose ``state`` was this before it was read."""
        if state is None or state != state_of(file) or time.time_ns() - state[1] < SETTLED_SECONDS * 10**9:
            return
        every = list(found)
        self.new[str(file)] = {
            "state": state,
            "documents": [[one.document_id, one.digest] for one in every if isinstance(one, Document)],
            "skipped": [[one.path, one.reason] for one in every if isinstance(one, Skipped)],
        }

    def save(self, folder: Path) -> None:
        """Remember what this run found, in place of what was known; a full disk only costs the next run a reading."""
        with contextlib.suppress(OSError):
            write_readings(folder, self.version, self.new)


def kept_readings(folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the version and the files of ``FILE`` as they stand there; ("", {}) where it is missing or damaged."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((folder / FILE).read_bytes())
        return str(kept["version"]), dict(kept["files"])
    return "", {}


def write_readings(folder: Path, version: str, files: Mapping[str, Any]) -> None:
    """Write ``FILE`` as a whole; OSError where the disk refuses."""
    with file_aside(folder / FILE) as aside:
        aside.write_text(json.dumps({"version": version, "files": files}))  # ASCII: a name may be no UTF-8


def state_of(file: Path) -> list[int] | None:
    """Return what changes when a file does: its size, its time of change in nanoseconds, its inode."""
    try:
        state = file.stat()
    except OSError:
        return None
    return [state.st_size, state.st_mtime_ns, state.st_ino]


def version_of(limits: Sequence[object]) -> str:
    """Identify what decides how a file is read."""
    parts = [READERS_VERSION, *limits, *(f"{name} {importlib.metadata.version(name)}" for name in PARSERS)]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]
