"""Recognised pages on disk: nothing is recognised twice, and what is killed in the middle goes on where it was.

    index.path/recognised/<version>/<digest of the file>/<page>.json    what ``seen.page_json`` makes

A page depends on the file's bytes and on what recognises it, and on nothing else, so that it stays right for ever.
What is damaged or missing here costs one recognition, and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from retrieval.corpus.recognition.seen import page_of
from retrieval.disk import file_aside

FOLDER = "recognised"
KEPT_DAYS = 30
"""How long the pages of a file are kept that is no longer in the corpus."""


class KeptPages:
    """The recognised pages of files, below the folder of an index, for one ``version`` of what recognises them."""

    def __init__(self, index_path: Path, version: str) -> None:
        self._root = index_path / FOLDER
        self._folder = self._root / hashlib.sha256(version.encode()).hexdigest()[:12]

    def get(self, digest: str, number: int) -> dict[str, Any] | None:
        """Return a page as JSON, if it was recognised before."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept: dict[str, Any] = json.loads(self._file(digest, number).read_bytes())
            page_of(kept)
            return kept
        return None

    def put(self, digest: str, number: int, page: dict[str, Any]) -> None:
        """Keep a page; a full disk only costs the next run a recognition."""
        file = self._file(digest, number)
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            with file_aside(file) as aside:
                aside.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")

    def prune(self, digests: Collection[str]) -> None:
        """Delete the pages of other files, and of other versions, that nobody has added to for ``KEPT_DAYS``."""
        oldest = time.time() - KEPT_DAYS * 86_400
        for folder in self._root.glob("*/*"):
            used = folder.parent == self._folder and folder.name in digests
            with contextlib.suppress(OSError):
                if not used and folder.stat().st_mtime < oldest:
                    shutil.rmtree(folder, ignore_errors=True)

    def _file(self, digest: str, number: int) -> Path:
        return self._folder / digest / f"{number}.json"
