"""Keeping a served index true to its corpus: one loop that reconciles them, whatever was missed in between.

start, a failure, ``corpus.scan_seconds``, a hint of the file system -> has the corpus changed? -> index -> refresh
a generation that another process published                                                    -> refresh
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from watchfiles import awatch

from bot.service.opening import hand_in, take_out, update_index
from bot.service.reports import Upload, add_reports, changing, remove_reports
from bot.service.store import store_of
from bot.service.upkeep.generations import Generations
from bot.service.upkeep.scanning import corpus_state, folders_state, is_up_to_date, keep_state
from bot.service.upkeep.supervisor import Supervisor
from bot.settings import Settings
from bot.state import Audit
from retrieval.encoder.protocol import Encoder
from retrieval.errors import MostReportsGone, WenbaoError
from retrieval.index.protocol import Snapshot
from retrieval.index.store import Publication
from retrieval.types import Receipt, Skipped

log = logging.getLogger("wenbao")

FOLLOWING, WATCHING, LISTENING = "following the index", "watching the corpus", "hints of the file system"
LOOPS = FOLLOWING, WATCHING, LISTENING
"""What runs in the background as long as a server does."""
SHRINKING = "indexing a corpus without most of its reports"
"""What is said to fail while a scan is refused because most of the reports are gone."""
FOLLOW_SECONDS = 0.5
"""How often a serving process looks for a generation that another one has published."""
LONGEST_SCAN_PAUSE = 16
"""How many times ``corpus.scan_seconds`` pass at most before a file is tried again that could not be had."""
QUIET_MS = 1000
"""After how many quiet milliseconds it is taken for certain that the corpus folders are watched."""


class IndexStopped(WenbaoError):
    """Indexing was broken off because the process must end."""


class IndexShared(WenbaoError):
    """Indexing folders was asked of a server whose index several machines share."""


class Upkeep:
    """Indexes what changes, and lets every new generation answer, for use by one event loop."""

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder,
        generations: Generations,
        supervisor: Supervisor,
        audit: Audit,
        follow_seconds: float = FOLLOW_SECONDS,
    ) -> None:
        self._settings = settings
        self._store = store_of(settings)
        self._encoder = encoder
        self._generations = generations
        self._supervisor = supervisor
        self._audit = audit
        self._follow_seconds = follow_seconds
        self._indexing = asyncio.Lock()
        self._hinted = asyncio.Event()
        self._folders_changed = asyncio.Event()
        self._folders = folders_state(settings)
        self._is_reconciled = False
        self._refused: tuple[str | None, Publication | None] | None = None
        self._out_of_reach: str | None = None
        self._tries = 0
        self._again = 0.0
        self._closing = False

    async def run(self) -> None:
        """Keep up to date until cancelled."""
        loops = [self._supervisor.repeat(FOLLOWING, self._follow, self._generations.changed)]
        if self._settings.index.is_shared:
            pass  # others may have other folders: whoever indexes does it by hand
        elif self._settings.corpus.watch:
            loops.append(self._supervisor.repeat(WATCHING, self._reconcile))
            loops.append(self._supervisor.repeat(LISTENING, self._listen))
        elif self._generations.is_outdated:
            loops.append(self._supervisor.until_done("indexing with the new settings", self._renew))
        await asyncio.gather(*loops)

    def stop_indexing(self) -> None:
        """Break off the indexing run in hand, if there is one."""
        self._closing = True

    # Changes that somebody asks for

    async def update(self, *, rebuild: bool = False, may_remove_most: bool = False) -> Receipt:
        """Index what changed; when this returns, the changes can be asked about.

        MostReportsGone where more than half of the reports are gone, unless that ``may_remove_most``.
        """
        if self._settings.index.is_shared:
            raise IndexShared(
                "a server scans no folder for an index that several share: run `wenbao index` where the reports are"
            )
        async with self._indexing:
            return await self._changed(lambda: (), rebuild=rebuild, may_remove_most=may_remove_most, wait=False)

    async def add(self, uploads: Sequence[Upload]) -> Receipt:
        """Put reports into the corpus and index them; those that cannot be read are among the receipt's skipped."""
        async with self._indexing:
            if self._settings.index.is_shared:
                return await self._done(lambda: hand_in(self._settings, self._encoder, uploads, self._go_on))
            return await self._changed(lambda: add_reports(self._settings, uploads, self._go_on))

    async def remove(self, document_ids: Sequence[str]) -> Receipt:
        """Delete reports from the corpus and the index; DocumentUnknown if one is not there."""

        def remove() -> Sequence[Skipped]:
            remove_reports(self._settings, self._newest(), document_ids)
            return ()

        async with self._indexing:
            if self._settings.index.is_shared:
                return await self._done(lambda: take_out(self._settings, self._encoder, document_ids, self._go_on))
            return await self._changed(remove, named=document_ids)

    def _newest(self) -> Snapshot:
        """Return the published snapshot, which may be newer than the one that answers; the caller holds the lock."""
        if self._generations.answers(self._store.publication()):
            return self._generations.answerer.snapshot
        return self._store.last_good()[0]

    async def _changed(
        self,
        change: Callable[[], Sequence[Skipped]],
        *,
        rebuild: bool = False,
        may_remove_most: bool = False,
        named: Sequence[str] = (),
        wait: bool = True,
    ) -> Receipt:
        """Change the corpus and index it under one lock, so that no other run takes the change into its receipt."""

        def work() -> Receipt:
            with changing(self._settings, wait=wait, progress=self._go_on):
                refused = change()
                receipt = update_index(
                    self._settings,
                    self._encoder,
                    rebuild=rebuild,
                    may_remove_most=may_remove_most,
                    named=named,
                    progress=self._go_on,
                )
            return replace(receipt, skipped=(*refused, *receipt.skipped))

        return await self._done(work)

    async def _done(self, work: Callable[[], Receipt]) -> Receipt:
        """Do what publishes a generation, and let that one answer."""
        receipt = await asyncio.to_thread(work)
        self._supervisor.recovered(SHRINKING)
        await self._generations.refresh()
        return receipt

    def _go_on(self, stage: str, done: int, total: int) -> None:
        """Break off indexing when the process must end; what is embedded by then is kept for the next run."""
        if self._closing:
            raise IndexStopped(f"indexing was broken off (stage: {stage}): `wenbao index` goes on from there")

    # Loops

    async def _follow(self) -> None:
        await asyncio.sleep(self._follow_seconds)
        if not self._generations.answers(await self._generations.publication()):
            await self._generations.refresh()
            log.info("answering from generation %s", self._generations.answerer.snapshot.generation)

    async def _renew(self) -> None:
        await self.update()

    async def _reconcile(self) -> None:
        """Index the corpus if it is not what was indexed: at once after the start and a failure, else with a reason."""
        if self._is_reconciled:
            await self._wait_for_a_reason()
        self._is_reconciled = False
        state = await asyncio.to_thread(corpus_state, self._settings)
        if not await asyncio.to_thread(self._is_refused, state):
            if self._generations.is_outdated or not await asyncio.to_thread(self._is_seen_to, state):
                await self._index(state)
            else:
                self._supervisor.recovered(SHRINKING)
        self._is_reconciled = True

    async def _index(self, state: str | None) -> None:
        before = await self._generations.publication()
        try:
            receipt = await self.update()
        except MostReportsGone as error:
            log.warning("%s", error)
            self._supervisor.note(SHRINKING, error.summary)  # without names, because strangers may read it
            self._refused = state, before
            return
        await self._tell(receipt)
        if any(entry.may_pass for entry in receipt.skipped):
            self._try_again_later(state)
        else:
            self._out_of_reach, self._tries = None, 0
            await asyncio.to_thread(keep_state, self._settings, state)

    async def _tell(self, receipt: Receipt) -> None:
        """Write down what became of files that somebody put into the folders, or took out of them."""
        changed = (*receipt.added, *receipt.changed, *receipt.removed)
        if changed:
            counts = map(len, (receipt.added, receipt.changed, receipt.removed, receipt.skipped))
            log.info("the corpus changed: %d added, %d changed, %d removed, %d skipped", *counts)
            await asyncio.to_thread(self._audit.record, "folder", "unknown", "index", "done", changed)

    def _is_refused(self, state: str | None) -> bool:
        """Whether a scan of just this corpus, with the same published index, was refused; so would be another one."""
        return state is not None and self._refused == (state, self._store.publication())

    def _is_seen_to(self, state: str | None) -> bool:
        """Whether there is nothing to index, or only files that cannot be had and were tried a short time ago."""
        waits = state is not None and state == self._out_of_reach and time.monotonic() < self._again
        return waits or is_up_to_date(self._settings, state)

    def _try_again_later(self, state: str | None) -> None:
        """Leave alone for a growing time what cannot be had; what changes meanwhile is indexed all the same."""
        self._tries = min(self._tries * 2 or 1, LONGEST_SCAN_PAUSE)
        self._out_of_reach, self._again = state, time.monotonic() + self._tries * self._settings.corpus.scan_seconds

    async def _wait_for_a_reason(self) -> None:
        now = folders_state(self._settings)
        if now != self._folders:
            self._folders = now
            self._folders_changed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.corpus.scan_seconds):
                await self._hinted.wait()
        self._hinted.clear()

    async def _listen(self) -> None:
        """Pass on hints until a corpus folder is another one, because what is watched is the folder, not its name."""
        self._folders_changed.clear()
        folders = [path for path in self._settings.corpus.paths if path.exists()]
        if not folders:
            await self._folders_changed.wait()
            return
        hints = awatch(
            *folders,
            step=200,
            debounce=1000,
            stop_event=self._folders_changed,
            rust_timeout=QUIET_MS,
            yield_on_timeout=True,
        )
        async for changes in hints:
            self._supervisor.recovered(LISTENING)
            if changes:
                self._hinted.set()
