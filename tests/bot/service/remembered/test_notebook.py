"""What is remembered off the event loop, and what happens where it cannot be."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import contextmanager

from bot.service.remembered.notebook import Notebook
from bot.state import Note, StateUnusable

NOTE = Note("conversation", "a", "text", 60)


class Store:
    """A store in memory, which can be out of reach or slow."""

    def __init__(self):
        self.kept, self.is_out, self.asked, self.gate = {}, False, 0, threading.Event()
        self.gate.set()

    def remember(self, notes):
        self._reach()
        self.kept |= {(note.kind, note.name): note.text for note in notes}

    def recall(self, kind, name):
        self._reach()
        return self.kept.get((kind, name))

    def _reach(self):
        self.asked += 1
        self.gate.wait(30)
        if self.is_out:
            raise StateUnusable("the disk is full: make room")


@contextmanager
def notebook_over(store, **options):
    notebook = Notebook(store, **options)
    yield notebook
    store.gate.set()
    notebook.close()


def lines(caplog):
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_what_is_remembered_is_found(caplog):
    async def use(notebook):
        await notebook.remember([NOTE])
        return [await notebook.recall("conversation", name) for name in "ab"]

    with notebook_over(Store()) as notebook:
        assert asyncio.run(use(notebook)) == ["text", None]
    assert lines(caplog) == []


def test_without_a_state_nothing_is_remembered_and_the_log_says_so_once(caplog):
    store = Store()
    store.is_out = True

    async def use(notebook):
        await notebook.remember([NOTE])
        found = [await notebook.recall("conversation", "a") for _ in range(3)]
        store.is_out = False
        await notebook.remember([NOTE])
        return [*found, await notebook.recall("conversation", "a")]

    with notebook_over(store, pause=0) as notebook, caplog.at_level(logging.INFO):
        assert asyncio.run(use(notebook)) == [None, None, None, "text"]
    out = "conversations are not remembered now, and questions are answered without them: the disk is full: make room"
    assert lines(caplog) == [("ERROR", out), ("WARNING", "conversations are remembered again")]


def test_a_state_that_failed_is_left_alone_for_a_while():
    store = Store()
    store.is_out = True

    async def use(notebook):
        return [await notebook.recall("conversation", "a") for _ in range(3)]

    with notebook_over(store) as notebook:
        assert (asyncio.run(use(notebook)), store.asked) == ([None] * 3, 1)


def test_an_answer_does_not_wait_for_a_state_that_hangs(caplog):
    store = Store()
    store.gate.clear()

    async def use(notebook):
        await notebook.remember([NOTE])
        assert store.kept == {}
        store.gate.set()

    with notebook_over(store, patience=0.05) as notebook:
        asyncio.run(use(notebook))
    assert store.kept == {("conversation", "a"): "text"}
    assert [message.rpartition(": ")[2] for _, message in lines(caplog)] == ["no answer within 0.05 s"]
