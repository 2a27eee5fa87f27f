"""How a generation is written: aside, flushed, given its name, and then published by replacing ``CURRENT``."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.disk import file_aside, folder_aside, sha256_of
from retrieval.errors import IndexBusy, IndexUnwritable, SnapshotError
from retrieval.index.documents_file import write_documents
from retrieval.index.local.snapshot import CURRENT, GENERATIONS, VECTORS, LocalSnapshot, kept_generations, published
from retrieval.index.manifest import generation_name, read_manifest, write_manifest

KEPT_GENERATIONS = 2

Inode = tuple[int, int]

_LOCKS = threading.local()


def _held() -> set[Path]:
    """Return the indexes whose locks this thread holds."""
    if not hasattr(_LOCKS, "held"):
        _LOCKS.held = set[Path]()
    held: set[Path] = _LOCKS.held
    return held


@contextlib.contextmanager
def writing(path: Path, wait: float = 0) -> Iterator[None]:
    """Hold the index's writer lock, and tidy up after a writer that was killed; a crash releases the lock.

    Whoever holds it may take it again in the same thread. Raises IndexBusy, which names the process that holds the lock
    for longer than ``wait`` seconds, and IndexUnwritable for what the disk refuses in the block.
    """
    held = _held()
    if path in held:
        yield
        return
    with _disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / "lock", timeout=wait)
        try:
            lock.acquire()
        except Timeout as error:
            holder = "unknown"
            with contextlib.suppress(OSError):  # it may end at this moment
                holder = (path / "writer").read_text().strip() or holder
            raise IndexBusy(f"the index {path} is being written by process {holder}: wait for it, or end it") from error
        try:
            (path / "writer").write_text(str(os.getpid()))
            _remove_debris(path)
            held.add(path)
            yield
        finally:
            held.discard(path)
            (path / "writer").unlink(missing_ok=True)
            lock.release()


def publish(path: Path, snapshot: LocalSnapshot, *, keep: int, link_from: int) -> None:
    """Write a generation, switch to it, and delete all but the last ``keep``; the caller holds ``writing(path)``.

    Files of tokens of at least ``link_from`` bytes are shared with the generation before it.
    """
    generations = path / GENERATIONS
    generations.mkdir(exist_ok=True)
    with folder_aside(generations / snapshot.generation, durable=True) as aside:
        _write_parts(aside, snapshot, link_from)
        files = _sizes_and_digests(aside, _known_digests(path))
        write_manifest(aside, dataclasses.replace(snapshot.manifest, files=files))
    switch(path, snapshot.generation)
    _remove_old(path, keep)


def switch(path: Path, generation: str) -> None:
    """Point CURRENT at ``generation`` by one atomic replacement."""
    with file_aside(path / CURRENT, durable=True) as aside:
        aside.write_text(generation + "\n", encoding="utf-8")


def next_generation(path: Path, content: str) -> str:
    """Name the next generation: a running number and a short digest of what it holds."""
    numbers = [int(entry.name.split("-")[0]) for entry in (path / GENERATIONS).glob("[0-9]*-*")]
    return generation_name(max(numbers, default=0) + 1, content)


def _write_parts(folder: Path, snapshot: LocalSnapshot, link_from: int) -> None:
    """Write everything but the manifest."""
    write_documents(folder, snapshot.documents)
    snapshot.passages.save(folder)
    snapshot.dense.save(folder / VECTORS)
    snapshot.lexical.save(folder)
    snapshot.tokens.save(folder, link_from)
    snapshot.relations.save(folder)


def _sizes_and_digests(folder: Path, known: Mapping[Inode, str]) -> dict[str, list[object]]:
    """Return bytes and SHA-256 of each file in ``folder``."""
    parts = sorted(folder.iterdir())
    return {part.name: [part.stat().st_size, known.get(_inode(part)) or sha256_of(part)] for part in parts}


def _known_digests(path: Path) -> dict[Inode, str]:
    """Return the digests of the published generation's files: a new one that is a link to one has the same."""
    try:
        folder = published(path)
        files = read_manifest(folder).files if folder else {}
    except SnapshotError:
        return {}
    return {_inode(folder / name): digest for name, (_, digest) in files.items() if folder and (folder / name).exists()}


def _inode(path: Path) -> Inode:
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
    """Delete what a writer that was killed left under hidden names."""
    for pattern in (f"{GENERATIONS}/.*", f".{CURRENT}-*"):
        for entry in path.glob(pattern):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _remove_old(path: Path, keep: int) -> None:
    for old in kept_generations(path)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
