"""The passages that bear the number a question asks for, in the reports that it is about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Candidates, Mask
from retrieval.index.local.passage_table import PassageTable
from retrieval.question.ordinal import Ordinal

REPORTS = 3
"""Best passages of a leg whose reports are looked through."""
BOOST, STEP = 0.3, 0.03
"""What such a passage gains, because the number alone decides; and how much less in each report further down."""


def ordinal_boosts(
    ordinal: Ordinal | None,
    legs: Mapping[str, Candidates],
    passages: PassageTable,
    reports: npt.NDArray[np.int64],
    allowed: Mask | None,
) -> dict[int, float]:
    """Return what rows gain that bear the number, by row; ``reports`` are the ``(n,)`` numbers of the rows' reports."""
    if ordinal is None:
        return {}
    near = [reports[row] for leg in ("words", "bigrams", "dense") for row in legs[leg].rows[:REPORTS].tolist()]
    found: dict[int, float] = {}
    for place, report in enumerate(dict.fromkeys(near)):
        first, end = np.searchsorted(reports, [report, report + 1]).tolist()
        rows = (row for row in range(first, end) if allowed is None or allowed[row])
        found |= {row: BOOST - STEP * place for row in rows if ordinal.marks(passages.text(row))}
    return found
