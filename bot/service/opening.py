"""Settings -> an encoder, an index that is up to date, and what answers from it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from contextlib import nullcontext

from threadpoolctl import threadpool_limits

from bot.service.calibration import load_calibration
from bot.service.store import store_of
from bot.settings import Settings
from retrieval.answer.answerer import Answerer
from retrieval.answer.trained.choice import reader_of
from retrieval.corpus import installed_recogniser
from retrieval.encoder.protocol import Encoder
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.errors import SnapshotMismatch, SnapshotMissing
from retrieval.index.manifest import check_fingerprints
from retrieval.index.protocol import Snapshot
from retrieval.index.scan import Scanning
from retrieval.text.preload import load_kinds, load_words
from retrieval.types import Progress, Receipt, no_progress

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
        most_bytes = int(settings.corpus.max_file_mib * 2**20)
        scanning = Scanning(
            most_bytes, settings.index.passage_characters, rebuild, may_remove_most, named, recogniser, progress
        )
        return store_of(settings).update(settings.corpus.paths, encoder, scanning)


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
