"""The generation that answers, and the newer one that takes its place between two questions."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from bot.service.opening import Opener, update_index
from bot.service.store import store_of
from bot.settings import Settings
from retrieval.answer.answerer import Answerer
from retrieval.encoder.protocol import Encoder
from retrieval.errors import ModelError, MostReportsGone, SnapshotError, SnapshotMismatch, WenbaoError
from retrieval.index.manifest import REBUILD
from retrieval.index.store import Publication

log = logging.getLogger("wenbao")

LOOK_SECONDS = 0.5
"""How often it is looked whether another generation has been published."""


class NotReady(WenbaoError):
    """The index or the encoder is still being loaded."""


class Generations:
    """Opens the published generation and lets it answer, for use by one event loop."""

    def __init__(
        self, settings: Settings, opener: Opener, encoder: Encoder, look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._settings = settings
        self._store = store_of(settings)
        self._opener = opener
        self._encoder = encoder
        self._loading = asyncio.Lock()
        self._answerer: Answerer | None = None
        self._look_seconds = look_seconds
        self._published: Publication | None = None
        self._tried: Publication | None = None
        self._failure: WenbaoError | None = None
        self.away: WenbaoError | None = None
        """Why the store could not be asked when it was looked last, if it could not."""
        self.problem: str | None = None
        """Why the newest generation is not the one that answers, if it is not."""
        self.is_outdated = False
        """Whether other settings made the generation that answers."""

    @property
    def is_open(self) -> bool:
        """Whether a generation answers."""
        return self._answerer is not None

    @property
    def answerer(self) -> Answerer:
        """What answers; NotReady before anything does, or the error that keeps it from being opened."""
        if self._answerer is None:
            failure = self._failure or NotReady("the reports are still being loaded: try again in a few seconds")
            raise failure.with_traceback(None)  # or it would keep the frames of everybody who was told
        return self._answerer

    def answers(self, publication: Publication | None) -> bool:
        """Whether the generation that answers is the one of a publication."""
        return self._answerer is not None and publication == self._published

    async def publication(self) -> Publication | None:
        """Ask the store beside the loop what is published now; raises what keeps it from answering."""
        try:
            now = await asyncio.to_thread(self._store.publication)
        except WenbaoError as error:
            self.away = error
            raise
        self.away = None
        return now

    async def refresh(self) -> None:
        """Load the published generation if it is not the one that answers, and let it answer.

        Raises whatever keeps it from being loaded; the generation before it then goes on answering.
        """
        async with self._loading:
            try:
                now = await self.publication()
                if self.answers(now):
                    return
                self._tried = now
                self._answerer, problem = await asyncio.to_thread(self._opened, now)
            except WenbaoError as error:
                self._failure, self.problem = error, str(error)
                raise
            except Exception as error:
                self.problem = f"the index cannot be opened ({type(error).__name__}: {error})"
                self._failure = NotReady("the index cannot be opened: the server's log says why")
                raise
            self._published, self._failure, self.problem = now, None, problem

    async def changed(self) -> None:
        """Wait until another generation is published than the one that was opened last, or failed to be.

        Where the store is away it is waited until it is back, too.
        """
        was_away = self.away is not None
        while True:
            try:
                if await self.publication() != self._tried or was_away:
                    return
            except Exception:  # whoever waits tries what failed again, and says why it fails
                was_away = True
            await asyncio.sleep(self._look_seconds)

    def _opened(self, now: Publication | None) -> tuple[Answerer, str | None]:
        """Open the index; say so where the published generation is damaged and an older one stands in for it."""
        answerer = self._open()
        with suppress(WenbaoError):
            published, answers = self._store.generation(), answerer.snapshot.generation
            if published in (None, answers) or self._store.publication() != now:
                return answerer, None
            return answerer, f"the published index {published} is damaged: {answers} answers, {REBUILD}"
        return answerer, None

    def close(self) -> None:
        """Let go of the generation, because its files stay mapped until somebody does."""
        self._answerer = None

    def _open(self) -> Answerer:
        """Open the index; if other settings made it, it answers until a new one is made."""
        try:
            answerer = self._opener.open(self._settings, self._encoder)
            self.is_outdated = False
        except SnapshotMismatch as mismatch:
            try:
                answerer = self._opener.open_outdated(self._settings)
                self.is_outdated = True
                log.warning("%s; the old index answers while a new one is made", mismatch)
            except (SnapshotError, ModelError):
                if self._settings.index.is_shared:
                    raise mismatch from None
                log.warning("%s; the index is made anew first", mismatch)
                self._make_anew()
                answerer = self._opener.open(self._settings, self._encoder)
        return answerer

    def _make_anew(self) -> None:
        try:
            update_index(self._settings, self._encoder)
        except MostReportsGone as error:  # whoever asks is told without names of reports
            raise NotReady(error.summary) from error
