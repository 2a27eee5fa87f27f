"""A compiled model as one file, for machines that cannot compile it: a zip archive with a manifest.

    exported.json   first: what the file is, which model it holds, and size and SHA-256 of each other member
    model.onnx …    the files of the compiled model's folder (``compiled.py``), ``compiled.json`` among them

The same model makes the same file, byte for byte. Importing checks all of it aside and publishes the folder by one
rename. The folder keeps the manifest, which says what the model is where nothing else does: of a model by another name
than the default's there is neither a folder nor a hub on a machine that only serves.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from filelock import FileLock

from retrieval.disk import file_aside, folder_aside, remove_asides, sha256_of
from retrieval.encoder.compiled import OUTCOME, Compiled, is_whole, read_outcome
from retrieval.encoder.identity import LAYOUT, RECIPE, Identity
from retrieval.encoder.protocol import Runtime
from retrieval.errors import ModelDamaged, ModelUnavailable

FORMAT = "wenbao encoder"
VERSION = 1
"""Raise it when the manifest says something else."""
MANIFEST = "exported.json"
LONGEST_MANIFEST = 2**20
"""Bytes; what is longer is none."""
PIECE = 2**20
"""Bytes that are copied at a time."""
MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""A file right inside the folder: no part of a path, no hidden file."""
RUNTIMES: tuple[Runtime, ...] = ("int8", "fp32")
BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, struct.error)
"""What reading a damaged or encrypted archive raises; OSError where it points outside of itself."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file: its size in bytes and its SHA-256, in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What another machine must know of a compiled model."""

    identity: Identity
    runtime: Runtime
    files: Mapping[str, Member]

    @property
    def fingerprint(self) -> str:
        """The encoder's fingerprint, the same on every machine."""
        return self.identity.fingerprint(self.runtime)

    @property
    def folder_name(self) -> str:
        """The name of the model's folder in any cache."""
        return self.identity.folder_name(self.runtime)

    def as_json(self) -> bytes:
        """Return the manifest; ``fingerprint`` is in it for people and for a check."""
        value = {
            "format": FORMAT,
            "version": VERSION,
            "recipe": RECIPE,
            "layout": LAYOUT,
            "fingerprint": self.fingerprint,
            **asdict(self),
        }
        return json.dumps(value, ensure_ascii=False, indent=1).encode()


def export_encoder(file: Path, folder: Path, identity: Identity, runtime: Runtime) -> Exported:
    """Write the compiled model in ``folder``, which is whole, into one file, which appears at once or not at all.

    ModelUnavailable where the file cannot be written.
    """
    outcome = read_outcome(folder)
    assert isinstance(outcome, Compiled), folder
    try:
        paths = [folder / name for name in (OUTCOME, *sorted(outcome.files))]
        members = {path.name: Member(path.stat().st_size, sha256_of(path)) for path in paths}
        exported = Exported(identity, runtime, members)
        with file_aside(file) as aside, ZipFile(aside, "w") as archive:
            archive.writestr(_entry(MANIFEST), exported.as_json())
            for path in paths:
                with path.open("rb") as source, archive.open(_entry(path.name, path.stat().st_size), "w") as target:
                    shutil.copyfileobj(source, target, PIECE)
    except OSError as error:
        raise ModelUnavailable(
            f"{file} cannot be written ({error.strerror}): name a file in a folder that has room and may be written"
        ) from error
    return exported


def _entry(name: str, size: int = 0) -> ZipInfo:
    """Return the head of a member, without a time, so that the same model makes the same file."""
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.file_size = size
    return entry


def import_encoder(file: Path, cache: Path) -> Exported:
    """Put the model of an exported file into ``cache`` by one rename; where the same is there already, nothing changes.

    Whoever may look into ``cache`` may read the model, because the user who imports is often not the one who serves.
    Raises ModelDamaged where the file is no export, one of another version, or not what was written, and
    ModelUnavailable where it cannot be read or the cache cannot be written.
    """
    try:
        opened = file.open("rb")
    except OSError as error:
        raise ModelUnavailable(f"{file} cannot be read: {error.strerror}") from error
    with opened:
        try:
            archive = ZipFile(opened)
        except BROKEN as error:
            raise _foreign(file) from error
        exported = _read_manifest(archive, file)
        try:
            _install(archive, file, exported, cache)
        except OSError as error:
            raise ModelUnavailable(
                f"the model cannot be put into {cache} ({error.strerror}): free 1 GB there, or set encoder.cache"
            ) from error
    return exported


