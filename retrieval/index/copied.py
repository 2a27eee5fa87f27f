"""A generation that is there already in the place of an encoder, so that an index is copied without a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.encoder.protocol import Encoded
from retrieval.index.protocol import Snapshot, Wanted
from retrieval.types import Progress, no_progress


class CopiedEncoder:
    """Knows the vectors and tokens of one generation's passages; of anything else, only what form they have."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.name = snapshot.manifest.encoder
        self.fingerprint = snapshot.manifest.encoder_fingerprint
        self._snapshot = snapshot
        self._rows = {passage.matched: row for row, passage in enumerate(snapshot.passages)}

    def load(self) -> None:
        """Do nothing: there is no model."""

    def encode_queries(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Return vectors of zeros, and no tokens, in the form of this generation's."""
        records, _ = self._snapshot.tokens.gathered(np.zeros(0, dtype=np.int64))
        vectors = np.zeros((len(texts), self._snapshot.manifest.dimension), dtype=np.float32)
        return Encoded(vectors, (records,) * len(texts))

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Return what the generation has of the texts of its passages; KeyError for any other."""
        rows = np.array([self._rows[text] for text in texts], dtype=np.int64)
        self._snapshot.fetch(Wanted(rows=rows.tolist()))
        records, counts = self._snapshot.tokens.gathered(rows)
        progress("embed", len(texts), len(texts))
        return Encoded(self._snapshot.vectors(rows), tuple(np.split(records, np.cumsum(counts)[:-1])))
