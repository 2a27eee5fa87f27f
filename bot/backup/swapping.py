"""What is put in place of something else, one rename after another, and undone where one of them fails."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from bot.backup.databases import SIDECARS, WAIT_SECONDS, copy_database, is_whole

log = logging.getLogger("wenbao")


class Swap:
    """Puts new things where old ones are; the old ones go to a folder of their own, and come back with ``undo``.

    Each folder in which something is replaced has a hidden one of the name ``replaced``, on the same disk, so that
    every step is a rename. A process that is killed in between leaves all that was there in these folders. For a
    database that another process has locked, ``wait_seconds`` are waited.
    """

    def __init__(self, replaced: str, wait_seconds: float = WAIT_SECONDS) -> None:
        self._replaced = replaced
        self._wait_seconds = wait_seconds
        self._undo: list[Callable[[], object]] = []
        self.kept: list[Path] = []
        """The folders that hold what was replaced."""

    def take_away(self, path: Path, top: Path) -> None:
        """Move a file or folder below ``top`` to where replaced things are kept."""
        self._move(path, self._place_for(path, top))

    def take_database_away(self, path: Path, top: Path) -> None:
        """Move a SQLite file, if it is there, and what SQLite keeps beside it."""
        for beside in (path, *(path.with_name(path.name + tail) for tail in SIDECARS)):
            if os.path.lexists(beside):
                self.take_away(beside, top)

    def put(self, new: Path, path: Path) -> None:
        """Move a new file or folder to where nothing stands any more."""
        if os.path.lexists(path):
            raise FileExistsError(17, "another process has just written it", str(path))
        self._move(new, path)

    def put_over(self, new: Path, path: Path, top: Path) -> None:
        """Replace a file by a new one in one step, so that there is one at any moment."""
        if not path.exists():
            self.put(new, path)
            return
        old = self._place_for(path, top)
        shutil.copy2(path, old)
        os.replace(new, path)
        self._undo.append(lambda: os.replace(old, path))

    def put_database(self, new: Path, path: Path, top: Path) -> None:
        """Replace a SQLite file that other processes may have open.

        A log that SQLite keeps beside the old file would damage a new one that is only renamed, so a file that can be
        read is filled anew by SQLite itself. One that cannot is taken away with what lies beside it.
        """
        if path.exists() and is_whole(path, self._wait_seconds):
            old = self._place_for(path, top)
            copy_database(path, old, self._wait_seconds)
            self._undo.append(lambda: self._fill_back(old, path))
            try:
                copy_database(new, path, self._wait_seconds)
                return
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                log.warning("%s cannot be filled anew (%s) and is taken away", path, error)
                self._undo.pop()
                old.unlink()
        self.take_database_away(path, top)
        self.put(new, path)

    def undo(self) -> None:
        """Put everything back, the last step first; what cannot be put back stays where it was kept."""
        while self._undo:
            try:
                self._undo.pop()()
            except (OSError, sqlite3.Error) as error:
                log.error("not everything could be put back (%s): see %s", error, ", ".join(map(str, self.kept)))
        self.tidy()

    def tidy(self) -> None:
        """Delete the folders for replaced things in which there is nothing."""
        for folder in [*self.kept]:
            for inner, _, _ in os.walk(folder, topdown=False):
                if not os.listdir(inner):
                    os.rmdir(inner)
            if not folder.exists():
                self.kept.remove(folder)

    def _place_for(self, path: Path, top: Path) -> Path:
        folder = top / self._replaced
        if folder not in self.kept:
            folder.mkdir(mode=0o700)
            self.kept.append(folder)
        place = folder / path.relative_to(top)
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def _fill_back(self, old: Path, path: Path) -> None:
        copy_database(old, path, self._wait_seconds)
        old.unlink()

    def _move(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        self._undo.append(lambda: target.rename(source))
