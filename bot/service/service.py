"""The one Answerer that all faces share: opened from settings, asked off the event loop, never overrun."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
import uuid
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from cachetools import LRUCache
from watchfiles import awatch

from bot.feedback.recent import RecentAnswers
from bot.feedback.store import FeedbackStore
from bot.feedback.unanswered import UnansweredQuestions
from bot.reply import Asker, Reply
from bot.service.conversation import Conversations
from bot.service.example_questions import ExampleQuestions
from bot.service.opening import Opener, update_index
from bot.service.page_pictures import PagePictures
from bot.service.published import files_state, publication
from bot.service.reports import Upload, add_reports, remove_reports
from bot.service.status import IndexStatus, index_status
from bot.settings import Examples, Settings
from retrieval.answer.answerer import Answerer
from retrieval.encoder.cached import CachedEncoder
from retrieval.errors import ModelError, SnapshotError, SnapshotMismatch, WenbaoError
from retrieval.index.history import History
from retrieval.index.snapshot import Snapshot
from retrieval.types import Answer, Question, Receipt

log = logging.getLogger("wenbao")

FOLLOW_SECONDS = 0.5
"""How often a serving process looks for a generation that another one has published."""
ANSWERING_THREADS = 2
"""Two, because one question's vectors are computed outside Python while another's passages are ranked inside it."""


class Overloaded(WenbaoError):
    """More questions are waiting than the configuration allows."""


class IndexStopped(WenbaoError):
    """Indexing was broken off because the process must end."""


class NotReady(WenbaoError):
    """The index or the encoder is still being loaded."""


class Service:
    """Runs one Answerer in worker threads for faces that live in an event loop, and keeps it up to date.

    Two questions are worked on at a time, and at most ``server.queue`` wait for their answers. Whoever asks the same of
    the same generation gets one of the last ``server.remember`` answers again. Indexing has a thread of its own. A new
    generation, whoever published it, is loaded beside the old one and replaces it between two questions, so that every
    answer comes from one generation.
    """

    def __init__(
        self, settings: Settings, opener: Opener | None = None, *, follow_seconds: float = FOLLOW_SECONDS
    ) -> None:
        self.settings = settings
        self._opener = opener or Opener()
        self.feedback = FeedbackStore(settings.index.path, settings.feedback.keep)
        self.unanswered = UnansweredQuestions(self.feedback)
        self.history = History(settings.index.path)
        self.recent = RecentAnswers()
        self.pictures = PagePictures(settings)
        self.conversations = Conversations(settings.conversation.minutes * 60)
        self.problem: str | None = None
        """Why the newest generation is not the one that answers, if it is not."""
        self._encoder = CachedEncoder(self._opener.encoder(settings))
        self._follow_seconds = follow_seconds
        self._outdated = False
        self._closing = False
        self._answerer: Answerer | None = None
        self._failure: WenbaoError | None = None
        self._workers = ThreadPoolExecutor(ANSWERING_THREADS, thread_name_prefix="wenbao-answer")
        self._answers: LRUCache[tuple[str, dt.date, Question], Answer] = LRUCache(settings.server.remember)
        self._pending = 0
        self._published: tuple[int, int] | None = None
        self._verified: tuple[object, IndexStatus] | None = None
        self._examples = ExampleQuestions(settings.web.examples)
        self._verifying = asyncio.Lock()
        self._loading = asyncio.Lock()
        self._indexing = asyncio.Lock()

    def _open(self) -> Answerer:
        """Open the index; if other settings made it, it answers until ``run`` has made a new one."""
        settings, encoder = self.settings, self._encoder
        try:
            answerer = self._opener.open(settings, encoder)
            self._outdated = False
        except SnapshotMismatch as mismatch:
            try:
                answerer = self._opener.open_outdated(settings)
                self._outdated = True
                log.warning("%s; the old index answers while a new one is made", mismatch)
            except (SnapshotError, ModelError):
                log.warning("%s; the index is made anew first", mismatch)
                update_index(settings, encoder)
                answerer = self._opener.open(settings, encoder)
        return answerer

    @property
    def ready(self) -> bool:
        """Whether questions can be answered now."""
        return self._answerer is not None

    @property
    def answerer(self) -> Answerer:
        """The open Answerer; NotReady before it is."""
        if self._answerer is None:
            raise self._failure or NotReady("the reports are still being loaded: try again in a few seconds")
        return self._answerer

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that questions are answered from."""
        return self.answerer.snapshot

    async def start(self) -> None:
        """Open index and encoder; raises the WenbaoError that made it fail, and keeps it for later askers."""
        try:
            await self.refresh()
        except WenbaoError as error:
            self._failure = error
            raise

    async def converse(
        self, question: Question, conversation: Hashable, asker: Asker, *, follows_last: bool = True
    ) -> Reply:
        """Answer a question of a conversation, and keep what later questions, votes and the export need of it.

        The question follows the last turn of the conversation; if ``follows_last`` is false, the turn it comes with.
        Raises as ``ask`` does.
        """
        if follows_last:
            question = replace(question, before=self.conversations.before(conversation, question.text))
        answer = await self.ask(question)
        reply = Reply(uuid.uuid4().hex, question, answer, asker)
        self.conversations.keep(conversation, reply)
        if self.feedback.keep:
            if asker.face == "web":  # Telegram knows its answers by the messages that show them
                self.recent.remember(reply)
            self.unanswered.record(reply)
        return reply

    async def ask(self, question: Question) -> Answer:
        """Answer in a worker thread, as ``Answerer.ask`` does; Overloaded if too many questions wait already.

        A question that was answered before is answered from memory; its ``timings_ms`` then have only "total".
        """
        started, answerer = time.perf_counter(), self.answerer
        key = answerer.snapshot.generation, dt.date.today(), question
        if (known := self._answers.get(key)) is not None:
            return replace(known, timings_ms={"total": round((time.perf_counter() - started) * 1000, 2)})
        if self._pending >= self.settings.server.queue:
            raise Overloaded(f"{self._pending} questions are waiting already: try again in a few seconds")
        self._pending += 1
        try:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._workers, answerer.ask, question)
        finally:
            self._pending -= 1
        if self._answers.maxsize:
            self._answers[key] = answer
        return answer

    async def examples(self) -> Examples:
        """Return questions to begin with."""
        return await self._examples.of(self._answerer)

    async def status(self) -> IndexStatus:
        """Describe the index that answers, with the problems of the published one.

        The published index is read and verified once, and again only when another one is published or one of its files
        is touched.
        """
        async with self._verifying:
            state = await asyncio.to_thread(files_state, self.settings)
            if self._verified is None or self._verified[0] != state:
                self._verified = state, await asyncio.to_thread(index_status, self.settings, self._opener)
            found = self._verified[1]
        if self._answerer is None:
            return found
        problems = found.problems
        if self.problem and self.problem not in problems:
            problems = (*problems, self.problem)
        manifest = self.snapshot.manifest
        return replace(
            found,
            generation=manifest.generation,
            documents=manifest.documents,
            passages=manifest.passages,
            encoder=manifest.encoder,
            problems=problems,
            recall=manifest.recall,
        )

    # Keeping up to date

    async def refresh(self) -> None:
        """Load the published generation, if it is not the one that answers, and let it answer."""
        async with self._loading:
            now = publication(self.settings)
            if self._answerer is None or now != self._published:
                self._answerer = await asyncio.to_thread(self._open)
                self._published, self.problem = now, None

    async def follow(self) -> None:
        """Refresh whenever a generation is published; one that cannot be loaded leaves the old one answering."""
        while True:
            await asyncio.sleep(self._follow_seconds)
            now = publication(self.settings)
            if now == self._published:
                continue
            try:
                await self.refresh()
                log.info("answering from generation %s", self.snapshot.generation)
            except WenbaoError as error:
                self._published, self.problem = now, str(error)
                log.error("%s; the old generation goes on answering", error)

    async def watch(self) -> None:
        """Index again whenever something changes in the corpus folders."""
        folders = [path for path in self.settings.corpus.paths if path.exists()]
        async for _ in awatch(*folders, step=200, debounce=1000):
            try:
                receipt = await self.update()
                if receipt.added or receipt.changed or receipt.removed:
                    log.info(
                        "the corpus changed: %d added, %d changed, %d removed, %d skipped",
                        *map(len, (receipt.added, receipt.changed, receipt.removed, receipt.skipped)),
                    )
            except WenbaoError as error:
                log.error("%s", error)

    async def update(self, *, rebuild: bool = False) -> Receipt:
        """Index what changed; when this returns, the changes can be asked about."""
        async with self._indexing:
            return await self._update(rebuild=rebuild)

    async def _update(self, *, rebuild: bool = False) -> Receipt:
        receipt = await asyncio.to_thread(
            update_index, self.settings, self._encoder, rebuild=rebuild, progress=self._go_on
        )
        await self.refresh()
        return receipt

    async def add(self, uploads: Sequence[Upload]) -> Receipt:
        """Put reports into the corpus and index them; those that cannot be read are among the receipt's skipped."""
        async with self._indexing:  # else the watcher may index the change first, and the receipt would not name it
            refused = await asyncio.to_thread(add_reports, self.settings, uploads, self._go_on)
            receipt = await self._update()
        return replace(receipt, skipped=(*refused, *receipt.skipped))

    async def remove(self, document_ids: Sequence[str]) -> Receipt:
        """Delete reports from the corpus and the index; DocumentUnknown if one is not there."""
        async with self._indexing:
            await asyncio.to_thread(remove_reports, self.settings, self.snapshot, document_ids)
            return await self._update()

    async def run(self) -> None:
        """Keep up to date until cancelled."""
        if self._outdated:
            try:
                await self.update()
            except WenbaoError as error:
                log.error("%s; the old index goes on answering", error)
        keepers = [self.follow()]
        if self.settings.corpus.watch:
            keepers.append(self.watch())
        await asyncio.gather(*keepers)

    def _go_on(self, stage: str, done: int, total: int) -> None:
        """Break off indexing when the process must end; what is embedded by then is kept for the next run."""
        if self._closing:
            raise IndexStopped(f"indexing was broken off (stage: {stage}): `wenbao index` goes on from there")

    def stop_indexing(self) -> None:
        """Break off the indexing run in hand, if there is one."""
        self._closing = True

    def close(self) -> None:
        """Let the questions in hand finish, drop those that wait, and write down those that found no answer.

        The index is let go, because its files stay mapped until somebody else lets go of the service.
        """
        self._workers.shutdown(wait=True, cancel_futures=True)
        self.unanswered.close()
        self._answerer = None
