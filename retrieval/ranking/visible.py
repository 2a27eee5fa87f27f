"""A generation as somebody has it who may see only some of its reports."""

from __future__ import annotations

import numpy as np

from retrieval.index.protocol import Admitted, Snapshot
from retrieval.types import matches


class Visible:
    """The reports of a snapshot whose ids match a pattern.

    ``snapshot`` is the same generation, so that rows stay what they are, but its reports are related only among those
    that are seen.
    """

    def __init__(self, snapshot: Snapshot, pattern: str) -> None:
        seen = [matches(report.document_id, pattern) for report in snapshot.documents]
        self._admitted = Admitted(np.array(seen, dtype=np.bool_))
        ids = {report.document_id for report, is_seen in zip(snapshot.documents, seen, strict=True) if is_seen}
        self.snapshot = snapshot.related_among(ids.__contains__)

    def holds(self, word: str) -> bool:
        """Whether any passage that is seen holds the word."""
        return self.snapshot.holds_among(word, self._admitted)
