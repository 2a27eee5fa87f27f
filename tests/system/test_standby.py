"""Two servers of OceanBase: one follows the other, and takes its place."""

from __future__ import annotations

import time
from contextlib import closing

import pytest
from seekdb import seekdb_running, standby_of

from retrieval.errors import StoreUnreachable, StoreUnusable
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import StatementFailed


def numbers(database):
    """Return the numbers in the table; none where the table itself has not come over yet."""
    try:
        return [number for (number,) in database.reading(lambda one: one.rows("SELECT number FROM t ORDER BY number"))]
    except StatementFailed as failed:
        assert failed.code == 1146
        return []


def add(database, *new):
    with database.session() as session:
        for number in new:
            session.change("INSERT INTO t VALUES (%s)", [number])


def test_a_promoted_standby_has_what_had_come_over_without_gaps_and_is_the_primary_from_then_on():
    with (
        seekdb_running() as primary,
        standby_of(primary) as standby,
        closing(Database(primary.url, primary.password)) as old,
        closing(Database(standby.url, standby.password)) as new,
    ):
        with old.session() as session:
            session.change("CREATE TABLE t (number INT PRIMARY KEY)")
        add(old, *range(100))
        deadline = time.monotonic() + 60
        while len(numbers(new)) < 100 and time.monotonic() < deadline:
            time.sleep(0.05)
        with pytest.raises(
            StoreUnusable, match=r"a standby, which only answers: name the primary in index\.url, or ALTER"
        ):
            add(new, 100)
        add(old, *range(100, 200))
        primary.kill()
        with pytest.raises(StoreUnreachable):
            numbers(old)
        with new.session() as session:
            session.change("ALTER SYSTEM ACTIVATE STANDBY")
        kept = numbers(new)
        assert kept == list(range(len(kept)))
        assert 100 <= len(kept) <= 200
        new.check()
        add(new, 1000)
        standby.kill()
        standby.start()
        add(new, 1001)
        assert numbers(new) == [*kept, 1000, 1001]
