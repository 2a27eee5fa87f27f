"""Who is let through, how often, and in which order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest
from telegram import CallbackQuery, Update, User
from telegram_samples import an_update

from bot.settings import TelegramSettings
from bot.telegram.gate import MOST_WAITING, Gate, OneAtATime


def a_gate(**settings: object) -> Gate:
    return Gate(TelegramSettings(**settings), time.time())  # type: ignore[arg-type]


def test_a_repeated_update_and_one_from_long_before_the_start_are_no_news():
    gate = a_gate(skip_older_than_seconds=600)
    long_ago, shortly_before = time.time() - 700, time.time() - 500
    updates = [an_update(1), an_update(1), an_update(2, date=long_ago), an_update(3, date=shortly_before)]
    assert [gate.is_new(update) for update in updates] == [True, False, False, True]


@pytest.mark.parametrize(
    ("user", "chat", "admitted"),
    [(1, 1, True), (2, 2, False), (2, -5, True), (9, 9, True), (2, None, False)],
)
def test_the_allowlist_knows_users_chats_and_admins(user, chat, admitted):
    gate = a_gate(access="allowlist", users=(1,), chats=(-5,), admins=(9,))
    assert gate.admits(user, chat) == admitted
    assert a_gate().admits(user, chat)


def test_questions_beyond_the_rate_of_one_person_are_counted_for_that_person_alone():
    async def ask() -> list[bool]:
        gate = a_gate(questions_per_minute=2)
        return [await gate.has_room(user) for user in (1, 1, 1, 2)]

    assert asyncio.run(ask()) == [True, True, False, True]


def test_a_limit_is_told_once_a_minute():
    gate = a_gate()
    assert [gate.tells(user) for user in (1, 1, 2)] == [True, False, True]


def order_of(updates: Sequence[Update], pause: Callable[[Update], Awaitable[None]]) -> list[int]:
    """Process updates at once; return the update ids in the order in which they were finished."""
    finished = []

    async def work(update: Update) -> None:
        await pause(update)
        finished.append(update.update_id)

    async def run() -> None:
        processor = OneAtATime()
        await asyncio.gather(*(processor.process_update(update, work(update)) for update in updates))

    asyncio.run(run())
    return finished


def test_updates_of_one_person_keep_their_order_and_hold_up_nobody_else():
    gate = asyncio.Event()

    async def pause(update: Update) -> None:
        if update.effective_user and update.effective_user.id == 2:
            gate.set()
        elif update.update_id == 1:
            await gate.wait()  # the first person's first question ends after the second person's only one

    updates = [an_update(1, 1), an_update(2, 1), an_update(3, 1), an_update(4, 2)]
    assert order_of(updates, pause) == [4, 1, 2, 3]


def test_beyond_fifty_waiting_updates_of_one_person_further_ones_are_dropped_with_a_word(caplog):
    async def pause(_: Update) -> None:
        await asyncio.sleep(0)

    updates = [an_update(number, 1) for number in range(MOST_WAITING + 2)]
    assert order_of([*updates, an_update(99, 2)], pause)[-1] == MOST_WAITING - 1
    assert [record.getMessage() for record in caplog.records] == [
        f"dropped an update of user 1: {MOST_WAITING} are waiting already"
    ] * 2


def test_a_failure_in_one_update_does_not_block_the_next():
    async def run() -> list[str]:
        processor, done = OneAtATime(), []

        async def fail() -> None:
            raise ValueError

        async def succeed() -> None:
            done.append("next")

        updates = (processor.process_update(an_update(1), fail()), processor.process_update(an_update(2), succeed()))
        await asyncio.gather(*updates, return_exceptions=True)
        return done

    assert asyncio.run(run()) == ["next"]


def test_a_button_waits_for_its_person_too():
    user = User(1, "A", False)
    press = Update(2, callback_query=CallbackQuery("1", user, "1", data="-"))

    async def pause(update: Update) -> None:
        for _ in range(3 - update.update_id):
            await asyncio.sleep(0)

    assert order_of([an_update(1, 1), press], pause) == [1, 2]
