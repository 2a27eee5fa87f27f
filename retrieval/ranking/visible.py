"""A generation as somebody has it who may see only some of its reports."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from retrieval.index.local.snapshot import Snapshot
from retrieval.types import matches


class Visible:
    """The reports of a snapshot whose ids match a pattern.

    ``snapshot`` is the same generation, so that rows stay what they are, but its reports are related only among those
    that are seen.
    """

    def __init__(self, snapshot: Snapshot, pattern: str) -> None:
        self._words = snapshot.lexical.words
        seen = {document.document_id for document in snapshot.documents if matches(document.document_id, pattern)}
        of_document = np.array([document.document_id in seen for document in snapshot.documents], dtype=np.bool_)
        self._rows = of_document[snapshot.passages.reports]
        self.snapshot = replace(snapshot, relations=snapshot.relations.among(seen.__contains__))

    def holds(self, word: str) -> bool:
        """Whether any passage that is seen holds the word."""
        return bool(self._rows[self._words.rows_with(word)].any())
