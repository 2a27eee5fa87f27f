"""Connections to the database of the index, shared by threads and lent one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from retrieval.errors import StoreUnreachable, StoreUnusable
from retrieval.index.oceanbase.checks import check
from retrieval.index.oceanbase.failures import ConnectionLost, StatementFailed
from retrieval.index.oceanbase.url import address_of
from retrieval.installed import CONNECTING, missing

if TYPE_CHECKING:
    from retrieval.index.oceanbase.link import Link
    from retrieval.index.oceanbase.session import Row, Session

T = TypeVar("T")

IDLE_SECONDS = 60.0
"""An older idle connection is not lent again: firewalls and proxies forget such ones without a word."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Round trips, and bytes that statements and their answers took, before any encryption."""

    trips: int = 0
    sent: int = 0
    received: int = 0


class Database:
    """Connections to one database of a server, shared by threads and lent one at a time.

    At most ``most`` are open. A statement, or connecting, takes at most ``seconds``, on the server too. StoreUnusable
    for a URL that is none, or without PyMySQL; whether the server answers shows when something is lent.
    """

    def __init__(self, url: str, password: str | None = None, *, most: int = 8, seconds: float = 10.0) -> None:
        if missing(CONNECTING):
            raise StoreUnusable("a database as the index needs PyMySQL: pip install 'wenbao[oceanbase]'")
        self.address = address_of(url)
        self._password = password
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(most)
        self._most = most
        self._lock = threading.Lock()
        self._idle: list[tuple[Link, float]] = []
        self._closings = 0
        self._traffic = Traffic()

    @property
    def traffic(self) -> Traffic:
        """What went over all connections while they were lent, so far; those that are lent now count afterwards."""
        with self._lock:
            return self._traffic

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Lend a connection on which every statement is committed by itself; StoreUnreachable or StoreUnusable."""
        with self._lent() as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Lend a connection whose statements are committed at the end together, or none where an exception leaves it.

        Where the connection breaks during the commit itself, ConnectionLost does not tell whether it was done.
        """
        with self._lent() as session:
            session.change("BEGIN")
            try:
                yield session
            except BaseException:
                if session.sound:
                    with suppress(StoreUnreachable, StoreUnusable, StatementFailed):  # the server does it in any case
                        session.change("ROLLBACK")
                raise
            session.change("COMMIT")

    def reading(self, ask: Callable[[Session], T]) -> T:
        """Return what ``ask`` returns; where the connection broke, it is called once more with a fresh one."""
        try:
            with self._lent() as session:
                return ask(session)
        except ConnectionLost:
            self._drop_idle()
        with self._lent() as session:
            return ask(session)

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a statement; where the connection broke, it is asked once more with a fresh one."""
        return self.reading(lambda session: session.rows(statement, values))

    def check(self) -> None:
        """Raise StoreUnusable unless the server, the database and the user's rights are fit for an index."""
        self.reading(lambda session: check(session, self.address))

    def close(self) -> None:
        """Close the connections, those that are lent when they come back; what is lent next is opened anew."""
        with self._lock:
            self._closings += 1
        self._drop_idle()

    @contextmanager
    def _lent(self) -> Iterator[Session]:
        from retrieval.index.oceanbase.session import Session

        if not self._places.acquire(timeout=self._seconds):
            raise StoreUnreachable(f"all {self._most} connections to {self.address} are taken: try again")
        try:
            closings, link = self._closings, self._link()
            session = Session(link, self.address)
            try:
                yield session
            finally:
                self._take_back(link, session, closings)
        finally:
            self._places.release()

    def _link(self) -> Link:
        """Return an idle connection that stands, or a new one."""
        from retrieval.index.oceanbase.link import connect

        while True:
            with self._lock:
                if not self._idle:
                    break
                link, since = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and not link.left():
                return link
            _close(link)
        return connect(self.address, self._password, self._seconds)

    def _take_back(self, link: Link, session: Session, closings: int) -> None:
        kept = session.sound and not link.in_transaction()
        with self._lock:
            kept = kept and closings == self._closings
            before = self._traffic
            self._traffic = Traffic(
                before.trips + session.trips, before.sent + session.sent, before.received + session.received
            )
            if kept:
                self._idle.append((link, time.monotonic()))
        if not kept:
            _close(link)

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for link, _ in idle:
            _close(link)


def _close(link: Link) -> None:
    if link.open:
        link.close()
