"""Makes the tables at first use, once, whoever else begins at the same moment; and knows the salt."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import TypeVar

from bot.state.oceanbase import tables
from bot.state.oceanbase.changes import changed
from bot.state.protocol import StateUnusable
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import StatementFailed
from retrieval.index.oceanbase.session import Session

T = TypeVar("T")

NO_SUCH_TABLE = 1146


class Schema:
    """The tables of one database, and the salt that names are hashed with."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._salt: bytes | None = None

    def made(self) -> bytes:
        """Make the tables if need be, and return the salt."""
        with self._lock:
            if self._salt is None:
                self._salt = self._begun() or self._begin()
            return self._salt

    def within(self, work: Callable[[bytes], T]) -> T:
        """Return what ``work`` makes of the salt, over tables that are there; dropped ones are made anew."""
        try:
            return work(self.made())
        except StatementFailed as error:
            if error.code != NO_SUCH_TABLE:
                raise
        with self._lock:
            self._salt = None
        return work(self.made())

    def _begun(self) -> bytes | None:
        """Return the salt of tables that are there; None where they are not, or not all."""
        try:
            found = self._database.reading(lambda session: session.rows(tables.BEGUN))
        except StatementFailed as error:
            if error.code == NO_SUCH_TABLE:
                return None
            raise
        if not found:
            return None
        version, salt = found[0]
        if version != tables.SCHEMA:
            raise StateUnusable(
                f"the tables wenbao_… of {self._database.address} have version {version}, this program knows "
                f"{tables.SCHEMA}: run the same version of Wenbao everywhere"
            )
        return bytes(salt)

    def _begin(self) -> bytes:
        changed(self._database, _make)
        found = self._begun()
        assert found, "what was made is there"
        return found


def _make(session: Session) -> None:
    for statement in tables.TABLES:
        session.change(statement)
    session.change(tables.BEGIN, (tables.SCHEMA, secrets.token_bytes(32)))
