"""Which messages are for the bot, and what they ask; the tests of whole chats are in tests/system."""

from __future__ import annotations

import pytest
from telegram import User
from telegram_samples import LINKS, a_message

from bot.telegram.handlers.addressing import Addressing

BOT = User(1, "Wenbao", True, username="Wenbao_Bot")
ADDRESSING = Addressing(LINKS)


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("/ask 谁?", "谁?"),
        ("/ask@wenbao_bot 谁?", "谁?"),
        ("/ASK\n谁?", "谁?"),
        ("/ask谁?", "谁?"),
        ("@Wenbao_Bot谁?", "谁?"),
        ("谁@wenbao_bot", "谁"),
        ("谁问 @wenbao_bot 了?", "谁问   了?"),
        ("/ask", ""),
        (" @wenbao_bot ", ""),
    ],
)
def test_a_question_is_what_is_left_without_the_command_and_the_name(words, question):
    assert ADDRESSING.is_addressed(a_message(chat_id=-5, text=words))
    assert ADDRESSING.question_in(words) == question


@pytest.mark.parametrize("words", ["谁?", "/ban", "/ask@other_bot 谁?", "/帮助", "@wenbao_bot_2 谁?", "a@wenbao_bot"])
def test_other_words_are_for_the_bot_in_private_alone(words):
    assert not ADDRESSING.is_addressed(a_message(chat_id=-5, text=words))
    assert ADDRESSING.is_addressed(a_message(chat_id=5, text=words))


def test_a_reply_to_the_bot_is_for_the_bot():
    own, other = a_message(1, -5, from_user=BOT), a_message(2, -5)
    assert [ADDRESSING.is_own(message) for message in (own, other, None)] == [True, False, False]
    replies = [a_message(3, -5, "谁?", reply_to_message=message) for message in (own, other)]
    assert [ADDRESSING.is_addressed(reply) for reply in replies] == [True, False]


def test_what_was_posted_through_a_bot_is_for_nobody():
    for chat_id in (5, -5):
        assert not ADDRESSING.is_addressed(a_message(1, chat_id, "@wenbao_bot 谁?", via_bot=BOT))
