"""Messages of the bot: stored as people see them, edited, deleted, or refused in Telegram's words."""

from __future__ import annotations

import httpx
import pytest
from bot_api import NOT_MODIFIED, utf16_length
from bot_api_client import DIRECTLY, TOKEN, keyboard, outcome, post, refusal, with_bot
from telegram import Bot, InlineKeyboardButton, LinkPreviewOptions, ReplyParameters
from telegram.error import Forbidden


def test_a_message_is_stored_as_it_looks_and_returned_to_the_bot(server):
    ann = server.user(1, "Ann", username="ann")
    asked = server.say(ann, "谁是院长?")

    async def answer(bot: Bot):
        return await bot.send_message(
            1,
            "\n <b>张三</b>😀 <i>&amp;</i> \n",
            parse_mode="HTML",
            reply_parameters=ReplyParameters(asked.id),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=keyboard(
                InlineKeyboardButton("▶", callback_data="n:1"), InlineKeyboardButton("原文", url="https://a.example/")
            ),
        )

    returned = with_bot(server, answer)
    [stored] = server.messages(ann)
    assert stored.text == returned.text == " 张三😀 &".strip()
    assert stored.entities == (
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "italic", "offset": 5, "length": 1},
    )
    assert (stored.marked("bold"), stored.marked("italic"), stored.buttons) == (("张三",), ("&",), ("▶", "原文"))
    assert (stored.id, stored.reply_to, stored.thread, stored.edited) == (returned.message_id, asked.id, None, False)
    assert returned.reply_to_message.from_user.username == "ann"
    assert [call.method for call in server.sent] == ["getMe", "sendMessage"]
    assert server.sent[1].parameters["link_preview_options"] == {"is_disabled": True}


