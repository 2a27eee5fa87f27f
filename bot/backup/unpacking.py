"""Members of a backup -> files aside, each compared with its size and checksum while it is written."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from bot.backup.contents import BackupUnusable, Member, damaged
from bot.backup.databases import PRIVATE
from retrieval.types import Progress

BLOCK = 2**20


def unpack(file: Path, archive: zipfile.ZipFile, wanted: Sequence[tuple[Member, Path]], progress: Progress) -> None:
    """Write each member to its path, with its permissions and its time of change.

    Raises BackupUnusable where a member is not what the manifest says, and OSError.
    """
    for done, (member, path) in enumerate(wanted, start=1):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _unpack(file, archive, member, path)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
            OverflowError,
        ) as error:
            raise damaged(file, f"{member.name}: {error}") from error
        progress("unpack", done, len(wanted))


def _unpack(file: Path, archive: zipfile.ZipFile, member: Member, path: Path) -> None:
    digest, size = hashlib.sha256(), 0
    with archive.open(member.name) as source, path.open("xb") as target:
        while block := source.read(BLOCK):
            digest.update(block)
            size += len(block)
            if size > member.size:
                break
            target.write(block)
    if (size, digest.hexdigest()) != (member.size, member.sha256):
        raise _other_content(file, member)
    os.chmod(path, member.mode | PRIVATE)
    os.utime(path, ns=(member.mtime_ns, member.mtime_ns))


def _other_content(file: Path, member: Member) -> BackupUnusable:
    return damaged(file, f"{member.name} is not what was written")
