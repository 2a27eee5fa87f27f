"""The whole build, top to bottom: read, split, embed what is new, index, publish."""

from __future__ import annotations

import operator
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from retrieval.arrays import Vectors
from retrieval.corpus import (
    DEFAULT_MAX_BYTES,
    PASSAGE_CHARACTERS,
    Corpus,
    Recogniser,
)
from retrieval.encoder.protocol import Encoder
from retrieval.errors import SnapshotError
from retrieval.index.history import KEPT_VERSIONS, History, published_documents, superseded
from retrieval.index.local.checkpoint import Checkpoint
from retrieval.index.local.dense import EXACT_UP_TO, DenseIndex
from retrieval.index.local.lexical import Lexical
from retrieval.index.local.publish import KEPT_GENERATIONS, next_generation, publish, writing
from retrieval.index.local.snapshot import LocalSnapshot, load_snapshot
from retrieval.index.local.token_store import LINK_FROM_BYTES, TokenStore
from retrieval.index.relations.finding import find_relations
from retrieval.index.relations.relations import RELATIONS_VERSION
from retrieval.index.scan import Scan, Scanning, scan
from retrieval.index.self_test import self_test
from retrieval.index.store import Keeping
from retrieval.text.words import analysis_fingerprint
from retrieval.types import Document, Passage, Progress, Receipt, no_progress


def build_index(
    paths: Sequence[Path],
    index_path: Path,
    encoder: Encoder,
    *,
    rebuild: bool = False,
    may_remove_most: bool = False,
    named: Collection[str] = (),
    max_bytes: int = DEFAULT_MAX_BYTES,
    passage_characters: int = PASSAGE_CHARACTERS,
    exact_up_to: int = EXACT_UP_TO,
    keep: int = KEPT_GENERATIONS,
    history: int = KEPT_VERSIONS,
    link_from: int = LINK_FROM_BYTES,
    progress: Progress = no_progress,
    recogniser: Recogniser | None = None,
) -> Receipt:
    """Bring the index in ``index_path`` up to date with the reports below ``paths`` and say what was done.

    Only files that changed are opened, and only passages without a vector of the same encoder are embedded; ``rebuild``
    uses nothing of the old index but its reports' ids. Files of
    more than ``max_bytes`` are skipped, passages have ``passage_characters`` at most, and the dense leg is approximate
    for more than ``exact_up_to`` passages. The last ``keep`` generations stay; they share files of tokens of at least
    ``link_from`` bytes. Of a report that changed or went, the last ``history`` texts stay.

    ``recogniser`` reads pages that are pictures; without one they are skipped. A scan that finds less than half of the
    published reports is refused unless it ``may_remove_most``; those of the ids ``named`` are meant to go.

    Raises CorpusMissing, MostReportsGone, IndexBusy, IndexUnwritable, IndexUnsound or a ModelError; the published
    generation then stays as it was, and what was embedded already is not embedded again by the next run.
    """
    scanning = Scanning(max_bytes, passage_characters, rebuild, may_remove_most, named, recogniser, progress)
    with writing(index_path):
        before = _usable(index_path)
        old = None if rebuild else before
        held = before.documents if before else published_documents(index_path)
        found = scan(paths, index_path, before.by_id if before else {}, held, scanning)
        keeping = Keeping(exact_up_to, keep, history, link_from)
        generation, embedded = bring_up_to_date(index_path, found, encoder, old, held, keeping, progress)
        found.remember(index_path)
    return found.receipt(generation, old.by_id if old else {}, embedded)


