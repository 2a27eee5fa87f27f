"""Keeping a served index true to its corpus: one loop that reconciles them, whatever was missed in between.

start, a failure, ``corpus.scan_seconds``, a hint of the file system -> has the corpus changed? -> index -> refresh
a generation that another process published                                                    -> refresh
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from watchfiles import awatch

from bot.service.opening import update_index
from bot.service.reports import Upload, add_reports, changing, remove_reports
from bot.service.upkeep.generations import Generations
from bot.service.upkeep.scanning import corpus_state, folders_state, is_up_to_date, keep_state
from bot.service.upkeep.supervisor import Supervisor
from bot.settings import Settings
from retrieval.encoder.protocol import Encoder
from retrieval.errors import WenbaoError
from retrieval.types import Receipt, Skipped

log = logging.getLogger("wenbao")

FOLLOWING, WATCHING, LISTENING = "following the index", "watching the corpus", "hints of the file system"
LOOPS = FOLLOWING, WATCHING, LISTENING
"""What runs in the background as long as a server does."""
FOLLOW_SECONDS = 0.5
"""How often a serving process looks for a generation that another one has published."""
LONGEST_SCAN_PAUSE = 16
"""How many times ``corpus.scan_seconds`` pass at most before a file is tried again that could not be had."""


class IndexStopped(WenbaoError):
    """Indexing was broken off because the process must end."""


class Upkeep:
    """Indexes what changes, and lets every new generation answer, for use by one event loop."""

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder,
        generations: Generations,
        supervisor: Supervisor,
        follow_seconds: float = FOLLOW_SECONDS,
    ) -> None:
        self._settings = settings
        self._encoder = encoder
        self._generations = generations
        self._supervisor = supervisor
        self._follow_seconds = follow_seconds
        self._indexing = asyncio.Lock()
        self._hinted = asyncio.Event()
        self._folders_changed = asyncio.Event()
        self._folders = folders_state(settings)
        self._pause = 0.0
        self._closing = False

    async def run(self) -> None:
        """Keep up to date until cancelled."""
        loops = [self._supervisor.repeat(FOLLOWING, self._follow)]
        if self._settings.corpus.watch:
            loops.append(self._supervisor.repeat(WATCHING, self._reconcile))
            loops.append(self._supervisor.repeat(LISTENING, self._listen))
        elif self._generations.is_outdated:
            loops.append(self._supervisor.until_done("indexing with the new settings", self._renew))
        await asyncio.gather(*loops)

    def stop_indexing(self) -> None:
        """Break off the indexing run in hand, if there is one."""
        self._closing = True

    # Changes that somebody asks for

    async def update(self, *, rebuild: bool = False) -> Receipt:
        """Index what changed; when this returns, the changes can be asked about."""
        async with self._indexing:
            return await self._changed(lambda: (), rebuild=rebuild, wait=False)

    async def add(self, uploads: Sequence[Upload]) -> Receipt:
        """Put reports into the corpus and index them; those that cannot be read are among the receipt's skipped."""
        async with self._indexing:
            return await self._changed(lambda: add_reports(self._settings, uploads, self._go_on))

    async def remove(self, document_ids: Sequence[str]) -> Receipt:
        """Delete reports from the corpus and the index; DocumentUnknown if one is not there."""

        def remove() -> Sequence[Skipped]:
            remove_reports(self._settings, self._generations.answerer.snapshot, document_ids)
            return ()

        async with self._indexing:
            return await self._changed(remove)

    async def _changed(
        self, change: Callable[[], Sequence[Skipped]], *, rebuild: bool = False, wait: bool = True
    ) -> Receipt:
        """Change the corpus and index it under one lock, so that no other run takes the change into its receipt."""

        def work() -> Receipt:
            with changing(self._settings, wait=wait):
                refused = change()
                receipt = update_index(self._settings, self._encoder, rebuild=rebuild, progress=self._go_on)
            return replace(receipt, skipped=(*refused, *receipt.skipped))

        receipt = await asyncio.to_thread(work)
        await self._generations.refresh()
        return receipt

    def _go_on(self, stage: str, done: int, total: int) -> None:
        """Break off indexing when the process must end; what is embedded by then is kept for the next run."""
        if self._closing:
            raise IndexStopped(f"indexing was broken off (stage: {stage}): `wenbao index` goes on from there")

    # Loops

    async def _follow(self) -> None:
        await asyncio.sleep(self._follow_seconds)
        if not self._generations.is_current:
            await self._generations.refresh()
            log.info("answering from generation %s", self._generations.answerer.snapshot.generation)

    async def _renew(self) -> None:
        await self.update()

    async def _reconcile(self) -> None:
        """Index the corpus if it is not what was indexed, then wait for a hint or for the next scan."""
        state = await asyncio.to_thread(corpus_state, self._settings)
        if self._generations.is_outdated or not await asyncio.to_thread(is_up_to_date, self._settings, state):
            receipt = await self.update()
            _tell(receipt)
            if any(entry.may_pass for entry in receipt.skipped):
                self._pause = min(self._pause * 2 or 1.0, LONGEST_SCAN_PAUSE)
            else:
                self._pause = 1.0
                await asyncio.to_thread(keep_state, self._settings, state)
        await self._wait_for_a_reason()

    async def _wait_for_a_reason(self) -> None:
        now = folders_state(self._settings)
        if now != self._folders:
            self._folders = now
            self._folders_changed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.corpus.scan_seconds * max(1.0, self._pause)):
                await self._hinted.wait()
        self._hinted.clear()

    async def _listen(self) -> None:
        """Pass on hints until a corpus folder is another one, because what is watched is the folder, not its name."""
        self._folders_changed.clear()
        folders = [path for path in self._settings.corpus.paths if path.exists()]
        if not folders:
            await self._folders_changed.wait()
            return
        async for _ in awatch(*folders, step=200, debounce=1000, stop_event=self._folders_changed):
            self._hinted.set()


def _tell(receipt: Receipt) -> None:
    if receipt.added or receipt.changed or receipt.removed:
        log.info(
            "the corpus changed: %d added, %d changed, %d removed, %d skipped",
            *map(len, (receipt.added, receipt.changed, receipt.removed, receipt.skipped)),
        )
