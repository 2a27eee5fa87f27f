"""The thread that keeps unanswered questions never dies, says what it fails with, and holds no more than it may."""

from __future__ import annotations

import time

from bot.feedback.store import FeedbackStore
from bot.feedback.unanswered import UnansweredQuestions
from bot.reply import Asker, Reply
from bot.service.upkeep.supervisor import Supervisor
from bot.state import StateUnusable
from retrieval.types import Answer, Question

NOT_FOUND = Answer("not_found", 0.05, None, (), "000001-abc", {"total": 1.0})


class Store(FeedbackStore):
    """Fails as it is told to, else keeps in memory."""

    def __init__(self, failures=(), poison=None):
        self.keep, self.kept, self.failures, self.poison = True, [], list(failures), poison

    def record_unanswered(self, replies):
        if self.failures:
            raise self.failures.pop(0)
        if any(one.request_id == self.poison for one in replies):
            raise ValueError("poison")
        self.kept += [one.request_id for one in replies]
        return True


def asked(store, count, **options):
    """Record questions, and wait until the store has failed as often as it should, and kept the rest."""
    supervisor = Supervisor()
    questions = UnansweredQuestions(store, supervisor, gather_seconds=0.01, **options)
    for number in range(count):
        questions.record(Reply(f"r{number}", Question(f"q{number}"), NOT_FOUND, Asker("web", "1")))
    deadline = time.monotonic() + 20
    while (store.failures or not store.kept) and time.monotonic() < deadline:
        time.sleep(0.01)
    questions.close()
    return supervisor


def test_what_it_fails_with_is_logged_with_its_traceback(caplog):
    asked(Store([StateUnusable("the disk is full")]), 1)
    assert "keeping unanswered questions failed, and will be tried again: the disk is full" in caplog.text
    assert caplog.text.count("Traceback") == 1


def test_a_store_out_of_reach_loses_nothing_in_order_and_is_no_failure_any_more_afterwards():
    store = Store([StateUnusable("the disk is full")] * 3)
    supervisor = asked(store, 20)
    assert (store.kept, supervisor.failures) == ([f"r{number}" for number in range(20)], ())


def test_one_question_that_cannot_be_written_takes_no_other_with_it_and_is_shown():
    store = Store(poison="r3")
    supervisor = asked(store, 6)
    assert store.kept == ["r0", "r1", "r2", "r4", "r5"]
    assert [one.says for one in supervisor.failures] == ["ValueError: poison"]


def test_no_more_wait_than_may_and_the_oldest_are_lost():
    store = Store([StateUnusable("locked")] * 3)
    asked(store, 50, most=10)
    assert store.kept == [f"r{number}" for number in range(40, 50)]
