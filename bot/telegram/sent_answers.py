"""The answers that the bot sent: bounded, expiring, and gone after a restart.

What a follow-up leans on is kept by ``bot.service.conversation``, as for HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cachetools import TTLCache
from telegram import Message

from bot.reply import Reply
from bot.texts import Language

Place = tuple[int, int]
"""(chat id, message id) of a message, or (chat id, user id) of a conversation."""

MOST_ANSWERS = 5_000
MOST_CONVERSATIONS = 10_000
ANSWER_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """An answer as it was sent, and in which language."""

    reply: Reply
    language: Language
    echo: bool = False
    """Whether the question stands above the answer, because nobody typed it."""


class SentAnswers:
    """Answers by message, and the last answer of each conversation."""

    def __init__(self, conversation_seconds: float) -> None:
        self._answers: TTLCache[Place, SentAnswer] = TTLCache(MOST_ANSWERS, ANSWER_SECONDS)
        self._conversations: TTLCache[Place, SentAnswer] = TTLCache(MOST_CONVERSATIONS, conversation_seconds)

    def keep(self, conversation: Place, messages: Iterable[Message], sent: SentAnswer) -> None:
        """Remember an answer under the messages that show it, and as the conversation's last."""
        for message in messages:
            self._answers[message.chat_id, message.message_id] = sent
        self._conversations[conversation] = sent

    def of(self, message: Message | None) -> SentAnswer | None:
        """Return the answer that a message shows, if it is still known."""
        return self._answers.get((message.chat_id, message.message_id)) if message else None

    def last(self, conversation: Place) -> SentAnswer | None:
        """Return the last answer to a person in a chat, if it is recent."""
        return self._conversations.get(conversation)
