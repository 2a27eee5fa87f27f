"""A backup -> index, state and originals where the configuration wants them.

Everything is unpacked beside its place and checked before anything is replaced. Then it is put in place by renames; if
one fails, those before it are undone. What was there before is kept in hidden folders, which are named in the end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import shutil
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.backup.contents import Manifest, Member, damaged, is_kept, opened
from bot.backup.databases import SUFFIX, WAIT_SECONDS
from bot.backup.packing import FULL, BackupUnwritable
from bot.backup.places import Place, RestoreRefused, places_for, refuse_lack_of_space, what_stands
from bot.backup.sources import printable
from bot.backup.swapping import Swap
from bot.backup.unpacking import unpack
from bot.settings import Settings
from retrieval.corpus import READINGS, state_of, write_readings
from retrieval.errors import SnapshotDamaged, SnapshotMismatch
from retrieval.index.local.publish import writing
from retrieval.index.local.snapshot import CURRENT, GENERATIONS
from retrieval.index.manifest import MANIFEST as GENERATION_MANIFEST
from retrieval.index.manifest import read_manifest, write_manifest
from retrieval.text.words import analysis_fingerprint
from retrieval.types import Progress, no_progress

ASIDE = ".wenbao-restore-"
REPLACED = ".wenbao-replaced-"


@dataclass(slots=True)
class Restored:
    """What a restore put in place, and where what was there before is kept."""

    file: Path
    generation: str
    created: str
    encoder: str
    encoder_fingerprint: str
    originals: int
    databases: int
    roots: list[tuple[str, Path]]
    """Each corpus path of the backup, and the one here that it became."""
    replaced: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What differs here, so that the next index run makes more than nothing."""
    seconds: float = 0.0


def restore_backup(
    settings: Settings,
    file: Path,
    *,
    force: bool = False,
    progress: Progress = no_progress,
    wait_seconds: float = WAIT_SECONDS,
) -> Restored:
    """Put what a backup holds in place; with ``force`` also where something stands already.

    For a database that a server has locked it waits ``wait_seconds``.

    Raises BackupUnusable, RestoreRefused, BackupUnwritable, or IndexBusy while another process writes the index. Then
    nothing was changed.
    """
    started, file = time.monotonic(), file.absolute()
    if settings.index.is_shared:
        raise RestoreRefused("a backup is restored into a folder: set index.store to local")
    with opened(file) as (archive, manifest):
        places = places_for(settings, manifest)
        standing = what_stands(settings, places)
        if standing and not force:
            raise RestoreRefused(
                f"a restore would replace {'; '.join(standing)}: add --force, and what is there now is kept in hidden "
                f"folders {REPLACED}…"
            )
        restoring = _Restoring(settings, file, archive, manifest, places, progress, wait_seconds)
        restoring.refuse_lack_of_space()
        with writing(settings.index.path), _explained(), ExitStack() as stack:
            replaced = restoring.restore(stack)
    originals, databases = len(manifest.of("original")), len(manifest.of("database"))
    roots = [(place.root.path, place.path) for place in places]
    of = manifest.generation, manifest.created, manifest.encoder, manifest.encoder_fingerprint
    seconds = round(time.monotonic() - started, 3)
    return Restored(file, *of, originals, databases, roots, replaced, _notes(settings, manifest), seconds)


def _notes(settings: Settings, manifest: Manifest) -> list[str]:
    """Say what of the configuration, beside the encoder, makes other passages or words than the backup's."""
    wanted, had = settings.index.passage_characters, manifest.passage_characters
    notes = []
    if wanted != had:
        notes.append(f"passages had at most {had} characters, index.passage_characters is {wanted}")
    if manifest.analysis_fingerprint != analysis_fingerprint():
        notes.append("the words were cut with other dictionaries")
    return notes


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what the disk refuses into one line."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        named = getattr(error, "filename", None)
        if getattr(error, "errno", None) in FULL or "disk is full" in str(error):
            raise BackupUnwritable(
                f"the disk is full ({named or error}): free some space and restore again; nothing was changed"
            ) from error
        reason = getattr(error, "strerror", None) or error
        raise BackupUnwritable(
            f"nothing was restored: {f'{named}: ' if named else ''}{reason}: mend that and restore again"
        ) from error


