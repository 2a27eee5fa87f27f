"""What is indexed, by which encoder, and what is wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from bot.service.calibration import Calibration, load_calibration
from bot.service.opening import Opener
from bot.service.store import store_of
from bot.settings import Settings
from retrieval.answer.trained.choice import kind_of
from retrieval.encoder.protocol import Encoder
from retrieval.errors import SnapshotDamaged, SnapshotMissing, WenbaoError
from retrieval.index.manifest import check_fingerprints
from retrieval.index.protocol import Snapshot
from retrieval.index.store import Store


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What ``wenbao status --json`` and ``GET /status`` say (contract)."""

    generation: str | None
    documents: int
    passages: int
    encoder: str
    problems: tuple[str, ...]
    recall: float | None = None
    """Recall of an approximate dense leg; shown in the terminal, no part of the contract's object."""
    is_served: bool = True
    """Whether questions can be answered from what is on disk, even if it is outdated or an older generation."""
    is_damaged: bool = False
    """Whether a file of any kept generation was found damaged."""
    calibration: Calibration | None = None
    """What is promised of answers, if the user's own questions have set how sure they must be."""

    def as_json(self) -> dict[str, object]:
        """Return the contract's object."""
        names = ("generation", "documents", "passages", "encoder")
        promise = {"calibration": asdict(self.calibration)} if self.calibration else {}
        return {**{name: getattr(self, name) for name in names}, "problems": list(self.problems), **promise}


def index_status(settings: Settings, opener: Opener, *, verify: bool = False) -> IndexStatus:
    """Describe the index on disk with all its problems; ``verify`` reads the older generations too."""
    reader = kind_of(opener.encoder(settings).name, settings.answer.reader)
    calibration = load_calibration(settings.index.path, reader)
    return replace(_index_status(settings, opener, verify=verify), calibration=calibration)


def _index_status(settings: Settings, opener: Opener, *, verify: bool) -> IndexStatus:
    encoder, store = opener.encoder(settings), store_of(settings)
    problems: list[str] = []
    damage: str | None = None
    is_served = False
    try:
        snapshot, damage = store.last_good()
        problems += [damage] if damage else _skipped(snapshot)
        is_served = _is_served(snapshot, settings, opener)
        check_fingerprints(snapshot.manifest, encoder)
    except SnapshotMissing as error:
        return IndexStatus(None, 0, 0, encoder.name, (str(error),), is_served=False)
    except WenbaoError as error:
        problems.append(str(error))
        damage = damage or (str(error) if isinstance(error, SnapshotDamaged) else None)
    found = store.verify() if verify else []
    problems += [str(error) for error in found if str(error) not in problems]
    is_damaged = damage is not None or any(isinstance(error, SnapshotDamaged) for error in found)
    return _described(store, encoder, tuple(problems), is_served=is_served, is_damaged=is_damaged)


def _skipped(snapshot: Snapshot) -> list[str]:
    return [f"skipped {entry.path}: {entry.reason}" for entry in snapshot.manifest.skipped]


def _is_served(snapshot: Snapshot, settings: Settings, opener: Opener) -> bool:
    """Whether the encoder that made a snapshot is still available, so that the snapshot can answer."""
    try:
        encoder = opener.encoder(settings, model=snapshot.manifest.encoder)
        return encoder.fingerprint == snapshot.manifest.encoder_fingerprint
    except WenbaoError:
        return False


def _described(
    store: Store, encoder: Encoder, problems: tuple[str, ...], *, is_served: bool, is_damaged: bool
) -> IndexStatus:
    try:
        manifest = store.manifest()
    except WenbaoError:
        manifest = None
    if manifest is None:
        return IndexStatus(None, 0, 0, encoder.name, problems, None, is_served, is_damaged)
    counts = manifest.documents, manifest.passages
    return IndexStatus(manifest.generation, *counts, manifest.encoder, problems, manifest.recall, is_served, is_damaged)
