"""How many passages hold each term, kept up to date by the texts of the passages that come and go alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from retrieval.index.oceanbase.codes import bytes_of, length_of
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.reading.material import marks
from retrieval.index.oceanbase.tables import FOREVER, LEGS, PASSAGES, ROW_BITS, TERMS, TEXTS
from retrieval.index.oceanbase.writing.lease import Lease

MOST_TEXTS = 200
MOST_TERMS = 2000
MOST_REPORTS = 50
"""Texts, terms, and reports whose passages, that one statement names."""


@dataclass(frozen=True, slots=True)
class TermChanges:
    """By how much each term, (leg, code), is held by more passages than before, and how many more terms there are."""

    held: Counter[tuple[int, bytes]] = field(default_factory=Counter)
    lengths: Counter[str] = field(default_factory=Counter)


def keys_of_reports(database: Database, reports: Sequence[int]) -> Iterator[bytes]:
    """Yield the key of the text of each passage of stored reports."""
    for start in range(0, len(reports), MOST_REPORTS):
        part = reports[start : start + MOST_REPORTS]
        within = " OR ".join(["passage >= %s AND passage < %s"] * len(part))
        bounds = [bound for report in part for bound in (report << ROW_BITS, (report + 1) << ROW_BITS)]
        yield from (key for (key,) in database.rows(f"SELECT text FROM {PASSAGES} WHERE {within}", bounds))


def term_changes(database: Database, space: str, come: Iterable[bytes], gone: Iterable[bytes]) -> TermChanges:
    """Count the terms of passages that come, and take away those of passages that go, by their texts' keys."""
    times = Counter(come)
    times.subtract(Counter(gone))
    keys = [key for key, count in times.items() if count]
    found = TermChanges()
    columns = ", ".join(LEGS)
    for start in range(0, len(keys), MOST_TEXTS):
        part = keys[start : start + MOST_TEXTS]
        statement = f"SELECT text, {columns} FROM {TEXTS.format(space=space)} WHERE text IN ({marks(part)})"
        for key, *coded in database.rows(statement, part):
            for leg, codes in enumerate(coded):
                found.lengths[LEGS[leg]] += times[key] * length_of(codes)
                for code in {*codes.split()}:
                    found.held[leg, bytes_of(code)] += times[key]
    return found


def write_terms(lease: Lease, space: str, number: int, changes: TermChanges) -> None:
    """Let the rows of terms end whose counts change with a generation, and add those that hold from then on."""
    table = TERMS.format(space=space)
    changed = sorted((term, more) for term, more in changes.held.items() if more)
    for start in range(0, len(changed), MOST_TERMS):
        part = dict(changed[start : start + MOST_TERMS])
        named = f"(leg, code) IN ({', '.join(['(%s, %s)'] * len(part))}) AND died = {FOREVER}"
        values = [value for term in part for value in term]
        with lease.transaction() as session:
            found = session.rows(f"SELECT leg, code, passages FROM {table} WHERE {named}", values)
            before = {(int(leg), code): int(passages) for leg, code, passages in found}
            session.change(f"UPDATE {table} SET died = %s WHERE {named}", [number, *values])
            rows = _counted(number, part, before)
            session.insert(table, ["leg", "code", "born", "died", "passages"], rows)


def _counted(
    number: int, more: Mapping[tuple[int, bytes], int], before: Mapping[tuple[int, bytes], int]
) -> Iterator[tuple[object, ...]]:
    for term, count in more.items():
        passages = before.get(term, 0) + count
        if passages:
            yield *term, number, FOREVER, passages
