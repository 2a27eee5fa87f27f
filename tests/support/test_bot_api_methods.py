"""Queries, inline results, commands, files, and the other methods of the Bot API."""

from __future__ import annotations

import httpx
import pytest
from bot_api_client import DIRECTLY, TOKEN, keyboard, outcome, refusal, with_bot
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    InlineKeyboardButton,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.error import Forbidden, InvalidToken


def test_a_callback_query_is_answered_once_and_in_time(server):
    ann = server.user(1, "Ann")
    server.say(ann, "?")

    async def talk(bot: Bot) -> list[str]:
        buttons = keyboard(
            InlineKeyboardButton("◀", callback_data="p"), InlineKeyboardButton("2/5 ▶", callback_data="n")
        )
        await bot.send_message(1, "x", reply_markup=buttons)
        identifiers = [
            server.press(ann, server.messages(1)[0], "▶"),
            server.press(ann, server.messages(1)[0], data="old"),
        ]
        *_, update, old = await bot.get_updates()
        assert (update.callback_query.data, old.callback_query.data) == ("n", "old")
        assert update.callback_query.message.reply_markup == buttons
        await update.callback_query.answer("好")
        server.expire_queries()
        errors = [await outcome(bot.answer_callback_query(identifier)) for identifier in identifiers]
        return [server.query_answer(identifiers[0]), *errors]

    too_old = "Query is too old and response timeout expired or query id is invalid"
    assert with_bot(server, talk) == [{"text": "好", "show_alert": False}, too_old, too_old]
    with pytest.raises(AssertionError, match="no button 'nothing' to press"):
        server.press(ann, server.messages(1)[0], "nothing")


def article(identifier: str = "1", title: str = "t", text: str = "x") -> dict[str, object]:
    content = {"message_text": text, "parse_mode": "HTML"}
    return {"type": "article", "id": identifier, "title": title, "input_message_content": content}


def test_inline_results_come_back_to_the_test(server):
    query = server.inline(server.user(1, "Ann"), "院长")
    content = InputTextMessageContent("<b>张三</b>", "HTML")
    results = [InlineQueryResultArticle("1", "张三", content, description="《院》")]
    with_bot(server, lambda bot: bot.answer_inline_query(query, results, cache_time=0, is_personal=True))
    answer = server.wait_for_answer(query, timeout=1)
    assert (answer["results"][0]["title"], answer["cache_time"], answer["is_personal"]) == ("张三", 0, True)


@pytest.mark.parametrize(
    ("results", "error"),
    [
        ([article(str(number)) for number in range(51)], "RESULTS_TOO_MUCH"),
        ([article(), article()], "RESULT_ID_DUPLICATE"),
        ([article("院" * 22)], "RESULT_ID_INVALID"),
        ([{"type": "article", "id": "1"}], "can't parse inline query result: Can't find field \"title\""),
        (
            [article(text="<x>")],
            "can't parse inline query result: Can't parse entities: Unsupported start tag \"x\" at byte offset 0",
        ),
        ([article(text="")], "can't parse inline query result: Message text is empty"),
    ],
)
def test_bad_inline_results_are_refused(server, results, error):
    query = server.inline(server.user(1, "Ann"), "x")
    assert refusal(server, "answerInlineQuery", inline_query_id=query, results=results) == error
    assert server.query_answer(query) is None


def test_commands_are_kept_by_scope_and_language_and_checked(server):
    async def register(bot: Bot) -> list[BotCommand]:
        await bot.set_my_commands([BotCommand("ask", "提问")], BotCommandScopeAllGroupChats(), "zh")
        await bot.set_my_description("x", "en")
        await bot.set_my_short_description("y")
        return list(await bot.get_my_commands(BotCommandScopeAllGroupChats(), "zh"))

    assert with_bot(server, register) == [BotCommand("ask", "提问")]
    assert server.commands == {("all_group_chats", "zh"): [{"command": "ask", "description": "提问"}]}
    too_many = [{"command": f"c{number}", "description": "x"} for number in range(101)]
    for commands, error in (
        ([{"command": "Ask", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a" * 33, "description": "x"}], "command length must not exceed 32"),
        ([{"command": "a", "description": ""}], "command description must be non-empty"),
        ([{"command": "a", "description": "x" * 257}], "command description length must not exceed 256"),
        (too_many, "BOT_COMMANDS_TOO_MUCH"),
    ):
        assert refusal(server, "setMyCommands", commands=commands) == error


def test_files_travel_both_ways(server):
    ann = server.user(1, "Ann")
    content = bytes(range(256)) * 10 + b"\r\n--x\r\n"

    async def exchange(bot: Bot) -> tuple[bytes, str]:
        server.send_document(ann, "报告.txt", content, caption="/add")
        [update] = await bot.get_updates()
        file = await update.message.document.get_file()
        sent = await bot.send_document(1, content, caption="<b>好</b>", parse_mode="HTML", filename="out 院.jsonl")
        return bytes(await file.download_as_bytearray()), sent.document.file_name

    assert with_bot(server, exchange) == (content, "out 院.jsonl")
    [document] = server.messages(ann)
    assert (document.text, document.marked("bold")) == ("好", ("好",))
    assert server.calls("sendDocument")[0].parameters["document"].content == content


def test_every_other_method_answers_what_the_library_expects(server):
    ann, group = server.user(1, "Ann"), server.group(-5, "G", admins=[server.user(2, "Bo")])
    server.say(ann, "x", group)

    async def use(bot: Bot) -> list[object]:
        chat = await bot.get_chat(-5)
        members = [await bot.get_chat_member(-5, user) for user in (1, 2, bot.id)]
        await bot.send_chat_action(-5, "typing")
        await bot.leave_chat(-5)
        with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
            await bot.send_message(-5, "x")
        return [chat.title, bot.username, *(member.status for member in members)]

    assert with_bot(server, use) == ["G", "wenbao_bot", "member", "administrator", "member"]


def test_a_wrong_token_and_an_unknown_method_are_named_as_such(server):
    with pytest.raises(InvalidToken):
        with_bot(server, lambda bot: bot.get_me(), token="123456:wrong")
    answers = [
        httpx.get(f"{server.base_url}{path}", **DIRECTLY)
        for path in ("123456:wrong/getMe", "nonsense/getMe", f"{TOKEN}/getCoffee")
    ]
    assert [(answer.status_code, answer.json()["description"]) for answer in answers] == [
        (401, "Unauthorized"),
        (404, "Not Found"),
        (404, "Not Found"),
    ]
