"""Files on disk: what identifies their content, and how they are replaced so that no reader meets half of one."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=64)  # every citation names it, and a text may have megabytes
def version_of(text: str) -> str:
    """Return what identifies a state of a report: the first 12 hexadecimal digits of its text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON that a person can read; what JSON has no form for is written as text."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, default=str), encoding="utf-8")


@contextmanager
def file_aside(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield where to write a file; when the block ends, the file takes the name ``path`` in one step.

    A reader of ``path`` finds what stood there before, or all of what is new. If the block raises, or the disk fails,
    what stood there before stays, and what was written aside is deleted. The file aside has the name of ``path``, in a
    hidden folder beside it that no other process writes to, and gets the permissions that any new file gets.

    ``durable`` also survives a loss of power: the content is on the disk before the file gets its name, and the name
    before this returns.

    A process that is killed in the block leaves the hidden folder behind; see ``remove_asides``.
    """
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        aside = Path(folder, path.name)
        yield aside
        if durable:
            _flush(aside)
        os.replace(aside, path)
    if durable:
        _flush(path.parent)


@contextmanager
def folder_aside(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield an empty folder to fill; when the block ends, it takes the name ``path`` in one step.

    What ``file_aside`` promises holds here too, but a folder replaces no other: where ``path`` is a folder that holds
    anything, OSError is raised and that folder stays. Only the user of this process may look into a new folder
    (permissions 0700), until the block says otherwise. ``durable`` looks after the files right inside the folder.
    """
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        yield aside
        if durable:
            for part in (*aside.iterdir(), aside):
                _flush(part)
        aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    if durable:
        _flush(path.parent)


def remove_asides(path: Path) -> None:
    """Delete what killed processes left of a ``file_aside`` or ``folder_aside`` of ``path``.

    Only for who holds a lock on ``path``: what another process is writing at the moment would be deleted too.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}-*"):
        shutil.rmtree(left, ignore_errors=True)


def _flush(path: Path) -> None:
    """Make sure that a file's or folder's content is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
