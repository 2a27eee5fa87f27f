"""What is remembered of conversations."""

from __future__ import annotations

import time

from bot.reply import Asker, Reply
from bot.service.conversation import Conversations
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


def test_a_question_follows_the_last_one_of_its_own_conversation():
    conversations = Conversations(60)
    assert conversations.before("a", "谁?", WHO) is None
    conversations.keep("a", reply("谁?", ANSWER))
    assert conversations.before("a", "他多大年纪?", WHO) == reply("谁?", ANSWER).turn
    assert conversations.before("b", "他多大年纪?", WHO) is None


def test_a_question_asked_again_follows_what_it_followed_the_first_time():
    conversations = Conversations(60)
    conversations.keep("a", reply("他多大年纪?", NOTHING, Turn("张三是谁?", None)))
    assert conversations.before("a", "他多大年纪?", WHO) == Turn("张三是谁?", None)


def test_conversations_are_forgotten_after_a_while_and_beyond_a_number():
    conversations = Conversations(0.01)
    conversations.keep("a", reply("谁?", ANSWER))
    time.sleep(0.02)
    assert conversations.before("a", "他多大年纪?", WHO) is None
    few = Conversations(60, most=2)
    for key in "abc":
        few.keep(key, reply("谁?", ANSWER))
    assert [few.before(key, "哪里?", WHO) is None for key in "abc"] == [True, False, False]


def test_a_conversation_is_known_only_to_who_may_see_the_same_reports():
    conversations, press = Conversations(60), Asker("web", "key:press", "press/*")
    conversations.keep("a", reply("谁?", ANSWER))
    assert [conversations.knows("a", who) for who in (WHO, Asker("web", "10.0.0.2"), press)] == [True, True, False]
    assert conversations.before("a", "他多大年纪?", press) is None
    conversations.keep("a", Reply("r2", Question("哪里?"), NOTHING, press))
    assert conversations.before("a", "他多大年纪?", WHO) == reply("谁?", ANSWER).turn
