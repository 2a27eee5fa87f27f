"""The reports as one asker may see them; every face lists, shows and names reports from here only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from retrieval.index.history import Superseded
from retrieval.index.protocol import Snapshot
from retrieval.index.store import EarlierTexts
from retrieval.listing import Listing
from retrieval.types import Document, matches


class Seen(Mapping[str, Document]):
    """The reports with these ids, opened only when they are asked for."""

    def __init__(self, reports: Mapping[str, Document], ids: Sequence[str]) -> None:
        self._reports = reports
        self._ids = dict.fromkeys(ids)

    def __getitem__(self, document_id: str) -> Document:
        """Open a report; KeyError where it may not be seen."""
        if document_id not in self._ids:
            raise KeyError(document_id)
        return self._reports[document_id]

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(self._ids)

    def __len__(self) -> int:
        """Count the reports."""
        return len(self._ids)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The reports of one generation that match ``pattern``, or all where it is None."""

    generation: str
    documents: Sequence[Listing]
    by_id: Mapping[str, Document]
    passages: int
    encoder: str
    pattern: str | None
    _history: EarlierTexts

    @classmethod
    def of(cls, snapshot: Snapshot, history: EarlierTexts, pattern: str | None) -> Shelf:
        """Return the shelf of a snapshot for somebody who may see what matches ``pattern``."""
        manifest, passages = snapshot.manifest, len(snapshot.passages)
        if pattern is None:
            documents, by_id = snapshot.documents, snapshot.by_id
        else:
            documents = tuple(one for one in snapshot.documents if matches(one.document_id, pattern))
            by_id = Seen(snapshot.by_id, tuple(one.document_id for one in documents))
            passages = sum(len(snapshot.layout.rows_of(snapshot.number_of(one.document_id))) for one in documents)
        return cls(snapshot.generation, documents, by_id, passages, bare_name(manifest.encoder), pattern, history)

    async def report(self, document_id: str) -> Document | None:
        """Open a report beside the event loop, because it may be far away; None where there is none to be seen."""
        return await asyncio.to_thread(self.by_id.get, document_id)

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