def test_text_is_measured_after_parsing_and_in_utf16_units(server):
    server.private_chat(server.user(1, "Ann"))
    longest = "<b>" + "😀" * 2047 + "</b>&lt;&gt;"
    assert post(server, "sendMessage", chat_id=1, text=longest, parse_mode="html")["ok"]
    assert utf16_length(server.messages(1)[0].text) == 4096
    assert refusal(server, "sendMessage", chat_id=1, text=longest + "x", parse_mode="HTML") == "message is too long"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"chat_id": 1}, "message text is empty"),
        ({"chat_id": 1, "text": " \n\u200f "}, "text must be non-empty"),
        ({"chat_id": 1, "text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 9, "text": "x"}, "chat not found"),
        ({"chat_id": "@nobody", "text": "x"}, "chat not found"),
        ({"chat_id": 1, "text": "x", "parse_mode": "HTLM"}, "unsupported parse_mode"),
        ({"chat_id": 1, "text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"chat_id": 1, "text": "x", "message_thread_id": 5}, "message thread not found"),
        ({"chat_id": 1, "text": "a\ud800b"}, "strings must be encoded in UTF-8"),
        (
            {"chat_id": 1, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
        ),
    ],
)
def test_a_bad_message_is_refused_in_telegrams_words(server, parameters, error):
    server.private_chat(server.user(1, "Ann"))
    assert refusal(server, "sendMessage", **parameters) == error
    assert server.messages(1) == []


@pytest.mark.parametrize(
    ("button", "error"),
    [
        ({"text": "好", "callback_data": "院" * 21 + "xx"}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        ({"callback_data": "x"}, "can't parse inline keyboard button: Can't find field \"text\""),
        ({"text": "\udc00", "callback_data": "x"}, "inline keyboard button text must be encoded in UTF-8"),
        (
            {"text": "x", "url": "http://localhost/"},
            "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
        ),
    ],
)
def test_a_bad_button_is_refused_in_telegrams_words(server, button, error):
    server.private_chat(server.user(1, "Ann"))
    assert refusal(server, "sendMessage", chat_id=1, text="x", reply_markup={"inline_keyboard": [[button]]}) == error


def test_64_bytes_of_callback_data_and_a_keyboard_without_buttons_are_fine(server):
    server.private_chat(server.user(1, "Ann"))
    for rows in ([[{"text": "好", "callback_data": "院" * 21 + "x"}]], [], [[]]):
        assert post(server, "sendMessage", chat_id=1, text="x", reply_markup={"inline_keyboard": rows})["ok"]
    assert [message.buttons for message in server.messages(1)] == [("好",), (), ()]
    many = [[{"text": "x", "callback_data": "x"}]] * 101
    keyboard_error = refusal(server, "sendMessage", chat_id=1, text="x", reply_markup={"inline_keyboard": many})
    assert keyboard_error == "reply markup is too long"


def test_invalid_utf8_and_broken_json_in_a_form_are_refused(server):
    server.private_chat(server.user(1, "Ann"))
    url = f"{server.base_url}{TOKEN}/sendMessage"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = ("chat_id=1&text=%ff", "chat_id=1&text=x&reply_markup={")
    answers = [httpx.post(url, content=body, headers=form, **DIRECTLY).json()["description"] for body in bodies]
    assert answers == [
        "Bad Request: strings must be encoded in UTF-8",
        "Bad Request: can't parse reply keyboard markup JSON object",
    ]


def test_replies_to_a_missing_message_may_be_sent_without_the_reply(server):
    server.private_chat(server.user(1, "Ann"))
    with_bot(
        server,
        lambda bot: bot.send_message(1, "x", reply_parameters=ReplyParameters(99, allow_sending_without_reply=True)),
    )
    assert [(message.text, message.reply_to) for message in server.messages(1)] == [("x", None)]


def test_an_edit_replaces_text_and_keyboard_and_must_change_something(server):
    ann = server.user(1, "Ann")
    asked = server.say(ann, "?")

    async def edit(bot: Bot) -> list[str]:
        sent = await bot.send_message(
            1, "<b>one</b>", "HTML", reply_markup=keyboard(InlineKeyboardButton("x", callback_data="x"))
        )
        attempts = (
            bot.edit_message_text("one", 1, sent.message_id, parse_mode="HTML", reply_markup=sent.reply_markup),
            bot.edit_message_text("one", 1, sent.message_id),
            bot.edit_message_text("one ", 1, sent.message_id),
            bot.edit_message_reply_markup(1, sent.message_id),
            bot.edit_message_text("two", 1, 999),
            bot.edit_message_text("two", 1, asked.id),
            bot.delete_message(1, sent.message_id),
            bot.edit_message_text("two", 1, sent.message_id),
            bot.delete_message(1, sent.message_id),
        )
        return [await outcome(attempt) for attempt in attempts]

    assert [error.lower() for error in with_bot(server, edit)] == [
        "",
        "",
        NOT_MODIFIED.lower(),
        NOT_MODIFIED.lower(),
        "message to edit not found",
        "message can't be edited",
        "",
        "message to edit not found",
        "message to delete not found",
    ]
    assert server.messages(ann) == []


def test_message_numbers_repeat_between_supergroups_and_topics_keep_their_thread(server):
    ann = server.user(1, "Ann")
    groups = [server.group(-1001, "A"), server.group(-1002, "B", forum=True)]
    asked = [server.say(ann, "/ask@wenbao_bot 谁?", groups[0]), server.say(ann, "谁?", groups[1], thread=7)]
    assert [message.id for message in asked] == [1, 1]
    with_bot(server, lambda bot: bot.send_message(-1002, "x", message_thread_id=7))
    assert [(message.id, message.thread) for message in server.messages(groups[1])] == [(2, 7)]


def test_a_user_who_never_wrote_or_blocked_the_bot_gets_nothing(server):
    ann = server.user(1, "Ann")
    for prepare, words in (
        (lambda: None, "bot can't initiate conversation with a user"),
        (lambda: [server.say(ann, "hi"), server.block(ann)], "bot was blocked by the user"),
    ):
        prepare()
        with pytest.raises(Forbidden, match=words):
            with_bot(server, lambda bot: bot.send_message(1, "x"))
    server.unblock(ann)
    assert with_bot(server, lambda bot: bot.send_message(1, "x")).text == "x"
    assert [next(key for key in update if key != "update_id") for update in server.updates] == [
        "message",
        "my_chat_member",
        "my_chat_member",
    ]
