"""What the bot remembers of its answers."""

from __future__ import annotations

import time

from telegram_samples import a_message, a_sent, an_answer

from bot.telegram.sent_answers import SentAnswers


def test_answers_are_known_by_message_and_conversations_by_chat_and_person():
    memory, sent = SentAnswers(60), a_sent(an_answer("not_found"))
    memory.keep((-5, 1), [a_message(10, -5), a_message(11, -5)], sent)
    assert [memory.of(a_message(10, -5)), memory.of(a_message(11, -5)), memory.of(a_message(10, -6))] == [
        sent,
        sent,
        None,
    ]
    assert [memory.last((-5, 1)), memory.last((-5, 2)), memory.last((1, 1))] == [sent, None, None]
    assert memory.of(None) is None


def test_a_conversation_expires_while_its_buttons_still_work():
    memory, sent = SentAnswers(0.01), a_sent(an_answer("not_found"))
    memory.keep((1, 1), [a_message(10, 1)], sent)
    time.sleep(0.02)
    assert (memory.last((1, 1)), memory.of(a_message(10, 1))) == (None, sent)
