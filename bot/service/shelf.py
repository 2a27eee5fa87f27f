"""The reports as one asker may see them; every face lists, shows and names reports from here only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from retrieval.index.history import History, Superseded
from retrieval.index.local.snapshot import Snapshot
from retrieval.types import Document, matches


@dataclass(frozen=True, slots=True)
class Shelf:
    """The reports of one generation that match ``pattern``, or all where it is None."""

    generation: str
    documents: tuple[Document, ...]
    by_id: Mapping[str, Document]
    passages: int
    encoder: str
    pattern: str | None
    _history: History

    @classmethod
    def of(cls, snapshot: Snapshot, history: History, pattern: str | None) -> Shelf:
        """Return the shelf of a snapshot for somebody who may see what matches ``pattern``."""
        manifest, passages = snapshot.manifest, len(snapshot.passages)
        if pattern is None:
            documents, by_id = snapshot.documents, snapshot.by_id
        else:
            documents = tuple(one for one in snapshot.documents if matches(one.document_id, pattern))
            by_id = {one.document_id: one for one in documents}
            seen = np.array([one.document_id in by_id for one in snapshot.documents], dtype=np.bool_)
            passages = int(np.count_nonzero(seen[snapshot.passages.reports]))
        return cls(snapshot.generation, documents, by_id, passages, bare_name(manifest.encoder), pattern, history)

    def shows(self, document_id: str) -> bool:
        """Whether a report with this id, present or past, may be seen."""
        return self.pattern is None or matches(document_id, self.pattern)

    def history(self, document_id: str) -> list[Superseded]:
        """Return the kept texts of a report, the latest first; none of one that may not be seen."""
        return self._history.of(document_id) if self.shows(document_id) else []

    def version(self, document_id: str, version: str) -> Superseded | None:
        """Return one kept text of a report; None where it is not kept, or may not be seen."""
        return self._history.version(document_id, version) if self.shows(document_id) else None


def bare_name(encoder: str) -> str:
    """Return an encoder's name; of one in a folder of this machine, that folder's own, because anybody may read it."""
    return PurePath(encoder).name if PurePath(encoder).is_absolute() else encoder
