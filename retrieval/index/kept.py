"""What a process keeps of what it has read or made, bounded, for all its threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The values that were looked at last, of ``most`` in ``size_of`` all together."""

    def __init__(self, most: int, size_of: Callable[[V], int] = lambda _: 1) -> None:
        self._values: LRUCache[K, V] = LRUCache(most, size_of)
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """Return what is kept under a key."""
        with self._lock:
            return self._values.get(key)

    def many(self, keys: Iterable[K | None]) -> list[V | None]:
        """Return what is kept under each key; nothing under None."""
        with self._lock:
            return [None if key is None else self._values.get(key) for key in keys]

    def missing(self, keys: Iterable[K]) -> list[K]:
        """Return the keys under which nothing is kept, each once."""
        with self._lock:
            return [key for key in dict.fromkeys(keys) if key not in self._values]

    def keep(self, values: Mapping[K, V]) -> None:
        """Keep values; one that is larger than all that may be kept is not."""
        with self._lock:
            for key, value in values.items():
                if self._values.getsizeof(value) <= self._values.maxsize:
                    self._values[key] = value
