"""Updates: long polls, confirmations, webhooks."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from bot_api import MEDIA
from bot_api_client import new_bot, with_bot
from telegram import Bot, Update
from telegram.error import Conflict


def test_the_library_understands_every_kind_of_update(server):
    ann, group, channel = server.user(1, "Ann"), server.group(-5, "G"), server.channel(-6, "C", "c")
    first = server.say(ann, "/start p_12", date=1_700_000_000)
    server.edit(server.say(ann, "@wenbao_bot 谁?", group, reply_to=first), "new")
    for content in MEDIA.values():
        server.send(ann, content)
    server.forward(server.channel_post(channel, "news"), group)
    server.forward(server.channel_post(channel, "more"), group, ann)
    server.inline(ann, "q")
    server.block(ann)
    server.remove_bot(group, ann)
    server.raw_update({"update_id": 999_999, "message": {**first.raw, "text": "raw"}})

    updates = [Update.de_json(update, None) for update in server.updates]
    assert all(update.to_dict() for update in updates)
    assert updates[0].message.date.timestamp() == 1_700_000_000
    assert updates[0].message.entities[0].type == "bot_command"
    assert updates[1].message.parse_entities(["mention"]) == {updates[1].message.entities[0]: "@wenbao_bot"}
    assert updates[2].edited_message.text == "new"
    automatic, by_ann = (update.message for update in updates if update.message and update.message.forward_origin)
    assert (automatic.is_automatic_forward, by_ann.from_user.id) == (True, 1)
    numbers = [update.update_id for update in updates]
    assert numbers == sorted(set(numbers))


def test_updates_are_given_again_until_an_offset_confirms_them(server):
    ann = server.user(1, "Ann")
    texts = [server.say(ann, str(number)).text for number in range(5)]

    async def poll(bot: Bot, **arguments: int) -> list[str]:
        return [update.message.text for update in await bot.get_updates(**arguments)]

    async def fetch(bot: Bot) -> list[list[str]]:
        first = (await bot.get_updates())[0].update_id
        fetched = [await poll(bot, limit=2), await poll(bot), await poll(bot, offset=first + 2)]
        server.repeat(server.updates[0])
        fetched += [await poll(bot, offset=first + 5), await poll(bot, offset=first + 5)]
        return fetched

    assert with_bot(server, fetch) == [texts[:2], texts, texts[2:], ["0"], []]


def test_only_the_kinds_of_update_asked_for_arrive(server):
    ann = server.user(1, "Ann")

    async def fetch(bot: Bot) -> list[str]:
        await bot.get_updates(allowed_updates=["message"])
        server.block(ann)
        server.say(ann, "x")
        return [update.message.text for update in await bot.get_updates()]

    assert with_bot(server, fetch) == ["x"]


def test_a_long_poll_waits_for_an_update_and_no_longer(server):
    ann = server.user(1, "Ann")
    timer = threading.Timer(0.2, server.say, (ann, "x"))

    async def wait(bot: Bot) -> tuple[str, float]:
        timer.start()
        start = time.monotonic()
        [update] = await bot.get_updates(timeout=5)
        return update.message.text, time.monotonic() - start

    text, seconds = with_bot(server, wait)
    timer.join()
    assert text == "x"
    assert 0.15 < seconds < 2


def test_a_second_poller_ends_the_first_with_a_conflict(server):
    async def poll_twice(bot: Bot) -> list[object]:
        async with new_bot(server) as other:
            first = asyncio.create_task(other.get_updates(timeout=5))
            await asyncio.to_thread(server.wait_for, lambda: server.polling)
            return await asyncio.gather(first, bot.get_updates(), return_exceptions=True)

    conflict, updates = with_bot(server, poll_twice)
    assert isinstance(conflict, Conflict)
    assert "terminated by other getUpdates request" in conflict.message
    assert updates == ()
    assert [(call.method, call.status) for call in server.sent if call.error] == [("getUpdates", 409)]


def test_a_webhook_gets_the_updates_with_its_secret_until_it_accepts_them(server):
    received: list[tuple[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], update["message"]["text"]))
            self.send_response(503 if len(received) == 1 else 200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    hook = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=hook.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        url = f"http://127.0.0.1:{hook.server_address[1]}/telegram"

        async def use(bot: Bot) -> list[object]:
            await bot.set_webhook(url, secret_token="s3cret", allowed_updates=["message"])
            for text in ("one", "two"):
                server.say(server.user(1, "Ann"), text)
            await asyncio.to_thread(server.wait_for, lambda: server.pending == 0)
            info = await bot.get_webhook_info()
            with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
                await bot.get_updates()
            await bot.delete_webhook()
            return [info.url == url, info.last_error_message, await bot.get_updates()]

        expected = [True, "Wrong response from the webhook: 503 Service Unavailable", ()]
        assert with_bot(server, use) == expected
    finally:
        hook.shutdown()
        hook.server_close()
        thread.join()
    assert received == [("s3cret", "one"), ("s3cret", "one"), ("s3cret", "two")]
    assert [status for _, status in server.deliveries] == [503, 200, 200]
