"""Question + passage -> the sentence that answers, and the few words in it that do.

Sentences are compared by late interaction with the question, over the passage's own token vectors: encoded in context,
so that "他" carries who it is, and without encoding anything again. A question token weighs as much as it tells the
sentences apart. Choice of the sentence in its paragraph, Chinese questions (1,190) / English (300): words alone .777 /
.427, cosine of the sentences alone .773 / .723, this .824 / .757 (equal weights: .807 / .710 of other 300 / 200).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from retrieval.encoder import Vectors
from retrieval.late_interaction import maxsim, similarities, token_weights
from retrieval.passages import sentences_of
from retrieval.query import Query
from retrieval.snapshot import Snapshot
from retrieval.spans import find_span

NO_FIGURE = 0.01
"""What a sentence without figures loses where the question wants one."""
SPAN_NEAR = 0.04
"""How far below the best sentence one may be that holds what is asked for (a figure, a name, a place), and be taken.

Answering sentence of passages that hold the answer, Chinese questions, with 0 / only for figures and times / for all:
seeds .82 / .88 / .91 (34), ncp-policy-a .611 / .616 / .619 (683), rgb-zh-news .739 / .743 / .748 (1,117), xquad .835 /
.837 / .840 (1,160).
"""
MOST_TRIED = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """The sentence of a passage that answers, ``passage.text[start:end]``, and the answer in it, ``span`` likewise.

    ``score`` is the sentence's MaxSim with the question, all tokens alike, so that passages can be compared;
    ``weakest`` the mean similarity of that quarter of the question's tokens which the passage matches worst.
    """

    start: int
    end: int
    score: float
    weakest: float
    span: tuple[int, int] | None


class Reader(Protocol):
    """Chooses what in a passage answers a question."""

    def read(self, query: Query, rows: Sequence[int]) -> list[Reading]:
        """Return one reading for each of these passages of the snapshot."""


class SentenceReader:
    """Reads by late interaction; see the module."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def read(self, query: Query, rows: Sequence[int]) -> list[Reading]:
        """Return the best sentence of each passage, with its span."""
        return [self._read(query, row) for row in rows]

    def _read(self, query: Query, row: int) -> Reading:
        text, tokens = self._snapshot.passages[row].text, self._snapshot.tokens.tokens(row)
        found, starts = similarities(query.tokens, tokens), tokens["span"][:, 0]
        sentences = trimmed(text, sentences_of(text))
        best = np.stack([_best(found[:, (start <= starts) & (starts < end)]) for start, end in sentences], axis=1)
        lacking = np.array([query.lacks_number(text[start:end]) for start, end in sentences])
        scores = maxsim(best, token_weights(best, np.median)) - NO_FIGURE * lacking

        def span_of(place: int) -> tuple[int, int] | None:
            start, end = sentences[place]

            def nearness(first: int, last: int) -> float:
                return _mean(_best(found[:, (start + first <= starts) & (starts < start + last)]))

            span = find_span(query.text, text[start:end], nearness)
            return (start + span[0], start + span[1]) if span else None

        order = sorted(range(len(sentences)), key=lambda place: -scores[place])
        near = [place for place in order[:MOST_TRIED] if scores[place] >= scores[order[0]] - SPAN_NEAR]
        tried = ((place, span_of(place)) for place in near)
        chosen, span = next(((place, span) for place, span in tried if span), (order[0], None))
        start, end = sentences[chosen]
        return Reading(start, end, _mean(best[:, chosen]), _weakest(found), span)


def _best(found: Vectors) -> Vectors:
    """Return the best of the ``(q, t)`` similarities with a part of a passage, ``(q,)``; 0 where it has no tokens."""
    return found.max(axis=1) if found.shape[1] else np.zeros(len(found), dtype=np.float32)


def _mean(similarities: Vectors) -> float:
    return float(similarities.mean()) if len(similarities) else 0.0


def _weakest(found: Vectors) -> float:
    best = np.sort(_best(found))
    return _mean(best[: max(1, len(best) // 4)])


def trimmed(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take white space off the ends of sentences; a passage of nothing but white space stays as it is."""
    kept = []
    for start, end in spans:
        sentence = text[start:end]
        if sentence.strip():
            lead = len(sentence) - len(sentence.lstrip())
            kept.append((start + lead, start + lead + len(sentence.strip())))
    return kept or [(0, len(text))]
