"""What no kept generation has is removed, a little at a time; a run that is killed here leaves it to the next."""

from __future__ import annotations

import json

from retrieval.index.oceanbase.tables import GENERATIONS, TERMS, TEXTS, WORK, spaces_in
from retrieval.index.oceanbase.writing.changes import MOST_PASSAGES, remove_reports, remove_texts, repeat
from retrieval.index.oceanbase.writing.lease import Lease
from retrieval.index.oceanbase.writing.work import KEYS


def clean(lease: Lease, keep: int, *, thoroughly: bool = False) -> None:
    """Remove all but the last ``keep`` generations, and what only the others have.

    ``thoroughly`` looks for texts that were embedded and never published, too, which takes a look at every text.
    """
    oldest = _drop_generations(lease, keep)
    spaces = _drop_spaces(lease)
    for space in spaces:
        table = TERMS.format(space=space)
        repeat(lease, f"DELETE FROM {table} WHERE died <= %s LIMIT {MOST_PASSAGES}", [oldest])
    remove_reports(lease, "died <= %s", [oldest], spaces)
    for space in spaces if thoroughly else ():
        last = b""
        while keys := _keys_after(lease, space, last):
            with lease.transaction() as session:
                remove_texts(session, space, keys)
            last = keys[-1]


def _drop_generations(lease: Lease, keep: int) -> int:
    """Remove the rows of all but the last generations, and return the number of the oldest that is kept."""
    with lease.transaction() as session:
        latest = session.rows(f"SELECT number FROM {GENERATIONS} ORDER BY number DESC LIMIT {max(keep, 1)}")
        oldest = int(latest[-1][0])
        session.change(f"DELETE FROM {GENERATIONS} WHERE number < %s", [oldest])
    return oldest


def _drop_spaces(lease: Lease) -> list[str]:
    """Drop the tables of spaces that no generation has, and return the others."""
    with lease.transaction() as session:
        there = spaces_in(session)
        used = {json.loads(manifest)["space"] for (manifest,) in session.rows(f"SELECT manifest FROM {GENERATIONS}")}
    for space in there:
        if space not in used:
            with lease.database.session() as session:
                for table in (WORK, TERMS, TEXTS):  # the last names the space
                    session.change(f"DROP TABLE IF EXISTS {table.format(space=space)}")
    return [space for space in there if space in used]


def _keys_after(lease: Lease, space: str, last: bytes) -> list[bytes]:
    statement = f"SELECT text FROM {TEXTS.format(space=space)} WHERE text > %s ORDER BY text LIMIT {KEYS}"
    return [key for (key,) in lease.database.rows(statement, [last])]
