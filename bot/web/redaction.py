"""Problems as strangers may read them: without the names of folders and files of this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.settings import Settings

SKIPPED = "skipped "
"""What the problem of a file begins with that was not indexed."""
_PATH = re.compile(r"(?<![\w:/])(?:[A-Za-z]:\\|/)[^\s:,;()'\"]+")


def without_paths(problems: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Return problems without paths; of files that were skipped only their number is left."""
    skipped = sum(problem.startswith(SKIPPED) for problem in problems)
    roots = sorted(map(str, (settings.index.path, *settings.corpus.paths)), key=len, reverse=True)
    found = [_without(problem, roots) for problem in problems if not problem.startswith(SKIPPED)]
    return (*found, *([f"{skipped} file(s) could not be indexed"] if skipped else []))


def _without(problem: str, roots: Sequence[str]) -> str:
    for root in roots:  # these may hold blanks, which no expression tells from the words around them
        problem = re.sub(re.escape(root) + r"(?:/[^\s:,;()'\"]*)?", "…", problem)
    return _PATH.sub("…", problem)
