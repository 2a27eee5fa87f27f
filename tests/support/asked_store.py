"""Servers that are asked all the time, and whether each answer is of one generation, word for word."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

import httpx
from revised_reports import TOPICS

Texts = Mapping[str, Mapping[str, str]]
"""Generation -> document id -> text."""
ASKED_ABOUT = tuple(TOPICS)
ASKERS = 2
"""Of each server."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one question: about what, from which server, when, and the status (0: no connection) and body."""

    topic: str
    server: int
    at: float
    code: int
    body: Mapping[str, Any]
    excused: bool
    """Whether the server may have been away while it was asked."""


@dataclass(slots=True)
class Asking:
    """Asks every server, each asker with a ``pause`` in seconds; ``addresses`` and ``away`` change meanwhile."""

    addresses: list[str]
    pause: float
    away: Collection[int] = ()
    """The servers that need not answer now."""
    replies: list[Reply] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Ask for as long as the block takes."""
        askers = [threading.Thread(target=self._ask, args=(server,)) for server in self._servers for _ in range(ASKERS)]
        for asker in askers:
            asker.start()
        try:
            yield
        finally:
            self._ended.set()
            for asker in askers:
                asker.join()

    def generations(self, since: float) -> list[str | None]:
        """Return from which generation each server answered last, after a moment; None where it did not."""
        found: list[str | None] = [None for _ in self.addresses]
        for reply in reversed(self.replies.copy()):
            if reply.at < since:
                break
            if reply.code == 200:
                found[reply.server] = found[reply.server] or reply.body["generation"]
        return found

    def longest_silence(self) -> float:
        """Return the longest time, in seconds, that a server gave no answer."""
        answered = [reply for reply in self.replies if reply.code == 200]
        times = [[reply.at for reply in answered if reply.server == server] for server in self._servers]
        return max((later - earlier for some in times for earlier, later in pairwise(some)), default=0.0)

    @property
    def _servers(self) -> range:
        return range(len(self.addresses))

    def _ask(self, server: int) -> None:
        with httpx.Client(trust_env=False, timeout=60) as client:
            while not self._ended.is_set():
                number = next(self._numbers)
                topic, excused = ASKED_ABOUT[number % len(ASKED_ABOUT)], server in self.away
                question = {"question": f"{topic}由谁主持？", "top_k": 10}
                try:
                    reply = client.post(f"{self.addresses[server]}/ask", json=question)
                    code, body = reply.status_code, reply.json()
                except (httpx.TransportError, ValueError):
                    code, body = 0, {}
                excused = excused or server in self.away
                self.replies.append(Reply(topic, server, time.monotonic(), code, body, excused))
                time.sleep(self.pause if code == 200 else 0.05)


def what_is_wrong(reply: Reply, texts: Texts) -> str | None:
    """Say what is wrong with a reply; None where nothing is.

    An answer's quotes must stand in the reports of the generation that it names, and be of the report that was asked
    about, among others. A server that is away may say so.
    """
    if reply.code != 200:
        return None if reply.excused and reply.code in (0, 503) else f"no answer: {reply.code} {reply.body}"
    generation, citations = reply.body["generation"], reply.body["citations"]
    reports = texts.get(generation)
    if reports is None:
        return f"{generation} was never published"
    for one in citations:
        text = reports.get(one["document_id"], "")
        if not one["quote"] or text[one["start"] : one["end"]] != one["quote"]:
            return f"{generation} has no “{one['quote']}” in {one['document_id']}"
    if reply.topic not in {one["document_id"] for one in citations}:
        return f"{generation}: {reply.topic} is not cited"
    answer = reply.body["answer"]
    if answer and answer["text"] not in citations[answer["citation"] - 1]["quote"]:
        return f"{generation}: “{answer['text']}” is not in its citation"
    return None
