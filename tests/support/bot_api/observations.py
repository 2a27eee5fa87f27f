"""What the bot did: its calls, its messages as they stand, and waiting for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from bot_api.model import Call, Chat, Message, User
from bot_api.telegram import Telegram
from bot_api.types import JSON

T = TypeVar("T")


class Observations:
    """The part of the server that tests watch the bot through; `polls` counts its getUpdates calls."""

    def __init__(self, telegram: Telegram) -> None:
        """Begin with nothing."""
        self._telegram = telegram
        self._sent: list[Call] = []
        self.polls = 0
        self.deliveries: list[tuple[int, int]] = []

    @property
    def sent(self) -> list[Call]:
        """The bot's calls so far, oldest first."""
        with self._telegram.changed:
            return list(self._sent)

    def calls(self, method: str) -> list[Call]:
        """The bot's calls of one method."""
        return [call for call in self.sent if call.method == method]

    @property
    def faults(self) -> list[Call]:
        """The calls on which trouble was played."""
        return [call for call in self.sent if call.fault]

    @property
    def updates(self) -> list[JSON]:
        """All updates made so far, oldest first."""
        with self._telegram.changed:
            return list(self._telegram.updates)

    @property
    def polling(self) -> bool:
        """Whether a long poll of the bot is waiting for updates."""
        with self._telegram.changed:
            return self._telegram.waiting > 0

    @property
    def pending(self) -> int:
        """How many updates the bot has not confirmed yet."""
        with self._telegram.changed:
            return len(self._telegram.pending)

    @property
    def commands(self) -> dict[tuple[str, str], list[JSON]]:
        """The command lists by scope (`"default"`, `"all_group_chats"`, `"chat:-5"`) and language code."""
        with self._telegram.changed:
            return dict(self._telegram.commands)

    def messages(self, chat: Chat | User | int) -> list[Message]:
        """The bot's messages in a chat as they stand now (edited, not deleted), oldest first."""
        chat_id = chat if isinstance(chat, int) else chat.id
        with self._telegram.changed:
            history = self._telegram.history.items()
            own = [raw for (place, _), raw in history if place == chat_id and self._telegram.is_own(raw)]
        return [Message(raw) for raw in sorted(own, key=lambda raw: raw["message_id"])]

    def message(self, message: Message) -> Message | None:
        """The message as it stands now, None once it is deleted."""
        with self._telegram.changed:
            raw = self._telegram.history.get((message.chat_id, message.id))
        return None if raw is None else Message(raw)

    def query_answer(self, query_id: str) -> JSON | None:
        """What the bot answered to a callback query (text, show_alert) or inline query (results, …), if it did."""
        with self._telegram.changed:
            return self._telegram.queries[query_id].answer

    def wait_for(self, predicate: Callable[[], T], timeout: float = 10.0, what: str = "") -> T:
        """Wait until `predicate()` is true and return its value; the AssertionError lists what the bot did."""
        deadline = time.monotonic() + timeout
        while not (value := predicate()):  # without the lock: it may well wait for the bot itself
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(self._report(what or "the condition", timeout))
            with self._telegram.changed:
                self._telegram.changed.wait(min(left, 0.05))
        return value

    def wait_for_messages(
        self, chat: Chat | User | int, count: int = 1, *, after: Message | None = None, timeout: float = 10.0
    ) -> list[Message]:
        """Wait until the bot has `count` messages in the chat (newer than `after`) and return all of them."""

        def enough() -> list[Message] | None:
            found = [message for message in self.messages(chat) if after is None or message.id > after.id]
            return found if len(found) >= count else None

        found = self.wait_for(enough, timeout, f"{count} message(s) in chat {chat}")
        assert found is not None
        return found

    def wait_for_answer(self, query_id: str, timeout: float = 10.0) -> JSON:
        """Wait until the bot has answered a callback or inline query."""
        answer = self.wait_for(lambda: self.query_answer(query_id), timeout, f"an answer to query {query_id}")
        assert answer is not None
        return answer

    def _report(self, what: str, timeout: float) -> str:
        sent = self.sent
        recent = "\n".join(f"  {call}" for call in sent[-25:]) or "  nothing"
        counts = f"{len(sent)} calls, {self.polls} polls, {self.pending} updates unconfirmed"
        return f"waited {timeout:g} s in vain for {what} ({counts}). Last calls of the bot:\n{recent}"
