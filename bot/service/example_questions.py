"""Questions to begin with: those of the settings, or such as the reports answer now."""

from __future__ import annotations

import asyncio

from bot.settings import Examples
from retrieval.answer.answerer import Answerer
from retrieval.answer.collection.examples import examples_of


class ExampleQuestions:
    """Hands out ``written`` examples as they are; without any it makes them of the reports, once a generation."""

    def __init__(self, written: Examples | None) -> None:
        self._written = written
        self._made: tuple[str, Examples] | None = None
        self._making = asyncio.Lock()

    async def of(self, answerer: Answerer | None) -> Examples:
        """Return the examples, made ones in both languages; there are none before the index is open."""
        if self._written is not None or answerer is None:
            return self._written or Examples()
        async with self._making:
            generation = answerer.snapshot.generation
            if self._made is None or self._made[0] != generation:
                made = await asyncio.to_thread(examples_of, answerer.snapshot, answerer.ask)
                self._made = generation, Examples(zh=made, en=made)
            return self._made[1]
