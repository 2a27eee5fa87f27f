"""Settings -> one file with the index, the state and the originals, while other processes serve and index."""

from __future__ import annotations

import datetime as dt
import errno
import glob
import hashlib
import importlib.metadata
import os
import shutil
import sqlite3
import stat
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bot.backup.belonging import Belonging
from bot.backup.contents import MANIFEST, Kind, Manifest, Member, Reading, Root, is_backup
from bot.backup.databases import PRIVATE, SIDECARS, SUFFIX, copy_database
from bot.backup.held import Held, held_generation
from bot.backup.sources import LeftOut, kept_files, open_state, original, printable
from bot.settings import Settings
from retrieval.corpus import find_files, kept_readings, state_of
from retrieval.disk import file_aside
from retrieval.errors import SnapshotDamaged, WenbaoError
from retrieval.index.manifest import MANIFEST as GENERATION_MANIFEST
from retrieval.index.manifest import REBUILD
from retrieval.types import Progress, no_progress

PACKED_ALREADY = {".zip", ".docx", ".xlsx", ".pdf", ".png", ".jpg", ".jpeg", ".webp"}
"""Suffixes of files that deflating makes hardly smaller."""
LEVEL = 1
BLOCK = 2**20
LEFT_SECONDS = 86_400
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


IN_DATABASE = (
    "the index and what is remembered are in the database at index.url: back that up with its own means "
    "(ALTER SYSTEM BACKUP DATABASE, or a standby), and the corpus folders with yours"
)


class BackupUnwritable(WenbaoError):
    """A backup cannot be made, or not there."""


@dataclass(slots=True)
class Packed:
    """What a backup holds, and which files of the corpus are other than the generation that was made of them."""

    file: Path
    generation: str
    bytes: int = 0
    generation_files: int = 0
    state_files: int = 0
    databases: int = 0
    originals: int = 0
    changed: list[tuple[str, str]] = field(default_factory=list)
    """Paths and reasons; the first index run after a restore sees to them."""
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """Paths and reasons; they are not in the backup."""
    seconds: float = 0.0


def make_backup(settings: Settings, file: Path, progress: Progress = no_progress) -> Packed:
    """Write a backup to ``file``, in place of an older one, readable by its owner only; return what it holds.

    It works while other processes serve and index. Raises BackupUnwritable, and SnapshotMissing, SnapshotDamaged or
    SnapshotMismatch where there is no generation to keep; what stood at ``file`` then stays.
    """
    started, file = time.monotonic(), file.absolute()
    if settings.index.is_shared:
        raise BackupUnwritable(IN_DATABASE)
    _refuse_place(settings, file)
    _remove_left(file)
    with _explained(file), held_generation(settings.index.path) as held, file_aside(file, durable=True) as aside:
        descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE)  # it holds what people asked
        with os.fdopen(descriptor, "wb") as target, zipfile.ZipFile(target, "w", compresslevel=LEVEL) as archive:
            packing = _Packing(settings, archive, held, aside.parent, Packed(file, held.manifest.generation), progress)
            packing.pack()
        packing.done.bytes = aside.stat().st_size
    packing.done.seconds = round(time.monotonic() - started, 3)
    return packing.done


def _refuse_place(settings: Settings, file: Path) -> None:
    """Raise BackupUnwritable where a backup would become a report, a part of the next backup, or replace another file.

    A symbolic link is followed, because a file takes the place of the link itself and not of what it points to.
    """
    for folder in (*settings.corpus.paths, settings.index.path):
        if file.parent.resolve().is_relative_to(folder.resolve()):
            raise BackupUnwritable(f"{file} lies in {folder}, which is backed up: name a place outside of it")
    if not file.parent.is_dir():
        raise BackupUnwritable(f"there is no folder {file.parent}: make it, or name another")
    if file.is_dir() or file.exists() and not is_backup(file):
        raise BackupUnwritable(f"{file} is there already and is no backup: name another file, or move it away")


def _remove_left(file: Path) -> None:
    """Delete what backups to this file left that were killed long ago; a younger one may still be under way."""
    oldest = time.time() - LEFT_SECONDS
    for folder in file.parent.glob(f".{glob.escape(file.name)}-" + "[a-z0-9_]" * 8):  # as ``file_aside`` names it
        with suppress(OSError):
            if max(path.stat().st_mtime for path in (folder, *folder.iterdir())) < oldest:
                shutil.rmtree(folder)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise BackupUnwritable(
                f"the disk of {file.parent} is full: free some space, or name a file on another disk"
            ) from error
        raise BackupUnwritable(
            f"no backup was made: {error.filename or file}: {error.strerror or error}: mend that and try again"
        ) from error


