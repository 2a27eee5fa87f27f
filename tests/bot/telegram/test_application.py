"""The bot as a whole, before it is started."""

from __future__ import annotations

import asyncio

import pytest
from telegram.ext import CommandHandler

from bot.service.service import Service
from bot.settings import Settings
from bot.telegram.application import TelegramBot
from bot.telegram.menu import ADMIN_COMMANDS, COMMANDS


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_the_proxy_serves_messages_and_polling_alike(proxy, tmp_path):
    async def pools() -> list[str]:
        settings = Settings(index={"path": tmp_path}, telegram={"proxy": proxy})
        application = TelegramBot(Service(settings), "1:token").application
        requests = [application.bot.request, application.bot._request[0]]
        return [type(request._client._mounts.popitem()[1]._pool).__name__ for request in requests]

    kind = "AsyncHTTPProxy" if proxy.startswith("http") else "AsyncSOCKSProxy"
    assert asyncio.run(pools()) == [kind, kind]


def test_every_command_that_telegram_offers_has_a_handler(tmp_path):
    application = TelegramBot(Service(Settings(index={"path": tmp_path})), "1:token").application
    handlers = [each for each in application.handlers[0] if isinstance(each, CommandHandler)]
    assert [name for handler in handlers for name in handler.commands] == [*COMMANDS, *ADMIN_COMMANDS]
