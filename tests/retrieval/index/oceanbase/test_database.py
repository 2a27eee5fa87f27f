"""Connections, statements and transactions, against the real server."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import closing

import pytest

from retrieval.errors import StoreUnreachable, StoreUnusable
from retrieval.index.oceanbase.database import Database, Traffic
from retrieval.index.oceanbase.failures import ConnectionLost, StatementFailed

WORDS = ("孙蕴华的热线", "𠮷野家😀", 'it\'s "quoted" \\ 100%', "a\0b\x1a\r\n\t", "' OR 1=1; --", "", "%s %% %d")
"""What breaks naive quoting, and characters of two to four bytes."""


@pytest.fixture
def table(database):
    """A database with the table ``things``: a number, a text, and bytes."""
    with database.session() as session:
        session.change("CREATE TABLE things (number INT PRIMARY KEY, words VARCHAR(100), content LONGBLOB)")
    return database


def numbers(database):
    return database.reading(lambda session: session.rows("SELECT number FROM things ORDER BY number"))


def add(session, number, words="一"):
    return session.change("INSERT INTO things VALUES (%s, %s, %s)", [number, words, b"\0\xff"])


def test_values_come_back_as_they_were_sent(database):
    values = [*WORDS, b"", b"\0\xff'\\", bytes(range(256)), 2**62, -1, 1.5, None]
    with database.session() as session:
        assert session.rows(f"SELECT {', '.join(['%s'] * len(values))}, '%%'", values) == [(*values, "%")]


def test_several_statements_take_one_round_trip_and_each_has_its_rows(table):
    with table.session() as session:
        add(session, 1)
        found = session.all(
            [
                ("SELECT number FROM things", ()),
                ("INSERT INTO things VALUES (%s, %s, NULL)", [2, "二; SELECT 3"]),
                ("SELECT words FROM things WHERE number > %s", [1]),
                ("SELECT 1 FROM things WHERE number > 9", ()),
                ("SELECT COUNT(*), 'a' FROM things", ()),
            ]
        )
        assert (found, session.trips) == ([[(1,)], [], [("二; SELECT 3",)], [], [(2, "a")]], 2)
        assert (session.all([]), session.trips) == ([], 2)


def test_of_several_statements_those_after_one_that_fails_are_not_run_and_the_connection_goes_on(table):
    with table.session() as session:
        with pytest.raises(StatementFailed, match="exist") as failed:
            session.all([("SELECT 1", ()), ("SELECT * FROM nothing", ()), ("DELETE FROM things", ())])
        assert failed.value.code == 1146
        assert (add(session, 1), session.rows("SELECT number FROM things")) == (1, [(1,)])
    assert numbers(table) == [(1,)]


def test_only_rows_that_change_are_counted(table):
    with table.session() as session:
        assert [add(session, 1), add(session, 2)] == [1, 1]
        renamed = [session.change("UPDATE things SET words = '二' WHERE number > %s", [0]) for _ in range(2)]
        assert [*renamed, session.change("DELETE FROM things")] == [2, 0, 2]


def test_five_thousand_rows_go_in_as_they_are_in_few_round_trips(table):
    rows = [(number, WORDS[number % len(WORDS)], os.urandom(number % 3000)) for number in range(5000)]
    with table.session() as session:
        assert session.insert("things", ["number", "words", "content"], iter(rows)) == 5000
        assert session.trips < 15
        assert session.sent > 2 * sum(len(content) for _, _, content in rows)
        found = session.rows("SELECT number, words, content FROM things ORDER BY number")
        assert session.received > sum(len(content) for _, _, content in rows)
    assert found == rows


def test_large_rows_are_sent_one_by_one_and_none_at_all_not_sent(table):
    rows = [(number, "大", os.urandom(3 * 2**20)) for number in range(3)]
    with table.session() as session:
        assert (session.insert("things", ["number", "words", "content"], rows), session.trips) == (3, 3)
        assert (session.insert("things", ["number", "words", "content"], []), session.trips) == (0, 3)
        assert session.rows("SELECT number, words, content FROM things ORDER BY number") == rows


def test_a_row_with_a_key_that_is_there_replaces_only_where_that_is_asked_for(table):
    with table.session() as session:
        add(session, 1)
        with pytest.raises(StatementFailed, match="Duplicate") as failed:
            session.insert("things", ["number", "words"], [(2, "二"), (1, "壹")])
        assert failed.value.code == 1062
        assert session.insert("things", ["number", "words"], [(2, "二"), (1, "壹")], replace=True) == 2
        assert session.rows("SELECT * FROM things ORDER BY number") == [(1, "壹", None), (2, "二", None)]


def test_a_transaction_is_kept_whole_or_not_at_all(table):
    with table.transaction() as session:
        add(session, 1)
        assert numbers(table) == []
        add(session, 2)
    assert numbers(table) == [(1,), (2,)]
    with pytest.raises(KeyError), table.transaction() as session:
        add(session, 3)
        raise KeyError
    with pytest.raises(StatementFailed), table.transaction() as session:
        add(session, 4)
        add(session, 1)
    assert numbers(table) == [(1,), (2,)]


def test_what_a_session_leaves_open_is_undone_before_another_is_lent(table):
    with table.session() as session:
        session.change("BEGIN")
        add(session, 1)
    assert numbers(table) == []


def test_a_connection_is_lent_again_and_its_traffic_is_summed(database):
    with database.session() as session:
        [(first,)] = session.rows("SELECT CONNECTION_ID()")
        one = Traffic(session.trips, session.sent, session.received)
        assert database.traffic == Traffic()
    assert database.traffic == one
    with database.session() as session:
        assert (session.rows("SELECT CONNECTION_ID()"), session.trips) == ([(first,)], 1)
    assert database.traffic == Traffic(2, 2 * one.sent, 2 * one.received)


def test_no_more_connections_are_open_than_are_allowed_and_a_thread_waits_for_one(seekdb):
    with closing(Database(seekdb.url, seekdb.password, most=1, seconds=0.3)) as database:
        with database.session(), pytest.raises(StoreUnreachable, match="all 1 connections to .* are taken: try again"):
            database.reading(lambda session: session.rows("SELECT 1"))
        found = []
        with database.session():
            waiting = threading.Thread(target=lambda: found.extend(database.reading(lambda s: s.rows("SELECT 1"))))
            waiting.start()
        waiting.join()
        assert found == [(1,)]


def test_threads_each_have_a_connection_to_themselves(table):
    def fill(start):
        for number in range(start, start + 20):
            with table.transaction() as session:
                add(session, number, str(number))
                assert session.rows("SELECT words FROM things WHERE number = %s", [number]) == [(str(number),)]

    threads = [threading.Thread(target=fill, args=[100 * one]) for one in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(numbers(table)) == 120


def test_a_statement_that_takes_too_long_is_given_up_and_the_connection_is_still_good(seekdb):
    with closing(Database(seekdb.url, seekdb.password, seconds=0.5)) as database, database.session() as session:
        with pytest.raises(StoreUnreachable, match="did not answer in time: see whether the server is overloaded"):
            session.rows("SELECT SLEEP(60)")
        assert session.rows("SELECT 1") == [(1,)]


def test_a_server_that_says_nothing_at_all_is_given_up_and_answers_when_it_wakes(seekdb):
    with closing(Database(seekdb.url, seekdb.password, seconds=0.2)) as database:
        assert database.reading(lambda session: session.rows("SELECT 1")) == [(1,)]
        os.kill(seekdb.pid, signal.SIGSTOP)
        try:
            asked = []
            with pytest.raises(StoreUnreachable, match="did not answer in time") as given_up:
                database.reading(lambda session: asked.append(1) or session.rows("SELECT 1"))
            assert (asked, isinstance(given_up.value, ConnectionLost)) == ([1], False)
        finally:
            os.kill(seekdb.pid, signal.SIGCONT)
        assert database.reading(lambda session: session.rows("SELECT 2")) == [(2,)]


def test_a_reader_whose_connection_is_killed_asks_once_more(database):
    def ask(session):
        [(own,)] = session.rows("SELECT CONNECTION_ID()")
        asked.append(own)
        if len(asked) == 1:
            with database.session() as other:
                other.change(f"KILL {own}")
        return session.rows("SELECT 1")

    asked = []
    assert (database.reading(ask), len(set(asked))) == ([(1,)], 2)


def test_a_reader_is_not_asked_a_third_time(database):
    def ask(session):
        asked.append(session.rows("SELECT 1"))
        raise ConnectionLost("again")

    asked = []
    with pytest.raises(ConnectionLost, match="again"):
        database.reading(ask)
    assert asked == [[(1,)]] * 2


def test_after_a_restart_nothing_acknowledged_is_lost_and_stale_connections_are_replaced(seekdb, table):
    with table.session() as one, table.session() as another:
        add(one, 1)
        add(another, 2)
    with table.transaction() as session:
        add(session, 3)
    with pytest.raises(ConnectionLost, match="broke the connection off"), table.transaction() as session:
        add(session, 4)
        seekdb.kill()
        add(session, 5)
    with pytest.raises(StoreUnreachable, match=r"cannot be reached \(Connection refused\): see that the server runs"):
        numbers(table)
    seekdb.start()
    with table.transaction() as session:
        add(session, 6)
    assert numbers(table) == [(1,), (2,), (3,), (6,)]


def test_a_row_is_free_again_once_the_connection_that_locked_it_is_gone(table):
    with table.session() as other:
        add(other, 1)
        with pytest.raises(ConnectionLost), table.transaction() as session:
            [(own,)] = session.rows("SELECT CONNECTION_ID() FROM things FOR UPDATE")
            assert other.rows("SELECT number FROM things FOR UPDATE SKIP LOCKED") == []
            other.change(f"KILL {own}")
            session.rows("SELECT 1")
        assert other.rows("SELECT number FROM things FOR UPDATE") == [(1,)]


def test_closing_leaves_no_connection_open(seekdb, database):
    def connected():
        return database.reading(lambda session: session.rows("SELECT COUNT(*) FROM information_schema.processlist"))

    other = Database(seekdb.url, seekdb.password)
    before = connected()
    with other.session(), other.session() as last:
        last.rows("SELECT 1")
        assert connected() == [(before[0][0] + 2,)]
        other.close()
    deadline = time.monotonic() + 10
    while connected() != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert connected() == before


def test_without_the_extra_its_command_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(
        StoreUnusable, match=r"^a database as the index needs PyMySQL: pip install 'wenbao\[oceanbase\]'$"
    ):
        Database("oceanbase://root@db/wenbao")
