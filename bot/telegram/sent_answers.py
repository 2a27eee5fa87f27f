"""What the bot remembers of its messages: bounded, expiring, and gone after a restart.

What a follow-up leans on is kept by ``bot.service.conversation``, as for HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import TTLCache

from bot.service.conversation import MOST_CONVERSATIONS, turn_of
from bot.texts import Language
from retrieval.types import Answer, Turn

Place = tuple[int, int]
"""(chat id, message id) of a message, or (chat id, user id) of a conversation."""

MOST_ANSWERS = 5_000
ANSWER_SECONDS = 24 * 3600
MOST_LANGUAGES = 100_000


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as it was sent: what was asked, after which turn, and in which language."""

    question: str
    answer: Answer
    language: Language
    request_id: str
    echo: bool = False
    """Whether the question is shown above the answer, for it was not typed."""
    before: Turn | None = None
    is_reply: bool = False

    @property
    def understood(self) -> str:
        """The question as it was understood."""
        return self.answer.understood_as or self.question

    @property
    def turn(self) -> Turn:
        """What a reply to this answer leans on."""
        return turn_of(self.question, self.answer)


class Memory:
    """Answers by message, the last answer by conversation, and languages that people chose."""

    def __init__(self, conversation_seconds: float) -> None:
        self._answers: TTLCache[Place, Shown] = TTLCache(MOST_ANSWERS, ANSWER_SECONDS)
        self._conversations: TTLCache[Place, Shown] = TTLCache(MOST_CONVERSATIONS, conversation_seconds)
        self.languages: TTLCache[int, Language] = TTLCache(MOST_LANGUAGES, 90 * ANSWER_SECONDS)

    def keep(self, chat_id: int, user_id: int, message_ids: list[int], shown: Shown) -> None:
        """Remember an answer under the messages that show it, and as the conversation's last turn."""
        for message_id in message_ids:
            self._answers[chat_id, message_id] = shown
        self._conversations[chat_id, user_id] = shown

    def of_message(self, chat_id: int, message_id: int) -> Shown | None:
        """Return the answer that a message shows, if it is still known."""
        return self._answers.get((chat_id, message_id))

    def last(self, chat_id: int, user_id: int) -> Shown | None:
        """Return the last answer to this person in this chat, if it is recent."""
        return self._conversations.get((chat_id, user_id))
