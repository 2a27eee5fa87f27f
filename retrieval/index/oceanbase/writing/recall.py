"""Whether the search for the nearest vectors finds them: what is new already, and all as one that compares all.

The server takes vectors into its index, and out of it, a moment after that is committed; until then a search passes
new ones over, and finds fewer than it is asked for where others were removed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import numpy as np

from retrieval.arrays import Vectors
from retrieval.errors import IndexUnsound
from retrieval.index.local.dense import DEPTH, LEAST_RECALL, SEED
from retrieval.index.manifest import REBUILD
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.reading.material import marks
from retrieval.index.oceanbase.reading.search import written
from retrieval.index.oceanbase.tables import EF_SEARCH, TEXTS

SAMPLE = 32
"""Vectors of each kind that it is measured with: comparing all takes the server its time."""
SAME = 1e-5
"""Cosines that differ by less are those of vectors equally near."""
SETTLING_SECONDS = 30.0
"""How long the index may take; a second is usual."""
LOOK_SECONDS = 0.1


def measured_recall(
    database: Database, space: str, keys: Sequence[bytes], seconds: float = SETTLING_SECONDS
) -> float | None:
    """Return the recall@10 of a space, measured with some of these texts; None without any.

    Of the harder of the two samples that ``local.dense`` is measured with: texts, and points between two of them.
    IndexUnsound where too few are found for ``seconds``.
    """
    if not keys:
        return None
    chance = np.random.default_rng(SEED)
    first, second = chance.integers(0, len(keys), (2, SAMPLE))
    vectors = _vectors(database, space, [keys[at] for at in (*first.tolist(), *second.tolist())])
    between = vectors[:SAMPLE] + vectors[SAMPLE:]
    between /= np.maximum(np.linalg.norm(between, axis=1, keepdims=True), np.float32(1e-12))
    samples = vectors[:SAMPLE], between.astype(np.float32)

    def recall_of(sample: Vectors) -> float:
        return float(np.mean([_found(database, space, vector) for vector in sample]))

    deadline = time.monotonic() + seconds
    while (recall := min(map(recall_of, samples))) < LEAST_RECALL:
        if time.monotonic() > deadline:
            raise IndexUnsound(
                f"the search for near passages finds only {recall:.3f} of them, {LEAST_RECALL} are needed: {REBUILD}"
            )
        time.sleep(LOOK_SECONDS)
    return round(recall, 4)


def wait_until_found(database: Database, space: str, keys: Sequence[bytes], seconds: float = SETTLING_SECONDS) -> None:
    """Wait until a sample of new texts is found by their own vectors; IndexUnsound where that takes too long."""
    deadline = time.monotonic() + seconds
    sample = [keys[at] for at in np.unique(np.linspace(0, len(keys) - 1, min(len(keys), SAMPLE)).astype(np.int64))]
    left = list(_vectors(database, space, sample)) if sample else []
    while left := [vector for vector in left if not _finds_itself(database, space, vector)]:
        if time.monotonic() > deadline:
            raise IndexUnsound(f"the search for near passages does not find what is new in {seconds:.0f} s: {REBUILD}")
        time.sleep(LOOK_SECONDS)


def _finds_itself(database: Database, space: str, vector: Vectors) -> bool:
    found, _ = _nearest(database, space, vector, exact=False)
    return max(found, default=0.0) >= float(vector @ vector) - SAME


def _vectors(database: Database, space: str, keys: Sequence[bytes]) -> Vectors:
    """Return the vectors of texts, ``(len(keys), d)``, as the server writes them, to six digits."""
    statement = f"SELECT text, vector FROM {TEXTS.format(space=space)} WHERE text IN ({marks(keys)})"
    found = {key: json.loads(vector) for key, vector in database.rows(statement, keys)}
    return np.array([found[key] for key in keys], dtype=np.float32)


def _found(database: Database, space: str, vector: Vectors) -> float:
    """Return the share of the nearest texts that the index finds."""
    found, exact = _nearest(database, space, vector, exact=True)
    return sum(score >= min(exact) - SAME for score in found) / len(exact)


def _nearest(database: Database, space: str, vector: Vectors, *, exact: bool) -> tuple[list[float], list[float]]:
    """Return the cosines of the nearest texts, those that the index finds and, if asked for, the true ones."""
    near = written(vector)
    nearest = (
        f"SELECT negative_inner_product(vector, %s) FROM {TEXTS.format(space=space)} "
        f"ORDER BY negative_inner_product(vector, %s) {{how}} LIMIT {DEPTH + 1}"
    )
    asked = [
        (f"SET ob_hnsw_ef_search = {EF_SEARCH}", ()),
        (nearest.format(how="APPROXIMATE"), (near, near)),
        *([(nearest.format(how=""), (near, near))] if exact else []),
    ]
    _, *answers = database.reading(lambda session: session.all(asked))
    found, true = (*([-float(distance) for (distance,) in rows] for rows in answers), [])[:2]
    return found, true
