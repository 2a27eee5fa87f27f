"""Passages -> readings by the trained reader, with what the rules know beside it.

The rules still read rows of tables, whose columns the model has not seen, and say how like the question a passage is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from retrieval.answer.adjacent import shown_from
from retrieval.answer.reading import Matched, Reading, SentenceReader, Trained, matched, trimmed
from retrieval.answer.span.changes import is_of_other_time
from retrieval.answer.span.whole import whole
from retrieval.answer.trained.late_reader import Scored, score
from retrieval.answer.trained.spans import best_span
from retrieval.answer.trained.windows import Window, windows_of
from retrieval.arrays import Scores
from retrieval.encoder.protocol import unit
from retrieval.index.protocol import Snapshot
from retrieval.question.query import Query
from retrieval.text.sentences import sentences_of
from retrieval.types import ReaderKind

EDGES = '，。,、；;：:“”"（）()《》！!？? \n'
"""What a span neither begins nor ends with."""
SURE, SURE_FOREIGN = 4.0, -2.0
"""The least margin of a span that is taken although the rules found another, and that for questions without Chinese
characters, of which the rules know less."""
CERTAIN = 6.0
"""The least margin of a span without a figure that is taken although the rules want one and found it."""
MOST_OF_LEAD = 40
"""Tokens that are read of the passage which others are read in the light of."""
LEAST_MARGIN = -8.0
"""A span with a smaller margin is none."""


class TrainedReader:
    """Reads a batch of passages at once, the first of them whole; see the package."""

    kind: ReaderKind = "trained"

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._rules = SentenceReader(snapshot)

    def read(self, query: Query, rows: Sequence[int], lead: int | None = None) -> list[Reading]:
        """Return the sentence and the span of each passage, and how sure the model is of them."""
        found = matched(self._snapshot, query, rows)
        readings = [self._rules.reading(query, one) for one in found]
        windows = [at for at in windows_of([one.similarities for one in found]) if not found[at.place].passage.row]
        assert query.inner is not None
        width = query.inner.shape[1]
        before = unit(self._snapshot.tokens.tokens(lead)["codes"][:MOST_OF_LEAD, width:]) if lead is not None else None
        texts = [unit(found[at.place].tokens["codes"][at.start : at.end, width:]) for at in windows]
        scored = score(query.inner, texts, before)
        for place, one in enumerate(found):
            mine = [(at, said) for at, said in zip(windows, scored, strict=True) if at.place == place]
            if mine:
                readings[place] = _reading(query, readings[place], one, mine)
        return readings


def _reading(query: Query, by_rules: Reading, one: Matched, windows: Sequence[tuple[Window, Scored]]) -> Reading:
    """Return the reading of a passage by the windows of it that were read."""
    bests = [(best_span(said.begin, said.end), at, said) for at, said in windows]
    best, at, said = max(bests, key=lambda found: found[0].score - found[2].nowhere)
    text, places = one.passage.text, one.tokens["span"]
    start, end = _stripped(text, int(places[at.start + best.first][0]), int(places[at.start + best.last][1]))
    sentences = trimmed(text, sentences_of(text))
    means = _means(_evidence(len(places), windows), places[:, 0], sentences)
    holding = next((place for place, (_, ends) in enumerate(sentences) if start < ends), len(sentences) - 1)
    margin = best.score - said.nowhere
    agreed = _agreed(by_rules.span, (start, end))
    trained = Trained(said.relevance, margin, float(means[holding]), agreed)
    if _rules_know_better(query, text, by_rules, (start, end), margin):
        return replace(by_rules, trained=trained)
    first, last = sentences[holding]
    if first <= start < end <= last:
        start, end = (first + edge for edge in whole(text[first:last], (start - first, end - first), query.wanted))
    is_span = margin >= LEAST_MARGIN and first <= start < end <= last
    return replace(
        by_rules,
        start=first,
        end=last,
        span=(start, end) if is_span else None,
        shown_from=shown_from(text, sentences, holding),
        trained=trained,
    )


def _agreed(by_rules: tuple[int, int] | None, span: tuple[int, int]) -> int:
    if by_rules is None:
        return 0
    return 1 if by_rules[0] < span[1] and span[0] < by_rules[1] else -1


def _rules_know_better(query: Query, text: str, by_rules: Reading, span: tuple[int, int], margin: float) -> bool:
    """Whether the rules found what the model is not sure of, or what is another value than it should be."""
    if by_rules.span is None:
        return False
    if margin < (SURE_FOREIGN if query.is_foreign else SURE):
        return True
    if query.lacks_number(text[slice(*span)]) and margin < CERTAIN:
        return True
    return is_of_other_time(text, span, by_rules.span, query.text)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Take marks and white space off the ends of ``text[start:end]``."""
    part = text[start:end]
    start += len(part) - len(part.lstrip(EDGES))
    return start, max(start, end - (len(part) - len(part.rstrip(EDGES))))


def _evidence(length: int, windows: Sequence[tuple[Window, Scored]]) -> Scores:
    """Return the probability of each of a passage's tokens, ``(t,)``; -1 where no window was read."""
    evidence = np.full(length, -1, dtype=np.float32)
    for at, said in windows:
        part = evidence[at.start : at.end]
        np.maximum(part, 1 / (1 + np.exp(-said.evidence)), out=part)
    return evidence


def _means(evidence: Scores, begins: Scores, sentences: Sequence[tuple[int, int]]) -> Scores:
    """Return the mean of each sentence's tokens; -1 for a sentence without."""
    means = np.full(len(sentences), -1, dtype=np.float32)
    for place, (start, end) in enumerate(sentences):
        inside = evidence[(begins >= start) & (begins < end)]
        inside = inside[inside >= 0]
        if len(inside):
            means[place] = inside.mean()
    return means
