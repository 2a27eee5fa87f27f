"""Questions that found no answer, written together by one thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from bot.feedback.store import FeedbackStore
from bot.reply import Reply
from bot.state import StateUnusable

WORK = "keeping unanswered questions"
GATHER_SECONDS = 0.3
LONGEST_PAUSE = 60.0
"""Seconds before what could not be written is tried again; the pause doubles while it fails."""
MOST_WAITING = 1000
"""Questions that wait to be written; of more, the oldest are lost."""


class Overseer(Protocol):
    """Is told what fails in the background, by any thread, and shows it."""

    def failed(self, work: str, error: Exception) -> None:
        """Note that some work failed."""

    def recovered(self, work: str) -> None:
        """Note that some work succeeded."""


class UnansweredQuestions:
    """Keeps questions that found no answer, without letting anybody wait for the disk.

    One thread writes them. It gathers those of ``gather_seconds`` in one change of the database, because a change for
    each would cost processor time that answering needs. While the database is out of reach, they wait.
    """

    def __init__(
        self,
        store: FeedbackStore,
        overseer: Overseer,
        *,
        gather_seconds: float = GATHER_SECONDS,
        most: int = MOST_WAITING,
    ) -> None:
        self._store = store
        self._overseer = overseer
        self._gather_seconds = self._pause = gather_seconds
        self._waiting: deque[Reply] = deque(maxlen=most)
        self._changed = threading.Condition()
        self._closing = False
        self._writer: threading.Thread | None = None

    def record(self, reply: Reply) -> None:
        """Keep the question of a reply, unless it was answered or was small talk, or nothing is kept."""
        notice = reply.answer.notice
        small_talk = notice is not None and notice.kind not in ("differs", "other_time", "partly")
        if reply.answer.status == "answered" or small_talk or not self._store.keep:
            return
        with self._changed:
            self._waiting.append(reply)
            self._start()
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._writer:
            self._writer.join()

    def _start(self) -> None:
        if self._writer is not None:
            return
        writer = threading.Thread(target=self._write, name="wenbao-unanswered", daemon=True)
        try:
            writer.start()
        except RuntimeError as error:  # too many threads; the next question tries again, and this one waits
            self._overseer.failed(WORK, error)
            return
        self._writer = writer

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                self._changed.wait_for(lambda: self._closing, self._pause)
                gathered = list(self._waiting)
                self._waiting.clear()
                closing = self._closing
            if gathered:
                self._keep(gathered)
            if closing:
                return

    def _keep(self, replies: Sequence[Reply]) -> None:
        try:
            is_whole = self._write_down(replies)
        except Exception as error:  # the store's fault, or one of ours; the thread must go on
            self._overseer.failed(WORK, error)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            with self._changed:
                together = [*replies, *self._waiting]
                self._waiting.clear()
                self._waiting.extend(together)  # the oldest of too many fall out
        else:
            self._pause = self._gather_seconds
            if is_whole:
                self._overseer.recovered(WORK)

    def _write_down(self, replies: Sequence[Reply]) -> bool:
        """Write questions, and return whether all were; one that cannot be written takes none of the others with it."""
        try:
            self._store.record_unanswered(replies)
        except StateUnusable:
            raise
        except Exception as error:
            if len(replies) > 1:
                return all([self._write_down([reply]) for reply in replies])
            self._overseer.failed(WORK, error)
            return False
        return True
