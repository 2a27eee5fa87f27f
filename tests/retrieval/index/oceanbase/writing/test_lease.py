"""One writes at a time: the lease, whoever is killed or slow."""

from __future__ import annotations

import os
import time

import pytest

from retrieval.errors import IndexBusy
from retrieval.index.oceanbase.tables import create_tables
from retrieval.index.oceanbase.writing.lease import Lease, holder, indexer, writing
from retrieval.index.oceanbase.writing.publishing import switch


@pytest.fixture
def store(database):
    """A database with the tables of the index."""
    with database.session() as session:
        create_tables(session)
    return database


def other(store, seconds):
    """Let another indexer take the lease for so many seconds, and not renew it."""
    lease = Lease(store, "elsewhere:7 0 space", seconds)
    with store.session() as session:
        session.change("UPDATE wenbao_store SET writer = %s, until = NOW(6)", [lease.writer])
    lease.renew()
    return lease


def test_a_second_writer_is_told_who_the_first_is(store):
    assert holder(store) is None
    with writing(store, "space") as lease:
        found = holder(store)
        assert (found.name.endswith(f":{os.getpid()}"), found.space) == (True, "space")
        with writing(store, "space") as same:
            assert same is lease
    assert holder(store) is None
    other(store, 30)
    with pytest.raises(IndexBusy, match="being written by process elsewhere:7"), writing(store, "space"):
        pass


def test_a_lease_is_renewed_as_long_as_its_holder_lives_and_ends_with_it(store):
    with writing(store, "space", seconds=0.6) as lease:
        time.sleep(1)
        with lease.transaction() as session:
            session.change("UPDATE wenbao_store SET published = 3")
    other(store, 0.5)
    with writing(store, "space", wait=5):
        assert store.rows("SELECT published FROM wenbao_store") == [(3,)]


def test_a_writer_that_lost_its_lease_changes_and_publishes_nothing(store):
    slow = other(store, 0)
    with writing(store, "space"):
        with pytest.raises(IndexBusy, match="taken for dead"), slow.transaction() as session:
            session.change("UPDATE wenbao_store SET published = 9")
        slow.renew()
        assert holder(store).name != "elsewhere:7"
        with pytest.raises(IndexBusy, match="not published"):
            switch(slow, 0, 1)
    with pytest.raises(IndexBusy, match="another has written"), slow.transaction():
        pass
    assert store.rows("SELECT published FROM wenbao_store") == [(0,)]


def test_a_writer_publishes_only_after_the_generation_that_it_began_with(store):
    with writing(store, "space") as lease:
        switch(lease, 0, 1)
        switch(lease, 0, 1)  # as where the answer to the first was lost
        with pytest.raises(IndexBusy):
            switch(lease, 0, 2)
    assert store.rows("SELECT published FROM wenbao_store") == [(1,)]


def test_no_indexer_has_the_name_of_another():
    assert len({indexer() for _ in range(100)}) == 100
