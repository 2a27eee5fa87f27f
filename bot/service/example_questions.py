"""Questions to begin with: those of the settings, or such as the reports answer now."""

from __future__ import annotations

import asyncio

from cachetools import LRUCache

from bot.settings import Examples
from retrieval.answer.answerer import Answerer
from retrieval.answer.collection.examples import examples_of
from retrieval.types import Filters

KEPT = 16
"""Different views of the reports for which examples are kept."""


class ExampleQuestions:
    """Hands out ``written`` examples as they are; without any it makes them of the reports, once a generation."""

    def __init__(self, written: Examples | None) -> None:
        self._written = written
        self._made: LRUCache[str | None, tuple[str, Examples]] = LRUCache(KEPT)
        self._making = asyncio.Lock()

    async def of(self, answerer: Answerer | None, pattern: str | None = None) -> Examples:
        """Return the examples, made ones in both languages; there are none before the index is open.

        They are made of reports that match ``pattern``, which ``answerer`` answers from. Written ones may name others,
        so they are shown only to those who see all.
        """
        if answerer is None or self._written is not None and pattern is None:
            return self._written or Examples()
        async with self._making:
            generation = answerer.snapshot.generation
            made = self._made.get(pattern)
            if made is None or made[0] != generation:
                filters = None if pattern is None else Filters(within=pattern)
                found = await asyncio.to_thread(examples_of, answerer.snapshot, answerer.ask, filters=filters)
                made = self._made[pattern] = generation, Examples(zh=found, en=found)
            return made[1]
