"""Presses of buttons that are old, gone, late or repeated."""

from __future__ import annotations

import httpx
from telegram_room import HOURS

from bot.texts import text


def test_a_button_of_a_message_that_is_no_longer_known_says_so(stub):
    person = stub.person("en")
    message = stub.ask(person, "/help")
    gone = text("en", "tg_gone")
    for data in ("c:1", "c:9", "p:0", "v:up:0", "e:99", "e:x", "l:99", "o:000000000000:1", "o:x", "x", "v:", ""):
        assert (data, stub.press(person, message, data=data)) == (data, gone)
    assert stub.press(person, message, data="-") == ""


def test_a_citation_that_is_not_there_and_a_deleted_message_are_said_to_be_gone(stub):
    person = stub.person()
    message = stub.ask(person, HOURS)
    assert stub.press(person, message, data="c:99") == text("zh", "tg_gone")
    httpx.post(
        f"{stub.server.base_url}{stub.server.token}/deleteMessage",
        json={"chat_id": person.id, "message_id": message.id},
        trust_env=False,
    )
    assert stub.press(person, message, data="c:1") == text("zh", "tg_gone")


def test_pressing_the_same_button_twice_is_no_error(stub):
    person, before = stub.person(), len(stub.bot.complaints)
    message = stub.ask(person, HOURS)
    assert [stub.press(person, message, data="c:1"), stub.press(person, message, data="c:1")] == ["", ""]
    assert stub.complaints_since(before) == []


def test_a_press_that_was_answered_too_late_is_no_error(stub):
    person, before = stub.person(), len(stub.bot.complaints)
    message = stub.ask(person, HOURS)
    stub.server.fail("editMessageText", delay=0.3)
    stub.server.press(person, message, "▶")
    stub.server.expire_queries()
    stub.server.wait_for(lambda: stub.now(message).buttons[1] == "2/5")
    stub.ask(person, "/status")
    assert stub.complaints_since(before) == []


def test_all_callback_data_is_short(stub):
    keyboards = [call.parameters.get("reply_markup") or {} for call in stub.server.sent]
    data = [b["callback_data"] for k in keyboards for row in k.get("inline_keyboard", []) for b in row]
    assert data
    assert max(len(each.encode()) for each in data) <= 64
