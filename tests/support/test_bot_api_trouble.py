"""Trouble that the Bot API server plays, many users at once, and what tests are told."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from bot_api import BotApiServer, Message
from bot_api_client import DIRECTLY, TOKEN, post, with_bot
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut


def failures(server: BotApiServer, calls: int) -> list[object]:
    async def send(bot: Bot) -> list[object]:
        outcomes: list[object] = []
        for number in range(calls):
            try:
                outcomes.append((await bot.send_message(1, str(number))).text)
            except TelegramError as error:
                outcomes.append(type(error))
        return outcomes

    return with_bot(server, send)


def test_every_kind_of_trouble_is_what_the_library_makes_of_it(server):
    server.private_chat(server.user(1, "Ann"))
    server.fail("sendMessage", status=429, retry_after=3, times=2)
    server.fail("sendMessage", status=502)
    server.fail("sendMessage", broken_json=True)
    server.fail("sendMessage", drop=True)
    server.fail("sendMessage", drop=True, after=True)
    server.fail("sendMessage", status=400, description="Bad Request: can't parse entities: no")
    server.fail("*", status=403, description="Forbidden: user is deactivated")
    outcomes = [RetryAfter, RetryAfter, NetworkError, TelegramError, NetworkError, NetworkError, BadRequest, "7"]
    with pytest.raises(Forbidden):
        with_bot(server, lambda bot: bot.get_me())
    assert failures(server, 8) == outcomes
    names = ["403", "429", "429", "502", "broken json", "drop", "drop after", "400"]
    assert [call.fault for call in server.faults] == names


def test_a_lost_answer_is_still_a_sent_message(server):
    server.private_chat(server.user(1, "Ann"))
    server.fail("sendMessage", drop=True)
    server.fail("sendMessage", drop=True, after=True)
    assert failures(server, 3) == [NetworkError, NetworkError, "2"]
    assert [message.text for message in server.messages(1)] == ["1", "2"]


def test_a_delay_runs_into_the_time_limit_of_the_bot(server):
    server.private_chat(server.user(1, "Ann"))
    server.fail("sendMessage", delay=0.5)
    with pytest.raises(TimedOut):
        with_bot(server, lambda bot: bot.send_message(1, "x", read_timeout=0.1))
    [message] = server.wait_for_messages(1, timeout=2)
    assert message.text == "x"


def test_a_poller_can_be_told_of_a_conflict(server):
    server.fail("getUpdates", status=409)
    with pytest.raises(Conflict, match="make sure that only one bot instance is running"):
        with_bot(server, lambda bot: bot.get_updates())


def test_chaos_hits_the_same_calls_in_every_run(monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")

    def run() -> list[object]:
        with BotApiServer(TOKEN) as server:
            server.private_chat(server.user(1, "Ann"))
            server.chaos(0.3, seed=7, methods={"sendMessage"}, kinds=("429", "502", "drop"))
            return failures(server, 40)

    first = run()
    assert first == run()
    assert set(first) - {str(number) for number in range(40)} == {RetryAfter, NetworkError}
    assert 6 <= sum(isinstance(outcome, type) for outcome in first) <= 18


# --- Many at once, and the end


def test_many_users_write_and_are_answered_at_once(server):
    users = [server.user(number, f"U{number}") for number in range(1, 21)]

    async def echo(bot: Bot) -> None:
        offset, answered = 0, 0
        while answered < 200:
            updates = await bot.get_updates(offset=offset, timeout=5)
            await asyncio.gather(*(bot.send_message(u.message.chat.id, u.message.text) for u in updates))
            offset, answered = updates[-1].update_id + 1, answered + len(updates)
        await bot.get_updates(offset=offset)

    with ThreadPoolExecutor(4) as pool:
        talking = pool.submit(with_bot, server, echo)
        list(pool.map(lambda number: server.say(users[number % 20], str(number)), range(200)))
        talking.result(timeout=20)
    texts = sorted(int(message.text) for user in users for message in server.messages(user))
    assert (texts, server.pending) == (list(range(200)), 0)


def test_twenty_long_polls_end_with_the_server():
    others = set(threading.enumerate())
    with BotApiServer(TOKEN) as server, ThreadPoolExecutor(20) as pool:
        url = f"{server.base_url}{TOKEN}/getUpdates"

        def poll() -> int:
            return httpx.get(url, params={"timeout": 3}, **DIRECTLY).status_code

        statuses = [future.result() for future in [pool.submit(poll) for _ in range(20)]]
        assert sorted(statuses) == [200] + [409] * 19
    assert [one for one in threading.enumerate() if one.name.startswith("bot-api") and one not in others] == []


def test_waiting_in_vain_tells_what_the_bot_did(server):
    server.private_chat(server.user(1, "Ann"))
    post(server, "sendMessage", chat_id=1, text="<b>", parse_mode="HTML")
    with pytest.raises(AssertionError) as caught:
        server.wait_for_messages(1, timeout=0.2)
    assert "waited 0.2 s in vain for 1 message(s) in chat 1 (1 calls, 0 polls, 0 updates" in str(caught.value)
    assert 'Can\'t find end tag corresponding to start tag "b"' in str(caught.value)


def test_messages_newer_than_another_are_awaited(server):
    ann = server.user(1, "Ann")
    server.say(ann, "?")
    post(server, "sendMessage", chat_id=1, text="old")
    asked = server.say(ann, "??")
    post(server, "sendMessage", chat_id=1, text="new")
    found: list[Message] = server.wait_for_messages(ann, after=asked)
    assert [message.text for message in found] == ["new"]


def test_an_error_inside_the_server_fails_the_test():
    with pytest.raises(AssertionError, match="the Bot API server failed"), BotApiServer(TOKEN) as server:
        server.private_chat(server.user(1, "Ann"))
        assert post(server, "sendMessage", chat_id=1, text={"not": "a text"})["error_code"] == 500
