"""A generation is written down, and published by changing one row."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.errors import IndexBusy
from retrieval.index.manifest import Manifest
from retrieval.index.oceanbase.failures import ConnectionLost
from retrieval.index.oceanbase.session import Session
from retrieval.index.oceanbase.tables import GENERATIONS, STORE
from retrieval.index.oceanbase.writing.lease import Lease
from retrieval.index.relations.relations import Relations


@dataclass(frozen=True, slots=True)
class Description:
    """What a generation says of itself; see ``tables``."""

    manifest: Manifest
    space: str
    dimension: int
    token_dimension: int
    lengths: Mapping[str, int]
    measured: int

    def json(self) -> str:
        """Return it as the database has it."""
        return json.dumps(dataclasses.asdict(self))


def write_generation(lease: Lease, number: int, described: Description, relations: Relations) -> None:
    """Complete the row of the generation that is being written."""
    related = zlib.compress(json.dumps(dataclasses.asdict(relations), default=str).encode())
    with lease.transaction() as session:
        session.insert(
            GENERATIONS, ["number", "manifest", "relations"], [(number, described.json(), related)], replace=True
        )


def switch(lease: Lease, before: int, number: int) -> None:
    """Publish a generation in place of the one ``before``; IndexBusy where this writer has lost its lease."""
    publish = f"UPDATE {STORE} SET published = %s WHERE id = 1 AND published = %s AND writer = %s AND until > NOW(6)"
    done = f"SELECT 1 FROM {STORE} WHERE id = 1 AND published = %s AND writer = %s"

    def ask(session: Session) -> bool:
        is_changed = session.change(publish, [number, before, lease.writer]) == 1
        return is_changed or bool(session.rows(done, [number, lease.writer]))

    try:
        is_published = lease.database.reading(ask)  # twice, where the line broke: then the first may have done it
    except ConnectionLost:
        is_published = lease.database.reading(ask)
    if not is_published:
        raise IndexBusy(f"the new index was not published, because {lease.taken_by()}: run `wenbao index` again")
