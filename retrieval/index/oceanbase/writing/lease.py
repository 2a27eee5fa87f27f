"""Who may write: a lease on the one row of the store, by the server's clock, renewed as long as its holder lives.

A killed writer's lease ends. One that was only slow finds that it writes no longer: every transaction of a writer
begins with the row, so that what two of them do is never mixed. Locks of a connection would be lost where a proxy
stands between.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from retrieval.errors import IndexBusy, StoreUnreachable, StoreUnusable
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import NO_TABLE, StatementFailed
from retrieval.index.oceanbase.session import Session
from retrieval.index.oceanbase.tables import STORE

LEASE_SECONDS = 30.0
RENEWALS = 3
"""How often a lease is renewed before it would end, so that a lost connection or two end none."""
NO_SPACE = "-"
"""What is written into is not known yet."""
LOOK_SECONDS = 0.2
"""Between two looks whether the lease has become free."""
AHEAD = "NOW(6) + INTERVAL %s MICROSECOND"

_HELD = threading.local()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes, ``HOST:PID``, and into which space."""

    name: str
    space: str


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write, of one ``writer``; it ends by itself unless it is renewed."""

    database: Database
    writer: str
    seconds: float

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Lend a connection as ``Database.transaction`` does; IndexBusy where another writes meanwhile."""
        with self.database.transaction() as session:
            if not session.rows(f"SELECT 1 FROM {STORE} WHERE id = 1 AND writer = %s FOR UPDATE", [self.writer]):
                raise IndexBusy(f"this run was taken for dead, and {self.taken_by()}: run `wenbao index` again")
            yield session

    def renew(self) -> None:
        """Prolong the lease, if it is still this writer's."""
        statement = f"UPDATE {STORE} SET until = {AHEAD} WHERE id = 1 AND writer = %s"
        with self.database.session() as session:
            session.change(statement, [_micro(self.seconds), self.writer])

    def taken_by(self) -> str:
        """Say who has the lease now."""
        found = holder(self.database)
        return f"{found.name} writes the index now" if found else "another has written the index"


@contextmanager
def writing(database: Database, space: str, *, wait: float = 0, seconds: float = LEASE_SECONDS) -> Iterator[Lease]:
    """Hold the writer's lease of a database, whose tables are there, to write into a space.

    Whoever holds it may take it again in the same thread. Raises IndexBusy, which names the holder, where another has
    had it for longer than ``wait`` seconds.
    """
    held: dict[Database, Lease] = _HELD.__dict__.setdefault("leases", {})
    if database in held:
        yield held[database]
        return
    lease = Lease(database, f"{indexer()} {space}", seconds)
    _take(lease, time.monotonic() + wait)
    held[database] = lease
    try:
        with kept_up(lease.renew, seconds):
            yield lease
    finally:
        del held[database]
        free = f"UPDATE {STORE} SET writer = NULL, until = NULL WHERE id = 1 AND writer = %s"
        with suppress(StoreUnreachable, StoreUnusable, StatementFailed), database.session() as session:
            session.change(free, [lease.writer])


def holder(database: Database) -> Holder | None:
    """Return who writes now; None where nobody does."""
    try:
        rows = database.rows(f"SELECT writer FROM {STORE} WHERE id = 1 AND until > NOW(6)")
    except StatementFailed as failed:
        if failed.code == NO_TABLE:
            return None
        raise
    if not rows or rows[0][0] is None:
        return None
    name, _, space = rows[0][0].split(" ")
    return Holder(name, space)


def indexer() -> str:
    """Return a name for this process that no other has, nor itself twice: ``HOST:PID``, and what tells it apart."""
    host = socket.gethostname().replace(" ", "-")[:100]
    return f"{host}:{os.getpid()} {secrets.token_hex(8)}"


@contextmanager
def kept_up(renew: Callable[[], object], seconds: float) -> Iterator[None]:
    """Renew a lease of so many seconds, in a thread of its own, for as long as the block takes.

    What the server refuses is tried again; whether the lease was lost shows when it is needed.
    """
    ended = threading.Event()

    def renew_again() -> None:
        while not ended.wait(seconds / RENEWALS):
            with suppress(StoreUnreachable, StoreUnusable, StatementFailed):
                renew()

    thread = threading.Thread(target=renew_again, name="wenbao-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _take(lease: Lease, deadline: float) -> None:
    statement = f"UPDATE {STORE} SET writer = %s, until = {AHEAD} WHERE id = 1 AND (writer IS NULL OR until <= NOW(6))"
    while True:
        with lease.database.session() as session:
            if session.change(statement, [lease.writer, _micro(lease.seconds)]):
                return
        other = holder(lease.database)
        if other and time.monotonic() >= deadline:
            raise IndexBusy(
                f"the index {lease.database.address} is being written by process {other.name}: wait for it, or end it"
            )
        time.sleep(LOOK_SECONDS if other else 0)


def _micro(seconds: float) -> int:
    return round(seconds * 1e6)