@dataclass(frozen=True, slots=True)
class _Restoring:
    """A restore under way."""

    settings: Settings
    file: Path
    archive: zipfile.ZipFile
    manifest: Manifest
    places: Sequence[Place]
    progress: Progress
    wait_seconds: float

    def refuse_lack_of_space(self) -> None:
        index = self.settings.index.path
        originals = [(self.places[one.root].folder, one.size) for one in self.manifest.of("original")]
        rest = [(index, one.size) for one in self.manifest.of("generation", "state", "database")]
        refuse_lack_of_space([*originals, *rest])

    def restore(self, stack: ExitStack) -> list[Path]:
        """Unpack, check and swap; return the folders that hold what was replaced."""
        index = self.settings.index.path
        for folder in (index, *(place.folder for place in self.places)):
            _remove_asides(folder)
        aside = stack.enter_context(_aside_in(index))
        corpus = [stack.enter_context(_aside_in(place.folder)) for place in self.places]
        wanted = [(member, self._path_of(member, aside, corpus)) for member in self.manifest.members]
        unpack(self.file, self.archive, wanted, self.progress)
        self._fit_generation(aside / GENERATIONS / self.manifest.generation)
        self._fit_readings(aside, wanted)
        (aside / CURRENT).write_text(self.manifest.generation + "\n", encoding="utf-8")
        _flush()
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S")
        swap = Swap(f"{REPLACED}{stamp}-{os.getpid()}", self.wait_seconds)
        try:
            for place, unpacked in zip(self.places, corpus, strict=True):
                _swap_corpus(swap, place, unpacked)
            self._swap_index(swap, aside)
        except BaseException:
            swap.undo()
            raise
        _flush()
        swap.tidy()
        return swap.kept

    def _path_of(self, member: Member, aside: Path, corpus: Sequence[Path]) -> Path:
        if member.kind == "original":
            return corpus[member.root] / member.path
        return (aside / GENERATIONS / self.manifest.generation if member.kind == "generation" else aside) / member.path

    def _moved(self, shown: str) -> str | None:
        """Return the path here of a file that the index names; None for one that is not in the backup."""
        if any(shown == left or shown.startswith(f"{left}/") for left, _ in self.manifest.left_out):
            return None
        found = (place.moved(shown, printable(place.path)) for place in self.places)
        return next((moved for moved in found if moved), shown)

    def _fit_generation(self, folder: Path) -> None:
        """Check a generation against its own manifest, and name the files it skipped by where they are here.

        One of another version stays as it is, and the next index run makes a new one.
        """
        try:
            manifest = read_manifest(folder)
        except SnapshotMismatch:
            return
        except SnapshotDamaged as error:
            raise damaged(self.file, f"{folder.name}/{GENERATION_MANIFEST}") from error
        members = {one.path: [one.size, one.sha256] for one in self.manifest.of("generation")}
        members.pop(GENERATION_MANIFEST)
        if manifest.files != members or manifest.generation != self.manifest.generation:
            raise damaged(self.file, "the files of the generation are not those that it names")
        named = [(self._moved(one.path), one) for one in manifest.skipped]
        skipped = tuple(dataclasses.replace(one, path=path) for path, one in named if path is not None)
        write_manifest(folder, dataclasses.replace(manifest, skipped=skipped))

    def _fit_readings(self, aside: Path, wanted: Sequence[tuple[Member, Path]]) -> None:
        """Remember what the index run made of each file, by where the file is here: else all would be read again."""
        files = {}
        for member, path in wanted:
            if member.kind == "original" and member.reading:
                skipped = [[self._moved(shown), reason] for shown, reason in member.reading.skipped]
                key = str(self.places[member.root].folder / member.path)
                files[key] = {"state": state_of(path), "documents": member.reading.documents, "skipped": skipped}
        write_readings(aside, self.manifest.readings_version, files)

    def _swap_index(self, swap: Swap, aside: Path) -> None:
        """Put the generation in place, then what lies beside it, then CURRENT; the old generations go last.

        A server that runs reads CURRENT, and whatever that names is there at any moment.
        """
        index, name = self.settings.index.path, self.manifest.generation
        if (index / GENERATIONS / name).exists():
            swap.take_away(index / GENERATIONS / name, index)
        swap.put(aside / GENERATIONS / name, index / GENERATIONS / name)
        new = {entry.name: entry for entry in aside.iterdir() if entry.name not in (GENERATIONS, CURRENT)}
        for entry in sorted(index.iterdir()):
            if entry.suffix == SUFFIX and entry.name not in new:
                swap.take_database_away(entry, index)
            elif entry.suffix != SUFFIX and (is_kept(entry.name) or entry.name == READINGS):
                swap.take_away(entry, index)
        for entry in new.values():
            if entry.suffix == SUFFIX:
                swap.put_database(entry, index / entry.name, index)
            else:
                swap.put(entry, index / entry.name)
        swap.put_over(aside / CURRENT, index / CURRENT, index)
        for old in sorted((index / GENERATIONS).iterdir()):
            if old.name != name:
                swap.take_away(old, index)


def _swap_corpus(swap: Swap, place: Place, aside: Path) -> None:
    for old in place.standing():
        swap.take_away(old, place.folder)
    for new in sorted(aside.iterdir()):
        swap.put(new, place.folder / new.name)


@contextmanager
def _aside_in(folder: Path) -> Iterator[Path]:
    """Yield a hidden folder in ``folder``, on the same disk; it goes in the end, and so does what was made for it."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=folder))
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        with contextlib.suppress(OSError):  # not empty: it holds what was restored
            for one in made:
                one.rmdir()


def _remove_asides(folder: Path) -> None:
    """Delete what restores that were killed had unpacked; the backup has it, and what they replaced is elsewhere."""
    for left in folder.glob(f"{ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)


def _flush() -> None:
    """Make sure that what was written is on the disk before something depends on it."""
    if hasattr(os, "sync"):
        os.sync()