@dataclass(slots=True)
class _Packing:
    """A backup that is being written."""

    settings: Settings
    archive: zipfile.ZipFile
    held: Held
    aside: Path
    """A folder of this process alone, for copies of databases."""
    done: Packed
    progress: Progress
    members: list[Member] = field(default_factory=list)

    def pack(self) -> None:
        """Write everything; the originals first, while they are most likely those of the generation."""
        version, readings = kept_readings(self.settings.index.path)
        skipped = {one.path for one in self.held.manifest.skipped}
        self._pack_originals(Belonging(self.held.digests(), readings, skipped))
        self._pack_generation()
        self._pack_state()
        of = self.held.manifest
        manifest = Manifest(
            program=importlib.metadata.version("wenbao"),
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            generation=of.generation,
            encoder=of.encoder,
            encoder_fingerprint=of.encoder_fingerprint,
            analysis_fingerprint=of.analysis_fingerprint,
            passage_characters=of.passage_characters,
            readings_version=version,
            roots=[Root(path=printable(path), is_file=path.is_file()) for path in self.settings.corpus.paths],
            left_out=self.done.left_out,
            members=self.members,
        )
        self.archive.writestr(MANIFEST, manifest.model_dump_json(indent=1), zipfile.ZIP_DEFLATED, LEVEL)

    def _pack_originals(self, belonging: Belonging) -> None:
        found = [(n, *one) for n, path in enumerate(self.settings.corpus.paths) for one in find_files([path])]
        for done, (number, root, path) in enumerate(found, start=1):
            try:
                with original(root, path) as source:
                    self._pack_original(number, path, path.relative_to(root).as_posix(), source, belonging)
            except LeftOut as reason:
                belonging.covered.add(path.relative_to(root).as_posix())
                self.done.left_out.append((printable(path), str(reason)))
            self.progress("pack", done, len(found))
        self.done.changed += [(path, "no longer in the corpus") for path in belonging.gone()]

    def _pack_original(self, number: int, path: Path, relative: str, source: IO[bytes], belonging: Belonging) -> None:
        before = open_state(source)
        digest, size = self._write(f"originals/{number}/{relative}", source)
        is_settled = before == open_state(source) == state_of(path)
        changed = belonging.changed(path, relative, digest, before) if is_settled else "changed while it was read"
        if changed:
            self.done.changed.append((printable(path), changed))
        reading = None if changed else belonging.reading(path, before)
        self._add("original", relative, (digest, size), source, root=number, reading=reading)
        self.done.originals += 1

    def _pack_generation(self) -> None:
        """Write the generation's files; SnapshotDamaged where one is not what its manifest says."""
        files = self.held.manifest.files
        for done, (name, source) in enumerate(self.held.files.items(), start=1):
            digest, size = self._write(f"generation/{name}", source)
            if name != GENERATION_MANIFEST and [size, digest] != files[name]:
                raise SnapshotDamaged(f"{source.name} was cut short or altered: {REBUILD}, then make the backup")
            self._add("generation", name, (digest, size), source)
            self.done.generation_files += 1
            self.progress("pack_index", done, len(self.held.files))

    def _pack_state(self) -> None:
        """Write what else index.path keeps; what goes while it is looked at is no longer kept."""
        for path in list(kept_files(self.settings.index.path)):
            relative = path.relative_to(self.settings.index.path).as_posix()
            try:
                if path.suffix == SUFFIX:
                    self._pack_database(path, relative)
                else:
                    with path.open("rb") as source:
                        self._add("state", relative, self._write(f"state/{relative}", source), source)
                        self.done.state_files += 1
            except FileNotFoundError:
                continue

    def _pack_database(self, path: Path, relative: str) -> None:
        copy = self.aside / "copy.sqlite"
        try:
            copy_database(path, copy)
        except sqlite3.Error as error:
            if "full" in str(error):
                raise OSError(errno.ENOSPC, str(error), str(copy)) from error
            copy.unlink(missing_ok=True)
            if path.exists():
                self.done.left_out.append((printable(path), f"it cannot be copied: {error}"))
            return
        finally:
            for tail in SIDECARS:
                copy.with_name(copy.name + tail).unlink(missing_ok=True)
        with copy.open("rb") as source:
            self._add("database", relative, self._write(f"state/{relative}", source), source)
        copy.unlink()
        self.done.databases += 1

    def _write(self, name: str, source: IO[bytes]) -> tuple[str, int]:
        """Copy a file into the archive and return its SHA-256 and its size, as they were written.

        What is appended meanwhile is not read, because a file may grow faster than it is packed.
        """
        state = os.fstat(source.fileno())
        year = min(max(time.localtime(state.st_mtime).tm_year, 1980), 2107)  # as far as the format's years go
        entry = zipfile.ZipInfo(name, (year, *time.localtime(state.st_mtime)[1:6]))
        entry.external_attr = (stat.S_IFREG | PRIVATE) << 16
        is_packed = Path(name).suffix.lower() in PACKED_ALREADY
        entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self.archive.open(entry, "w", force_zip64=True) as target:
            while block := source.read(min(BLOCK, state.st_size - size)):
                digest.update(block)
                size += len(block)
                target.write(block)
        return digest.hexdigest(), size

    def _add(
        self,
        kind: Kind,
        path: str,
        content: tuple[str, int],
        source: IO[bytes],
        root: int = 0,
        reading: Reading | None = None,
    ) -> None:
        """Name a member that was written in the manifest."""
        state, (digest, size) = os.fstat(source.fileno()), content
        folder = f"originals/{root}" if kind == "original" else "generation" if kind == "generation" else "state"
        self.members.append(
            Member(
                name=f"{folder}/{path}",
                kind=kind,
                path=path,
                size=size,
                sha256=digest,
                mtime_ns=state.st_mtime_ns,
                mode=state.st_mode & 0o777,
                root=root,
                reading=reading,
            )
        )
