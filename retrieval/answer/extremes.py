"""The row of a table with the most or the least of something, where it is asked for, as in 县级补贴最高的是哪种?."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from retrieval.answer.span.rows import named_in
from retrieval.index.protocol import Snapshot
from retrieval.parts import Table, TableRow, row_at
from retrieval.question.query import Query
from retrieval.ranking.retriever import Ranking
from retrieval.text.characters import fold
from retrieval.text.numerals import fold_numerals, number_of
from retrieval.types import Document, Hit

LOOKED_AT = 5
"""Hits among which a table must be."""
LEAST_NAMED = 0.5
"""The least share of the column's name that the question must hold."""
AHEAD = 0.01
"""How far the row comes before the hit that was first."""

_FIGURE = re.compile(r"(?<![\d.])\d{1,15}(?:,\d{3})*(?:\.\d+)?[十百千万亿]*")
_SUMS = re.compile("合计|总计|小计|共计|总和|平均|均值|全[市省县区国]|total|sum|average|mean")


def with_extreme_first(query: Query, ranking: Ranking, snapshot: Snapshot) -> Ranking:
    """Return the ranking with that row first; as it was where no column is compared, or no hit is the row."""
    if query.extreme is None or not ranking.hits:
        return ranking
    wanted = next(filter(None, (_extreme(query, hit, snapshot) for hit in ranking.hits[:LOOKED_AT])), None)
    for hit in ranking.hits:
        passage = snapshot.passages[hit.row]
        if wanted == (passage.document_id, passage.paragraph):
            return ranking.lifted({hit.row}, ranking.hits[0].score - hit.score + AHEAD)
    return ranking


def _extreme(query: Query, hit: Hit, snapshot: Snapshot) -> tuple[str, int | None] | None:
    """Return the report and paragraph of the row, in the table that a hit is of."""
    passage = snapshot.passages[hit.row]
    document = snapshot.by_id[passage.document_id]
    found = row_at(document.tables, passage.paragraph) if passage.row and passage.paragraph else None
    if found is None:
        return None
    table, _ = found
    names = table.names(document.text)
    shares = [named_in(fold(query.text), name)[0] for name in names]
    order = sorted(range(len(names)), key=lambda column: -shares[column])
    for column in order:
        values = dict(_values(document, table, column)) if shares[column] >= LEAST_NAMED else {}
        if len(values) > 1:
            best = (max if query.extreme == "most" else min)(values, key=lambda paragraph: values[paragraph])
            return document.document_id, best
    return None


def _values(document: Document, table: Table, column: int) -> Iterator[tuple[int, Decimal]]:
    """Yield the number of each row, sums aside, and its figure in a column."""
    for row in table.rows:
        if row.paragraph is None or _SUMS.search(_text_in(document, row, 0)):
            continue
        figure = _FIGURE.search(fold_numerals(fold(_text_in(document, row, column))).replace(",", ""))
        number = number_of(figure[0]) if figure else None
        if number is not None:
            yield row.paragraph, Decimal(number)


def _text_in(document: Document, row: TableRow, column: int) -> str:
    cell = next((cell for cell, columns in row.columns() if column in columns), None)
    return document.text[cell.start : cell.end] if cell else ""
