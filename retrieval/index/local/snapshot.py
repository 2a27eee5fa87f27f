"""One immutable, complete index on disk: what a generation consists of, and how it is loaded.

    index.path/
      CURRENT                    the published generation's name
      lock, writer               who writes (held only while indexing)
      history.sqlite             earlier texts of reports (``history/``), of no generation
      generations/NAME/
        manifest.json            schema, fingerprints, counts, settings, size and SHA-256 of every other file, and its
                                 own checksum
        documents.jsonl          one Document a line
        passages.npy             (n, 4) int32: document row, paragraph, start, end
        vectors.faiss            dense leg
        words.* bigrams.* pinyin.* dictionary.*
                                 postings: words, pairs of characters, how names sound, English meanings
        relations.json           which reports are reprints, and which replace older ones
        tokens.*                 token vectors; large segments are hard links that generations share

A generation is written under a hidden name, flushed to disk and renamed; then CURRENT is replaced (``publish.py``). A
reader sees the old one or the new one, and a crash at any moment leaves the old one readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.encoder.protocol import Encoder
from retrieval.errors import SnapshotDamaged, SnapshotError, SnapshotMismatch, SnapshotMissing
from retrieval.index.documents_file import read_documents
from retrieval.index.local.dense import DenseIndex
from retrieval.index.local.lexical import Lexical
from retrieval.index.local.manifest import REBUILD, Manifest, read_manifest, verify
from retrieval.index.local.passage_table import PassageTable
from retrieval.index.local.token_store import TokenStore
from retrieval.index.relations.relations import Relations
from retrieval.text.words import analysis_fingerprint
from retrieval.types import Document, Passage

CURRENT = "CURRENT"
GENERATIONS = "generations"
VECTORS = "vectors.faiss"
GENERATION = re.compile(r"^\d{6,}-[0-9a-f]{8}$")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A loaded generation. Row i of ``passages``, of every leg and of the tokens is the same passage."""

    manifest: Manifest
    documents: tuple[Document, ...]
    passages: PassageTable
    dense: DenseIndex
    lexical: Lexical
    tokens: TokenStore
    relations: Relations
    by_id: dict[str, Document] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {document.document_id: document for document in self.documents})

    @classmethod
    def of(
        cls,
        manifest: Manifest,
        documents: tuple[Document, ...],
        passages: Sequence[Passage],
        dense: DenseIndex,
        lexical: Lexical,
        tokens: TokenStore,
        relations: Relations,
    ) -> Snapshot:
        """Put a generation together that is not on disk yet; ``passages`` are those of ``documents``."""
        return cls(manifest, documents, PassageTable.of(documents, passages), dense, lexical, tokens, relations)

    @property
    def generation(self) -> str:
        """Name of this generation."""
        return self.manifest.generation


def published(path: Path) -> Path | None:
    """Return the folder of the published generation below ``path``, or None if nothing was ever indexed.

    Raises SnapshotDamaged where ``CURRENT`` cannot be read or names no generation.
    """
    try:
        name = (path / CURRENT).read_bytes().decode("ascii").strip()
        if not GENERATION.match(name):
            raise ValueError("no generation's name")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise SnapshotDamaged(f"{path / CURRENT} is damaged: {REBUILD}") from error
    except OSError as error:
        raise SnapshotDamaged(f"{path / CURRENT} cannot be read ({error.strerror}): mend its permissions") from error
    return path / GENERATIONS / name


def published_manifest(path: Path) -> Manifest | None:
    """Read the published generation's manifest alone, or return None if nothing was ever indexed.

    Raises SnapshotDamaged or SnapshotMismatch.
    """
    folder = published(path)
    return read_manifest(folder) if folder else None


def kept_generations(path: Path) -> list[Path]:
    """Return the folders of all kept generations, oldest first."""
    return sorted((path / GENERATIONS).glob("[0-9]*-*"))


def load_generation(folder: Path) -> Snapshot:
    """Load and verify the generation in ``folder``; SnapshotDamaged names the file, or SnapshotMismatch is raised."""
    manifest = read_manifest(folder)
    verify(folder, manifest)
    try:
        documents = read_documents(folder)
        passages = PassageTable.load(folder, documents)
        dense, lexical = DenseIndex.load(folder / VECTORS, manifest.recall), Lexical.load(folder)
        tokens, relations = TokenStore.load(folder), Relations.load(folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SnapshotDamaged(f"the index {folder} cannot be read ({error}): {REBUILD}") from error
    if not len(passages) == len(dense) == len(lexical) == len(tokens):
        raise SnapshotDamaged(f"the parts of the index {folder} differ in length: {REBUILD}")
    return Snapshot(manifest, documents, passages, dense, lexical, tokens, relations)


def load_snapshot(path: Path, load: Callable[[Path], Snapshot] = load_generation) -> Snapshot:
    """Load and verify the published generation below ``path``.

    Raises SnapshotMissing, SnapshotDamaged (the file is named) or SnapshotMismatch (written by another version).
    """
    for attempt in (1, 2):
        folder = published(path)
        if folder is None:
            raise SnapshotMissing(f"there is no index in {path}: run `wenbao index`")
        try:
            return load(folder)
        except SnapshotDamaged:
            if attempt == 2 or published(path) == folder:  # else a writer switched and tidied up in between
                raise
    raise AssertionError("unreachable")


def load_last_good(path: Path) -> tuple[Snapshot, str | None]:
    """Load the published generation or, where it is damaged, the newest kept one that is whole.

    Returns the snapshot and what is wrong with the published one, if anything. Raises as ``load_snapshot`` where no
    generation can be read.
    """
    try:
        return load_snapshot(path), None
    except SnapshotDamaged as damage:
        for folder in reversed(kept_generations(path)):
            try:
                return load_generation(folder), str(damage)
            except SnapshotError:
                continue
        raise


def verify_all(path: Path) -> list[SnapshotError]:
    """Read every kept generation from end to end and return what is wrong, an error for each that does not load."""
    errors = []
    for folder in kept_generations(path):
        try:
            load_generation(folder)
        except SnapshotError as error:
            errors.append(error)
    return errors


def check_fingerprints(snapshot: Snapshot, encoder: Encoder) -> None:
    """Raise SnapshotMismatch if the vectors or words of the index were made otherwise than questions' are now."""
    manifest = snapshot.manifest
    if manifest.encoder_fingerprint != encoder.fingerprint:
        named = "another encoder.runtime or model files" if manifest.encoder == encoder.name else encoder.name
        raise SnapshotMismatch(
            f"the index was made with the encoder {manifest.encoder}, the configuration names {named}: "
            "run `wenbao index`"
        )
    if manifest.analysis_fingerprint != analysis_fingerprint():
        raise SnapshotMismatch("the index was made with other dictionaries of words: run `wenbao index`")
