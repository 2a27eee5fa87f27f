"""Question + a table's row -> the cell that answers: the one whose column the question names."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

from retrieval.answer.similarities import Similarities, mean
from retrieval.answer.span.candidates import DECOY, FINDERS
from retrieval.arrays import Scores
from retrieval.corpus.tabular.header import is_figure
from retrieval.parts import NamedCell, NamedRow
from retrieval.question.query import Query
from retrieval.question.question_type import Wanted
from retrieval.ranking.late_interaction import maxsim, median, token_weights
from retrieval.text.characters import fold
from retrieval.text.entities import SURNAMES

LEAST = 0.45
"""The least that speaks for a cell that is taken for the answer."""
MARGIN = 0.08
"""How much better than the next one a cell must be."""
FITS = 0.6
"""What it counts that a cell holds what is asked for."""
SIMILAR = 3.0
"""What it counts how near a cell with its column's name is to the question, compared with the others."""
NEAR = 5.0
"""A name counts for 1/e more at this many characters from the word that asks."""
LEAST_NAME = 0.34
"""The least share of a column's name that the question must hold to name it."""

_ASKS = re.compile(
    r"哪|什么|啥|多少|几|谁|何|多[大高长远久重]"
    r"|\b(?:which|what|who(?:m|se)?|where|when|how (?:much|many|long|far|old))\b"
)
_WHICH = re.compile(r"哪|谁|什么|\b(?:which|who|what)\b")
_UNIT = re.compile(r"\([^()]*\)$|/[^/]*$")
"""The unit behind a column's name."""


def cell_of(query: Query, text: str, row: NamedRow, found: Similarities) -> tuple[int, int] | None:
    """Return where in the row's ``text`` the cell stands that answers; None where no column is surely asked for.

    ``found`` are the similarities of the question with what the row is matched by.
    """
    asked, cells = fold(query.text), _named(row, text)
    scores = np.array([_said(asked, cell, text) + _fit(query.wanted, text[cell.start : cell.end]) for cell in cells])
    scores += SIMILAR * _similarities(row, text, cells, found)
    scores[[_is_out(query, asked, text[cell.start : cell.end]) for cell in cells]] = -math.inf
    order = sorted(range(len(cells)), key=lambda place: -scores[place])
    left = int(np.isfinite(scores).sum())
    if not left or (scores[order[0]] < LEAST and not (query.extreme and left == 1)):
        return None
    if left > 1 and scores[order[0]] - scores[order[1]] < MARGIN:
        return None
    return cells[order[0]].start, cells[order[0]].end


def _named(row: NamedRow, text: str) -> list[NamedCell]:
    """Return the cells with words; where the table names no columns, what stands left of a cell names it."""
    cells: list[NamedCell] = []
    for cell in row.cells:
        if cell.start < cell.end:
            left = text[cells[-1].start : cells[-1].end] if cells else ""
            cells.append(cell if cell.name else NamedCell(left, cell.start, cell.end))
    return cells


def _said(asked: str, cell: NamedCell, text: str) -> float:
    """Return the share of a column's name that the question holds, more the nearer to the word that asks."""
    share, place = named_in(asked, cell.name)
    if share < LEAST_NAME:
        return 0.0
    asks = [match.start() for match in _ASKS.finditer(asked)]
    distance = min((abs(at - place) for at in asks), default=len(asked))
    return share * (1 + math.exp(-distance / NEAR))


def named_in(asked: str, name: str) -> tuple[float, int]:
    """Return how much of a column's name a folded question holds (0 to 1), and where the part that it holds ends."""
    name = _UNIT.sub("", fold(name))
    if not name:
        return 0.0, 0
    match = SequenceMatcher(None, name, asked, autojunk=False).find_longest_match()
    return (match.size / len(name) if match.size > 1 or len(name) == 1 else 0.0), match.b + match.size


def _fit(wanted: Wanted | None, cell: str) -> float:
    """Return what it counts that a cell holds the kind of thing that is asked for, or surely does not."""
    if wanted is None:
        return 0.0
    if wanted.kind in ("person", "people") and cell[0] in SURNAMES and len(cell) in (2, 3):
        return FITS  # alone in its cell a name is one, though no sentence tells so
    fits = [fit for _, fit in FINDERS[wanted.kind](fold(cell), wanted) if fit != DECOY]
    if wanted.kind in ("number", "time", "code") and not re.search(r"\d|[一二三四五六七八九十百千万两]", cell):
        return -FITS
    return FITS * min(max(fits, default=0.0), 2.0) / 2 if wanted.kind == "number" else FITS * bool(fits)


def _is_out(query: Query, asked: str, cell: str) -> bool:
    """Whether a cell cannot answer: the question has its words already, or asks which thing has the most of it."""
    folded = fold(cell)
    is_compared = query.extreme is not None and bool(_WHICH.search(asked)) and is_figure(cell)
    return is_compared or (len(folded) > 1 and folded in asked)


def _similarities(row: NamedRow, text: str, cells: Sequence[NamedCell], found: Similarities) -> Scores:
    """Return how much nearer to the question each cell with its name is than the row's cells usually are."""
    starts = row.pieces_at(text)
    best = np.stack([found.best(start, end) for start, end in starts], axis=1)
    late = maxsim(best, token_weights(best, median))
    assert len(late) == len(cells)
    return late - mean(late)
