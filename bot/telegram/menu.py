"""The commands, and what Telegram offers of them in which chats."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.texts import LANGUAGES, Language, text

log = logging.getLogger("wenbao.telegram")

COMMANDS = ("ask", "documents", "status", "why", "lang", "help", "start")
GROUP_COMMANDS = ("ask", "documents", "status", "why", "help")
ADMIN_COMMANDS = ("remove", "reindex")


async def publish_commands(bot: Bot, admins: Iterable[int]) -> None:
    """Tell Telegram the commands, by language and scope; without them the bot works all the same."""
    scopes: list[tuple[BotCommandScope, tuple[str, ...]]] = [
        (BotCommandScopeAllPrivateChats(), COMMANDS),
        (BotCommandScopeAllGroupChats(), GROUP_COMMANDS),
        *((BotCommandScopeChat(admin), COMMANDS + ADMIN_COMMANDS) for admin in admins),
    ]
    for scope, names in scopes:
        try:
            await bot.set_my_commands(_described(names, "en"), scope=scope)
            for language in LANGUAGES:
                await bot.set_my_commands(_described(names, language), scope=scope, language_code=language)
        except TelegramError as error:  # an administrator who never wrote to the bot, for example
            log.warning("a list of commands could not be set: %s", error)


def _described(names: Sequence[str], language: Language) -> list[BotCommand]:
    return [BotCommand(name, text(language, f"tg_command_{name}")) for name in names]
