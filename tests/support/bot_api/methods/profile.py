"""What the bot says about itself: its commands by scope and language, and its descriptions."""

from __future__ import annotations

import re

from bot_api.errors import bad_request
from bot_api.telegram import Telegram
from bot_api.types import JSON

SCOPES = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
    | {"chat", "chat_administrators", "chat_member"}
)


def get_me(telegram: Telegram, parameters: JSON) -> JSON:
    """Say who the bot is."""
    return telegram.me


def set_my_commands(telegram: Telegram, parameters: JSON) -> bool:
    """Replace a list of commands."""
    check_commands(parameters.get("commands"))
    telegram.commands[_scope_and_language(parameters)] = parameters["commands"]
    return True


def delete_my_commands(telegram: Telegram, parameters: JSON) -> bool:
    """Forget a list of commands."""
    telegram.commands.pop(_scope_and_language(parameters), None)
    return True


def get_my_commands(telegram: Telegram, parameters: JSON) -> list[JSON]:
    """Return a list of commands."""
    return telegram.commands.get(_scope_and_language(parameters), [])


def set_my_description(telegram: Telegram, parameters: JSON) -> bool:
    """Replace the long description."""
    return _describe(telegram, "description", parameters, 512)


def set_my_short_description(telegram: Telegram, parameters: JSON) -> bool:
    """Replace the short description."""
    return _describe(telegram, "short_description", parameters, 120)


def get_my_description(telegram: Telegram, parameters: JSON) -> JSON:
    """Return the long description."""
    key = ("description", parameters.get("language_code", ""))
    return {"description": telegram.descriptions.get(key, "")}


def get_my_short_description(telegram: Telegram, parameters: JSON) -> JSON:
    """Return the short description."""
    key = ("short_description", parameters.get("language_code", ""))
    return {"short_description": telegram.descriptions.get(key, "")}


def check_commands(commands: object) -> None:
    """Check the list of setMyCommands."""
    if not isinstance(commands, list):
        raise bad_request("Can't parse commands JSON object")
    for command in commands:
        name, description = (str(command.get(key, "")).strip() for key in ("command", "description"))
        name = name.removeprefix("/")
        if not name or not description:
            raise bad_request(f"Command {'' if not name else 'description '}must be non-empty")
        if len(name) > 32 or len(description) > 256:
            long, limit = (" description", 256) if len(name) <= 32 else ("", 32)
            raise bad_request(f"Command{long} length must not exceed {limit}")
        if not re.fullmatch("[a-z0-9_]+", name):
            raise bad_request("BOT_COMMAND_INVALID")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")


def _describe(telegram: Telegram, kind: str, parameters: JSON, limit: int) -> bool:
    if len(parameters.get(kind, "")) > limit:
        raise bad_request(f"Bot {kind.replace('_', ' ')} is too long")
    telegram.descriptions[kind, _scope_and_language(parameters)[1]] = parameters.get(kind, "")
    return True


def _scope_and_language(parameters: JSON) -> tuple[str, str]:
    scope = parameters.get("scope") or {"type": "default"}
    if scope.get("type") not in SCOPES:
        raise bad_request("Can't parse BotCommandScope: Unsupported type specified")
    language = parameters.get("language_code", "")
    if not re.fullmatch("([a-z]{2})?", language):
        raise bad_request("Invalid language code specified")
    return ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope), language
