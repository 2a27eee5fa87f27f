"""One generation, complete, while other processes publish new ones and delete old ones.

Its files are opened, and an open file can be read to its end after it was deleted. The writer's lock is not taken,
because nobody could index or upload as long as a large backup takes. Hard links would serve as well, but a killed
backup would leave them below index.path, and that folder would have to be writable.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from retrieval.errors import SnapshotDamaged, SnapshotMissing
from retrieval.index.documents_file import DOCUMENTS
from retrieval.index.local.snapshot import published
from retrieval.index.manifest import MANIFEST, REBUILD, Manifest, read_manifest

ATTEMPTS = 20
"""A generation stays for at least one more run of the index; so many runs do not end while its files are opened."""


@dataclass(frozen=True, slots=True)
class Held:
    """A generation's manifest and its files, open for reading, by name."""

    manifest: Manifest
    files: dict[str, BinaryIO]

    def digests(self) -> dict[str, tuple[str, str]]:
        """Return id and digest of every document, by its path below the corpus root."""
        lines = self.files[DOCUMENTS]
        lines.seek(0)
        found = {}
        for line in lines:
            values = json.loads(line)
            found[str(values["path"])] = str(values["document_id"]), str(values["digest"])
        lines.seek(0)
        return found


@contextmanager
def held_generation(index_path: Path) -> Iterator[Held]:
    """Open every file of the published generation and yield them; they are closed in the end.

    Raises SnapshotMissing, SnapshotDamaged where a file is missing, and SnapshotMismatch for another version's.
    """
    with ExitStack() as stack:
        yield _held(index_path, stack)


def _held(index_path: Path, stack: ExitStack) -> Held:
    for attempt in range(ATTEMPTS):
        folder = published(index_path)
        if folder is None:
            raise SnapshotMissing(f"there is no index in {index_path}: run `wenbao index`")
        try:
            manifest = read_manifest(folder)
            return Held(manifest, _opened(folder, [MANIFEST, *manifest.files], stack))
        except SnapshotDamaged:
            stack.close()
            if attempt == ATTEMPTS - 1 or published(index_path) == folder:  # else it was deleted in between
                raise
    raise AssertionError("unreachable")


def _opened(folder: Path, names: list[str], stack: ExitStack) -> dict[str, BinaryIO]:
    try:
        return {name: stack.enter_context((folder / name).open("rb")) for name in names}
    except FileNotFoundError as error:
        raise SnapshotDamaged(f"{error.filename} is missing: {REBUILD}") from error
