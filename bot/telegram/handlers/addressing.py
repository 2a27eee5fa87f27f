"""Which messages are for the bot, and what they ask."""

from __future__ import annotations

import re

from telegram import Message
from telegram.constants import ChatType

from bot.telegram.links import Links
from bot.telegram.menu import COMMANDS

_COMMAND = re.compile(r"/([A-Za-z0-9_]+)(?:@([A-Za-z0-9_]+))?(?![A-Za-z0-9_@/])")
"""A command and whose it is. What touches it from behind may be Chinese, though Telegram then sees no command."""


class Addressing:
    """Reads messages as somebody who goes by the bot's name, which ``links`` knows."""

    def __init__(self, links: Links) -> None:
        self._links = links

    def is_addressed(self, message: Message) -> bool:
        """Whether a message is for the bot; what it posted itself, in somebody's name, never is."""
        if message.chat.type == ChatType.PRIVATE:
            return message.via_bot is None
        if _is_passed_on(message):
            return False
        words = message.text or ""
        command = _COMMAND.match(words)
        if command and (words[command.end() :][:1].strip() == "" or command[1].lower() == "ask"):
            return self._is_own_name(command[2] or self._links.bot_username) and command[1].lower() in COMMANDS
        return bool(words) and (self.is_own(message.reply_to_message) or self._mention().search(words) is not None)

    def is_own(self, message: Message | None) -> bool:
        """Whether the bot wrote a message."""
        author = message.from_user if message else None
        return author is not None and self._is_own_name(author.username or "")

    def question_in(self, words: str) -> str:
        """Return a message's text without /ask and without the bot's name."""
        command = _COMMAND.match(words)
        is_ask = command is not None and command[1].lower() == "ask"
        return self._mention().sub(" ", words[command.end() :] if command and is_ask else words).strip()

    def _is_own_name(self, name: str) -> bool:
        return name.lower() == self._links.bot_username.lower()

    def _mention(self) -> re.Pattern[str]:
        """Find the bot's name; a Chinese character may touch it, which Telegram itself takes for no mention."""
        return re.compile(rf"(?<![A-Za-z0-9_])@{re.escape(self._links.bot_username)}(?![A-Za-z0-9_])", re.IGNORECASE)


def _is_passed_on(message: Message) -> bool:
    """Whether a group's message comes from elsewhere: forwarded, from a channel, from another bot, or inline."""
    sender = message.sender_chat
    is_anonymous_admin = sender is not None and sender.id == message.chat.id
    return bool(
        message.forward_origin
        or message.is_automatic_forward
        or message.via_bot
        or (sender and not is_anonymous_admin)
        or (message.from_user and message.from_user.is_bot and not is_anonymous_admin)
    )
