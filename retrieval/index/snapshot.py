"""One immutable, complete index on disk, and the one atomic switch that publishes it.

    index.path/
      CURRENT                    the published generation's name
      lock, writer               who writes (held only while indexing)
      generations/NAME/
        manifest.json            schema, fingerprints, counts, settings, size and SHA-256 of every other file, and its
                                 own checksum
        documents.jsonl          one Document a line
        passages.npy             (n, 4) int32: document row, paragraph, start, end
        vectors.faiss            dense leg
        words.* bigrams.* pinyin.* dictionary.*
                                 postings: words, pairs of characters, how names sound, English meanings
        tokens.*                 token vectors; large segments are hard links that generations share

A generation is written under a hidden name, flushed to disk and renamed; then CURRENT is replaced. A reader sees the
old one or the new one, and a crash at any moment leaves the old one readable.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.disk import sha256_of
from retrieval.encoder.protocol import Encoder
from retrieval.errors import (
    SnapshotDamaged,
    SnapshotError,
    SnapshotMismatch,
    SnapshotMissing,
)
from retrieval.index.dense import DenseIndex
from retrieval.index.documents_file import document_from
from retrieval.index.lexical import Lexical
from retrieval.index.passage_table import PassageTable
from retrieval.index.token_store import TokenStore
from retrieval.text.words import analysis_fingerprint
from retrieval.types import (
    Document,
    Skipped,
)

SCHEMA = 2
"""Raise it when older generations can no longer be read."""
KEPT_GENERATIONS = 2
CURRENT = "CURRENT"
GENERATION = re.compile(r"^\d{6,}-[0-9a-f]{8}$")
REBUILD = "run `wenbao index --rebuild`"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself; ``files`` maps a name to [bytes, SHA-256]."""

    generation: str
    created: str
    encoder: str
    encoder_fingerprint: str
    analysis_fingerprint: str
    dimension: int
    passage_characters: int
    documents: int
    passages: int
    recall: float | None = None
    """Recall@10 of an approximate dense leg against exact search; None where it is exact."""
    skipped: tuple[Skipped, ...] = ()
    files: dict[str, list[Any]] = field(default_factory=dict)
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A loaded generation. Row i of ``passages``, of every leg and of the tokens is the same passage."""

    manifest: Manifest
    documents: tuple[Document, ...]
    passages: PassageTable
    dense: DenseIndex
    lexical: Lexical
    tokens: TokenStore
    by_id: dict[str, Document]

    @property
    def generation(self) -> str:
        """Name of this generation."""
        return self.manifest.generation


# Reading


def published(path: Path) -> Path | None:
    """Return the folder of the published generation, or None if nothing was ever indexed."""
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
    return path / "generations" / name


def load_snapshot(path: Path) -> Snapshot:
    """Load and verify the published generation below ``path``.

    Raises SnapshotMissing, SnapshotDamaged (the file is named) or SnapshotMismatch (written by another version).
    """
    for attempt in (1, 2):
        folder = published(path)
        if folder is None:
            raise SnapshotMissing(f"there is no index in {path}: run `wenbao index`")
        try:
            return _load(folder)
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
                return _load(folder), str(damage)
            except SnapshotError:
                continue
        raise


def kept_generations(path: Path) -> list[Path]:
    """Return the folders of all kept generations, oldest first."""
    return sorted((path / "generations").glob("[0-9]*-*"))


def verify_all(path: Path) -> list[str]:
    """Read every kept generation from end to end and return what is wrong, a line each."""
    problems = []
    for folder in kept_generations(path):
        try:
            _load(folder)
        except SnapshotError as error:
            problems.append(str(error))
    return problems


def _load(folder: Path) -> Snapshot:
    manifest = read_manifest(folder)
    verify(folder, manifest)
    try:
        with (folder / "documents.jsonl").open(encoding="utf-8") as lines:  # as a whole it would leave memory in pieces
            documents = tuple(document_from(json.loads(line)) for line in lines)
        table = np.load(folder / "passages.npy")
        dense, lexical = DenseIndex.load(folder / "vectors.faiss", manifest.recall), Lexical.load(folder)
        tokens = TokenStore.load(folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SnapshotDamaged(f"the index {folder} cannot be read ({error}): {REBUILD}") from error
    passages = PassageTable(documents, table)
    if not len(passages) == len(dense) == len(lexical) == len(tokens):
        raise SnapshotDamaged(f"the parts of the index {folder} differ in length: {REBUILD}")
    return Snapshot(manifest, documents, passages, dense, lexical, tokens, {d.document_id: d for d in documents})


def read_manifest(folder: Path) -> Manifest:
    """Read a generation's manifest."""
    path = folder / "manifest.json"
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SnapshotDamaged(f"{path} is missing or damaged: {REBUILD}") from error
    if not isinstance(values, dict) or values.get("schema") != SCHEMA:
        raise SnapshotMismatch(f"the index {folder} was written by another version of Wenbao: {REBUILD}")
    if values.pop("checksum", None) != checksum(values):
        raise SnapshotDamaged(f"{path} was altered: {REBUILD}")
    return _manifest_from(path, values)


def checksum(values: dict[str, Any]) -> str:
    """Return the checksum of a manifest's values, in hexadecimal."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _manifest_from(path: Path, values: dict[str, Any]) -> Manifest:
    try:
        skipped = tuple(Skipped(**entry) for entry in values.pop("skipped"))
        return Manifest(skipped=skipped, **values)
    except (KeyError, TypeError) as error:
        raise SnapshotDamaged(f"{path} is damaged: {REBUILD}") from error


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare every file with its size and SHA-256 in the manifest; SnapshotDamaged names the first that differs."""
    for name, (size, digest) in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise SnapshotDamaged(f"{path} is missing: {REBUILD}")
        if path.stat().st_size != size or sha256_of(path) != digest:
            raise SnapshotDamaged(f"{path} was cut short or altered: {REBUILD}")


# Writing


def check_fingerprints(snapshot: Snapshot, encoder: Encoder) -> None:
    """Refuse an index whose vectors or words were made otherwise than questions are now."""
    manifest = snapshot.manifest
    if manifest.encoder_fingerprint != encoder.fingerprint:
        named = "another encoder.runtime or model files" if manifest.encoder == encoder.name else encoder.name
        raise SnapshotMismatch(
            f"the index was made with the encoder {manifest.encoder}, the configuration names {named}: "
            "run `wenbao index`"
        )
    if manifest.analysis_fingerprint != analysis_fingerprint():
        raise SnapshotMismatch("the index was made with other dictionaries of words: run `wenbao index`")
