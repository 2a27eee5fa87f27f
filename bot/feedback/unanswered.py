"""Questions that found no answer, written together by one thread."""

from __future__ import annotations

import threading

from bot.feedback.store import FeedbackStore
from bot.reply import Reply

GATHER_SECONDS = 0.3


class UnansweredQuestions:
    """Keeps questions that found no answer, without letting anybody wait for the disk.

    One thread writes them. It gathers those of ``GATHER_SECONDS`` in one change of the database, because a change for
    each would cost processor time that answering needs.
    """

    def __init__(self, store: FeedbackStore) -> None:
        self._store = store
        self._waiting: list[Reply] = []
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
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="wenbao-unanswered", daemon=True)
                self._writer.start()
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._writer:
            self._writer.join()

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                self._changed.wait_for(lambda: self._closing, GATHER_SECONDS)
                gathered, self._waiting = self._waiting, []
                closing = self._closing
            if gathered:
                self._store.record_unanswered(gathered)
            if closing:
                return
