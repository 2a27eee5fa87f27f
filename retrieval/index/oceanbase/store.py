"""The store in a database that any number of machines share."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from retrieval.encoder.protocol import Encoder
from retrieval.errors import IndexBusy, SnapshotDamaged, SnapshotError, SnapshotMissing, StoreUnusable
from retrieval.index.manifest import Manifest, manifest_from
from retrieval.index.oceanbase.beside.originals import StoredOriginals
from retrieval.index.oceanbase.beside.versions import StoredHistory
from retrieval.index.oceanbase.catalogue import published_number, read_catalogue
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import NO_TABLE, StatementFailed
from retrieval.index.oceanbase.reading.material import Cache
from retrieval.index.oceanbase.snapshot import StoredSnapshot
from retrieval.index.oceanbase.soundness import check_sound
from retrieval.index.oceanbase.tables import GENERATIONS, REPORTS
from retrieval.index.oceanbase.verifying import damage_of
from retrieval.index.oceanbase.writing.before import ensure_tables
from retrieval.index.oceanbase.writing.building import change_stored
from retrieval.index.oceanbase.writing.embedding import help_embedding
from retrieval.index.oceanbase.writing.lease import NO_SPACE, writing
from retrieval.index.oceanbase.writing.sources import Folders, HandedIn, Source, Without
from retrieval.index.scan import Scan, Scanning
from retrieval.index.store import Keeping
from retrieval.types import Document, Receipt


class OceanBaseStore:
    """Generations in a database; see ``store.Store``. ``folder`` is this machine's own, for what indexing remembers.

    What is read of texts and reports is kept for all generations, and of a newer one only what is new is read.
    """

    def __init__(self, database: Database, folder: Path, keeping: Keeping | None = None) -> None:
        self._database = database
        self._folder = folder
        self._keeping = keeping or Keeping()
        self.history = StoredHistory(database)
        self._originals = StoredOriginals(database)
        self._cache = Cache()
        self._opening = threading.Lock()
        self._last: StoredSnapshot | None = None

    # Reading

    def publication(self) -> tuple[int, ...] | None:
        """Return the number of the published generation."""
        number = self._number()
        return (number,) if number else None

    def touched(self) -> object:
        """Return the same, because what is kept of a generation is never changed."""
        return self.publication()

    def last_good(self) -> tuple[StoredSnapshot, str | None]:
        """Return the published generation, or the newest that is whole; see ``store.Store``."""
        try:
            return self.published(), None
        except SnapshotDamaged as damage:
            for number in self._kept()[1:]:
                try:
                    return self._opened(number), str(damage)
                except SnapshotError:
                    continue
            raise

    def published(self) -> StoredSnapshot:
        """Return the published generation; see ``store.Store``."""
        for attempt in (1, 2):
            number = self._number()
            if not number:
                raise SnapshotMissing(f"there is no index in {self._database.address}: run `wenbao index`")
            try:
                return self._opened(number)
            except SnapshotMissing:  # others published so often meanwhile that this one is gone
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def generation(self) -> str | None:
        """Return the published generation's name."""
        manifest = self.manifest()
        return manifest.generation if manifest else None

    def manifest(self) -> Manifest | None:
        """Return what the published generation says of itself; SnapshotDamaged where that cannot be read."""
        number = self._number()
        rows = self._database.rows(f"SELECT manifest FROM {GENERATIONS} WHERE number = %s", [number]) if number else []
        if not rows:
            return None
        try:
            return manifest_from(json.loads(rows[0][0])["manifest"])
        except (ValueError, KeyError, TypeError) as error:
            raise SnapshotDamaged(
                f"generation {number} of the index cannot be read ({error!r}): index again"
            ) from error

    def document_ids(self) -> set[str]:
        """Return the ids of the published reports."""
        number = self._number()
        statement = f"SELECT document_id FROM {REPORTS} WHERE died > %s AND born <= %s"
        return {name for (name,) in self._database.rows(statement, [number, number])} if number else set()

    def verify(self) -> list[SnapshotError]:
        """Look at every kept generation: its reports, where their passages stand, and the texts of these."""
        found = [damage_of(self._database, number) for number in self._kept()]
        return [damage for damage in (*found, self.history.damage()) if damage]

    # Writing

    @contextmanager
    def writing(self, wait: float = 0) -> Iterator[None]:
        """Hold the writer's lease; see ``writing.lease``."""
        ensure_tables(self._database)
        with writing(self._database, NO_SPACE, wait=wait):
            yield

    def update(self, paths: Sequence[Path], encoder: Encoder, scanning: Scanning) -> Receipt:
        """Bring the index up to date; what was handed in stays. Where another indexer is at it, help it first."""
        folders = Folders(paths, self._folder, scanning)
        try:
            found, receipt = self._changed(folders, encoder)
        except IndexBusy:
            help_embedding(self._database, encoder, scanning.progress)
            found, receipt = self._changed(folders, encoder)
        found.remember(self._folder)
        return receipt

    def add(self, folder: Path, encoder: Encoder, scanning: Scanning) -> Receipt:
        """Publish the reports below a folder beside those that are there; they are kept here from then on."""
        return self._changed(HandedIn(folder, scanning), encoder)[1]

    def remove(self, document_ids: Collection[str], encoder: Encoder, scanning: Scanning) -> Receipt:
        """Publish all reports but some, whose ids there are."""
        return self._changed(Without(document_ids, scanning), encoder)[1]

    def _changed(self, source: Source, encoder: Encoder) -> tuple[Scan, Receipt]:
        def test(number: int) -> None:
            check_sound(self._database, number)

        return change_stored(self._database, encoder, source, test=test, keeping=self._keeping)

    # Originals

    def original(self, document: Document) -> bytes | None:
        """Return the file that a report was read from; None where it is not kept."""
        return self._originals.read(document)

    def handed_in(self, documents: Mapping[str, Document]) -> dict[str, Document]:
        """Return those of the reports, by id, that were handed in, and stand in no folder."""
        return self._originals.uploaded(documents)

    def size_here(self) -> int:
        """Return 0: generations take no room on this machine's disk."""
        return 0

    # The database

    def _number(self) -> int:
        try:
            return self._database.reading(published_number)
        except StatementFailed as failed:
            if failed.code == NO_TABLE:
                return 0
            raise StoreUnusable(f"{self._database.address} refuses to say what is published: {failed}") from failed

    def _kept(self) -> list[int]:
        """Return the numbers of the generations that are kept, the published one first."""
        number = self._number()
        statement = f"SELECT number FROM {GENERATIONS} WHERE number <= %s ORDER BY number DESC"
        return [int(one) for (one,) in self._database.rows(statement, [number])] if number else []

    def _opened(self, number: int) -> StoredSnapshot:
        with self._opening:
            last = self._last
            if last is None or last.catalogue.number != number:
                before = last.catalogue if last else None
                catalogue = self._database.reading(lambda session: read_catalogue(session, number, before))
                if before and before.space != catalogue.space:  # the same texts have other vectors there
                    self._cache = Cache()
                self._last = last = StoredSnapshot(self._database, catalogue, self._cache)
            return last
