"""What a model is, to whoever keeps something that it made: the vectors of an index, a compiled form, an export."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from retrieval.encoder.protocol import Runtime

RECIPE = 3
"""Raise it when the same model would be compiled otherwise, or its tokens get other vectors, with torch too. Caches
and vectors of before are then no longer used."""

LAYOUT = 2
"""Raise it when the files of a compiled model change and the vectors stay the same."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A model as the user calls it, and ``source``, the digests of its weights and settings, whatever runs it."""

    model: str
    source: tuple[str, ...]

    def fingerprint(self, runtime: Runtime) -> str:
        """Identify what decides the vectors: the model, what runs it, and how it was compiled."""
        return hashlib.sha256("\n".join([*self.source, runtime, str(RECIPE)]).encode()).hexdigest()[:16]

    def folder_name(self, runtime: Runtime) -> str:
        """Return the name of the cache folder for the model compiled for ``runtime``: one part of a path, never two."""
        digest = hashlib.sha256("\n".join(self.source).encode()).hexdigest()[:12]
        name = re.sub(r"[^\w.-]+", "-", Path(self.model).name)
        return f"{name}-{digest}-{runtime}-v{RECIPE}.{LAYOUT}"
