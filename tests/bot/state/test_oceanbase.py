"""The state in a database: what is done once whatever happens, and what is said where the server is gone."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager

import pytest

from bot.state import ApiKey, Audit, Note, StateUnusable
from bot.state.oceanbase import OceanBaseState
from bot.state.oceanbase.changes import TRIES, changed
from bot.state.oceanbase.store import Sweeping
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import ConnectionLost, StatementFailed

KEY = ApiKey("press", "read", None, dt.datetime(2026, 12, 1, tzinfo=dt.UTC), None, "0a1b2c3d", "scrypt$…")
NOTE = Note("conversation", "a", "text", 60)


@pytest.fixture
def state(seekdb, database):
    state = OceanBaseState(Database(str(database.address), seekdb.password), most_audit=5)
    yield state
    state.close()


def rows(database, statement):
    with database.session() as session:
        return session.rows(statement)


def test_a_server_that_is_gone_is_said_and_one_that_is_back_has_lost_nothing(state, seekdb):
    state.add_key(KEY)
    state.remember([NOTE])
    seekdb.kill()
    for asked in (state.keys, state.feedback, lambda: state.remember([NOTE]), lambda: state.remove_key("press")):
        with pytest.raises(StateUnusable, match="what is remembered is out of reach: oceanbase://"):
            asked()
    assert len(state.hashed("7")) == 64
    seekdb.start()
    assert (state.keys(), state.recall("conversation", "a"), state.remove_key("press")) == ([KEY], "text", True)


def test_what_cannot_be_written_down_is_an_error_in_the_log_and_nothing_else(state, seekdb, caplog):
    seekdb.kill()
    Audit(state).record("web", "press", "index", "done")
    assert "what was changed cannot be written down: what is remembered is out of reach" in caplog.text


def test_tables_that_somebody_dropped_are_made_anew(state, database):
    state.add_key(KEY)
    before = state.hashed("7")
    with database.session() as session:
        for (name,) in session.rows("SHOW TABLES LIKE 'wenbao%%'"):
            session.change(f"DROP TABLE {name}")
    assert state.add_key(KEY) is True
    assert (state.keys(), state.hashed("7") == before) == ([KEY], False)


def test_tables_of_another_version_are_left_alone(state, seekdb, database):
    state.add_key(KEY)
    with database.session() as session:
        session.change("UPDATE wenbao_state SET version = 99")
    newer = OceanBaseState(Database(str(database.address), seekdb.password))
    with pytest.raises(StateUnusable, match="have version 99, this program knows 1: run the same version of Wenbao"):
        newer.remove_key("press")
    assert rows(database, "SELECT name FROM wenbao_keys") == [("press",)]
    newer.close()


def test_the_log_drops_its_oldest_entries(state, database):
    for number in range(9):
        Audit(state).record("web", "press", str(number), "done")
    assert rows(database, "SELECT what FROM wenbao_audit ORDER BY number") == [(str(one),) for one in range(4, 9)]


def test_a_damaged_row_is_named_with_what_to_do(state, database):
    state.add_key(KEY)
    with database.session() as session:
        session.change(
            "INSERT INTO wenbao_votes (recorded, face, user, request_id, question, generation, status, confidence, "
            "answer, citations, subject, kind) VALUES ('never', 'web', '', 'r', 'q', 'g', 's', 0, 'x', 'x', 's', 'up')"
        )
    with pytest.raises(StateUnusable, match=r"a row of wenbao_votes or wenbao_unanswered is damaged \(.*: delete it"):
        state.feedback()


def test_nobody_reads_in_the_database_who_asked(state, database):
    state.remember([Note("conversation", "chat-4711", "text", 60)])
    found = rows(database, "SELECT * FROM wenbao_notes") + rows(database, "SELECT * FROM wenbao_state")
    assert "4711" not in str(found)


# A change is made once


class Breaking:
    """A database whose transactions fail as they are told, before the commit or during it."""

    def __init__(self, *failures):
        self.failures, self.runs = list(failures), 0

    @contextmanager
    def transaction(self):
        during, failure = self.failures.pop(0) if self.failures else ("", None)
        if during == "begin":
            raise failure
        yield self
        if during == "commit":
            raise failure

    def work(self, _):
        self.runs += 1
        if self.failures and self.failures[0][0] == "work":
            raise self.failures.pop(0)[1]
        return "done"


LOST, DEADLOCK, WRONG = ConnectionLost("broken off"), StatementFailed(1213, "deadlock"), StatementFailed(1064, "syntax")


@pytest.mark.parametrize(
    ("failures", "runs"),
    [
        ([], 1),
        ([("begin", LOST)], 1),
        ([("begin", LOST), ("", None), ("work", DEADLOCK)], 2),
        ([("", None), ("work", LOST), ("", None), ("work", DEADLOCK)], 3),
    ],
)
def test_a_change_is_tried_again_where_it_is_known_that_nothing_was_changed(failures, runs):
    database = Breaking(*failures)
    assert (changed(database, database.work), database.runs) == ("done", runs)


@pytest.mark.parametrize(
    ("failures", "runs"),
    [
        ([("commit", LOST)], 1),
        ([("", None), ("work", WRONG)], 1),
        ([("begin", LOST)] * TRIES, 0),
        ([("", None), ("work", DEADLOCK)] * TRIES, TRIES),
    ],
)
def test_a_change_is_not_tried_again_where_it_may_be_made_or_never_will_be(failures, runs):
    database, failure = Breaking(*failures), failures[-1][1]
    with pytest.raises(type(failure)) as caught:
        changed(database, database.work)
    assert (caught.value, database.runs) == (failure, runs)


def test_what_is_too_much_is_looked_for_at_first_and_after_each_hundredth_of_the_most():
    sweeping = Sweeping()
    due = [number for number in range(500) if sweeping.is_due("a", 20_000)]
    assert (due, sweeping.is_due("b", 20_000)) == ([0, 200, 400], True)
    assert [sweeping.is_due("c", 5) for _ in range(3)] == [True, True, True]
