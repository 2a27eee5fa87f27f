"""What is indexed, by which encoder, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from bot.service.opening import make_encoder
from bot.settings import Settings
from retrieval.errors import SnapshotError, SnapshotMissing, WenbaoError
from retrieval.index.snapshot import (
    check_fingerprints,
    load_snapshot,
    published,
    read_manifest,
    verify_all,
)


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What ``wenbao status --json`` and ``GET /status`` say (contract)."""

    generation: str | None
    documents: int
    passages: int
    encoder: str
    problems: tuple[str, ...]
    recall: float | None = None
    """Of an approximate dense leg; shown in the terminal, no part of the contract's object."""

    def as_json(self) -> dict[str, object]:
        """Return the contract's object."""
        names = ("generation", "documents", "passages", "encoder")
        return {**{name: getattr(self, name) for name in names}, "problems": list(self.problems)}


def index_status(settings: Settings, *, verify: bool = False) -> IndexStatus:
    """Describe the index on disk, with every problem that it has; ``verify`` reads the older generations too."""
    encoder = make_encoder(settings)
    problems: list[str] = []
    try:
        snapshot = load_snapshot(settings.index.path)
        problems += [f"skipped {entry.path}: {entry.reason}" for entry in snapshot.manifest.skipped]
        check_fingerprints(snapshot, encoder)
    except SnapshotMissing as error:
        return IndexStatus(None, 0, 0, encoder.name, (str(error),))
    except WenbaoError as error:
        problems.append(str(error))
    if verify:
        problems += [problem for problem in verify_all(settings.index.path) if problem not in problems]
    return _from_manifest(settings, encoder.name, tuple(problems))


def _from_manifest(settings: Settings, encoder: str, problems: tuple[str, ...]) -> IndexStatus:
    try:
        folder = published(settings.index.path)
        manifest = read_manifest(folder) if folder else None
    except SnapshotError:
        manifest = None
    if manifest is None:
        return IndexStatus(None, 0, 0, encoder, problems)
    counts = manifest.documents, manifest.passages
    return IndexStatus(manifest.generation, *counts, manifest.encoder, problems, manifest.recall)
