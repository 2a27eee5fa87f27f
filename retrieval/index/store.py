"""Where generations of an index are kept, with earlier texts of their reports, whichever kind of place it is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from retrieval.encoder.protocol import Encoder
from retrieval.errors import SnapshotDamaged, SnapshotError
from retrieval.index.history import KEPT_VERSIONS, Superseded
from retrieval.index.local.dense import EXACT_UP_TO
from retrieval.index.local.publish import KEPT_GENERATIONS
from retrieval.index.local.token_store import LINK_FROM_BYTES
from retrieval.index.manifest import Manifest
from retrieval.index.protocol import Snapshot
from retrieval.index.scan import Scanning
from retrieval.types import Receipt

Publication = tuple[int, ...]
"""What is another one as soon as another generation is published; nothing else is known of it."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a store keeps: the last ``keep`` generations, and of each report the last ``history`` texts.

    In files the dense leg is approximate for more than ``exact_up_to`` passages, and generations share files of tokens
    of at least ``link_from`` bytes.
    """

    exact_up_to: int = EXACT_UP_TO
    keep: int = KEPT_GENERATIONS
    history: int = KEPT_VERSIONS
    link_from: int = LINK_FROM_BYTES


class EarlierTexts(Protocol):
    """The texts that reports had before, as far as they are kept."""

    def of(self, document_id: str) -> list[Superseded]:
        """Return the kept texts of a report, the latest first; those that cannot be read are left out."""

    def version(self, document_id: str, version: str) -> Superseded | None:
        """Return one kept text of a report; None where it is not kept."""

    def damage(self) -> SnapshotDamaged | None:
        """Read all of them and return what is wrong, if anything."""


class Store(Protocol):
    """Generations of one index. Any number of processes and threads may use it at once.

    Of a store that is far away everything may raise StoreUnreachable or StoreUnusable too.
    """

    @property
    def history(self) -> EarlierTexts:
        """The texts that reports had before."""

    def publication(self) -> Publication | None:
        """Return what changes when a generation is published, None where none ever was; it costs next to nothing."""

    def touched(self) -> object:
        """Return what changes when a generation is published, or what is kept of the published one is touched."""

    def last_good(self) -> tuple[Snapshot, str | None]:
        """Return the published generation or, where it is damaged, the newest that is whole, and what is wrong.

        SnapshotMissing where nothing was ever indexed, SnapshotDamaged or SnapshotMismatch where nothing can be read.
        """

    def published(self) -> Snapshot:
        """Return the published generation and no other; raises as ``last_good``, and where it is damaged."""

    def generation(self) -> str | None:
        """Return the name of the published generation, even where it cannot be used; None where there is none."""

    def manifest(self) -> Manifest | None:
        """Return what the published generation says of itself; None where there is none, or SnapshotError."""

    def document_ids(self) -> set[str]:
        """Return the ids of the published reports, even where nothing else of the generation can be used."""

    def verify(self) -> list[SnapshotError]:
        """Look at everything that is kept from end to end and return what is wrong with it."""

    def writing(self, wait: float = 0) -> AbstractContextManager[None]:
        """Hold the store for one writer, who may take it again in the same thread; IndexBusy names the other one."""

    def update(self, paths: Sequence[Path], encoder: Encoder, scanning: Scanning) -> Receipt:
        """Bring the index up to date with the reports below ``paths``; see ``build.build_index``."""

    def size_here(self) -> int:
        """Return the bytes that a generation takes on a disk of this machine."""
