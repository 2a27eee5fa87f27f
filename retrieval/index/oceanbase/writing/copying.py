"""A local index goes into the database, or a generation out of it, and nothing is embedded for that."""

from __future__ import annotations

from pathlib import Path

from retrieval.errors import SnapshotError
from retrieval.index.build import bring_up_to_date
from retrieval.index.copied import CopiedEncoder
from retrieval.index.local.publish import KEPT_GENERATIONS
from retrieval.index.local.publish import writing as writing_files
from retrieval.index.local.snapshot import LocalSnapshot, load_snapshot
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.snapshot import StoredSnapshot
from retrieval.index.oceanbase.tables import space_of
from retrieval.index.oceanbase.writing.before import Before, ensure_tables
from retrieval.index.oceanbase.writing.building import Build, Test
from retrieval.index.oceanbase.writing.lease import writing
from retrieval.index.oceanbase.writing.reports import documents_of
from retrieval.index.oceanbase.writing.work import USUAL, Sharing
from retrieval.index.scan import scan_of
from retrieval.index.store import Keeping
from retrieval.text.words import analysis_fingerprint
from retrieval.types import Progress, Receipt, no_progress


def copy_to(
    snapshot: LocalSnapshot,
    database: Database,
    *,
    test: Test,
    keep: int = KEPT_GENERATIONS,
    progress: Progress = no_progress,
    sharing: Sharing = USUAL,
) -> Receipt:
    """Publish a local generation's reports in the database, in place of all that are there, and say what was done.

    Raises what ``build_stored`` raises. In the receipt ``embedded`` counts the texts that were sent.
    """
    ensure_tables(database)
    encoder, keeping = CopiedEncoder(snapshot), Keeping(keep=keep)
    with writing(
        database, space_of(encoder.fingerprint, analysis_fingerprint()), seconds=sharing.lease_seconds
    ) as lease:
        before, found = Before.read(database), scan_of(snapshot, progress)
        generation, embedded = Build(lease, before, found, encoder, found.scanning, sharing).run(test, keeping)
    return found.receipt(generation, documents_of(before.reports), embedded)


def copy_from(
    snapshot: StoredSnapshot, index_path: Path, *, keeping: Keeping | None = None, progress: Progress = no_progress
) -> Receipt:
    """Publish a generation of the database in ``index_path``, in place of what is there, and say what was done.

    Vectors come as the server writes them, to six digits. Raises IndexBusy, IndexUnwritable, IndexUnsound or
    StoreUnreachable. In the receipt ``embedded`` counts the texts that were fetched.
    """
    encoder, found = CopiedEncoder(snapshot), scan_of(snapshot, progress)
    with writing_files(index_path):
        try:
            old = load_snapshot(index_path)
        except SnapshotError:
            old = None
        held = old.documents if old else ()
        generation, embedded = bring_up_to_date(index_path, found, encoder, old, held, keeping or Keeping(), progress)
    return found.receipt(generation, old.by_id if old else {}, embedded)
