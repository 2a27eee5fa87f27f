"""What a backup says of itself, in ``wenbao-backup.json``, and whether the file is whole and ours."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.backup.databases import SIDECARS, SUFFIX
from retrieval.corpus import READINGS
from retrieval.errors import WenbaoError
from retrieval.index.local.snapshot import CURRENT, GENERATION, GENERATIONS

FORMAT = 1
"""Raise it when an older program would misunderstand what a backup holds."""
MANIFEST = "wenbao-backup.json"
LARGEST_MANIFEST = 2**30
"""In bytes; a foreign file must not fill the memory."""

NOT_KEPT = {CURRENT, GENERATIONS, READINGS, "lock", "writer", "pending", "runs", "scanned", "memory.sqlite"}
"""What index.path holds that a backup does not, or not as it is: the generation and the readings are taken apart.

Conversations are not in it, because they are soon forgotten, and a backup is kept.
"""
LEFT_BEHIND = (".lock", ".damaged.sqlite", *(SUFFIX + tail for tail in SIDECARS))
"""How names end of what belongs to a process, or was left by one that was killed."""

Kind = Literal["generation", "state", "database", "original"]


class BackupUnusable(WenbaoError):
    """A file is no backup, or not a whole one, or one of a newer program."""


def is_kept(path: str) -> bool:
    """Whether a file or folder below index.path is one of those that a backup keeps under ``state``."""
    parts = path.split("/")
    return parts[0] not in NOT_KEPT and not path.endswith(LEFT_BEHIND) and not any(p.startswith(".") for p in parts)


def _safe(path: str) -> str:
    """Return a path that stays below the folder it is unpacked into; ValueError for any other."""
    parts = {*path.split("/"), *Path(path).parts}  # Windows has other separators, and drives
    if "\0" in path or Path(path).anchor or {"", ".", ".."} & parts:
        raise ValueError("a path that leads out of its folder")
    if any(part.startswith(".") for part in parts):
        raise ValueError("a hidden file")
    return path


class _Part(BaseModel):
    """What the manifest is made of: nothing is added to it later, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Root(_Part):
    """One of corpus.paths as it was: a folder, or a single file."""

    path: str
    is_file: bool


class Reading(_Part):
    """What the index run made of a file: ids and digests of its documents, and what it skipped for which reason."""

    documents: list[tuple[str, str]]
    skipped: list[tuple[str, str]]


class Member(_Part):
    """One file: its name in the archive, where it belongs, and what it must be.

    ``path`` is relative to the generation's folder, index.path or, for originals, to the ``root``.
    """

    name: str
    kind: Kind
    path: Annotated[str, AfterValidator(_safe)]
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    mtime_ns: int = Field(ge=-(2**63), lt=2**63)
    mode: int = Field(ge=0, le=0o777)
    root: int = Field(default=0, ge=0)
    reading: Reading | None = None


class Manifest(_Part):
    """What a backup holds and where it comes from."""

    format: int = FORMAT
    program: str
    created: str
    generation: str = Field(pattern=GENERATION.pattern)
    encoder: str
    encoder_fingerprint: str
    analysis_fingerprint: str
    passage_characters: int
    readings_version: str
    roots: list[Root]
    left_out: list[tuple[str, str]]
    """Files of the corpus that are not in the backup, as the index names them, and why."""
    members: list[Member]

    def of(self, *kinds: Kind) -> list[Member]:
        """Return the members of these kinds, in their order."""
        return [member for member in self.members if member.kind in kinds]


class _Format(BaseModel):
    """The one field that every format has."""

    format: int


@contextmanager
def opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup and yield the archive and its manifest; no member has been read yet but the manifest.

    Raises BackupUnusable where the file is missing, cut short, foreign, of a newer format, or where what it holds is
    not what its manifest says.
    """
    try:
        archive = zipfile.ZipFile(file)
    except OSError as error:
        raise BackupUnusable(f"{file} cannot be read ({error.strerror}): name a file of `wenbao backup`") from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _no_backup(file) from error
    with archive:
        manifest = _manifest(file, archive)
        _check_members(file, archive, manifest)
        yield archive, manifest


def _no_backup(file: Path) -> BackupUnusable:
    return BackupUnusable(
        f"{file} is no backup, or was cut short: name a file of `wenbao backup`, or copy it here again"
    )


def damaged(file: Path, what: str) -> BackupUnusable:
    """Return the error for a backup that is not whole."""
    return BackupUnusable(f"{file} is damaged ({what}): copy it here again, or restore another backup")


def is_backup(file: Path) -> bool:
    """Whether a file is a backup of any format, whole or not, as far as its list of members tells."""
    try:
        with zipfile.ZipFile(file) as archive:
            return MANIFEST in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _manifest(file: Path, archive: zipfile.ZipFile) -> Manifest:
    begins = min((entry.header_offset for entry in archive.infolist()), default=0)
    if begins or MANIFEST not in archive.namelist():  # what begins later is an archive in one that was cut short
        raise _no_backup(file)
    entry = archive.getinfo(MANIFEST)
    if entry.file_size > LARGEST_MANIFEST:
        raise damaged(file, f"{MANIFEST} is too large")
    try:
        text = archive.read(entry)
        found = _Format.model_validate_json(text).format
        if found > FORMAT:
            raise BackupUnusable(
                f"{file} was made by a newer Wenbao (format {found}, this one knows {FORMAT}): install that version"
            )
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise damaged(file, f"{MANIFEST}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except Exception as error:  # zlib, zipfile and the operating system each have their own
        if isinstance(error, WenbaoError):
            raise
        raise damaged(file, f"{MANIFEST}: {error}") from error


def _check_members(file: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Refuse an archive that holds anything else than its manifest says, or the same twice, or links."""
    entries = {entry.filename: entry for entry in archive.infolist()}
    named = {member.name for member in manifest.members}
    places = {(member.kind.replace("database", "state"), member.root, member.path) for member in manifest.members}
    if len(entries) != len(archive.infolist()) or not len(named) == len(places) == len(manifest.members):
        raise damaged(file, "a file stands in it twice")
    if other := {*entries} ^ {*named, MANIFEST}:
        raise damaged(file, f"{min(other)} is missing, or does not belong there")
    for member in manifest.members:
        entry = entries[member.name]
        if stat.S_ISLNK(entry.external_attr >> 16) or entry.is_dir():
            raise damaged(file, f"{member.name} is no file")
        if entry.file_size != member.size:
            raise damaged(file, f"{member.name} has another size")
        if not _has_a_place(member, manifest):
            raise damaged(file, f"{member.name} has no place here")


def _has_a_place(member: Member, manifest: Manifest) -> bool:
    if member.kind == "original":
        return member.root < len(manifest.roots)
    return "/" not in member.path if member.kind == "generation" else is_kept(member.path)
