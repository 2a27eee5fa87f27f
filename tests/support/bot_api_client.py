"""The Bot API server's tests speak to it through python-telegram-bot (`with_bot`) and plain HTTP (`post`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from bot_api import BotApiServer
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

TOKEN = "123456:test-token"
DIRECTLY: dict[str, Any] = {"verify": False, "trust_env": False, "timeout": 10}
"""No certificates to load and no proxy to ask."""


def new_bot(server: BotApiServer, token: str = TOKEN) -> Bot:
    requests = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]  # loading certificates is slow
    urls = {"base_url": server.base_url, "base_file_url": server.base_file_url}
    return Bot(token, request=requests[0], get_updates_request=requests[1], **urls)


def with_bot(server: BotApiServer, use: Callable[[Bot], Awaitable[Any]], token: str = TOKEN) -> Any:
    async def run() -> Any:
        async with new_bot(server, token) as bot:
            return await use(bot)

    return asyncio.run(run())


def post(server: BotApiServer, method: str, **parameters: object) -> dict[str, Any]:
    body, kind = json.dumps(parameters), {"Content-Type": "application/json"}
    answer = httpx.post(f"{server.base_url}{TOKEN}/{method}", content=body, headers=kind, **DIRECTLY)
    return dict(answer.json())


def refusal(server: BotApiServer, method: str, **parameters: object) -> str:
    answer = post(server, method, **parameters)
    assert (answer["ok"], answer["error_code"]) == (False, 400), answer
    return str(answer["description"]).removeprefix("Bad Request: ")


async def outcome(call: Awaitable[object]) -> str:
    """Return what the library says when a call fails; nothing when it does not."""
    try:
        await call
    except TelegramError as error:
        return error.message
    return ""


def keyboard(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([buttons])
