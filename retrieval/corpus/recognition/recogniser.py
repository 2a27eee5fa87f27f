"""A file's pages -> what was recognised on each: one page at a time, in a worker that keeps its models loaded."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from retrieval.corpus.recognition.kept import KeptPages
from retrieval.corpus.sandbox import Limits, Sandbox
from retrieval.errors import ReportUnreadable
from retrieval.types import Progress, no_progress

RECOGNITION_VERSION = 1
"""Raise it when something else would be recognised on the same page."""
PARTS = ("rapidocr", "Pillow", "pypdfium2")
REMEDY = "pip install 'wenbao[ocr]' and index again"
LIMITS = Limits(seconds=90, memory=3 * 2**30, threads=16)
"""What one page may cost; a usual one takes a few seconds and a third of the memory."""
MOST_NAMED = 10
"""Pages that a reason names."""
TASKS = "retrieval.corpus.recognition.worker:RECOGNISING"


@dataclass(slots=True)
class Recognised:
    """The pages of a file that were recognised, as JSON by number, and why others were not."""

    pages: dict[int, dict[str, Any]] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)

    @property
    def problem(self) -> str | None:
        """Which pages were not recognised, with the reason of the first; None if all were."""
        if not self.problems:
            return None
        more = ["…"] if len(self.problems) > MOST_NAMED else []
        return (
            f"page {', '.join([*map(str, [*self.problems][:MOST_NAMED]), *more])} {next(iter(self.problems.values()))}"
        )


def unrecognised(numbers: Sequence[int]) -> Recognised:
    """Say of pages that they need the extra ``ocr``."""
    return Recognised(problems=dict.fromkeys(numbers, f"no text that can be read, a scan or a picture: {REMEDY}"))


class Recogniser:
    """Recognises pages and keeps them; to be closed, or used in a ``with`` block.

    Its worker starts with the first page that is not kept. Tests hand in a sandbox with other tasks.
    """

    def __init__(
        self, index_path: Path, version: str, sandbox: Sandbox | None = None, progress: Progress = no_progress
    ) -> None:
        self.version = version
        self.kept = KeptPages(index_path, version)
        self._sandbox = sandbox or Sandbox(LIMITS, TASKS)
        self._progress = progress
        self._done = self._total = 0

    def __enter__(self) -> Recogniser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sandbox.close()

    def recognise(self, suffix: str, data: bytes, numbers: Sequence[int]) -> Recognised:
        """Recognise these pages (from 1) of a file; a page that costs too much is left out, and the rest goes on."""
        digest, found = hashlib.sha256(data).hexdigest(), Recognised()
        self._total += len(numbers)
        for number in numbers:
            try:
                found.pages[number] = self._page(digest, suffix, data, number)
            except ReportUnreadable as error:
                found.problems[number] = str(error)
            self._done += 1
            self._progress("recognise", self._done, self._total)
        return found

    def _page(self, digest: str, suffix: str, data: bytes, number: int) -> dict[str, Any]:
        page = self.kept.get(digest, number)
        if page is None:
            page = dict(self._sandbox.run("recognise", data, suffix, number))
            self.kept.put(digest, number, page)
        return page


def installed_recogniser(index_path: Path, progress: Progress = no_progress) -> Recogniser | None:
    """Return a recogniser that keeps its pages below ``index_path``; None where the extra ``ocr`` is not installed."""
    try:
        parts = [f"{name} {importlib.metadata.version(name)}" for name in PARTS]
    except importlib.metadata.PackageNotFoundError:
        return None
    return Recogniser(index_path, ", ".join([*parts, str(RECOGNITION_VERSION)]), progress=progress)
