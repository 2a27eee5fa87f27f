"""How an answer was found, in one structure that every face shows the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.answer.reading import Reading
from retrieval.explained import ExplainedHit, Explanation, LegScore, OtherName, ReadFirst, TokenPair
from retrieval.index.protocol import Snapshot
from retrieval.question.query import Query
from retrieval.ranking.fusion import SHOWN_AS, weights
from retrieval.ranking.late_interaction import pairs
from retrieval.text.dates import DATE_PREFIX
from retrieval.types import Hit, Passage

LEAST_SIMILAR = 0.6
"""Pairs of tokens less alike than this explain nothing."""


def explanation(
    query: Query, hits: Sequence[Hit], reading: Reading, signals: Mapping[str, float], sure: float, snapshot: Snapshot
) -> Explanation:
    """Return the question as it was cut, the weights and signals, and for each hit what each leg said of it."""
    return Explanation(
        question=query.text,
        words=_words(query),
        weights={SHOWN_AS.get(name, name): round(weight, 4) for name, weight in weights().items()},
        confidence=round(sure, 4),
        signals={name: round(value, 4) for name, value in signals.items()},
        hits=tuple(_hit(query, hit, snapshot) for hit in hits),
        read=_read(snapshot.passages[hits[0].row], reading),
        names=tuple(OtherName(name.asked, name.called) for name in query.names),
    )


def _read(passage: Passage, reading: Reading) -> ReadFirst:
    """Return what was chosen of the first hit, at its place in the report."""
    text, (start, end) = passage.text, (reading.shown_from, reading.end)
    span = text[slice(*reading.span)] if reading.span else None
    margin = round(reading.trained.margin, 3) if reading.trained else None
    return ReadFirst(passage.document_id, passage.start + start, passage.start + end, text[start:end], span, margin)


def _words(query: Query) -> tuple[str, ...]:
    """Return the words as they were cut, without date terms."""
    return tuple(word for word in dict.fromkeys(query.words) if not word.startswith(DATE_PREFIX))


def _hit(query: Query, hit: Hit, snapshot: Snapshot) -> ExplainedHit:
    passage, asked = snapshot.passages[hit.row], _words(query)
    matched, held = passage.matched, snapshot.lexical.words.held(asked, np.array([hit.row]))
    near = [
        pair
        for pair in pairs(query.tokens, query.spans, snapshot.tokens.tokens(hit.row))
        if pair.similarity >= LEAST_SIMILAR
    ]
    return ExplainedHit(
        document_id=passage.document_id,
        paragraph=passage.paragraph,
        score=round(hit.score, 4),
        legs={SHOWN_AS.get(leg, leg): LegScore(one.rank, round(one.score, 4)) for leg, one in hit.legs.items()},
        words=tuple(word for word, (is_held,) in zip(asked, held, strict=True) if is_held),
        pairs=tuple(
            TokenPair(
                query.text[slice(*pair.question)].strip(),
                matched[slice(*pair.passage)].strip(),
                round(pair.similarity, 3),
            )
            for pair in near
        ),
    )