def bring_up_to_date(
    index_path: Path,
    found: Scan,
    encoder: Encoder,
    old: LocalSnapshot | None,
    held: Sequence[Document],
    keeping: Keeping,
    progress: Progress = no_progress,
) -> tuple[str, int]:
    """Publish a generation of what was found, unless it is the published one; return its name, and what was embedded.

    What the ``old`` generation has is reused; ``held`` are the published reports. The caller holds ``writing``.
    """
    corpus, passages = found.corpus, found.passages
    checkpoint, earlier = Checkpoint(index_path, encoder), History(index_path)
    generation = _unchanged(old, corpus, passages, encoder)
    if generation is None:
        vectors, tokens = _encoded(passages, old, checkpoint, progress)
        lexical = _lexical(passages, old, progress)
        relations = find_relations(corpus.documents, passages)
        progress("write", 0, 1)
        dense = DenseIndex.build(vectors, keeping.exact_up_to)
        name = next_generation(index_path, found.content(encoder))
        manifest = found.manifest(name, encoder, dense.dimension, dense.recall)
        snapshot = LocalSnapshot.of(manifest, corpus.documents, passages, dense, lexical, tokens, relations)
        self_test(snapshot)
        if keeping.history:
            earlier.add(superseded(held, snapshot.by_id))
        publish(index_path, snapshot, keep=keeping.keep, link_from=keeping.link_from)
        generation = snapshot.generation
        progress("write", 1, 1)
    earlier.drop({document.document_id: document for document in corpus.documents}, keeping.history)
    checkpoint.clear()
    return generation, checkpoint.embedded


def _usable(index_path: Path) -> LocalSnapshot | None:
    """Return the published generation, or None where there is none to build upon: then everything is made anew."""
    try:
        return load_snapshot(index_path)
    except SnapshotError:
        return None


def _unchanged(old: LocalSnapshot | None, corpus: Corpus, passages: Sequence[Passage], encoder: Encoder) -> str | None:
    """Return the published generation's name if a new one would be the same."""
    if old is None or (old.manifest.encoder_fingerprint, old.manifest.analysis_fingerprint) != (
        encoder.fingerprint,
        analysis_fingerprint(),
    ):
        return None
    same = old.relations.version == RELATIONS_VERSION
    same = same and old.documents == corpus.documents and old.manifest.skipped == corpus.skipped
    same = same and len(old.passages) == len(passages) and all(map(operator.eq, old.passages, passages))
    return old.generation if same else None


def _encoded(
    passages: Sequence[Passage], old: LocalSnapshot | None, checkpoint: Checkpoint, progress: Progress
) -> tuple[Vectors, TokenStore]:
    """Return ``(n, d)`` vectors and the tokens of all passages: reused by text and encoder, else embedded.

    A text that stands in several reports is embedded once.
    """
    encoder, known = checkpoint.encoder, dict[str, int]()
    if old is not None and old.manifest.encoder_fingerprint == encoder.fingerprint:
        known = {passage.matched: row for row, passage in enumerate(old.passages)}
    new = list(dict.fromkeys(passage.matched for passage in passages if passage.matched not in known))
    vectors, tokens = checkpoint.embed(new, progress) if new else _nothing_encoded(encoder)
    place = {text: row for row, text in enumerate(new)}
    if old is not None and known:
        used = list(dict.fromkeys(passage.matched for passage in passages if passage.matched in known))
        rows = np.array([known[text] for text in used], dtype=np.int64)
        place |= {text: len(new) + row for row, text in enumerate(used)}
        vectors = np.concatenate([vectors, old.dense.vectors(rows)])
        tokens = tokens.followed_by(old.tokens.take(rows))
    order = np.array([place[passage.matched] for passage in passages], dtype=np.int64)
    return vectors[order], tokens.take(order)


def _nothing_encoded(encoder: Encoder) -> tuple[Vectors, TokenStore]:
    question = encoder.encode_queries(["?"])
    return question.vectors[:0], TokenStore.of([], question.tokens[0].dtype["codes"].shape[0])


def _lexical(passages: Sequence[Passage], old: LocalSnapshot | None, progress: Progress) -> Lexical:
    """Index what passages are looked up by; texts that the old index holds are not cut anew."""
    if old is None or old.manifest.analysis_fingerprint != analysis_fingerprint():
        return Lexical.build([passage.matched for passage in passages], progress)
    known = {passage.matched: row for row, passage in enumerate(old.passages)}
    kept = [known.get(passage.matched) for passage in passages]
    new = [passage.matched for passage, row in zip(passages, kept, strict=True) if row is None]
    return old.lexical.updated(kept, new, progress)
