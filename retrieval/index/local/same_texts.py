"""Which passages of a snapshot have the very same text."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.arrays import Mask
from retrieval.index.local.passage_table import PassageTable
from retrieval.index.relations.relations import Relations
from retrieval.types import Document


@dataclass(frozen=True, slots=True)
class SameTexts:
    """Rows with the same text, a tuple for each text that stands more than once, the first report's first."""

    groups: tuple[tuple[int, ...], ...]
    _of: dict[int, tuple[int, ...]]

    @classmethod
    def of(cls, passages: PassageTable, documents: Sequence[Document], relations: Relations) -> SameTexts:
        """Look for them; reports that stand apart share no passage with others."""
        days = [document.date or dt.date.max for document in documents]
        reports = passages.reports

        def apart(rows: Sequence[int]) -> Iterator[list[int]]:
            families = defaultdict[str, list[int]](list)
            for row in rows:
                owner = relations.version_of(documents[reports[row]].document_id)
                families[owner if owner in relations.apart else ""].append(row)
            return (family for family in families.values() if len(family) > 1)

        groups = tuple(
            tuple(sorted(family, key=lambda row: (days[reports[row]], row)))
            for rows in same_texts(passages)
            for family in apart(rows)
        )
        return cls(groups, {row: group for group in groups for row in group})

    def of_row(self, row: int) -> tuple[int, ...]:
        """Return the rows with the text of this one, itself among them."""
        return self._of.get(row, (row,))

    def first_rows(self, passages: int, admitted: Mask | None = None) -> Mask | None:
        """Return the ``(n,)`` mask of each text's first row of those admitted; None where that is every passage."""
        if admitted is None and not self.groups:
            return None
        first = np.ones(passages, dtype=np.bool_) if admitted is None else admitted.copy()
        for rows in self.groups:
            first[[row for row in rows if first[row]][1:]] = False
        return first


def same_texts(passages: PassageTable, key_of: Callable[[str], int] = hash) -> list[tuple[int, ...]]:
    """Return the rows of passages that have the very same text as others, a tuple for each text, in reading order."""
    rows_of: dict[int, list[int]] = {}
    first = dict[int, int]()
    for row in range(len(passages)):
        text = passages.matched(row)
        key = key_of(text)
        while (other := first.setdefault(key, row)) != row and passages.matched(other) != text:
            key += 1  # another text has the same key
        if other != row:
            rows_of.setdefault(other, [other]).append(row)
    return [tuple(rows) for rows in rows_of.values()]
