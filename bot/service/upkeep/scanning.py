"""Whether the corpus differs from what was indexed last, told from names, sizes and times alone."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from bot.service.store import store_of
from bot.settings import Settings
from retrieval.corpus import find_files
from retrieval.disk import file_aside
from retrieval.errors import WenbaoError

FILE = "scanned"
"""Below ``index.path``: the state of the corpus that the published generation was made of."""


def corpus_state(settings: Settings) -> str | None:
    """Return what changes when a file of the corpus comes, goes or is written; None where it cannot be listed."""
    digest = hashlib.sha256()
    try:
        for root, path in find_files(settings.corpus.paths):
            digest.update(repr((root.as_posix(), path.as_posix(), *_state(path))).encode("utf-8", "surrogatepass"))
    except (OSError, WenbaoError):
        return None
    digest.update(repr((settings.corpus.max_file_mib, settings.index.passage_characters)).encode())
    return digest.hexdigest()


def _state(path: Path) -> tuple[int, ...]:
    with contextlib.suppress(OSError):
        state = path.stat()
        return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino
    return ()


def is_up_to_date(settings: Settings, state: str | None) -> bool:
    """Whether the published generation was made of the corpus in this state."""
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads((settings.index.path / FILE).read_bytes())
        return state is not None and bool(kept == [state, _generation(settings)])
    return False


def keep_state(settings: Settings, state: str | None) -> None:
    """Remember that the published generation was made of the corpus in this state; losing it costs one more look."""
    with contextlib.suppress(OSError), file_aside(settings.index.path / FILE) as aside:
        aside.write_text(json.dumps([state, _generation(settings)]), encoding="utf-8")


def folders_state(settings: Settings) -> tuple[tuple[int, int] | None, ...]:
    """Return what changes when a corpus folder is replaced by another one of the same name."""
    return tuple(_inode(path) for path in settings.corpus.paths)


def _inode(path: Path) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        state = os.stat(path)
        return state.st_dev, state.st_ino
    return None


def _generation(settings: Settings) -> list[int] | None:
    found = store_of(settings).publication()
    return list(found) if found else None
