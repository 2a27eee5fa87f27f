"""What the bot does when Telegram or the network fails, and what its log says."""

from __future__ import annotations

import re

import pytest
from telegram_room import HOURS


def retried(lines: list[str]) -> list[str]:
    """The log's lines without their times."""
    return [line.partition(" WARNING wenbao.telegram: ")[2] for line in lines]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 429, "retry_after": 1}, "Flood control exceeded. Retry in 1 seconds"),
        ({"status": 502}, "Bad Gateway (502)"),
        ({"broken_json": True}, "Invalid server response"),
        ({"drop": True}, "httpx.RemoteProtocolError: Server disconnected without sending a response."),
    ],
    ids=["429", "502", "broken json", "drop"],
)
def test_an_answer_that_telegram_does_not_take_is_sent_again_and_the_log_says_why(stub, fault, reason):
    person, before = stub.person(), len(stub.bot.complaints)
    stub.server.fail("sendMessage", times=2, **fault)
    stub.ask(person, HOURS)
    stub.ask(person, "/status")
    assert [m.text[:3] for m in stub.server.messages(person)] == [stub.expected(HOURS).text[:3], "报道："]
    lines = retried(stub.complaints_since(before))
    told = re.compile(r"(\[[0-9a-f]{32}\]) sendMessage to chat (#[0-9a-f]{12}) failed \(" + re.escape(reason))
    found = [told.match(line) for line in lines]  # not the chat itself: that of one person has the person's id
    assert [one is not None for one in found] == [True] * 2
    assert len({one.groups() for one in found if one}) == 1


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ({"status": 409}, "another process reads this bot's messages (409): end it; trying again"),
        ({"status": 502}, "Telegram cannot be polled (Bad Gateway (502)"),
        ({"broken_json": True}, "Telegram cannot be polled (Invalid server response): trying again"),
        ({"drop": True}, "Telegram cannot be polled (httpx.RemoteProtocolError"),
        ({"status": 429, "retry_after": 1}, "Telegram says to poll more slowly (429): waiting as told"),
    ],
    ids=["409", "502", "broken json", "drop", "429"],
)
def test_polling_goes_on_after_trouble_and_the_log_says_what_it_was(stub, fault, line):
    person, before = stub.person(), len(stub.bot.complaints)
    stub.server.fail("getUpdates", **fault)
    stub.ask(person, "/status")  # ends the poll that is under way
    stub.ask(person, "/status")
    lines = stub.complaints_since(before)
    assert (len(lines), line in lines[0]) == (1, True), lines


def test_an_update_whose_confirmation_was_lost_is_handled_once(stub):
    person = stub.person()
    stub.server.fail("getUpdates", drop=True, after=True, times=2)
    for _ in range(3):
        stub.ask(person, "/status")
    stub.server.repeat()
    stub.ask(person, "/lang")
    assert len(stub.server.messages(person)) == 4


def test_somebody_who_blocked_the_bot_is_a_line_in_the_log(stub):
    person, before = stub.person(), len(stub.bot.complaints)
    stub.server.fail("sendMessage", status=403, description="Forbidden: bot was blocked by the user")
    stub.server.say(person, HOURS)
    [line] = stub.server.wait_for(lambda: stub.complaints_since(before))
    assert line.endswith("Telegram did not take an answer: Forbidden: bot was blocked by the user")


def test_a_text_that_telegram_refuses_is_a_line_in_the_log(stub):
    person, before = stub.person(), len(stub.bot.complaints)
    stub.server.fail("sendMessage", status=400, description="Bad Request: entity URL 'x' is invalid: Wrong HTTP URL")
    stub.server.say(person, HOURS)
    [line] = stub.server.wait_for(lambda: stub.complaints_since(before))
    assert line.endswith("Telegram did not take an answer: Entity url 'x' is invalid: wrong http url")
    assert stub.server.messages(person) == []
