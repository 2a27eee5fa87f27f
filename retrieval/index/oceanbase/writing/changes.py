"""Two states of the reports -> the rows that come and go; and what an interrupted run left is undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrieval.index.oceanbase.reading.material import marks
from retrieval.index.oceanbase.session import Session
from retrieval.index.oceanbase.tables import (
    FOREVER,
    GENERATIONS,
    PASSAGES,
    REPORTS,
    ROW_BITS,
    STORE,
    TERMS,
    TEXTS,
    spaces_in,
)
from retrieval.index.oceanbase.writing.lease import Lease
from retrieval.index.oceanbase.writing.reports import COLUMNS, PASSAGE_COLUMNS, CutReport, StoredReport
from retrieval.index.oceanbase.writing.work import KEYS

MOST_REPORTS = 200
MOST_PASSAGES = 2000
"""Reports, and passages of them, that one transaction adds, removes or lets end."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one generation, ``number``, has otherwise than the one before; ``gone`` are numbers of reports."""

    number: int
    new: tuple[CutReport, ...]
    gone: tuple[int, ...]

    @property
    def is_none(self) -> bool:
        """Whether all reports are as they were."""
        return not self.new and not self.gone


def changes_of(
    number: int, live: Iterable[int], before: Mapping[str, StoredReport], after: Sequence[CutReport]
) -> Changes:
    """Compare reports with those of the generation before, of the numbers ``live``: one stays as it is, cut as it is.

    Those of the numbers that are not among the reports ``before``, by id, go.
    """
    kept: dict[str, int] = {}
    for one in after:
        old = before.get(one.document.document_id)
        if old and (old.cut, old.document) == (one.cut, one.document):
            kept[one.document.document_id] = old.report
    return Changes(
        number,
        tuple(one for one in after if one.document.document_id not in kept),
        tuple(sorted({*live} - {*kept.values()})),
    )


def begin(lease: Lease, published: int) -> bool:
    """Mark that the generation after the published one is being written; whether a run before was interrupted in it.

    What that one left is undone.
    """
    with lease.transaction() as session:
        interrupted = bool(session.rows(f"SELECT 1 FROM {GENERATIONS} WHERE number > %s", [published]))
    if interrupted:
        _undo(lease, published)
    with lease.transaction() as session:
        session.change(f"DELETE FROM {GENERATIONS} WHERE number > %s", [published])
        session.insert(GENERATIONS, ["number", "manifest", "relations"], [(published + 1, "", b"")])
    return interrupted


def write_changes(lease: Lease, changes: Changes) -> None:
    """Add rows for the new reports, and let those of the gone ones end.

    No number is given to a second report, because processes remember what they read by these numbers.
    """
    with lease.transaction() as session:
        session.change(f"UPDATE {STORE} SET reports = reports + %s WHERE id = 1", [len(changes.new)])
        ((last,),) = session.rows(f"SELECT reports FROM {STORE} WHERE id = 1")
    numbered = list(enumerate(changes.new, start=int(last) - len(changes.new) + 1))
    for part in _together(numbered):
        with lease.transaction() as session:
            session.insert(REPORTS, COLUMNS, (one.row(report, changes.number) for report, one in part))
            rows = (row for report, one in part for row in one.passage_rows(report))
            session.insert(PASSAGES, PASSAGE_COLUMNS, rows)
    for start in range(0, len(changes.gone), MOST_REPORTS):
        gone = changes.gone[start : start + MOST_REPORTS]
        with lease.transaction() as session:
            session.change(f"UPDATE {REPORTS} SET died = %s WHERE report IN ({marks(gone)})", [changes.number, *gone])


def remove_reports(lease: Lease, condition: str, values: Sequence[object], spaces: Sequence[str] = ()) -> None:
    """Remove the reports that meet a condition, with their passages, and from ``spaces`` the texts of these alone."""
    some = f"SELECT report, passages FROM {REPORTS} WHERE {condition} LIMIT {MOST_REPORTS}"
    while True:
        with lease.transaction() as session:
            rows = session.rows(some, values)
            if not rows:
                return
            reports = _up_to(MOST_PASSAGES, ((int(report), int(passages)) for report, passages in rows))
            keys: set[bytes] = set()
            for report in reports:
                bounds = report << ROW_BITS, (report + 1) << ROW_BITS
                within = "WHERE passage >= %s AND passage < %s"
                keys |= {key for (key,) in session.rows(f"SELECT text FROM {PASSAGES} {within}", bounds)}
                session.change(f"DELETE FROM {PASSAGES} {within}", bounds)
            session.change(f"DELETE FROM {REPORTS} WHERE report IN ({marks(reports)})", reports)
            for space in spaces:
                remove_texts(session, space, sorted(keys))


def remove_texts(session: Session, space: str, keys: Sequence[bytes]) -> None:
    """Remove those of the texts that no passage has any more."""
    for start in range(0, len(keys), KEYS):
        part = keys[start : start + KEYS]
        used = {key for (key,) in session.rows(f"SELECT text FROM {PASSAGES} WHERE text IN ({marks(part)})", part)}
        if left := sorted({*part} - used):
            session.change(f"DELETE FROM {TEXTS.format(space=space)} WHERE text IN ({marks(left)})", left)


def repeat(lease: Lease, statement: str, values: Sequence[object]) -> None:
    """Run a statement that ends in a LIMIT until it changes nothing more."""
    while True:
        with lease.transaction() as session:
            if not session.change(statement, values):
                return


def _undo(lease: Lease, published: int) -> None:
    remove_reports(lease, "born > %s", [published])
    with lease.transaction() as session:
        tables = [REPORTS, *(TERMS.format(space=space) for space in spaces_in(session))]
    for table in tables:
        ended = f"UPDATE {table} SET died = {FOREVER} WHERE died > %s AND died < {FOREVER} LIMIT {MOST_PASSAGES}"
        repeat(lease, f"DELETE FROM {table} WHERE born > %s LIMIT {MOST_PASSAGES}", [published])
        repeat(lease, ended, [published])


def _together(reports: list[tuple[int, CutReport]]) -> Iterator[list[tuple[int, CutReport]]]:
    at = 0
    while at < len(reports):
        part = reports[at : at + MOST_REPORTS]
        taken = len(_up_to(MOST_PASSAGES, ((number, len(one.passages)) for number, one in part)))
        yield part[:taken]
        at += taken


def _up_to(most: int, sized: Iterable[tuple[int, int]]) -> list[int]:
    """Return the first numbers whose sizes are ``most`` together; at least one."""
    taken: list[int] = []
    total = 0
    for number, size in sized:
        total += size
        if taken and total > most:
            break
        taken.append(number)
    return taken
