"""The generation that answers, and the newer one that takes its place between two questions."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from bot.service.opening import Opener, update_index
from bot.service.published import publication
from bot.settings import Settings
from retrieval.answer.answerer import Answerer
from retrieval.encoder.protocol import Encoder
from retrieval.errors import ModelError, MostReportsGone, SnapshotError, SnapshotMismatch, WenbaoError
from retrieval.index.local.snapshot import published

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
        self._opener = opener
        self._encoder = encoder
        self._loading = asyncio.Lock()
        self._answerer: Answerer | None = None
        self._look_seconds = look_seconds
        self._published: tuple[int, int] | None = None
        self._tried: tuple[int, int] | None = None
        self._failure: WenbaoError | None = None
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

    @property
    def is_current(self) -> bool:
        """Whether the generation that answers is the published one."""
        return self._answerer is not None and publication(self._settings) == self._published

    async def refresh(self) -> None:
        """Load the published generation if it is not the one that answers, and let it answer.

        Raises whatever keeps it from being loaded; the generation before it then goes on answering.
        """
        async with self._loading:
            if self.is_current:
                return
            self._tried = now = publication(self._settings)
            try:
                self._answerer = await asyncio.to_thread(self._open)
            except WenbaoError as error:
                self._failure, self.problem = error, str(error)
                raise
            except Exception as error:
                self.problem = f"the index cannot be opened ({type(error).__name__}: {error})"
                self._failure = NotReady("the index cannot be opened: the server's log says why")
                raise
            self._published, self._failure, self.problem = now, None, self._older(now, self._answerer)

    async def changed(self) -> None:
        """Wait until another generation is published than the one that was opened last, or failed to be."""
        while publication(self._settings) == self._tried:
            await asyncio.sleep(self._look_seconds)

    def _older(self, now: tuple[int, int] | None, answerer: Answerer) -> str | None:
        """Say so where the published generation is damaged and an older one was opened in its place."""
        with suppress(SnapshotError):
            folder = published(self._settings.index.path)
            answers = answerer.snapshot.generation
            if folder is None or folder.name == answers or publication(self._settings) != now:
                return None
            return f"the published index {folder.name} is damaged: {answers} answers, run `wenbao index --rebuild`"
        return None

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
                log.warning("%s; the index is made anew first", mismatch)
                self._make_anew()
                answerer = self._opener.open(self._settings, self._encoder)
        return answerer

    def _make_anew(self) -> None:
        try:
            update_index(self._settings, self._encoder)
        except MostReportsGone as error:  # whoever asks is told without names of reports
            raise NotReady(error.summary) from error
