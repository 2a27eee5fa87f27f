"""Who may use it: ``wenbao serve`` with an allowlist, a rate limit, short conversations, and nothing kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from bot_api import MEDIA
from stub_encoder import StubEncoder
from telegram_room import CALLS, HOURS, Room, room

from bot.state import SqliteState
from bot.texts import text

ANN, CHIEF, STRANGER, NEWSROOM = 1, 9, 66, -77


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Room]:
    """``wenbao serve`` with a token, for a few people only."""
    telegram = {
        "access": "allowlist",
        "users": [ANN, 2, 3, 4],
        "chats": [NEWSROOM],
        "admins": [CHIEF],
        "questions_per_minute": 3,
    }
    sections = {
        "telegram": telegram,
        "conversation": {"minutes": 0.005},
        "feedback": {"keep": False},
        "server": {"public_url": None},
    }
    with room(tmp_path_factory.mktemp("office"), StubEncoder(), command="serve", **sections) as running:
        yield running


def test_serve_answers_over_http_and_in_telegram_from_one_process(office):
    address = office.bot.log.partition("http://")[2].partition("/")[0]
    answer = httpx.post(f"http://{address}/ask", json={"question": HOURS}, trust_env=False).json()
    message = office.ask(office.server.user(ANN, "安"), HOURS)
    assert message.text == f"{answer['answer']['text']}\n\n《{answer['citations'][0]['title']}》 · ¶10"


def test_without_a_public_address_nothing_is_linked_and_without_feedback_there_are_no_votes(office):
    chief = office.server.user(CHIEF, "主编")
    message = office.ask(chief, HOURS)
    assert (message.marked("text_link"), message.buttons) == ((), ("◀", "1/5", "▶", "整段"))
    assert office.press(chief, message, data="v:up:0") == text("zh", "vote_off")
    assert not SqliteState(office.bot.folder / "index").feedback()


def test_a_stranger_gets_one_polite_line_with_the_id_to_pass_on(office):
    server, stranger = office.server, office.server.user(STRANGER, "路人", "en")
    line = text("en", "tg_stranger", id=STRANGER)
    for words in (HOURS, "/start", "还在吗"):
        server.say(stranger, words)
    server.send(stranger, MEDIA["photo"])
    query = server.inline(stranger, HOURS)
    assert server.wait_for_answer(query)["results"] == []
    assert [message.text for message in server.messages(stranger)] == [line]
    assert office.press(stranger, server.messages(stranger)[0], data="c:1") == line


def test_a_stranger_in_a_group_is_answered_only_when_asking_the_bot(office):
    group, stranger = office.group(), office.server.user(67, "路人")
    for words in ("大家好", "/ban", "/ask@other_bot 谁?"):
        office.server.say(stranger, words, group)
    office.server.send(stranger, MEDIA["sticker"], group)
    line = office.ask(stranger, f"@wenbao_bot {HOURS}", group)
    assert line.text == text("zh", "tg_stranger", id=67)
    assert office.server.messages(group) == [line]


def test_everybody_in_a_listed_group_may_ask(office):
    group, stranger = office.server.group(NEWSROOM, "编辑部"), office.server.user(68, "路人")
    answer = office.ask(stranger, f"/ask {HOURS}", group)
    assert answer.text.startswith("温海波在接到任务后")


def test_who_asks_too_fast_is_told_once_and_others_are_answered(office):
    hasty, calm = office.server.user(2, "急"), office.server.user(3, "缓")
    for _ in range(6):
        office.server.say(hasty, HOURS)
    office.server.wait_for_messages(hasty, 4)
    assert office.ask(calm, "/help").text == text("zh", "tg_help", bot="wenbao_bot")
    said = [message.text for message in office.server.messages(hasty)]
    assert said == [said[0]] * 3 + [text("zh", "tg_too_fast")]


def test_a_conversation_expires(office):
    person = office.server.user(4, "忘")
    office.ask(person, CALLS)
    time.sleep(0.5)
    message = office.ask(person, "那她是哪个部门的?")
    assert office.ask(person, "/why", reply_to=message).text.startswith("问题理解为：那她是哪个部门的?\n")
