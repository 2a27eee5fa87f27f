"""Settings -> an encoder, an index that is up to date, and what answers from it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from threadpoolctl import threadpool_limits

from bot.service.calibration import load_calibration
from bot.service.reports import Upload, changing, remove_reports, safe_name
from bot.service.store import shared_store_of, store_of
from bot.settings import Settings
from retrieval.answer.answerer import Answerer
from retrieval.answer.trained.choice import reader_of
from retrieval.corpus import Recogniser, installed_recogniser
from retrieval.encoder.protocol import Encoder
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.errors import ReportUnreadable, SnapshotMismatch, SnapshotMissing
from retrieval.index.manifest import check_fingerprints
from retrieval.index.protocol import Snapshot
from retrieval.index.scan import Scanning
from retrieval.text.preload import load_kinds, load_words
from retrieval.types import Progress, Receipt, Skipped, no_progress

log = logging.getLogger("wenbao")


class Opener:
    """Opens what questions are answered with; tests hand in one that makes another encoder or another Answerer."""

    def encoder(self, settings: Settings, progress: Progress = no_progress, model: str | None = None) -> Encoder:
        """Return the configured encoder, or the one of another ``model``; nothing is loaded yet."""
        of = settings.encoder
        return SentenceEncoder(model or of.model, of.cache, of.weights_file, progress, of.runtime)

    def answerer(self, snapshot: Snapshot, encoder: Encoder, settings: Settings) -> Answerer:
        """Return what answers from a snapshot, as sure as the user's own questions taught it to be."""
        reader = reader_of(snapshot, encoder, settings.answer.reader)
        calibration = load_calibration(settings.index.path, reader.kind)
        return Answerer(snapshot, encoder, reader, thresholds=calibration.thresholds if calibration else None)

    def open(self, settings: Settings, encoder: Encoder, progress: Progress = no_progress) -> Answerer:
        """Return an Answerer over the configured index, with what every question needs loaded.

        What only some questions need, the kinds of words and their sounds, is loaded afterwards. From now on this
        process computes matrix products on one thread, because they are small, and two threads wait long for a core
        that the model has taken.
        """
        threadpool_limits(1, user_api="blas")
        snapshot = open_snapshot(settings, encoder, progress)
        encoder.load()
        load_words()
        threading.Thread(target=load_kinds, name="wenbao-words", daemon=True).start()
        return self.answerer(snapshot, encoder, settings)

    def open_outdated(self, settings: Settings) -> Answerer:
        """Return an Answerer over an index of other settings, with the encoder that made it.

        Raises SnapshotMismatch or ModelError where that encoder is no longer available.
        """
        snapshot, _ = store_of(settings).last_good()
        encoder = self.encoder(settings, model=snapshot.manifest.encoder)
        if encoder.fingerprint != snapshot.manifest.encoder_fingerprint:
            raise SnapshotMismatch(f"the encoder {encoder.name} is no longer the one that made the index")
        encoder.load()
        return self.answerer(snapshot, encoder, settings)


def update_index(
    settings: Settings,
    encoder: Encoder,
    *,
    rebuild: bool = False,
    may_remove_most: bool = False,
    named: Collection[str] = (),
    progress: Progress = no_progress,
) -> Receipt:
    """Bring the configured index up to date with the configured corpus, as ``build_index`` does."""
    with installed_recogniser(settings.index.path, progress) or nullcontext() as recogniser:
        scanning = _scanning(settings, recogniser, progress)
        scanning = replace(scanning, rebuild=rebuild, may_remove_most=may_remove_most, named=named)
        return store_of(settings).update(settings.corpus.paths, encoder, scanning)


def hand_in(
    settings: Settings, encoder: Encoder, uploads: Sequence[Upload], progress: Progress = no_progress
) -> Receipt:
    """Add reports to an index that several machines share, which keeps them; no folder is scanned for that.

    One that cannot be read is among the receipt's skipped. Raises IndexBusy as ``changing`` does.
    """
    shared, refused = shared_store_of(settings), list[Skipped]()
    assert shared is not None, "a folder of this machine has its reports in another one"
    recognising = installed_recogniser(settings.index.path, progress) or nullcontext()
    with TemporaryDirectory(prefix="wenbao-") as name, recognising as recogniser:
        for upload in uploads:
            try:
                (Path(name) / safe_name(upload.name)).write_bytes(upload.data)
            except ReportUnreadable as error:
                refused.append(Skipped(upload.name, str(error)))
        with changing(settings, progress=progress):
            receipt = shared.add(Path(name), encoder, _scanning(settings, recogniser, progress))
    return replace(receipt, skipped=(*refused, *receipt.skipped))


def take_out(
    settings: Settings, encoder: Encoder, document_ids: Sequence[str], progress: Progress = no_progress
) -> Receipt:
    """Remove reports from an index that several machines share, and their files where these are in a folder here.

    Raises DocumentUnknown, ReportHeld and CorpusUnwritable as ``remove_reports`` does, and IndexBusy as ``changing``.
    """
    shared = shared_store_of(settings)
    assert shared is not None, "a folder of this machine has its reports in another one"
    with changing(settings, progress=progress):
        snapshot = shared.published()
        named = {one: document for one in document_ids if (document := snapshot.by_id.get(one))}
        handed_in = shared.handed_in(named)
        remove_reports(settings, snapshot, [one for one in document_ids if one not in handed_in])
        return shared.remove(document_ids, encoder, _scanning(settings, None, progress))


def _scanning(settings: Settings, recogniser: Recogniser | None, progress: Progress) -> Scanning:
    most_bytes = int(settings.corpus.max_file_mib * 2**20)
    return Scanning(most_bytes, settings.index.passage_characters, recogniser=recogniser, progress=progress)


def open_snapshot(settings: Settings, encoder: Encoder, progress: Progress = no_progress) -> Snapshot:
    """Load the index, building it first if there is none; SnapshotMismatch if other settings made it.

    An index that several machines share is built by `wenbao index` alone: SnapshotMissing until that was done. If the
    published generation is damaged, the last good one is loaded, and the log says so.
    """
    store = store_of(settings)
    try:
        snapshot, damage = store.last_good()
    except SnapshotMissing:
        if settings.index.is_shared:
            raise
        update_index(settings, encoder, progress=progress)
        snapshot, damage = store.last_good()
    if damage:
        log.error("%s; answering from generation %s", damage, snapshot.generation)
    check_fingerprints(snapshot.manifest, encoder)
    return snapshot
