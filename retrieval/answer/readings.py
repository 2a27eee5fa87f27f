"""What a reader says of passages for one question, and the order of the hits that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from retrieval.answer.reading import Reader, Reading
from retrieval.answer.yielding import yielded
from retrieval.index.protocol import Snapshot
from retrieval.question.query import Query
from retrieval.ranking.retriever import Ranking

READ_PASSAGES = 5
"""How many of the best passages are read, where more than one is."""
NEUTRAL = 0.0
"""The margin of what only the rules can read, the rows of tables."""
SPAN_BONUS = 0.02
"""What a passage gains if a figure of the wanted kind is found in it."""
MARGINS_A_POINT = 350.0
"""How many logits of the trained reader's margin count as much as a point of the fused score."""


@dataclass(slots=True)
class Readings:
    """What the reader says of passages for one question; each passage is read once."""

    reader: Reader
    query: Query
    _known: dict[int, Reading] = field(default_factory=dict)

    def of(self, rows: Sequence[int]) -> list[Reading]:
        """Return the readings of these passages."""
        new = [row for row in rows if row not in self._known]
        self._known |= zip(new, self.reader.read(self.query, new), strict=True)
        return [self._known[row] for row in rows]

    def below(self, lead: int, rows: Sequence[int]) -> list[Reading]:
        """Read these passages again, in the light of the one above them, and return the new readings.

        What the rules found and the model does not believe is left to the rules, because it was not taught to read so.
        """
        if self.reader.kind == "trained":
            for row, one in zip(rows, self.reader.read(self.query, rows, lead), strict=True):
                doubted = one.span is not None and one.trained is not None and one.trained.margin < 0
                self._known[row] = replace(one, trained=None) if doubted else one
        return self.of(rows)


def read(ranking: Ranking, readings: Readings, snapshot: Snapshot) -> Ranking:
    """Read the best hits; return the ranking that follows.

    The trained reader orders what it reads. By the rules a figure of the wanted kind lifts its passage. It does not for
    questions without Chinese characters, because it is found in too few of the passages that answer them.
    """
    query, rows = readings.query, [hit.row for hit in ranking.hits[:READ_PASSAGES]]
    if readings.reader.kind == "trained":
        found = zip(rows, readings.of(rows), strict=True)
        margins = {row: one.trained.margin if one.trained else NEUTRAL for row, one in found}
        most = max(margins.values(), default=0.0)
        lowest = min(margins.values(), default=0.0)
        bonuses = {hit.row: (margins.get(hit.row, lowest) - most) / MARGINS_A_POINT for hit in ranking.hits}
        return yielded(query, ranking.changed(bonuses), snapshot, readings)
    ranking = yielded(query, ranking, snapshot, readings)
    if query.wants_number and not query.is_foreign:
        rows = [hit.row for hit in ranking.hits[:READ_PASSAGES]]
        with_figure = {row for row, one in zip(rows, readings.of(rows), strict=True) if one.span}
        ranking = ranking.lifted(with_figure, SPAN_BONUS)
    return ranking
