"""The whole build into the database, top to bottom: read, split, embed what is new, change rows, publish."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from retrieval.corpus import DEFAULT_MAX_BYTES, PASSAGE_CHARACTERS, Recogniser
from retrieval.encoder.protocol import Encoder
from retrieval.index.history import KEPT_VERSIONS, superseded
from retrieval.index.local.publish import KEPT_GENERATIONS
from retrieval.index.manifest import generation_name
from retrieval.index.oceanbase.beside.originals import StoredOriginals
from retrieval.index.oceanbase.beside.versions import StoredHistory
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.tables import LEGS, create_space, space_of
from retrieval.index.oceanbase.writing.before import Before, Space, ensure_tables
from retrieval.index.oceanbase.writing.changes import Changes, begin, changes_of, write_changes
from retrieval.index.oceanbase.writing.cleaning import clean
from retrieval.index.oceanbase.writing.embedding import embed_all
from retrieval.index.oceanbase.writing.lease import Lease, writing
from retrieval.index.oceanbase.writing.publishing import Description, switch, write_generation
from retrieval.index.oceanbase.writing.recall import measured_recall, wait_until_found
from retrieval.index.oceanbase.writing.reports import CutReport, cut_reports, documents_of
from retrieval.index.oceanbase.writing.sources import Folders, Source
from retrieval.index.oceanbase.writing.terms import keys_of_reports, term_changes, write_terms
from retrieval.index.oceanbase.writing.work import USUAL, Queue, Sharing
from retrieval.index.relations.finding import find_relations
from retrieval.index.relations.relations import RELATIONS_VERSION
from retrieval.index.scan import Scan, Scanning
from retrieval.index.store import Keeping
from retrieval.text.words import analysis_fingerprint
from retrieval.types import Progress, Receipt, no_progress

MEASURED_WITHIN = 0.1
"""The recall is measured anew once there are more or fewer passages than this share of those it was measured with."""

Test = Callable[[int], None]
"""Asks a generation, by its number, for its own sentences before anybody else may; raises IndexUnsound."""


def build_stored(
    paths: Sequence[Path],
    database: Database,
    encoder: Encoder,
    *,
    readings_folder: Path,
    test: Test,
    rebuild: bool = False,
    may_remove_most: bool = False,
    named: Collection[str] = (),
    max_bytes: int = DEFAULT_MAX_BYTES,
    passage_characters: int = PASSAGE_CHARACTERS,
    keep: int = KEPT_GENERATIONS,
    history: int = KEPT_VERSIONS,
    progress: Progress = no_progress,
    recogniser: Recogniser | None = None,
    wait: float = 0,
    sharing: Sharing = USUAL,
) -> Receipt:
    """Bring the index in a database up to date with the reports below ``paths`` and say what was done.

    As ``build_index`` does, with the same options. ``readings_folder`` is this machine's own, and remembers which files
    have not changed. ``test`` is called before a generation is published. ``rebuild`` makes everything anew, beside
    what is there. Others may help to embed meanwhile (``help_embedding``); ``embedded`` counts what all did.

    Raises CorpusMissing, MostReportsGone, IndexBusy (another writes, or took this run for dead), IndexUnsound,
    SnapshotMismatch, StoreUnreachable, StoreUnusable or a ModelError; the published generation then stays as it was,
    and what was embedded already is not embedded again by the next run.
    """
    scanning = Scanning(max_bytes, passage_characters, rebuild, may_remove_most, named, recogniser, progress)
    folders = Folders(paths, readings_folder, scanning)
    keeping = Keeping(keep=keep, history=history)
    found, receipt = change_stored(database, encoder, folders, test=test, keeping=keeping, wait=wait, sharing=sharing)
    found.remember(readings_folder)
    return receipt


def change_stored(
    database: Database,
    encoder: Encoder,
    source: Source,
    *,
    test: Test,
    keeping: Keeping,
    wait: float = 0,
    sharing: Sharing = USUAL,
) -> tuple[Scan, Receipt]:
    """Publish what a source has; return its reports, and what was done. Raises as ``build_stored``."""
    ensure_tables(database)
    own, scanning = space_of(encoder.fingerprint, analysis_fingerprint()), source.scanning
    with writing(database, own, wait=wait, seconds=sharing.lease_seconds) as lease:
        before, originals = Before.read(database), StoredOriginals(database)
        documents = documents_of(before.reports)
        skipped = before.catalogue.manifest.skipped if before.catalogue else ()
        found = source.read(documents, originals.uploaded(documents), skipped)
        originals.add(lease, found.corpus.documents, source.file, uploaded=source.uploaded)
        generation, embedded = Build(lease, before, found, encoder, scanning, sharing).run(test, keeping)
    return found, found.receipt(generation, {} if scanning.rebuild else documents, embedded)


class Build:
    """One run, from what was found to the generation that is published."""

    def __init__(
        self, lease: Lease, before: Before, found: Scan, encoder: Encoder, scanning: Scanning, sharing: Sharing
    ) -> None:
        self._lease, self._database = lease, lease.database
        self._before, self._found = before, found
        self._encoder, self._progress, self._sharing = encoder, scanning.progress, sharing
        self._space: Space = before.space(encoder, rebuild=scanning.rebuild)
        self._rebuild = scanning.rebuild
        self._reports = cut_reports(found.corpus.documents, found.passages)
        self._changes: Changes = changes_of(
            before.number + 1, before.live, {} if scanning.rebuild else before.reports, self._reports
        )

    def run(self, test: Test, keeping: Keeping) -> tuple[str, int]:
        """Publish a generation, unless it is the published one; return its name, and how many texts were embedded."""
        unchanged = self._unchanged()
        return (unchanged, 0) if unchanged else self._publish(test, keeping)

    def _unchanged(self) -> str | None:
        """Return the published generation's name if a new one would be the same."""
        old = self._before.catalogue
        if old is None or self._space.fresh or not self._changes.is_none:
            return None
        same = old.relations.version == RELATIONS_VERSION and old.manifest.skipped == self._found.corpus.skipped
        return old.manifest.generation if same else None

    def _publish(self, test: Test, keeping: Keeping) -> tuple[str, int]:
        lease, changes, space = self._lease, self._changes, self._space
        interrupted = begin(lease, self._before.number)
        with self._database.session() as session:
            create_space(session, space.name, space.dimension)
        new = self._embed()
        self._progress("write", 0, 1)
        write_changes(lease, changes)
        lengths = self._count_terms()
        relations = find_relations(self._found.corpus.documents, self._found.passages)
        wait_until_found(self._database, space.name, new)
        described = self._described(lengths)
        write_generation(lease, changes.number, described, relations)
        test(changes.number)
        after = {document.document_id: document for document in self._found.corpus.documents}
        earlier, held = StoredHistory(self._database), documents_of(self._before.reports).values()
        if keeping.history:
            earlier.add(lease, superseded(held, after))
        switch(lease, self._before.number, changes.number)
        clean(lease, keeping.keep, thoroughly=interrupted)
        earlier.drop(lease, after, keeping.history)
        StoredOriginals(self._database).clean(lease)
        self._progress("write", 1, 1)
        return described.manifest.generation, len(new)

    @property
    def _come(self) -> tuple[CutReport, ...]:
        """The reports whose passages the space has not counted yet."""
        return self._reports if self._space.fresh else self._changes.new

    def _embed(self) -> list[bytes]:
        """Embed the texts that are not there, with whoever helps, and return their keys."""
        texts = {
            key: passage.matched
            for report in self._come
            for key, passage in zip(report.keys, report.passages, strict=True)
        }
        queue, new = Queue(self._database, self._space.name), list[bytes]()
        if old := self._reusable_space():
            queue.adopt(old, {key: texts[key] for key in queue.missing(list(texts))})
        while missing := queue.missing(list(texts)):
            new = new or sorted((key for key in texts if key in missing), key=lambda key: -len(texts[key]))
            queue.offer(self._lease, {key: texts[key] for key in new if key in missing})
            embed_all(queue, self._encoder, self._progress, self._sharing)
        queue.offer(self._lease, {})
        return new

    def _reusable_space(self) -> str | None:
        """Return the space before this one, where that has vectors of the same encoder and may be used."""
        old = self._before.catalogue
        if old is None or self._rebuild or not self._space.fresh:
            return None
        return old.space if old.manifest.encoder_fingerprint == self._encoder.fingerprint else None

    def _count_terms(self) -> dict[str, int]:
        """Bring the counts of terms up to date, and return how many terms all passages have, by leg."""
        space, changes, old = self._space, self._changes, self._before.catalogue
        gone = () if space.fresh else keys_of_reports(self._database, changes.gone)
        counted = term_changes(self._database, space.name, (key for one in self._come for key in one.keys), gone)
        write_terms(self._lease, space.name, changes.number, counted)
        before = old.lengths if old and not space.fresh else {}
        return {leg: before.get(leg, 0) + counted.lengths[leg] for leg in LEGS}

    def _described(self, lengths: dict[str, int]) -> Description:
        number, space, passages = self._changes.number, self._space, len(self._found.passages)
        recall, measured = self._recall(passages)
        name = generation_name(number, self._found.content(self._encoder))
        manifest = self._found.manifest(name, self._encoder, space.dimension, recall)
        return Description(manifest, space.name, space.dimension, space.token_dimension, lengths, measured)

    def _recall(self, passages: int) -> tuple[float | None, int]:
        """Return the recall of the search for near passages, and with how many passages it was measured."""
        old = self._before.catalogue
        if old and not self._space.fresh and abs(passages - old.measured) <= MEASURED_WITHIN * old.measured:
            return old.manifest.recall, old.measured
        keys = [key for report in self._reports for key in report.keys]
        return measured_recall(self._database, self._space.name, keys), passages
