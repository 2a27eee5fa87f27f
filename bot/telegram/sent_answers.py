"""The answers that the bot sent: bounded, expiring, and kept over a restart.

What a follow-up leans on is kept by ``bot.service.remembered``, as for HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import Message

from bot.reply import Reply
from bot.service.remembered.notebook import Notebook
from bot.service.remembered.wording import Wording
from bot.state import Note
from bot.texts import Language

Place = tuple[int, int]
"""(chat id, message id) of a message, or (chat id, user id) of a conversation."""

ANSWER_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """An answer as it was sent, and in which language."""

    reply: Reply
    language: Language
    echo: bool = False
    """Whether the question stands above the answer, because nobody typed it."""


WORDING = Wording(SentAnswer, 1)


class SentAnswers:
    """Answers by message, and the last answer of each conversation.

    They are known as long as people in Telegram may see the same reports, which match the pattern ``sees``.
    """

    def __init__(self, notebook: Notebook, conversation_seconds: float, sees: str | None = None) -> None:
        self._notebook = notebook
        self._conversation_seconds = conversation_seconds
        self._sees = sees

    async def keep(self, conversation: Place, messages: Sequence[Message], sent: SentAnswer) -> None:
        """Remember an answer under the messages that show it, and the last of these as the conversation's last."""
        nobody = replace(sent.reply.asker, user=None)  # a chat and a person are named by hashes only
        text = WORDING.text_of(replace(sent, reply=replace(sent.reply, asker=nobody)))
        places = [(message.chat_id, message.message_id) for message in messages]
        notes = [Note("message", self._name("message", place), text, ANSWER_SECONDS) for place in places]
        last = self._name("last", conversation), json.dumps(places[-1])
        await self._notebook.remember([*notes, Note("conversation", *last, self._conversation_seconds)])

    async def of(self, message: Message | None) -> SentAnswer | None:
        """Return the answer that a message shows, if it is still known."""
        return await self._at(message.chat_id, message.message_id) if message else None

    async def last(self, conversation: Place) -> SentAnswer | None:
        """Return the last answer to a person in a chat, if it is recent."""
        place = await self._notebook.recall("conversation", self._name("last", conversation))
        return await self._at(*json.loads(place)) if place else None

    async def _at(self, chat_id: int, message_id: int) -> SentAnswer | None:
        return WORDING.record_in(await self._notebook.recall("message", self._name("message", (chat_id, message_id))))

    def _name(self, what: str, place: Place) -> str:
        return json.dumps([what, *place, self._sees])
