"""What the processes that are started here get to know: what they need to run, and no secret."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

PASSED_ON = frozenset(
    ["PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TMP", "TEMP", "TZ", "SYSTEMROOT", "VIRTUAL_ENV", "XDG_CACHE_HOME"]
)
"""Environment variables that a process gets; a token may be in any other one, whatever it is called."""
FAMILIES = ("LC_", "LD_", "DYLD_")
"""Beginnings of names that it gets too: of the locale, and of the loader of libraries."""


def environment(**more: str) -> Mapping[str, str]:
    """Return the environment of a process that runs this program's code, with ``more`` variables."""
    passed_on = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith(FAMILIES)}
    return {**passed_on, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}
