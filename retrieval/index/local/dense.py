"""The dense leg: passage vectors in a FAISS index, searched by inner product, which is the cosine of unit vectors.

Few passages are all compared. More are all compared in 8 bits a dimension, which memory delivers faster, and the best
of these exactly. Still more are put in lists, of which the nearest quarter is compared in 2 bits a dimension (product
quantisation, Jégou et al. 2011, its sums looked up in registers, André et al. 2015), and the best of these in 16; the
recall against exact search is measured before the index is published. The vectors that were compared last are kept to
be reused. With 16 bits instead of 32, hardly any passage changes its place, and they take half the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from retrieval.arrays import Candidates, Mask, Rows, Vectors
from retrieval.errors import IndexUnsound

COARSE_FROM = 2_000
"""From this many passages on they are compared in 8 bits first, which is then faster."""
LOOKED_AT = 4
"""How many times as many as asked for are then compared exactly; half of it was enough for real questions."""
EXACT_UP_TO = 200_000
"""Above this many passages the search is approximate; up to it there is hardly anything to build, and it is exact."""
LEAST_APPROXIMATE = 1_000
"""With fewer passages the search is exact whatever is asked for, because lists and codes could not be learned."""
TRAINED_ON = 100
"""Vectors for each list that the lists and the codes are learned from."""
SHARES = (1 / 4, 1 / 2, 1)
"""Shares of the lists that are tried; the first that reaches LEAST_RECALL is searched, because each costs time."""
COMPARED = 2400
"""How many are then compared in 16 bits, at least; fewer lose recall, more gain next to none."""
LEAST_RECALL = 0.98
RECALL_SAMPLE = 200
"""Vectors of each kind that the recall is measured with."""
DEPTH = 10
"""How many of the nearest must be found."""
SEED = 7


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What FAISS is told for a search: how much to compare, and what a mask admits, which must not be changed."""

    k: int
    mask: Mask | None
    parameters: Any
    bits: npt.NDArray[np.uint8] | None
    """What the parameters' selector points into."""


class DenseIndex:
    """Inner-product search over ``(n, d)`` float32 unit vectors; row i is passage i.

    ``recall`` is None where the search is exact, else the measured share of the true ten nearest that it finds.
    """

    def __init__(self, index: Any, recall: float | None = None) -> None:  # noqa: ANN401 - a faiss.Index, untyped
        self._index = index
        self._prepared: _Prepared | None = None
        self.recall = recall

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        exact_up_to: int = EXACT_UP_TO,
        *,
        coarse_from: int = COARSE_FROM,
        shares: Sequence[float] = SHARES,
    ) -> DenseIndex:
        """Index ``(n, d)`` float32 unit vectors; IndexUnsound if an approximate search would miss too much."""
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        if len(vectors) <= max(exact_up_to, LEAST_APPROXIMATE):
            return cls(_flat(vectors) if len(vectors) < coarse_from else _coarse_first(vectors))
        index = _in_lists(vectors)
        return cls(index, _reach_recall(index, vectors, shares))

    @classmethod
    def load(cls, path: Path, recall: float | None = None) -> DenseIndex:
        """Read an index that ``save`` wrote, and whose measured ``recall`` the manifest keeps."""
        return cls(faiss.read_index(str(path)), recall)

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

    def search(self, query: Vectors, k: int, allowed: Mask | None = None) -> Candidates:
        """Return the ``k`` best passages for one ``(d,)`` query, of those that the ``(n,)`` mask ``allowed`` admits."""
        k = min(k, len(self))
        parameters = self._prepared_for(k, allowed).parameters
        with _one_thread():
            scores, rows = self._index.search(query[None, :], k, params=parameters)
        found = rows[0] >= 0
        return Candidates(rows[0][found], scores[0][found])

    def _prepared_for(self, k: int, allowed: Mask | None) -> _Prepared:
        """Return what a search needs, made once for what is asked with again and again."""
        known = self._prepared
        if known is None or known.mask is not allowed or known.k != k:
            bits = selector = None
            if allowed is not None:
                bits = np.packbits(allowed, bitorder="little")
                selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type] # faiss wraps it for arrays
            self._prepared = known = _Prepared(k, allowed, _parameters(self._index, k, selector), bits)
        return known

    def scores(self, query: Vectors, rows: Rows) -> Vectors:
        """Return the inner products of one ``(d,)`` query with the passages ``rows``, ``(len(rows),)``."""
        return np.asarray((self.vectors(rows) * query).sum(axis=1), dtype=np.float32)  # @ gives equal rows unequal sums

    def vectors(self, rows: Rows | None = None) -> Vectors:
        """Return the vectors of ``rows`` (all, if None), ``(len(rows), d)`` float32."""
        if rows is None:
            return np.asarray(self._index.reconstruct_n(0, len(self)), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32).reshape(len(rows), self.dimension)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let FAISS work in this thread alone, because one question gives no other enough to do.

    The others would be woken for it all the same, and each would then keep a core for milliseconds that others need.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _flat(vectors: Vectors) -> Any:  # noqa: ANN401 - a faiss.Index, untyped
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def _coarse_first(vectors: Vectors) -> Any:  # noqa: ANN401 - a faiss.Index, untyped
    coarse: Any = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index: Any = faiss.IndexRefineFlat(coarse)
    index.train(vectors)
    index.add(vectors)
    return index


