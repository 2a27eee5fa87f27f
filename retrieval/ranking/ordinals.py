"""The passages that bear the number a question asks for, in the reports that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from retrieval.arrays import Candidates
from retrieval.index.protocol import Snapshot, Wanted
from retrieval.question.ordinal import Ordinal

REPORTS = 3
"""Best passages of a leg whose reports are looked through."""
BOOST, STEP = 0.3, 0.03
"""What such a passage gains, because the number alone decides; and how much less in each report further down."""


def ordinal_boosts(
    ordinal: Ordinal | None,
    legs: Mapping[str, Candidates],
    snapshot: Snapshot,
    is_ranked: Callable[[int], bool],
) -> dict[int, float]:
    """Return what rows gain that bear the number, by row; of passages with the same text only one is ranked."""
    if ordinal is None:
        return {}
    layout, passages = snapshot.layout, snapshot.passages
    near = [layout.report_of(row) for leg in ("words", "bigrams", "dense") for row in legs[leg].rows[:REPORTS].tolist()]
    reports = dict.fromkeys(near)
    snapshot.fetch(Wanted(texts=[row for report in reports for row in layout.rows_of(report)]))
    found: dict[int, float] = {}
    for place, report in enumerate(reports):
        marked = (row for row in layout.rows_of(report) if ordinal.marks(passages.text(row)) and is_ranked(row))
        found |= dict.fromkeys(marked, BOOST - STEP * place)
    return found
