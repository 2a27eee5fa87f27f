"""How an answer was found, in one structure that every face shows the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from retrieval.ranking.fusion import weights
from retrieval.ranking.late_interaction import pairs
from retrieval.text.dates import DATE_PREFIX
from retrieval.types import Hit

if TYPE_CHECKING:
    from retrieval.index.snapshot import Snapshot
    from retrieval.question.query import Query
    from retrieval.ranking.retriever import Ranking

LEAST_SIMILAR = 0.6
"""Pairs of tokens less alike than this explain nothing."""


def explanation(
    query: Query, ranking: Ranking, signals: Mapping[str, float], sure: float, snapshot: Snapshot, top_k: int
) -> dict[str, object]:
    """Return the question as it was cut, the weights and signals, and for each hit what each leg said of it."""
    return {
        "question": query.text,
        "words": _words(query),
        "weights": {name: round(weight, 4) for name, weight in weights().items()},
        "confidence": round(sure, 4),
        "signals": {name: round(value, 4) for name, value in signals.items()},
        "hits": [_hit(query, hit, snapshot) for hit in ranking.hits[:top_k]],
    }


def _words(query: Query) -> list[str]:
    """Return the words as they were cut; date terms are no words."""
    return [word for word in dict.fromkeys(query.words) if not word.startswith(DATE_PREFIX)]


def _hit(query: Query, hit: Hit, snapshot: Snapshot) -> dict[str, object]:
    passage, words = snapshot.passages[hit.row], snapshot.lexical.words
    return {
        "document_id": passage.document_id,
        "paragraph": passage.paragraph,
        "score": round(hit.score, 4),
        "legs": {leg: {"rank": found.rank, "score": round(found.score, 4)} for leg, found in hit.legs.items()},
        "words": [word for word in _words(query) if words.held(word, np.array([hit.row]))[0]],
        "pairs": [
            {
                "question": query.text[slice(*pair.question)].strip(),
                "passage": passage.text[slice(*pair.passage)].strip(),
                "similarity": round(pair.similarity, 3),
            }
            for pair in pairs(query.tokens, query.spans, snapshot.tokens.tokens(hit.row))
            if pair.similarity >= LEAST_SIMILAR
        ],
    }
