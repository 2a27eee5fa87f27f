"""What the collection holds: counts, span of dates, reports, and the people and places that are named most."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable

from retrieval.index.protocol import Snapshot, Wanted
from retrieval.notices import Listed, Overview
from retrieval.question.names import is_person, tagged
from retrieval.text.characters import fold
from retrieval.text.entities import people_in
from retrieval.types import Filters

MOST_REPORTS = 20
MOST_NAMES = 8
READ_FOR_NAMES = 60
"""Reports whose beginnings are read for names, because telling them takes some milliseconds a sentence."""
BEGINNING = 400


def overview_of(snapshot: Snapshot, filters: Filters | None = None) -> Overview:
    """Return the overview of the reports that the filters admit, the latest first, those without a date last."""
    admitted = [one for one in snapshot.documents if filters is None or filters.admits(one)]
    documents = sorted(admitted, key=lambda one: one.date or dt.date.min, reverse=True)
    dates = sorted(one.date for one in documents if one.date)
    snapshot.fetch(Wanted(reports=[snapshot.number_of(one.document_id) for one in documents[:READ_FOR_NAMES]]))
    read = [snapshot.by_id[one.document_id] for one in documents[:READ_FOR_NAMES]]
    beginnings = [fold(f"{one.title}\n{one.text[:BEGINNING]}") for one in read]
    sources = Counter(one.source for one in documents if one.source)
    return Overview(
        documents=len(documents),
        passages=sum(len(snapshot.layout.rows_of(snapshot.number_of(one.document_id))) for one in admitted),
        date_from=dates[0] if dates else None,
        date_to=dates[-1] if dates else None,
        reports=tuple(Listed(one.document_id, one.title, one.date) for one in documents[:MOST_REPORTS]),
        people=_most(beginnings, lambda text: list(filter(is_person, people_in(text)))),
        places=_most(beginnings, lambda text: tagged(text, "ns")),
        sources=tuple(name for name, _ in sources.most_common(MOST_NAMES)),
    )


def _most(texts: Iterable[str], names_in: Callable[[str], list[str]]) -> tuple[str, ...]:
    """Return the names that stand in most texts, and of those the most frequent."""
    texts_with, mentions = Counter[str](), Counter[str]()
    for text in texts:
        for name in names_in(text):
            texts_with[name] += 1
            mentions[name] += text.count(name)
    return tuple(sorted(texts_with, key=lambda name: (-texts_with[name], -mentions[name]))[:MOST_NAMES])


def first_rows(snapshot: Snapshot, listed: Iterable[Listed]) -> list[int]:
    """Return the row of the first passage of each listed report."""
    rows = [snapshot.layout.rows_of(snapshot.number_of(one.document_id)).start for one in listed]
    snapshot.fetch(Wanted(texts=rows))
    return rows
