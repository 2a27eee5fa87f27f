"""What is there before a build: the published generation, its reports, and the space of its texts."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.encoder.protocol import Encoder
from retrieval.errors import SnapshotDamaged, SnapshotMissing
from retrieval.index.oceanbase.beside import tables as beside
from retrieval.index.oceanbase.catalogue import Catalogue, published_number, read_catalogue
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import NO_TABLE, StatementFailed
from retrieval.index.oceanbase.tables import REPORTS, create_tables, space_of
from retrieval.index.oceanbase.writing.reports import StoredReport, stored_reports
from retrieval.text.words import analysis_fingerprint


@dataclass(frozen=True, slots=True)
class Space:
    """Where the texts of a generation are; a ``fresh`` one has none of the generation before."""

    name: str
    dimension: int
    token_dimension: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class Before:
    """The published generation, ``number`` 0 where there is none.

    ``catalogue`` is None where it is not whole, ``reports`` are those that can be read, by id, and ``live`` the numbers
    of all.
    """

    number: int
    catalogue: Catalogue | None
    reports: dict[str, StoredReport]
    live: frozenset[int]

    @classmethod
    def read(cls, database: Database) -> Before:
        """Read it; SnapshotMismatch where another version of Wenbao made the tables."""
        number = database.reading(published_number)
        try:
            catalogue = database.reading(lambda session: read_catalogue(session, number)) if number else None
        except (SnapshotDamaged, SnapshotMissing):
            catalogue = None
        statement = f"SELECT report FROM {REPORTS} WHERE died > %s AND born <= %s"
        live = database.rows(statement, [number, number])
        reports = stored_reports(database, catalogue) if catalogue else {}
        return cls(number, catalogue, reports, frozenset(int(report) for (report,) in live))

    def space(self, encoder: Encoder, *, rebuild: bool) -> Space:
        """Return where the next generation's texts belong: beside these, unless they are of another encoder."""
        known, own = self.catalogue, space_of(encoder.fingerprint, analysis_fingerprint())
        if known and not rebuild and own == known.space[: len(own)]:
            return Space(known.space, known.dimension, known.token_dimension, fresh=False)
        probe = encoder.encode_queries(["?"])
        name = f"{own}_{self.number + 1}" if self.number else own
        return Space(name, probe.vectors.shape[1], probe.tokens[0].dtype["codes"].shape[0], fresh=True)


def ensure_tables(database: Database) -> None:
    """Make the tables of the index where there are none."""
    try:
        database.reading(published_number)
    except StatementFailed as failed:
        if failed.code != NO_TABLE:
            raise
        with database.session() as session:
            create_tables(session)
    beside.create_tables(database)
