"""Which messages of a group are answered, where, and whose conversation they belong to."""

from __future__ import annotations

import pytest
from bot_api import MEDIA
from telegram_room import CALLS, HOURS, identifiers

from bot.texts import text


@pytest.mark.parametrize(
    "words",
    [
        "/ask {}",
        "/ask@wenbao_bot {}",
        "/ASK {}",
        "/ask\n{}",
        "/ask{}",
        "@wenbao_bot {}",
        "@Wenbao_Bot{}",
        "{}@wenbao_bot",
    ],
)
def test_a_question_in_a_group_by_command_or_mention_is_answered_in_reply(stub, words):
    person, group = stub.person(), stub.group()
    asked = stub.server.say(person, words.format(HOURS), group)
    answer = stub.next_message(group)
    assert (answer.shown, answer.reply_to) == (stub.expected(HOURS), asked.id)


def test_every_word_of_a_question_after_a_line_break_counts(stub):
    person, group = stub.person("en"), stub.group()
    stub.ask(person, "/ask\nhow many masks came", group)
    assert stub.ask(person, "/why", group).text.startswith("Understood as: how many masks came\n")


def test_a_reply_to_the_bot_in_a_group_is_a_question(stub):
    ann, ben, group = stub.person(), stub.person(), stub.group()
    first = stub.ask(ann, f"/ask {HOURS}", group)
    assert stub.ask(
        ben, "孙蕴华一共接听了多少个求助电话呢，有没有人统计？", group, reply_to=first
    ).shown == stub.expected("孙蕴华一共接听了多少个求助电话呢，有没有人统计？")


def test_a_bare_ask_in_reply_to_somebody_asks_what_they_wrote(stub):
    ann, ben, group = stub.person(), stub.person(), stub.group()
    wondering = stub.server.say(ann, HOURS, group)
    assert stub.ask(ben, "/ask", group, reply_to=wondering).shown == stub.expected(HOURS)
    assert stub.ask(ben, "/ask", group).text == text("zh", "tg_ask_usage")
    assert stub.ask(ben, "@wenbao_bot", group).text == text("zh", "tg_ask_usage")


def test_everything_else_in_a_group_is_left_alone(stub):
    server, ann, ben, group = stub.server, stub.person(), stub.person(), stub.group()
    for words in (
        "大家早上好",
        f"/ask@other_bot {HOURS}",
        "/ban",
        "/ban@other_bot @wenbao_bot",
        f"/path/to/file {HOURS}",
        f"/帮助 {HOURS}",
        f"@wenbao_bot_2 {HOURS}",
        f"mail@wenbao_bot {HOURS}",
    ):
        server.say(ann, words, group)
    server.say(ann, "回复别人", group, reply_to=server.say(ben, "一句话", group))
    server.say(ann, f"@wenbao_bot {HOURS}", group, via_bot={"id": 5, "is_bot": True, "first_name": "B"})
    server.edit(server.say(ann, "改之前", group), f"@wenbao_bot {HOURS}")
    post = server.channel_post(server.channel(-next(identifiers), "频道"), f"@wenbao_bot {HOURS}")
    server.forward(post, group)
    server.forward(post, group, ann)
    server.edit(post, f"/ask {HOURS}")
    for content in MEDIA.values():
        server.send(ann, content, group)
    answer = stub.ask(ann, "/status", group)
    assert stub.server.messages(group) == [answer]
    assert answer.text.startswith("报道：")


def test_a_sticker_or_a_command_of_another_bot_in_reply_to_the_bot_is_left_alone(stub):
    person, group = stub.person(), stub.group()
    first = stub.ask(person, f"/ask {HOURS}", group)
    stub.server.send(person, MEDIA["sticker"], group, reply_to=first)
    stub.server.say(person, "/ban", group, reply_to=first)
    second = stub.ask(person, "/status", group)
    assert stub.server.messages(group) == [first, second]


def test_an_anonymous_administrator_of_the_group_may_ask(stub):
    group = stub.group()
    anonymous = stub.server.user(1087968824, "Group", None, "GroupAnonymousBot")
    answer = stub.ask(anonymous, f"@wenbao_bot {HOURS}", group, sender_chat=group.json)
    assert answer.shown == stub.expected(HOURS)


def test_answers_and_typing_stay_in_their_forum_topic(stub):
    person, forum, question = stub.person(), stub.group(forum=True), "温海波在论坛里站了几个小时？"  # not remembered
    answer = stub.ask(person, f"/ask {question}", forum, thread=42)
    assert (answer.shown, answer.thread) == (stub.expected(question), 42)
    stub.press(person, answer, "整段")
    assert stub.next_message(forum, answer).thread == 42
    threads = {
        c.parameters.get("message_thread_id") for c in stub.server.sent if c.parameters.get("chat_id") == forum.id
    }
    assert threads - {None} == {42}
    assert [c.error for c in stub.server.calls("sendChatAction") if c.parameters["chat_id"] == forum.id] == [None]


# --- Conversations


def test_a_time_that_decided_is_taken_off_by_a_button_that_asks_again(stub):
    person, question = stub.person(), "4月10日孙蕴华接听了多少个电话？"
    message = stub.ask(person, question)
    assert message.buttons[-1] == "🕒 4月10日 ✕"
    assert stub.press(person, message, "🕒 4月10日 ✕") == ""
    again = stub.next_message(person, message)
    assert again.text.startswith(f"{question}\n\n")
    assert again.buttons[-1] == "👎"


def test_a_follow_up_is_taken_off_its_time_as_the_follow_up_that_it_was(stub):
    person = stub.person()
    stub.ask(person, CALLS)
    message = stub.ask(person, "那她4月10日做了什么？")
    assert message.text.startswith("理解为：孙蕴华4月10日做了什么？\n\n")
    stub.press(person, message, "🕒 4月10日 ✕")
    again = stub.next_message(person, message)
    assert again.text.startswith("那她4月10日做了什么？\n\n理解为：孙蕴华4月10日做了什么？\n\n")


def test_conversations_are_kept_apart_by_chat_and_person(stub):
    ann, ben, group = stub.person(), stub.person(), stub.group()
    stub.ask(ann, f"/ask {CALLS}", group)
    stub.ask(ann, "/ask 那她多大年纪?", group)
    assert stub.ask(ann, "/why", group).text.startswith("问题理解为：孙蕴华多大年纪?\n")
    stub.ask(ben, "/ask 那她多大年纪?", group)
    assert stub.ask(ben, "/why", group).text.startswith("问题理解为：那她多大年纪?\n")
    assert stub.ask(ann, "/why").text == text("zh", "tg_why_nothing")
