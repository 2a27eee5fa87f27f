"""Question + passage -> the sentence that answers, and the few words in it that do.

Late interaction compares each sentence with the question, over the passage's own token vectors. They were encoded in
context, so that "他" carries who it is, and nothing is encoded again. A question token weighs as much as it tells the
sentences apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from retrieval.answer.adjacent import shown_from
from retrieval.answer.similarities import Similarities, mean, weakest
from retrieval.answer.span.find import FindSpan, find_span
from retrieval.answer.span.rows import cell_of
from retrieval.arrays import Scores
from retrieval.encoder.int8_products import products
from retrieval.encoder.tokens import Tokens
from retrieval.index.protocol import Snapshot
from retrieval.question.query import Query
from retrieval.ranking.late_interaction import maxsim, median, token_weights
from retrieval.text.sentences import sentences_of
from retrieval.types import Passage, ReaderKind

NO_FIGURE = 0.01
"""What a sentence without figures loses where the question wants one."""
SPAN_NEAR = 0.04
"""How far below the best sentence another may be and be taken instead, because it holds what is asked for (a figure, a
name, a place)."""
OF_ITS_TIME = 0.1
"""What a sentence gains that names the time asked about, and loses that names another one."""
MOST_TRIED = 3


@dataclass(frozen=True, slots=True)
class Trained:
    """What the trained reader says of a passage, logits all but ``evidence``.

    ``relevance``: it answers. ``margin``: the best span against none. ``evidence``: the mean probability (0 to 1) that
    the tokens of the span's sentence are of an answering one. ``agreed`` is 1 where the rules found the same span, -1
    for another, 0 for none.
    """

    relevance: float
    margin: float
    evidence: float
    agreed: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The sentence of a passage that answers, ``passage.text[start:end]``, and the answer in it, ``span`` likewise.

    ``score`` is the sentence's MaxSim with the question, all tokens alike, so that passages can be compared.
    ``weakest`` is the mean similarity of the quarter of the question's tokens that the passage matches worst.

    What is shown begins at ``shown_from``, which may be the sentence before. ``trained`` is None where the trained
    reader did not read.
    """

    start: int
    end: int
    score: float
    weakest: float
    span: tuple[int, int] | None
    shown_from: int
    trained: Trained | None = None

    @property
    def kind(self) -> ReaderKind:
        """Which reader's confidence goes with it."""
        return "trained" if self.trained else "rules"


class Reader(Protocol):
    """Chooses what in a passage answers a question.

    ``kind`` "trained" can also tell which of several passages answers best.
    """

    kind: ReaderKind

    def read(self, query: Query, rows: Sequence[int], lead: int | None = None) -> list[Reading]:
        """Return one reading for each of these passages of the snapshot.

        ``lead`` is a passage above them that says what they are about; the rules do without.
        """


class SentenceReader:
    """Reads by late interaction; see the module."""

    kind: ReaderKind = "rules"

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        find_span: FindSpan = find_span,
        span_near: float = SPAN_NEAR,
        no_figure: float = NO_FIGURE,
    ) -> None:
        self._snapshot = snapshot
        self._find_span = find_span
        self._span_near = span_near
        self._no_figure = no_figure

    def read(self, query: Query, rows: Sequence[int], lead: int | None = None) -> list[Reading]:
        """Return the best sentence of each passage, with its span."""
        return [self.reading(query, one) for one in matched(self._snapshot, query, rows)]

    def reading(self, query: Query, one: Matched) -> Reading:
        """Return the best sentence of a passage, with its span."""
        passage, found = one.passage, Similarities(one.similarities, one.tokens["span"][:, 0])
        text = passage.text
        if passage.row:
            best = found.best()
            return Reading(0, len(text), mean(best), weakest(best), cell_of(query, text, passage.row, found), 0)
        sentences = trimmed(text, sentences_of(text))
        best = np.stack([found.best(start, end) for start, end in sentences], axis=1)
        lacking = np.array([query.lacks_number(text[start:end]) for start, end in sentences])
        timely = np.array([query.names_its_time(text[start:end]) for start, end in sentences])
        scores = maxsim(best, token_weights(best, median)) - self._no_figure * lacking + OF_ITS_TIME * timely

        def span_of(place: int) -> tuple[int, int] | None:
            start, end = sentences[place]

            def nearness(first: int, last: int) -> float:
                return mean(found.best(start + first, start + last))

            span = self._find_span(query.text, query.wanted, text[start:end], nearness)
            return (start + span[0], start + span[1]) if span else None

        order = sorted(range(len(sentences)), key=lambda place: -scores[place])
        near = [place for place in order[:MOST_TRIED] if scores[place] >= scores[order[0]] - self._span_near]
        tried = ((place, span_of(place)) for place in near)
        chosen, span = next(((place, span) for place, span in tried if span), (order[0], None))
        start, end = sentences[chosen]
        shown = shown_from(text, sentences, chosen)
        return Reading(start, end, mean(best[:, chosen]), weakest(found.best()), span, shown)


@dataclass(frozen=True, slots=True)
class Matched:
    """A passage, its ``(t,)`` token records, and their ``(t, q)`` similarities with a question's tokens."""

    passage: Passage
    tokens: Tokens
    similarities: Scores


def matched(snapshot: Snapshot, query: Query, rows: Sequence[int]) -> list[Matched]:
    """Compare the tokens of passages with those of a question."""
    records, lengths = snapshot.tokens.gathered(np.array(rows, dtype=np.int64))
    found = products(query.tokens, records)
    ends = np.cumsum(lengths).tolist()
    parts = [slice(end - length, end) for end, length in zip(ends, lengths.tolist(), strict=True)]
    return [Matched(snapshot.passages[row], records[part], found[part]) for row, part in zip(rows, parts, strict=True)]


def trimmed(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take white space off the ends of sentences; a passage of nothing but white space stays as it is."""
    kept = []
    for start, end in spans:
        sentence = text[start:end]
        if sentence.strip():
            lead = len(sentence) - len(sentence.lstrip())
            kept.append((start + lead, start + lead + len(sentence.strip())))
    return kept or [(0, len(text))]
