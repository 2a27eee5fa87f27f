"""Write a generation aside, check it, and switch to it in one step."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.disk import flush, sha256_of, write_json
from retrieval.errors import (
    IndexBusy,
    IndexUnwritable,
    SnapshotError,
)
from retrieval.index.dense import DenseIndex
from retrieval.index.documents_file import write_parts
from retrieval.index.lexical import Lexical
from retrieval.index.snapshot import (
    CURRENT,
    KEPT_GENERATIONS,
    Manifest,
    checksum,
    kept_generations,
    published,
    read_manifest,
)
from retrieval.index.token_store import TokenStore
from retrieval.types import Document, Passage


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
        write_parts(aside, documents, passages, dense)
        lexical.save(aside)
        tokens.save(aside)
        known = _known_digests(path)
        files = {part.name: [part.stat().st_size, known.get(_inode(part)) or sha256_of(part)] for part in _parts(aside)}
        values = json.loads(json.dumps(dataclasses.asdict(dataclasses.replace(manifest, files=files))))
        write_json(aside / "manifest.json", {**values, "checksum": checksum(values)})
        for part in aside.iterdir():
            flush(part)
        flush(aside)
        aside.chmod(0o755)
        aside.rename(generations / manifest.generation)
        flush(generations)
        switch(path, manifest.generation)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _remove_old(path, keep)


def switch(path: Path, generation: str) -> None:
    """Point CURRENT at ``generation`` by one atomic replacement."""
    aside = path / f".{CURRENT}-{os.getpid()}"
    aside.write_text(generation + "\n", encoding="utf-8")
    flush(aside)
    os.replace(aside, path / CURRENT)
    flush(path)


def next_generation(path: Path, content: str) -> str:
    """Name the next generation: a running number and a short digest of what it holds."""
    numbers = [int(entry.name.split("-")[0]) for entry in (path / "generations").glob("[0-9]*-*")]
    return f"{max(numbers, default=0) + 1:06d}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def now() -> str:
    """Return the time of day as the manifest records it, in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


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