def _install(archive: ZipFile, file: Path, exported: Exported, cache: Path) -> None:
    """Put the model into the cache unless the very same is there and whole."""
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / exported.folder_name
    with FileLock(cache / f"{target.name}.lock"):
        if find_imported(cache, exported.identity.model, exported.runtime) != exported or not is_whole(target):
            _publish(archive, file, exported, target)


def _publish(archive: ZipFile, file: Path, exported: Exported, target: Path) -> None:
    """Write the folder aside, check it, and put it in the place of any other; the caller holds the lock."""
    remove_asides(target)
    with folder_aside(target, durable=True) as aside:
        for name, member in exported.files.items():
            _unpack(archive, file, name, member, aside / name)
        if not isinstance(read_outcome(aside), Compiled) or not is_whole(aside):
            raise _damaged(file, f"{OUTCOME} says something else")
        (aside / MANIFEST).write_bytes(exported.as_json())
        aside.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)


def _unpack(archive: ZipFile, file: Path, name: str, member: Member, target: Path) -> None:
    """Write one member to ``target``, never more of it than the manifest says."""
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as written:
        for piece in _pieces(archive, file, name):
            size += len(piece)
            if size > member.size:
                break
            digest.update(piece)
            written.write(piece)
    if (size, digest.hexdigest()) != (member.size, member.sha256):
        raise _damaged(file, f"{name} is not what was written")


def _pieces(archive: ZipFile, file: Path, name: str) -> Iterator[bytes]:
    """Yield a member piece by piece; whatever goes wrong here is the archive's fault and not the disk's."""
    try:
        with archive.open(name) as source:
            while piece := source.read(PIECE):
                yield piece
    except BROKEN as error:
        raise _damaged(file, f"{name} cannot be unpacked") from error


def _read_manifest(archive: ZipFile, file: Path) -> Exported:
    """Return what an archive says of itself; ModelDamaged where it is not for this version, or names other members."""
    try:
        if archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
            raise _foreign(file)
        value = json.loads(archive.read(MANIFEST))
    except (KeyError, *BROKEN) as error:
        raise _foreign(file) from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _foreign(file)
    if (value.get("version"), value.get("recipe"), value.get("layout")) != (VERSION, RECIPE, LAYOUT):
        raise ModelDamaged(
            f"{file} was exported by another version of Wenbao (version {value.get('version')}, model recipe "
            f"{value.get('recipe')}.{value.get('layout')}; here {VERSION}, {RECIPE}.{LAYOUT}): "
            "install the same version on both machines, and export it again"
        )
    exported = _exported(value)
    if exported is None or value.get("fingerprint") != exported.fingerprint:
        raise _damaged(file, f"{MANIFEST} contradicts itself")
    if sorted(archive.namelist()) != sorted([MANIFEST, *exported.files]):
        raise _damaged(file, "it has other members than its manifest says")
    return exported


def _exported(value: Mapping[str, Any]) -> Exported | None:
    """Return what a manifest says; None where it says less, or would write where it must not."""
    try:
        identity, runtime = value["identity"], value["runtime"]
        files = {name: Member(int(member["size"]), str(member["sha256"])) for name, member in value["files"].items()}
        found = Exported(Identity(str(identity["model"]), tuple(map(str, identity["source"]))), runtime, files)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    allowed = OUTCOME in files and MANIFEST not in files and all(map(MEMBER.fullmatch, files))
    return found if allowed and runtime in RUNTIMES else None


def find_imported(cache: Path, model: str, runtime: Runtime) -> Exported | None:
    """Return what was imported into ``cache`` under the name ``model`` for ``runtime``; None where nothing was."""
    return next((one for one in _imported(cache) if (one.identity.model, one.runtime) == (model, runtime)), None)


def _imported(cache: Path) -> Iterator[Exported]:
    """Yield what was imported by this version, the last first."""
    found = [(path.stat().st_mtime_ns, path) for path in cache.glob(f"*/{MANIFEST}")]
    for _, path in sorted(found, reverse=True):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            exported = _exported(json.loads(path.read_bytes()))
            if exported is not None and exported.folder_name == path.parent.name:
                yield exported


def _foreign(file: Path) -> ModelDamaged:
    return ModelDamaged(f"{file} is no exported encoder: make one with `wenbao encoder export FILE`")


def _damaged(file: Path, what: str) -> ModelDamaged:
    return ModelDamaged(f"{file} is damaged ({what}): copy it again, or make it anew with `wenbao encoder export FILE`")
