"""Speaking to Telegram at its pace."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

import pytest
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.rate_limit import PatientRateLimiter


def requested(
    errors: Sequence[TelegramError], endpoint: str = "sendMessage", patience: float = 60, **data: object
) -> tuple[object, int]:
    """Make one request that fails with these errors first; return its result or last error, and the attempts."""
    left, attempts = list(errors), 0

    async def callback() -> str:
        nonlocal attempts
        attempts += 1
        if left:
            raise left.pop(0)
        return "sent"

    async def run() -> object:
        limiter = PatientRateLimiter(patience)
        try:
            return await limiter.process_request(callback, (), {}, endpoint, data, None)
        except TelegramError as error:
            return error

    return asyncio.run(run()), attempts


def test_a_failing_network_and_a_429_are_waited_for_and_logged(caplog):
    assert requested([NetworkError("gone"), RetryAfter(dt.timedelta(seconds=0.1))], chat_id=7) == ("sent", 3)
    assert [record.getMessage() for record in caplog.records] == [
        "sendMessage to chat 7 failed (gone): once more in 0.5 s",
        "sendMessage to chat 7 failed (Flood control exceeded. Retry in 0:00:00.100000): once more in 0.2 s",
    ]


@pytest.mark.parametrize("error", [BadRequest("x"), Forbidden("x"), InvalidToken("x")])
def test_what_trying_again_cannot_mend_is_not_tried_again(error):
    assert requested([error], chat_id=7) == (error, 1)


def test_patience_ends():
    error = NetworkError("gone")
    assert requested([error] * 5, patience=0.1, chat_id=7) == (error, 1)


def test_typing_is_shown_at_once_or_never():
    error = RetryAfter(dt.timedelta(seconds=30))
    assert requested([error], "sendChatAction", chat_id=7) == (error, 1)


def test_a_429_of_one_chat_holds_up_that_chat_in_its_order_and_no_other():
    sent = []

    async def run() -> None:
        limiter = PatientRateLimiter()
        failures = {1: [RetryAfter(dt.timedelta(seconds=0.3))]}

        async def send(chat: int, number: int) -> None:
            async def callback() -> None:
                if failures.get(chat):
                    raise failures[chat].pop()
                sent.append((chat, number))

            await limiter.process_request(callback, (), {}, "sendMessage", {"chat_id": chat}, None)

        await asyncio.gather(send(1, 1), send(1, 2), send(2, 1))

    asyncio.run(run())
    assert sent == [(2, 1), (1, 1), (1, 2)]
