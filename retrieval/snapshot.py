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

import contextlib
import dataclasses
import datetime as dt
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from retrieval.dense import DenseIndex
from retrieval.digests import sha256_of
from retrieval.errors import (
    IndexBusy,
    IndexUnwritable,
    SnapshotDamaged,
    SnapshotError,
    SnapshotMismatch,
    SnapshotMissing,
)
from retrieval.lexical import Lexical
from retrieval.passage_table import PassageTable
from retrieval.token_vectors import TokenStore
from retrieval.types import Caption, Document, Heading, Paragraph, Passage, Skipped

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
            documents = tuple(_document_from(json.loads(line)) for line in lines)
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
    if values.pop("checksum", None) != _checksum(values):
        raise SnapshotDamaged(f"{path} was altered: {REBUILD}")
    return _manifest_from(path, values)


def _checksum(values: dict[str, Any]) -> str:
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


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold the index's writer lock; IndexBusy names the process that holds it. A crash releases it."""
    with _disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            holder = (path / "writer").read_text().strip() if (path / "writer").exists() else "unknown"
            raise IndexBusy(f"the index {path} is being written by process {holder}: wait for it, or end it") from error
        try:
            (path / "writer").write_text(str(os.getpid()))
            _remove_debris(path)
            yield
        finally:
            (path / "writer").unlink(missing_ok=True)
            lock.release()


def publish(
    path: Path,
    manifest: Manifest,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    dense: DenseIndex,
    lexical: Lexical,
    tokens: TokenStore,
    keep: int = KEPT_GENERATIONS,
) -> None:
    """Write a generation aside, flush it, switch to it, and delete all but the last ``keep``.

    The caller holds ``writing(path)``.
    """
    generations = path / "generations"
    generations.mkdir(exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".building-", dir=generations))
    try:
        _write_parts(aside, documents, passages, dense)
        lexical.save(aside)
        tokens.save(aside)
        known = _known_digests(path)
        files = {part.name: [part.stat().st_size, known.get(_inode(part)) or sha256_of(part)] for part in _parts(aside)}
        values = json.loads(json.dumps(dataclasses.asdict(dataclasses.replace(manifest, files=files))))
        _write_json(aside / "manifest.json", {**values, "checksum": _checksum(values)})
        for part in aside.iterdir():
            _flush(part)
        _flush(aside)
        aside.chmod(0o755)
        aside.rename(generations / manifest.generation)
        _flush(generations)
        switch(path, manifest.generation)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _remove_old(path, keep)


def switch(path: Path, generation: str) -> None:
    """Point CURRENT at ``generation`` by one atomic replacement."""
    aside = path / f".{CURRENT}-{os.getpid()}"
    aside.write_text(generation + "\n", encoding="utf-8")
    _flush(aside)
    os.replace(aside, path / CURRENT)
    _flush(path)


def next_generation(path: Path, content: str) -> str:
    """Name the next generation: a running number and a short digest of what it holds."""
    numbers = [int(entry.name.split("-")[0]) for entry in (path / "generations").glob("[0-9]*-*")]
    return f"{max(numbers, default=0) + 1:06d}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def now() -> str:
    """Return the time of day as the manifest records it, in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _write_parts(folder: Path, documents: Sequence[Document], passages: Sequence[Passage], dense: DenseIndex) -> None:
    rows = {document.document_id: row for row, document in enumerate(documents)}
    table = [(rows[p.document_id], p.paragraph, p.start, p.end) for p in passages]
    np.save(folder / "passages.npy", np.array(table, dtype=np.int32).reshape(len(table), 4))
    with (folder / "documents.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            file.write(json.dumps(dataclasses.asdict(document), ensure_ascii=True, default=str) + "\n")
    dense.save(folder / "vectors.faiss")


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _known_digests(path: Path) -> dict[tuple[int, int], str]:
    """Return the digests of the published generation's files: a new one that is a link to one has the same."""
    try:
        folder = published(path)
        files = read_manifest(folder).files if folder else {}
    except SnapshotError:
        return {}
    return {_inode(folder / name): digest for name, (_, digest) in files.items() if folder and (folder / name).exists()}


def _inode(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_dev, state.st_ino


@contextlib.contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise IndexUnwritable(
                f"the disk of {path} is full: free some space and run `wenbao index` again"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise IndexUnwritable(
                f"{error.filename or path} cannot be written ({error.strerror}): mend that or set index.path elsewhere"
            ) from error
        raise


def _remove_debris(path: Path) -> None:
    for pattern in ("generations/.building-*", f".{CURRENT}-*"):
        for entry in path.glob(pattern):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _remove_old(path: Path, keep: int) -> None:
    for old in kept_generations(path)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)


def _document_from(values: dict[str, Any]) -> Document:
    values["date"] = dt.date.fromisoformat(values["date"]) if values["date"] else None
    values["paragraphs"] = tuple(Paragraph(**entry) for entry in values["paragraphs"])
    values["headings"] = tuple(Heading(**entry) for entry in values["headings"])
    values["captions"] = tuple(Caption(**entry) for entry in values["captions"])
    values["metadata"] = tuple((label, value) for label, value in values["metadata"])
    values["furniture"] = tuple(values["furniture"])
    return Document(**values)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, default=str), encoding="utf-8")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
