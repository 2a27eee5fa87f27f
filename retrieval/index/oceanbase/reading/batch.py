"""Statements about one generation that travel together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from retrieval.errors import SnapshotMissing
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.reading.material import Statement
from retrieval.index.oceanbase.session import Row
from retrieval.index.oceanbase.tables import GENERATIONS


@dataclass(slots=True)
class Batch:
    """Statements of one round trip, each with what is done with its rows."""

    statements: list[Statement] = field(default_factory=list)
    takers: list[Callable[[list[Row]], None]] = field(default_factory=list)

    def add(self, statement: Statement | None, take: Callable[[list[Row]], None]) -> None:
        """Add a statement, unless there is none."""
        if statement is not None:
            self.statements.append(statement)
            self.takers.append(take)

    def run(self, database: Database, number: int) -> None:
        """Send all, and give everyone its rows; without statements nothing is sent.

        SnapshotMissing where generation ``number`` is not kept any more: its row goes first, so whoever finds that at
        last has found everything before.
        """
        if not self.statements:
            return
        kept: Statement = f"SELECT 1 FROM {GENERATIONS} WHERE number = %s", [number]
        *found, is_kept = database.reading(lambda session: session.all([*self.statements, kept]))
        if not is_kept:
            raise SnapshotMissing(f"generation {number} of the index is gone, others were published: ask again")
        for take, rows in zip(self.takers, found, strict=True):
            take(rows)