def _in_lists(vectors: Vectors) -> Any:  # noqa: ANN401 - a faiss.Index, untyped
    count, dimension = vectors.shape
    lists = max(1, round(count**0.5))
    parts = dimension // 2 if dimension % 2 == 0 else dimension
    index: Any = faiss.index_factory(dimension, f"IVF{lists},PQ{parts}x4fs,Refine(SQfp16)", faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(SEED).permutation(count)[: TRAINED_ON * lists]
    index.train(vectors[sample])
    index.add(vectors)
    return index


def _parameters(index: Any, k: int, selector: Any = None) -> Any:  # noqa: ANN401 - of faiss, untyped
    """Return what a search for ``k`` compares: how much of it exactly, and only what a selector admits."""
    only = {} if selector is None else {"sel": selector}
    first, factor = faiss.SearchParameters(**only), float(LOOKED_AT)
    if not isinstance(index, faiss.IndexRefine):
        return first
    base = faiss.downcast_index(index.base_index)
    if isinstance(base, faiss.IndexIVF):
        first = faiss.SearchParametersIVF(nprobe=base.nprobe, **only)  # type: ignore[call-arg]
        factor = max(LOOKED_AT, COMPARED / max(k, 1))
    return faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=first)  # type: ignore[call-arg]


def _reach_recall(index: Any, vectors: Vectors, shares: Sequence[float]) -> float:  # noqa: ANN401 - of faiss, untyped
    """Search more of the index's lists until it finds enough, and return the recall@10 it then has.

    The recall is against exact search, of the harder of two samples: passages that look for their nearest others, as a
    question does that is about one of them; and points between two passages, as far from all others as a question about
    something else is. Passages alone would promise too much.
    """
    chance = np.random.default_rng(SEED)
    first, second = chance.integers(0, len(vectors), (2, RECALL_SAMPLE))
    between = vectors[first] + vectors[second]
    between /= np.maximum(np.linalg.norm(between, axis=1, keepdims=True), np.float32(1e-12))
    samples = [vectors[first], between.astype(np.float32)]
    exact = [faiss.knn(sample, vectors, DEPTH + 1, metric=faiss.METRIC_INNER_PRODUCT)[1] for sample in samples]

    lists: Any = faiss.downcast_index(index.base_index)
    recall = 0.0
    for share in shares:
        lists.nprobe = max(1, round(share * lists.nlist))
        parameters = _parameters(index, DEPTH + 1)
        found = (index.search(sample, DEPTH + 1, params=parameters)[1] for sample in samples)
        recall = min(_shared(nearest, rows) for nearest, rows in zip(exact, found, strict=True))
        if recall >= LEAST_RECALL:
            return round(recall, 4)
    raise IndexUnsound(
        f"the approximate index finds only {recall:.3f} of the nearest passages, {LEAST_RECALL} are needed: "
        "raise index.exact_up_to above the number of passages"
    )


def _shared(exact: Rows, found: Rows) -> float:
    """Return the share of the exact rows that were found, on average over the sample."""
    return float(np.mean([len(set(a) & set(b)) / len(a) for a, b in zip(exact, found, strict=True)]))
