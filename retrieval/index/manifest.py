"""What a generation says of itself, in ``manifest.json``, and whether its files are still what it says."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from retrieval.disk import sha256_of, write_json
from retrieval.encoder.protocol import Encoder
from retrieval.errors import SnapshotDamaged, SnapshotMismatch
from retrieval.text.words import analysis_fingerprint
from retrieval.types import Skipped

MANIFEST = "manifest.json"
SCHEMA = 2
"""Raise it when older generations can no longer be read."""
REBUILD = "run `wenbao index --rebuild`"
"""What mends any damage."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself; ``files`` maps the name of every other file to [bytes, SHA-256]."""

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


def now() -> str:
    """Return the time of day as the manifest records it, in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def generation_name(number: int, content: str) -> str:
    """Name a generation by its number and a short digest of what it holds."""
    return f"{number:06d}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a generation's manifest, and with it the checksum of its values."""
    values = json.loads(json.dumps(asdict(manifest)))
    write_json(folder / MANIFEST, {**values, "checksum": _checksum(values)})


def read_manifest(folder: Path) -> Manifest:
    """Read a generation's manifest; SnapshotDamaged if it is not whole, SnapshotMismatch if it has another schema."""
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SnapshotDamaged(f"{path} is missing or damaged: {REBUILD}") from error
    if not isinstance(values, dict) or values.get("schema") != SCHEMA:
        raise SnapshotMismatch(f"the index {folder} was written by another version of Wenbao: {REBUILD}")
    if values.pop("checksum", None) != _checksum(values):
        raise SnapshotDamaged(f"{path} was altered: {REBUILD}")
    try:
        return manifest_from(values)
    except (KeyError, TypeError) as error:
        raise SnapshotDamaged(f"{path} is damaged: {REBUILD}") from error


def manifest_from(values: dict[str, Any]) -> Manifest:
    """Return the manifest of a dictionary, which is used up; KeyError or TypeError if it is none."""
    skipped = tuple(Skipped(**entry) for entry in values.pop("skipped"))
    return Manifest(skipped=skipped, **values)


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare every file with its size and SHA-256 in the manifest; SnapshotDamaged names the first that differs."""
    for name, (size, digest) in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise SnapshotDamaged(f"{path} is missing: {REBUILD}")
        if path.stat().st_size != size or sha256_of(path) != digest:
            raise SnapshotDamaged(f"{path} was cut short or altered: {REBUILD}")


def check_fingerprints(manifest: Manifest, encoder: Encoder) -> None:
    """Raise SnapshotMismatch if the vectors or words of the index were made otherwise than questions' are now."""
    if manifest.encoder_fingerprint != encoder.fingerprint:
        named = "another encoder.runtime or model files" if manifest.encoder == encoder.name else encoder.name
        raise SnapshotMismatch(
            f"the index was made with the encoder {manifest.encoder}, the configuration names {named}: "
            "run `wenbao index`"
        )
    if manifest.analysis_fingerprint != analysis_fingerprint():
        raise SnapshotMismatch("the index was made with other dictionaries of words: run `wenbao index`")


def _checksum(values: dict[str, Any]) -> str:
    """Return the SHA-256 of a manifest's values, in hexadecimal."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
