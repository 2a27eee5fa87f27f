"""The file of what is remembered for a while: bounded, expiring, and made anew where it cannot be used."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from bot.state import Note, StateUnusable
from bot.state.notes import SqliteNotes

MOST = {"conversation": 3, "answer": 2, "message": 2}
WRITER = """
import sys
from pathlib import Path
from bot.state import Note, SqliteState
state = SqliteState(Path(sys.argv[1]))
for number in range(20):
    state.remember([Note("conversation", f"{sys.argv[2]}-{number}", str(number), 60)])
"""


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def notes(tmp_path, clock):
    notes = SqliteNotes(tmp_path / "index", most=MOST, clock=clock)
    yield notes
    notes.close()


def conversation(name, text="text", seconds=60.0):
    return Note("conversation", name, text, seconds)


def found(notes, *names, kind="conversation"):
    return [notes.recall(kind, name) for name in names]


def test_no_file_is_made_before_there_is_something_to_remember(notes):
    assert (found(notes, "a"), notes.file.parent.exists()) == ([None], False)


def test_notes_end_when_their_time_is_over_and_are_deleted_by_the_next(notes, clock):
    notes.remember([conversation("a", seconds=10), conversation("b", seconds=20)])
    clock.now += 10
    assert found(notes, "a", "b") == [None, "text"]
    notes.remember([conversation("c")])
    with closing(sqlite3.connect(notes.file)) as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone() == (2,)


def test_those_that_end_first_make_room_of_each_kind_by_itself(notes):
    notes.remember([Note("answer", "x", "answer", 1)])
    for seconds, name in enumerate("bacde", start=30):
        notes.remember([conversation(name, seconds=seconds)])
    notes.remember([conversation("c", "again", 32)])
    assert found(notes, *"abcde") == [None, None, "again", "text", "text"]
    assert found(notes, "x", kind="answer") == ["answer"]


def test_of_notes_that_end_together_the_first_makes_room(notes):
    notes.remember([conversation(name) for name in "abcde"])
    assert found(notes, *"abcde") == [None, None, "text", "text", "text"]


@pytest.mark.parametrize("spoil", ["PRAGMA user_version = 99", None])
def test_a_file_that_cannot_be_used_is_made_anew(notes, spoil, caplog):
    notes.remember([conversation("a")])
    notes.close()
    if spoil:
        with closing(sqlite3.connect(notes.file, isolation_level=None)) as connection:
            connection.execute(spoil)
    else:
        notes.file.write_bytes(b"no database" * 1000)
    with pytest.raises(StateUnusable, match="memory.sqlite is out of reach"):
        notes.recall("conversation", "a")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    notes.remember([conversation("b")])
    assert found(notes, "a", "b") == [None, "text"]


def test_another_file_in_its_place_is_opened(notes):
    notes.remember([conversation("a")])
    notes.file.unlink()
    assert found(notes, "a") == [None]
    notes.remember([conversation("b")])
    assert found(notes, "a", "b") == [None, "text"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnusable, match=r"file/memory.sqlite is out of reach .*: look at its disk and permissions"):
        SqliteNotes(tmp_path / "file").remember([conversation("a")])


def test_a_change_that_another_process_is_in_the_way_of_is_undone_as_a_whole(tmp_path, caplog):
    notes = SqliteNotes(tmp_path, wait_seconds=0.05)
    notes.remember([conversation("a")])
    with closing(sqlite3.connect(notes.file, isolation_level=None)) as other, caplog.at_level(logging.WARNING):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateUnusable, match="locked"):
            notes.remember([conversation("a", "other"), conversation("b")])
        assert found(notes, "a", "b") == ["text", None]
    notes.remember([conversation("b")])
    assert (found(notes, "a", "b"), caplog.records) == (["text", "text"], [])
    notes.close()


def test_threads_share_it(notes):
    meeting = threading.Barrier(4)

    def write(thread):
        meeting.wait(30)
        for number in range(10):
            notes.remember([Note("answer", f"{thread}-{number}", str(number), 60)])
            notes.recall("answer", f"{thread}-{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with closing(sqlite3.connect(notes.file)) as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone() == (MOST["answer"],)


def test_processes_that_begin_at_the_same_time_share_one_file(tmp_path):
    running = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, name]) for name in "ab"]
    assert [process.wait(60) for process in running] == [0, 0]
    names = [f"{name}-{number}" for name in "ab" for number in range(20)]
    notes = SqliteNotes(tmp_path)
    assert found(notes, *names) == [str(number) for _ in "ab" for number in range(20)]
    notes.close()
