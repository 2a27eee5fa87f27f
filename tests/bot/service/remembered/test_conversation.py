"""What is remembered of conversations."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing

from bot.reply import Asker, Reply
from bot.service.remembered.conversation import Conversations, Exchange
from bot.service.remembered.notebook import Notebook
from bot.state import SqliteState
from retrieval.types import Answer, AnswerText, Citation, Question, Turn

WHO = Asker("web", "10.0.0.1")
CITATION = Citation(1, "a", "题目", None, None, 1, 0, 3, "甲乙。", 1.0)
ANSWER = Answer("answered", 0.9, AnswerText("甲乙。", None, 1, 0, 3), (CITATION,), "g1", {})
NOTHING = Answer("not_found", 0.0, None, (), "g1", {}, understood_as="张三多大年纪?")


def reply(question, answer, before=None):
    return Reply("r1", Question(question, before=before), answer, WHO)


def test_a_turn_is_the_question_as_it_was_understood_its_answer_and_the_report():
    assert reply("谁?", ANSWER).turn == Turn("谁?", "甲乙。", "题目")
    assert reply("他多大年纪?", NOTHING).turn == Turn("张三多大年纪?", None, None)


class Said:
    """Conversations over a store of their own, used as one after the other."""

    def __init__(self, folder, seconds=60.0):
        self.folder, self.seconds = folder, seconds

    def _with(self, work):
        state = SqliteState(self.folder)
        notebook = Notebook(state)
        try:
            return asyncio.run(work(notebook, Conversations(notebook, self.seconds)))
        finally:
            notebook.close()
            state.close()

    def keep(self, place, said):
        self._with(lambda notebook, these: notebook.remember([these.note((place,), said)]))

    def last(self, place, asker=WHO):
        return self._with(lambda _, these: these.last((place,), asker))


def test_a_question_follows_the_last_one_of_its_own_conversation_in_another_process_too(tmp_path):
    said = Said(tmp_path)
    assert said.last("a") is None
    said.keep("a", reply("谁?", ANSWER))
    assert said.last("a") == Exchange("谁?", None, reply("谁?", ANSWER).turn)
    assert said.last("a").leads_to("他多大年纪?") == reply("谁?", ANSWER).turn
    assert said.last("b") is None


def test_a_question_asked_again_follows_what_it_followed_the_first_time(tmp_path):
    said = Said(tmp_path)
    said.keep("a", reply("他多大年纪?", NOTHING, Turn("张三是谁?", None)))
    assert said.last("a").leads_to("他多大年纪?") == Turn("张三是谁?", None)


def test_conversations_are_forgotten_after_a_while(tmp_path):
    said = Said(tmp_path, 0.05)
    said.keep("a", reply("谁?", ANSWER))
    time.sleep(0.06)
    assert said.last("a") is None


def test_a_conversation_is_known_only_to_who_may_see_the_same_reports(tmp_path):
    said, press = Said(tmp_path), Asker("web", "key:press", "press/*")
    said.keep("a", reply("谁?", ANSWER))
    known = [said.last("a", who) is not None for who in (WHO, Asker("web", "10.0.0.2"), press)]
    assert known == [True, True, False]
    said.keep("a", Reply("r2", Question("哪里?"), NOTHING, press))
    assert said.last("a").question == "谁?"
    assert said.last("a", press).question == "哪里?"
    assert said.last("a", Asker("telegram", "7")) is None


def test_a_conversation_that_cannot_be_read_begins_again(tmp_path):
    said = Said(tmp_path)
    said.keep("a", reply("谁?", ANSWER))
    with closing(sqlite3.connect(tmp_path / "memory.sqlite", isolation_level=None)) as connection:
        connection.execute("UPDATE notes SET text = replace(text, '\"version\":1', '\"version\":2')")
    assert said.last("a") is None


def test_nothing_on_the_disk_says_who_asked(tmp_path):
    said = Said(tmp_path)
    said.keep("a-conversation", Reply("r1", Question("谁?"), NOTHING, Asker("telegram", "4711")))
    held = (tmp_path / "memory.sqlite").read_bytes()
    assert [word in held for word in (b"4711", b"a-conversation", "张三".encode())] == [False, False, True]
    assert (tmp_path / "memory.sqlite").stat().st_mode & 0o777 == 0o600
