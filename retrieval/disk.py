"""Files on disk: what identifies their content, and how they are replaced so that no reader meets half of one."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import secrets
import shutil
import stat
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
    anything, OSError is raised and that folder stays. The folder and all in it get the permissions that any new folder
    or file gets by the umask, whatever a library gave them. ``durable`` looks after the files right inside the folder.
    """
    aside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    aside.mkdir()
    try:
        yield aside
        _as_new(aside)
        if durable:
            for part in (*aside.iterdir(), aside):
                _flush(part)
        aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    if durable:
        _flush(path.parent)


def _as_new(folder: Path) -> None:
    """Give all that is in a new folder the permissions of new files and folders, which the folder's own tell.

    Libraries make some files for their user only. A file that another user owns, by a link, keeps its own.
    """
    usual = folder.stat().st_mode & 0o777
    for part in folder.rglob("*"):
        mode = part.lstat().st_mode
        wanted = mode & ~0o777 | (usual if stat.S_ISDIR(mode) else usual & 0o666)
        if mode != wanted and not stat.S_ISLNK(mode):
            with contextlib.suppress(PermissionError):
                part.chmod(stat.S_IMODE(wanted))


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
