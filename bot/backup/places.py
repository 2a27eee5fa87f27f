"""Whose folders become whose, and what stands there already.

The Nth of the backup's corpus paths is put where the Nth of the configured ones is. Both are folders, or both are
single files of one name, because a report's id comes from its path below the folder.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from bot.backup.contents import Manifest, Root
from bot.backup.packing import BackupUnwritable
from bot.backup.sources import kept_files
from bot.settings import Settings
from retrieval.corpus import find_files
from retrieval.errors import SnapshotError, WenbaoError
from retrieval.index.local.snapshot import kept_generations, published


class RestoreRefused(WenbaoError):
    """A backup does not fit the configuration, or would replace what nobody said it may."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a root's files are put: everything in ``folder``, or the one file ``name`` in it."""

    root: Root
    path: Path
    """The configured path."""

    @property
    def folder(self) -> Path:
        """The folder that files are put into."""
        return self.path.parent if self.root.is_file else self.path

    def standing(self) -> list[Path]:
        """Return what is there now and would be replaced: entries of the folder that are not hidden."""
        if self.root.is_file:
            return [self.path] if os.path.lexists(self.path) else []
        if not self.path.is_dir():
            return []
        return sorted(entry for entry in self.path.iterdir() if not entry.name.startswith("."))

    def moved(self, shown: str, here: str) -> str | None:
        """Return the path here of a file below the root, as the index names it; None for one of another root."""
        if self.root.is_file:
            return here if shown == self.root.path else None
        before = self.root.path.rstrip("/") + "/"
        return here.rstrip("/") + "/" + shown.removeprefix(before) if shown.startswith(before) else None


def places_for(settings: Settings, manifest: Manifest) -> list[Place]:
    """Return where each root goes; RestoreRefused where the configured paths are not like those of the backup."""
    paths, roots = settings.corpus.paths, manifest.roots
    if len(paths) != len(roots):
        was = ", ".join(root.path for root in roots)
        raise RestoreRefused(
            f"the backup has {len(roots)} corpus paths ({was}), the configuration names {len(paths)}: "
            "set corpus.paths to as many, in that order"
        )
    places = [Place(root, path) for root, path in zip(roots, paths, strict=True)]
    for place in places:
        _refuse_other_kind(place)
    _refuse_overlap([*paths, settings.index.path])
    return places


def _refuse_other_kind(place: Place) -> None:
    name = PurePath(place.root.path).name
    if place.root.is_file and (place.path.is_dir() or place.path.name != name):
        raise RestoreRefused(
            f"{place.root.path} was a single file in the backup, and {place.path} is set for it: "
            f"set a file of the name {name} there in corpus.paths"
        )
    if not place.root.is_file and place.path.exists() and not place.path.is_dir():
        raise RestoreRefused(
            f"{place.root.path} was a folder in the backup, and {place.path} is a file: set a folder in corpus.paths"
        )


def _refuse_overlap(paths: Sequence[Path]) -> None:
    """Refuse folders that lie in one another, because one would be moved with the other; hidden ones never are."""
    for inner, outer in itertools.permutations([path.resolve() for path in paths], 2):
        if inner.is_relative_to(outer):
            below = inner.relative_to(outer).parts
            if not below or not below[0].startswith("."):
                raise RestoreRefused(f"{inner} lies in {outer}: set corpus.paths and index.path to separate places")


def what_stands(settings: Settings, places: Sequence[Place]) -> list[str]:
    """Say what a restore would replace, a phrase for each thing; nothing where index and corpus are empty."""
    return [*_index_standing(settings.index.path), *_corpus_standing(places)]


def _index_standing(index_path: Path) -> Iterator[str]:
    try:
        folder = published(index_path)
        generation = folder.name if folder else None
    except SnapshotError:
        generation = "damaged"
    kept = [path.relative_to(index_path).as_posix() for path in kept_files(index_path)]
    if generation or kept_generations(index_path):
        yield f"the index in {index_path} (generation {generation})"
    if kept:
        named = ", ".join(kept[:5]) + (", …" if len(kept) > 5 else "")
        yield f"{_files(len(kept))} beside it ({named})"


def _corpus_standing(places: Sequence[Place]) -> Iterator[str]:
    for place in places:
        if place.standing():
            yield f"{_files(sum(1 for _ in find_files([place.path])))} in {place.path}"


def _files(count: int) -> str:
    return f"{count:,} file" + ("s" if count != 1 else "")


def refuse_lack_of_space(wanted: Sequence[tuple[Path, int]]) -> None:
    """Raise BackupUnwritable where a disk has less free than the files that go there take together."""
    needed, shown = Counter[int](), dict[int, Path]()
    for folder, size in wanted:
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        needed[there.stat().st_dev] += size
        shown[there.stat().st_dev] = there
    for device, size in needed.items():
        free = shutil.disk_usage(shown[device]).free
        if size > free:
            raise BackupUnwritable(
                f"the disk of {shown[device]} has {free / 2**20:,.1f} MiB free, and {size / 2**20:,.1f} are needed: "
                "free some space; nothing was changed"
            )
