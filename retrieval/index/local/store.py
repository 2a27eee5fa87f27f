"""The store below one folder of this machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from retrieval.encoder.protocol import Encoder
from retrieval.errors import SnapshotError
from retrieval.index.build import build_index
from retrieval.index.history import History, published_documents
from retrieval.index.local import publish, snapshot
from retrieval.index.local.snapshot import CURRENT, LocalSnapshot
from retrieval.index.manifest import Manifest
from retrieval.index.scan import Scanning
from retrieval.index.store import Keeping
from retrieval.types import Receipt


class LocalStore:
    """Generations as folders below ``path``; see ``store.Store``."""

    def __init__(self, path: Path, keeping: Keeping | None = None) -> None:
        self.path = path
        self.history = History(path)
        self._keeping = keeping or Keeping()

    def publication(self) -> tuple[int, ...] | None:
        """Return the time and the inode of ``CURRENT``."""
        with contextlib.suppress(OSError):
            state = (self.path / CURRENT).stat()
            return state.st_mtime_ns, state.st_ino
        return None

    def touched(self) -> object:
        """Return the publication, and the names, sizes and times of the published generation's files."""
        with contextlib.suppress(OSError, SnapshotError):
            folder = snapshot.published(self.path)
            files = [(entry.name, entry.stat()) for entry in os.scandir(folder)] if folder else []
            return self.publication(), sorted((name, state.st_size, state.st_mtime_ns) for name, state in files)
        return self.publication()

    def last_good(self) -> tuple[LocalSnapshot, str | None]:
        """Load the published generation, or the newest that is whole; see ``store.Store``."""
        return snapshot.load_last_good(self.path)

    def published(self) -> LocalSnapshot:
        """Load the published generation; see ``store.Store``."""
        return snapshot.load_snapshot(self.path)

    def generation(self) -> str | None:
        """Return the name in ``CURRENT``; SnapshotDamaged where that is none."""
        folder = snapshot.published(self.path)
        return folder.name if folder else None

    def manifest(self) -> Manifest | None:
        """Read the published generation's manifest alone; see ``store.Store``."""
        return snapshot.published_manifest(self.path)

    def document_ids(self) -> set[str]:
        """Return the ids of the published reports; none where that file cannot be used either."""
        return {document.document_id for document in published_documents(self.path)}

    def verify(self) -> list[SnapshotError]:
        """Read every kept generation and the earlier texts from end to end."""
        damage = self.history.damage()
        return [*snapshot.verify_all(self.path), *([damage] if damage else [])]

    def writing(self, wait: float = 0) -> AbstractContextManager[None]:
        """Hold the folder's lock; see ``publish.writing``."""
        return publish.writing(self.path, wait)

    def update(self, paths: Sequence[Path], encoder: Encoder, scanning: Scanning) -> Receipt:
        """Bring the index up to date; see ``build.build_index``."""
        keeping = self._keeping
        return build_index(
            paths,
            self.path,
            encoder,
            rebuild=scanning.rebuild,
            may_remove_most=scanning.may_remove_most,
            named=scanning.named,
            max_bytes=scanning.max_bytes,
            passage_characters=scanning.passage_characters,
            exact_up_to=keeping.exact_up_to,
            keep=keeping.keep,
            history=keeping.history,
            link_from=keeping.link_from,
            progress=scanning.progress,
            recogniser=scanning.recogniser,
        )

    def size_here(self) -> int:
        """Return the bytes of the published generation's files, 0 where there is none."""
        with contextlib.suppress(SnapshotError, OSError):
            folder = snapshot.published(self.path)
            return sum(entry.stat().st_size for entry in os.scandir(folder)) if folder else 0
        return 0
