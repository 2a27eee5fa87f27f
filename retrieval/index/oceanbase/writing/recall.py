"""Whether the search for the nearest vectors finds them, measured against one that compares all."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from retrieval.arrays import Vectors
from retrieval.errors import IndexUnsound
from retrieval.index.local.dense import DEPTH, LEAST_RECALL, SEED
from retrieval.index.manifest import REBUILD
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.material import marks
from retrieval.index.oceanbase.search import written
from retrieval.index.oceanbase.session import Session
from retrieval.index.oceanbase.tables import EF_SEARCH, TEXTS

SAMPLE = 32
"""Vectors of each kind that it is measured with: comparing all takes the server its time."""
SAME = 1e-5
"""Cosines that differ by less are those of vectors equally near."""


def measured_recall(database: Database, space: str, keys: Sequence[bytes]) -> float | None:
    """Return the recall@10 of a space, measured with some of these texts; None without any.

    Of the harder of the two samples that ``local.dense`` is measured with: texts, and points between two of them.
    IndexUnsound where too few are found.
    """
    if not keys:
        return None
    chance = np.random.default_rng(SEED)
    first, second = chance.integers(0, len(keys), (2, SAMPLE))
    vectors = vectors_of(database, space, [keys[at] for at in (*first.tolist(), *second.tolist())])
    between = vectors[:SAMPLE] + vectors[SAMPLE:]
    between /= np.maximum(np.linalg.norm(between, axis=1, keepdims=True), np.float32(1e-12))
    samples = vectors[:SAMPLE], between.astype(np.float32)
    recall = min(float(np.mean([_found(database, space, vector) for vector in sample])) for sample in samples)
    if recall < LEAST_RECALL:
        raise IndexUnsound(
            f"the search for near passages finds only {recall:.3f} of them, {LEAST_RECALL} are needed: {REBUILD}"
        )
    return round(recall, 4)


def vectors_of(database: Database, space: str, keys: Sequence[bytes]) -> Vectors:
    """Return the vectors of texts, ``(len(keys), d)``, as the server writes them, to six digits."""
    statement = f"SELECT text, vector FROM {TEXTS.format(space=space)} WHERE text IN ({marks(keys)})"
    found = {key: json.loads(vector) for key, vector in database.rows(statement, keys)}
    return np.array([found[key] for key in keys], dtype=np.float32)


def _found(database: Database, space: str, vector: Vectors) -> float:
    """Return the share of the nearest texts that the index finds."""
    near = written(vector)
    nearest = (
        f"SELECT negative_inner_product(vector, %s) FROM {TEXTS.format(space=space)} "
        f"ORDER BY negative_inner_product(vector, %s) {{how}} LIMIT {DEPTH + 1}"
    )

    def ask(session: Session) -> list[list[float]]:
        _, *found = session.all(
            [
                (f"SET ob_hnsw_ef_search = {EF_SEARCH}", ()),
                (nearest.format(how="APPROXIMATE"), (near, near)),
                (nearest.format(how=""), (near, near)),
            ]
        )
        return [[-float(distance) for (distance,) in rows] for rows in found]

    found, exact = database.reading(ask)
    return sum(score >= min(exact) - SAME for score in found) / len(exact)
