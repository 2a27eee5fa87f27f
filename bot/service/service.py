"""The one Answerer that all faces share: opened from settings, asked off the event loop, never overrun."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
import uuid
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from functools import partial

from cachetools import LRUCache

from bot.access.pseudonyms import Pseudonyms
from bot.feedback.store import FeedbackStore
from bot.feedback.unanswered import UnansweredQuestions
from bot.reply import Asker, Reply
from bot.service.example_questions import ExampleQuestions
from bot.service.opening import Opener
from bot.service.page_pictures import PagePictures
from bot.service.remembered.conversation import Conversations, Place
from bot.service.remembered.notebook import Notebook
from bot.service.remembered.recent import RecentAnswers
from bot.service.reports import Upload
from bot.service.shelf import Shelf
from bot.service.state import state_of
from bot.service.status import IndexStatus, index_status
from bot.service.store import store_of
from bot.service.upkeep.generations import Generations
from bot.service.upkeep.supervisor import Supervisor
from bot.service.upkeep.upkeep import FOLLOW_SECONDS, Upkeep
from bot.service.working.workers import Workers
from bot.settings import Examples, Settings
from bot.state import Audit, State
from bot.telemetry.logs import request_id as request_id_of_log
from bot.telemetry.metrics import Metrics
from bot.telemetry.traces import Traces
from retrieval.answer.answerer import Answerer
from retrieval.encoder.cached import CachedEncoder
from retrieval.errors import WenbaoError
from retrieval.index.protocol import Snapshot
from retrieval.types import Answer, Question, Receipt

log = logging.getLogger("wenbao")

AWAY = object()
"""Stands for the state of a store that cannot be asked."""
KEPT_VIEWS = 16
"""Patterns of reports for which an Answerer and a shelf are kept."""


class Service:
    """Runs one Answerer in worker threads for faces that live in an event loop, and keeps it up to date.

    Two questions are worked on at a time, those of different clients in turn, and ``server.queue`` are in hand at most.
    Whoever asks the same of the same generation gets one of the last ``server.remember`` answers again. Indexing has a
    thread of its own. A new generation, whoever published it, is loaded beside the old one and replaces it between two
    questions, so that every answer comes from one generation.
    """

    def __init__(
        self, settings: Settings, opener: Opener | None = None, *, follow_seconds: float = FOLLOW_SECONDS
    ) -> None:
        self.settings = settings
        self._opener = opener or Opener()
        self.state: State = state_of(settings)
        self.audit = Audit(self.state)
        self.pseudonyms = Pseudonyms(self.state)
        self.metrics = Metrics()
        self.feedback = FeedbackStore(self.state, settings.feedback.keep, self.metrics.kept)
        self.store = store_of(settings)
        self.notebook = Notebook(self.state)
        self.recent = RecentAnswers(self.notebook)
        self.pictures = PagePictures(settings)
        self.conversations = Conversations(self.notebook, settings.conversation.minutes * 60)
        self.supervisor = Supervisor()
        self.unanswered = UnansweredQuestions(self.feedback, self.supervisor)
        self.traces = Traces.configured()
        self.workers = Workers(settings.server.queue)
        encoder = CachedEncoder(self._opener.encoder(settings))
        self.generations = Generations(settings, self._opener, encoder, follow_seconds)
        self._upkeep = Upkeep(settings, encoder, self.generations, self.supervisor, self.audit, follow_seconds)
        self._answers: LRUCache[tuple[str, dt.date, Question, str | None], Answer] = LRUCache(settings.server.remember)
        self._views: LRUCache[tuple[str, str], Answerer] = LRUCache(KEPT_VIEWS)
        self._shelves: LRUCache[tuple[str, str | None], Shelf] = LRUCache(KEPT_VIEWS)
        self._verified: tuple[object, IndexStatus] | None = None
        self._examples = ExampleQuestions(settings.web.examples)
        self._verifying = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether questions can be answered now."""
        return self.generations.is_open and self.generations.away is None

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that questions are answered from, for who may see all; NotReady before there is one."""
        return self.generations.answerer.snapshot

    def check(self) -> None:
        """Raise what keeps questions from being answered now, if anything does."""
        if self.generations.away:
            raise self.generations.away.with_traceback(None)
        _ = self.generations.answerer

    async def start(self) -> None:
        """Open index and encoder; raises the WenbaoError that made it fail, and keeps it for later askers."""
        await self.generations.refresh()

    # Asking

    async def converse(
        self,
        question: Question,
        conversation: Place,
        asker: Asker,
        *,
        follows_last: bool = True,
        request_id: str | None = None,
    ) -> Reply:
        """Answer a question of a conversation, and keep what later questions, votes and the export need of it.

        The question follows the last turn of the conversation; if ``follows_last`` is false, the turn it comes with.
        The reply has the ``request_id``, else the one that the log has now, or one of its own. Raises as ``ask`` does.
        """
        if follows_last:
            last = await self.conversations.last(conversation, asker)
            question = replace(question, before=last.leads_to(question.text) if last else None)
        answer = await self.ask(question, asker)
        reply = Reply(request_id or request_id_of_log.get() or uuid.uuid4().hex, question, answer, asker)
        notes = [self.conversations.note(conversation, reply)]
        if self.feedback.keep:
            if asker.face == "web":  # Telegram knows its answers by the messages that show them
                notes.append(self.recent.note(reply))
            self.unanswered.record(reply)
        await self.notebook.remember(notes)
        return reply

    async def ask(self, question: Question, asker: Asker) -> Answer:
        """Answer in a worker thread when it is the asker's turn, as ``Answerer.ask`` does, from what the asker may see.

        TooManyQuestions or Overloaded where too many questions wait. A question that was answered before is answered
        from memory; its ``timings_ms`` then have only "total".
        """
        try:
            answer, waited = await self._answered(question, asker)
        except WenbaoError:
            self.metrics.unanswered(asker.face, "refused")
            raise
        except Exception:
            self.metrics.unanswered(asker.face, "failed")
            raise
        self.metrics.answered(asker.face, answer.status, answer.timings_ms, waited)
        self.traces.question(asker.face, answer.status, request_id_of_log.get(), answer.timings_ms, waited)
        return answer

    async def _answered(self, question: Question, asker: Asker) -> tuple[Answer, float]:
        """Return the answer, and how many seconds the question waited for its turn."""
        started, answerer = time.perf_counter(), self._answerer_for(asker.sees)
        key = answerer.snapshot.generation, dt.date.today(), question, asker.sees
        if (known := self._answers.get(key)) is not None:
            answer = replace(known, timings_ms={"total": round((time.perf_counter() - started) * 1000, 2)})
            return answer, 0.0
        answer, waited = await self.workers.at_turn(asker.client, partial(answerer.ask, question))
        if self._answers.maxsize:
            self._answers[key] = answer
        return answer, waited

    def _answerer_for(self, pattern: str | None) -> Answerer:
        """Return what answers from the reports that match a pattern, or from all."""
        answerer = self.generations.answerer
        if pattern is None:
            return answerer
        key = answerer.snapshot.generation, pattern
        if key not in self._views:
            self._views[key] = answerer.within(pattern)
        return self._views[key]

    def shelf(self, pattern: str | None = None) -> Shelf:
        """Return the reports that match a pattern, or all; NotReady before the index is open."""
        snapshot = self.snapshot
        key = snapshot.generation, pattern
        if key not in self._shelves:
            self._shelves[key] = Shelf.of(snapshot, self.store.history, pattern)
        return self._shelves[key]

    async def examples(self, pattern: str | None = None) -> Examples:
        """Return questions to begin with, for somebody who may see what matches a pattern."""
        return await self._examples.of(self._answerer_for(pattern) if self.ready else None, pattern)

    # State

    async def status(self) -> IndexStatus:
        """Describe the index that answers, with the problems of the published one and of what runs in the background.

        The published index is read and verified once, and again only when another one is published or one of its files
        is touched.
        """
        async with self._verifying:
            state = await asyncio.to_thread(self._touched)
            if self._verified is None or state is AWAY or self._verified[0] != state:
                self._verified = state, await asyncio.to_thread(index_status, self.settings, self._opener)
            found = self._verified[1]
        problems = list(found.problems)
        failures = (
            f"{one.work} fails since {one.since:%Y-%m-%d %H:%M} UTC: {one.says}" for one in self.supervisor.failures
        )
        problems += (one for one in (self.generations.problem, *failures) if one and one not in problems)
        if not self.ready:
            return replace(found, problems=tuple(problems))
        manifest = self.snapshot.manifest
        return replace(
            found,
            generation=manifest.generation,
            documents=manifest.documents,
            passages=manifest.passages,
            encoder=manifest.encoder,
            problems=tuple(problems),
            recall=manifest.recall,
        )

    def _touched(self) -> object:
        try:
            return self.store.touched()
        except WenbaoError:  # the status says why
            return AWAY

    @property
    def degraded(self) -> tuple[str, ...]:
        """What does not work as it should while questions are answered, in a few words each."""
        failing = tuple(failure.work for failure in self.supervisor.failures)
        return (*failing, *(["the newest index cannot be loaded"] if self.generations.problem else []))

    # Keeping up to date

    async def run(self) -> None:
        """Keep up to date until cancelled."""
        await self._upkeep.run()

    async def update(self, *, rebuild: bool = False, may_remove_most: bool = False) -> Receipt:
        """Index what changed; when this returns, the changes can be asked about.

        MostReportsGone where more than half of the reports are gone, unless that ``may_remove_most``.
        """
        return await self._upkeep.update(rebuild=rebuild, may_remove_most=may_remove_most)

    async def add(self, uploads: Sequence[Upload]) -> Receipt:
        """Put reports into the corpus and index them; those that cannot be read are among the receipt's skipped."""
        return await self._upkeep.add(uploads)

    async def remove(self, document_ids: Sequence[str]) -> Receipt:
        """Delete reports from the corpus and the index; DocumentUnknown if one is not there."""
        return await self._upkeep.remove(document_ids)

    async def audited(
        self, face: str, who: str, what: str, work: Awaitable[Receipt], about: Sequence[str] = ()
    ) -> Receipt:
        """Do what changes the corpus, and write down who did it and what came of it."""
        try:
            receipt = await work
        except WenbaoError as error:
            await asyncio.to_thread(self.audit.record, face, who, what, f"failed: {error}", about)
            raise
        named = about or (*receipt.added, *receipt.changed, *receipt.removed)
        await asyncio.to_thread(self.audit.record, face, who, what, "done", named)
        return receipt

    def stop_indexing(self) -> None:
        """Break off the indexing run in hand, if there is one."""
        self._upkeep.stop_indexing()

    def close(self) -> None:
        """Let the questions in hand finish, drop those that wait, and write down those that found no answer."""
        self.workers.close()
        self.unanswered.close()
        self.notebook.close()
        self.state.close()
        self.generations.close()
        self.traces.close()
        self._views.clear()
        self._shelves.clear()
