"""An encoder that remembers the last questions: one that is asked again costs nothing, of a new generation either."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from cachetools import LRUCache

from retrieval.encoder.protocol import Encoded, Encoder
from retrieval.types import Progress, no_progress

REMEMBERED = 1000
"""Questions; small enough that all of them together matter little beside the model."""


class CachedEncoder:
    """Another encoder that remembers what the last ``most`` single questions were encoded to; threads may share it."""

    def __init__(self, encoder: Encoder, most: int = REMEMBERED) -> None:
        self._encoder = encoder
        self._known: LRUCache[str, Encoded] = LRUCache(most)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What the user calls the model."""
        return self._encoder.name

    @property
    def fingerprint(self) -> str:
        """Identify everything that decides the vectors."""
        return self._encoder.fingerprint

    def load(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        self._encoder.load()

    def encode_queries(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode questions; a single one that was encoded before is remembered."""
        if len(texts) != 1:
            return self._encoder.encode_queries(texts, progress)
        with self._lock:
            known = self._known.get(texts[0])
        if known is None:
            known = self._encoder.encode_queries(texts, progress)
            with self._lock:
                self._known[texts[0]] = known
        return known

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode passages."""
        return self._encoder.encode_passages(texts, progress)
