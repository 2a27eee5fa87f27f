"""Which files of the corpus are still those that a generation was made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from bot.backup.contents import Reading


@dataclass(slots=True)
class Belonging:
    """Compares files with a generation's documents and with what the index run remembers of each file (``readings``).

    A file is compared by its content where it is a document itself. An archive, or a file that was skipped, is the same
    while its size, its time of change and its inode are.
    """

    documents: Mapping[str, tuple[str, str]]
    """Id and digest of each document, by its path below the corpus root."""
    readings: Mapping[str, Any]
    skipped: Collection[str]
    """Paths of the files that the generation skipped."""
    covered: set[str] = field(default_factory=set)
    """Paths below the corpus root of the files that were seen."""

    def changed(self, path: Path, relative: str, digest: str, state: list[int]) -> str | None:
        """Return why a file with this content is not what the generation was made of; None where it is."""
        self.covered.add(relative)
        known = self.documents.get(relative)
        if known and known[1] == digest or self.reading(path, state):
            return None
        if known:
            return "changed since it was indexed"
        return "perhaps changed since it was indexed" if self._is_indexed(path, relative) else "not indexed yet"

    def _is_indexed(self, path: Path, relative: str) -> bool:
        """Whether the generation names a file as an archive of documents, or as skipped."""
        return str(path) in self.skipped or any(document.startswith(f"{relative}/") for document in self.documents)

    def reading(self, path: Path, state: list[int]) -> Reading | None:
        """Return what the index run made of a file in this state, if it and the generation agree on it."""
        entry = self.readings.get(str(path))
        try:
            if entry is None or entry["state"] != state:
                return None
            documents = [(str(key), str(digest)) for key, digest in entry["documents"]]
            skipped = [(str(shown), str(reason)) for shown, reason in entry["skipped"]]
        except (KeyError, TypeError, ValueError):
            return None
        return Reading(documents=documents, skipped=skipped) if {*documents} <= {*self.documents.values()} else None

    def gone(self) -> Iterator[str]:
        """Yield the paths of documents whose files, or archives, were not among those that were seen."""
        for path in self.documents:
            if not {path, *(parent.as_posix() for parent in PurePosixPath(path).parents)} & self.covered:
                yield path
