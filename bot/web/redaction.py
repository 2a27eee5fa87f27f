"""What strangers may read of what went wrong: without the names of folders and files of this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bot.settings import Settings
from retrieval.index.oceanbase.url import address_of

SKIPPED = "skipped "
"""What the problem of a file begins with that was not indexed."""
GONE = "…"
_QUOTED = re.compile(r"(['\"])(?:[A-Za-z]:\\|/)[^'\"]*\1")
_PATH = re.compile(r"(?<![\w:/…])(?:[A-Za-z]:\\|/)[^\s:,;()'\"]+")
_REST = r"(?![\w.-])(?:/[^:;'\"]*(?=[:;'\"]|$))?"
_REST_OF_OURS = r"(?![\w.-])(?:/[^\s:,;()'\"]*)?"


def without_paths(problems: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Return problems without paths; of files that were skipped only their number is left."""
    skipped = sum(problem.startswith(SKIPPED) for problem in problems)
    found = [without_path(problem, settings) for problem in problems if not problem.startswith(SKIPPED)]
    return (*found, *([f"{skipped} file(s) could not be indexed"] if skipped else []))


def without_path(text: str, settings: Settings) -> str:
    """Return what is said of a problem, without paths.

    A path in quotes ends with them. Reports may have blanks in their names, which nothing tells from the words around
    them, so all is left out from a folder of reports to the next colon. Other files of ours have no blanks.
    """
    encoder = settings.encoder
    ours = (settings.index.path, encoder.cache, encoder.weights_file, _folder(encoder.model), Path.home(), Path.cwd())
    roots = [*((one, _REST) for one in settings.corpus.paths), *((one, _REST_OF_OURS) for one in ours if one)]
    if settings.index.url:
        text = text.replace(str(address_of(settings.index.url)), GONE)
    text = _QUOTED.sub(rf"\1{GONE}\1", text)
    for root, rest in sorted(roots, key=lambda pair: len(str(pair[0])), reverse=True):
        if root != root.parent:
            text = re.sub(re.escape(str(root)) + rest, GONE, text)
    return _PATH.sub(GONE, text)


def _folder(model: str) -> Path | None:
    return Path(model) if Path(model).is_absolute() else None
