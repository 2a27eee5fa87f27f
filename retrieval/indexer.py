"""The whole build, top to bottom: read, split, embed what is new, index, publish."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.analysis import analysis_fingerprint, words_of
from retrieval.corpus import Corpus, read_corpus
from retrieval.corpus.files import DEFAULT_MAX_BYTES
from retrieval.dense import EXACT_UP_TO, DenseIndex, Vectors
from retrieval.encoder import Encoder
from retrieval.errors import SnapshotError
from retrieval.passages import MAX_CHARACTERS, split_document
from retrieval.pending import PendingVectors
from retrieval.postings import Postings
from retrieval.smoke import smoke_test
from retrieval.snapshot import (
    KEPT_GENERATIONS,
    Manifest,
    Snapshot,
    load_snapshot,
    next_generation,
    now,
    publish,
    writing,
)
from retrieval.types import Document, Passage, Progress, Receipt, no_progress


def build_index(
    paths: Sequence[Path],
    index_path: Path,
    encoder: Encoder,
    *,
    rebuild: bool = False,
    max_bytes: int = DEFAULT_MAX_BYTES,
    passage_characters: int = MAX_CHARACTERS,
    exact_up_to: int = EXACT_UP_TO,
    keep: int = KEPT_GENERATIONS,
    progress: Progress = no_progress,
) -> Receipt:
    """Bring the index up to date with the reports below ``paths`` and say what was done.

    Only passages without a vector of the same encoder are embedded; ``rebuild`` uses nothing of the old index.
    Raises CorpusMissing, IndexBusy, IndexUnwritable, IndexUnsound or a ModelError; the published generation then stays
    as it was, and what was embedded already is not embedded again by the next run.
    """
    started = time.monotonic()
    with writing(index_path):
        old = None if rebuild else _usable(index_path)
        corpus = read_corpus(paths, max_bytes, progress)
        passages = [p for document in corpus.documents for p in split_document(document, passage_characters)]
        pending = PendingVectors(index_path, encoder)
        generation = _unchanged(old, corpus, passages, encoder, passage_characters)
        if generation is None:
            vectors = _vectors(passages, old, pending, progress)
            progress("write", 0, 1)
            dense = DenseIndex.build(vectors, exact_up_to)
            postings = _postings(passages, old)
            smoke_test(passages, dense, postings)
            manifest = _manifest(index_path, corpus, passages, encoder, passage_characters, dense)
            publish(index_path, manifest, corpus.documents, passages, dense, postings, keep)
            generation = manifest.generation
            progress("write", 1, 1)
        pending.clear()
    return _receipt(generation, old, corpus, passages, pending.embedded, time.monotonic() - started)


def _usable(index_path: Path) -> Snapshot | None:
    """The published generation, or None where there is none to build upon: then everything is made anew."""
    try:
        return load_snapshot(index_path)
    except SnapshotError:
        return None


def _unchanged(
    old: Snapshot | None, corpus: Corpus, passages: Sequence[Passage], encoder: Encoder, passage_characters: int
) -> str | None:
    """Return the published generation's name if a new one would be the same."""
    if old is None or (old.manifest.encoder_fingerprint, old.manifest.analysis_fingerprint) != (
        encoder.fingerprint,
        analysis_fingerprint(),
    ):
        return None
    same = old.documents == corpus.documents and old.manifest.skipped == corpus.skipped
    return old.generation if same and old.passages == tuple(passages) else None


def _vectors(passages: Sequence[Passage], old: Snapshot | None, pending: PendingVectors, progress: Progress) -> Vectors:
    """Return ``(n, d)`` vectors for all passages: reused by text and encoder, else embedded.

    A text that stands in several reports is embedded once.
    """
    encoder, known = pending.encoder, dict[str, int]()
    if old is not None and old.manifest.encoder_fingerprint == encoder.fingerprint:
        known = {passage.text: row for row, passage in enumerate(old.passages)}
    new = list(dict.fromkeys(passage.text for passage in passages if passage.text not in known))
    fresh = pending.embed(new, progress) if new else None
    fresh_rows = {text: row for row, text in enumerate(new)}
    dimension = fresh.shape[1] if fresh is not None else old.dense.dimension if old else encoder_dimension(encoder)
    vectors = np.zeros((len(passages), dimension), dtype=np.float32)
    for row, passage in enumerate(passages):
        if fresh is not None and passage.text in fresh_rows:
            vectors[row] = fresh[fresh_rows[passage.text]]
    reused = [(row, known[p.text]) for row, p in enumerate(passages) if p.text in known]
    if old is not None and reused:
        rows, old_rows = (np.array(column, dtype=np.int64) for column in zip(*reused, strict=True))
        vectors[rows] = old.dense.vectors(old_rows)
    return vectors


def _postings(passages: Sequence[Passage], old: Snapshot | None) -> Postings:
    """Index the passages' words; those of texts that the old index holds are taken from there."""
    if old is None or old.manifest.analysis_fingerprint != analysis_fingerprint():
        return Postings.build([words_of(passage.text) for passage in passages])
    known = {passage.text: row for row, passage in enumerate(old.passages)}
    kept = [known.get(passage.text) for passage in passages]
    new = [words_of(passage.text) for passage, row in zip(passages, kept, strict=True) if row is None]
    return old.postings.updated(kept, new)


def encoder_dimension(encoder: Encoder) -> int:
    """Ask the encoder how long its vectors are."""
    return int(encoder.encode_queries(["?"]).shape[1])


def _manifest(
    index_path: Path,
    corpus: Corpus,
    passages: Sequence[Passage],
    encoder: Encoder,
    passage_characters: int,
    dense: DenseIndex,
) -> Manifest:
    content = "\n".join([encoder.fingerprint, analysis_fingerprint(), *(d.digest for d in corpus.documents)])
    return Manifest(
        generation=next_generation(index_path, content),
        created=now(),
        encoder=encoder.name,
        encoder_fingerprint=encoder.fingerprint,
        analysis_fingerprint=analysis_fingerprint(),
        dimension=dense.dimension,
        passage_characters=passage_characters,
        documents=len(corpus.documents),
        passages=len(passages),
        recall=dense.recall,
        skipped=corpus.skipped,
    )


def _receipt(
    generation: str, old: Snapshot | None, corpus: Corpus, passages: Sequence[Passage], embedded: int, seconds: float
) -> Receipt:
    before = old.by_id if old else {}
    after = {document.document_id: document for document in corpus.documents}
    return Receipt(
        generation=generation,
        documents=len(corpus.documents),
        passages=len(passages),
        added=tuple(key for key in after if key not in before),
        changed=tuple(key for key in after if key in before and _differs(before[key], after[key])),
        removed=tuple(key for key in before if key not in after),
        skipped=corpus.skipped,
        embedded=embedded,
        reused=len(passages) - embedded,
        seconds=round(seconds, 3),
    )


def _differs(before: Document, after: Document) -> bool:
    return before.digest != after.digest
