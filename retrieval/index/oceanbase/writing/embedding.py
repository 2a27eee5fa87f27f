"""Texts of the queue are embedded, by the run that offered them and by all who help."""

from __future__ import annotations

import time

from retrieval.encoder.protocol import Encoder
from retrieval.errors import SnapshotMismatch
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import NO_TABLE, StatementFailed
from retrieval.index.oceanbase.tables import space_of, spaces_in
from retrieval.index.oceanbase.writing.lease import NO_SPACE, holder, kept_up
from retrieval.index.oceanbase.writing.work import USUAL, Queue, Sharing
from retrieval.text.words import analysis_fingerprint
from retrieval.types import Progress, no_progress

WAIT_SECONDS = 0.3
"""Between two looks for work, where others do all there is."""


def embed_all(
    queue: Queue,
    encoder: Encoder,
    progress: Progress = no_progress,
    sharing: Sharing = USUAL,
) -> int:
    """Embed until the queue is empty, and return how many texts this indexer embedded.

    Where others have claimed the last ones it waits until they are done, or their claims end.
    """
    total, embedded = queue.left(), 0
    while left := queue.left():
        done = embed_some(queue, encoder, progress, max(total, left) - left, max(total, left), sharing)
        embedded += done
        if not done:
            time.sleep(WAIT_SECONDS)
    return embedded


def help_embedding(
    database: Database,
    encoder: Encoder,
    progress: Progress = no_progress,
    sharing: Sharing = USUAL,
) -> int:
    """Embed what another indexer offers, until it writes no longer; return how many texts were embedded here.

    SnapshotMismatch where that one has another encoder or other dictionaries: then nothing is embedded.
    """
    own, embedded = space_of(encoder.fingerprint, analysis_fingerprint()), 0
    while found := holder(database):
        if found.space not in (own, NO_SPACE):
            raise SnapshotMismatch(
                f"{found.name} is indexing with another encoder or other dictionaries of words: use the same "
                "encoder.model, and the same version of Wenbao, on all machines"
            )
        queues = [Queue(database, space) for space in database.reading(spaces_in) if space.startswith(own)]
        done = sum(_helped(queue, encoder, progress, embedded, sharing) for queue in queues)
        embedded += done
        if not done:
            time.sleep(WAIT_SECONDS)
    return embedded


def _helped(queue: Queue, encoder: Encoder, progress: Progress, before: int, sharing: Sharing) -> int:
    """Embed a batch of what one queue has; 0 where it has nothing, or is gone since."""
    try:
        left = queue.left()
        return embed_some(queue, encoder, progress, before, before + left, sharing) if left else 0
    except StatementFailed as failed:
        if failed.code != NO_TABLE:
            raise
        return 0


def embed_some(queue: Queue, encoder: Encoder, progress: Progress, done: int, total: int, sharing: Sharing) -> int:
    """Claim some texts and embed them; return how many, 0 where none is free."""
    claim = queue.claim(sharing.batch, sharing.claim_seconds)
    if claim is None:
        return 0
    with kept_up(lambda: queue.prolong(claim, sharing.claim_seconds), sharing.claim_seconds):
        texts = list(claim.texts.values())
        encoded = encoder.encode_passages(texts, lambda _, part, __: progress("embed", done + part, total))
        queue.finish(claim, encoded)
    return len(texts)
