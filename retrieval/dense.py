"""The dense leg: passage vectors in a FAISS index, searched by inner product (cosine, as they are normalised)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from retrieval.types import Candidates

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class DenseIndex:
    """Exact inner-product search over ``(n, d)`` float32 unit vectors; row i is passage i."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - a faiss.Index, untyped
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> DenseIndex:
        """Index ``(n, d)`` float32 unit vectors."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Read an index that ``save`` wrote."""
        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        """Write the index to one file; OSError where that fails, which faiss itself overlooks on a full disk."""
        with path.open("wb") as file:
            file.write(faiss.serialize_index(self._index).data)

    def __len__(self) -> int:
        """Count the passages."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> Candidates:
        """Return the ``k`` best passages for one ``(d,)`` query vector; only rows in ``allowed``, if given."""
        parameters = None
        if allowed is not None:
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))  # type: ignore[call-arg]
        scores, rows = self._index.search(query[None, :], min(k, len(self)), params=parameters)
        found = rows[0] >= 0
        return Candidates(rows[0][found], scores[0][found])

    def scores(self, query: Vectors, rows: Rows) -> Vectors:
        """Return the inner products of one ``(d,)`` query with the passages ``rows``, ``(len(rows),)``."""
        return np.asarray((self.vectors(rows) * query).sum(axis=1), dtype=np.float32)  # @ gives equal rows unequal sums

    def vectors(self, rows: Rows | None = None) -> Vectors:
        """Return the vectors of ``rows`` (all, if None), ``(len(rows), d)`` float32."""
        if rows is None:
            return np.asarray(self._index.reconstruct_n(0, len(self)), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32).reshape(len(rows), self.dimension)
