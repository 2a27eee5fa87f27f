"""What a backup takes: the files of the corpus and what index.path keeps, opened only where they are that."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bot.backup.contents import is_kept


class LeftOut(Exception):
    """Why a file of the corpus is not in the backup."""


@contextmanager
def original(root: Path, path: Path) -> Iterator[IO[bytes]]:
    """Open a file of the corpus; LeftOut for what is no file, is not the corpus's own, or cannot be read."""
    try:
        if printable(path.relative_to(root)) != str(path.relative_to(root)):
            raise LeftOut("its name is not in UTF-8: rename it")
        if not path.resolve().is_relative_to(root.resolve()):
            raise LeftOut("a link that leads out of the corpus folder")
        if not os.path.lexists(path):
            raise LeftOut("it was deleted meanwhile")
        if not path.is_file():
            raise LeftOut("not a regular file, or a folder that is a link or cannot be listed")
        source = path.open("rb")
    except (OSError, RuntimeError) as error:  # RuntimeError: Path.resolve before Python 3.13, a link to itself
        raise LeftOut(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    with source:
        yield source


def kept_files(index_path: Path) -> Iterator[Path]:
    """Yield every file below index.path that is neither of a generation, nor a lock, nor left by what was killed."""
    for folder, subfolders, names in os.walk(index_path):
        below = Path(folder).relative_to(index_path)
        subfolders[:] = sorted(name for name in subfolders if is_kept((below / name).as_posix()))
        for name in sorted(names):
            if is_kept((below / name).as_posix()) and _is_plain(Path(folder, name)):
                yield Path(folder, name)


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and printable(path) == str(path)


def open_state(source: IO[bytes]) -> list[int]:
    """Return what ``state_of`` does, of an open file."""
    state = os.fstat(source.fileno())
    return [state.st_size, state.st_mtime_ns, state.st_ino]


def printable(path: Path) -> str:
    """Return the path as the index names it: U+FFFD for what is no UTF-8 in it."""
    return os.fsencode(path).decode("utf-8", "replace")
