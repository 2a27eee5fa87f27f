"""The Bot API server of the tests, driven by python-telegram-bot itself and by plain HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from bot_api_server import (
    MEDIA,
    NOT_MODIFIED,
    ApiError,
    BotApiServer,
    Message,
    checked_link,
    found_entities,
    parse_html,
    utf16_length,
)
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

TOKEN = "123456:test-token"
HTTP = httpx.Client(verify=False, trust_env=False, timeout=10)


@pytest.fixture(scope="module", autouse=True)
def http_client():
    with HTTP:
        yield


@pytest.fixture(autouse=True)
def library_of_tomorrow(monkeypatch):
    """RetryAfter warns until it is told that its `retry_after` may be a timedelta."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    with BotApiServer(TOKEN) as running:
        yield running


def new_bot(server: BotApiServer, token: str = TOKEN) -> Bot:
    requests = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]  # loading certificates takes its time
    urls = {"base_url": server.base_url, "base_file_url": server.base_file_url}
    return Bot(token, request=requests[0], get_updates_request=requests[1], **urls)


def with_bot(server: BotApiServer, use: Callable[[Bot], Awaitable[Any]], token: str = TOKEN) -> Any:
    async def run() -> Any:
        async with new_bot(server, token) as bot:
            return await use(bot)

    return asyncio.run(run())


def post(server: BotApiServer, method: str, **parameters: object) -> dict[str, object]:
    body, kind = json.dumps(parameters), {"Content-Type": "application/json"}
    return HTTP.post(f"{server.base_url}{TOKEN}/{method}", content=body, headers=kind).json()


def refusal(server: BotApiServer, method: str, **parameters: object) -> str:
    answer = post(server, method, **parameters)
    assert (answer["ok"], answer["error_code"]) == (False, 400), answer
    return str(answer["description"]).removeprefix("Bad Request: ")


def keyboard(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([buttons])


# --- Markup


def test_html_becomes_plain_text_with_entities_counted_in_utf16_units():
    parsed = parse_html(
        "😀<b>孙&lt;芸&gt;</b> &amp; <i><u>x</u></i> <a href='http://A.example/p?q=1&amp;r=2#p3'>[1]</a> "
        '<pre><code class="language-python">1</code></pre><code class="language-c">c</code>'
        '<span class="tg-spoiler">s</span><blockquote expandable>q</blockquote>&#x1F600;&nbsp;&#0;'
    )
    assert parsed.text == "😀孙<芸> & x [1] 1csq😀&nbsp;&#0;"
    assert parsed.entities == (
        {"type": "bold", "offset": 2, "length": 4},
        {"type": "underline", "offset": 9, "length": 1},
        {"type": "italic", "offset": 9, "length": 1},
        {"type": "text_link", "offset": 11, "length": 3, "url": "http://a.example/p?q=1&r=2#p3"},
        {"type": "pre", "offset": 15, "length": 1, "language": "python"},
        {"type": "code", "offset": 16, "length": 1},
        {"type": "spoiler", "offset": 17, "length": 1},
        {"type": "expandable_blockquote", "offset": 18, "length": 1},
    )


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("<b>unclosed", 'Can\'t find end tag corresponding to start tag "b"'),
        ("文<x>", 'Unsupported start tag "x" at byte offset 3'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("文<b", "Unclosed start tag at byte offset 3"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>test</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href=http://x.y>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href='x>x</a>", "Unclosed start tag at byte offset 0"),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji emoji-id='x'>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("\0", "Text must not contain null bytes"),
        (
            "&#xd800;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
def test_bad_html_is_refused_in_telegrams_words(source, error):
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {error}"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Example.org", "https://example.org/"),
        ("example.org/a?u=http://b", "http://example.org/a?u=http://b"),
        ("http://127.0.0.1:8000/documents/院长/view#p12", "http://127.0.0.1:8000/documents/院长/view#p12"),
        ("http://[::1]:8000?q", "http://[::1]:8000/?q"),
        ("tg://user?id=1", "tg://user?id=1"),
        ("http://localhost:8000/x", "Wrong HTTP URL"),
        ("ftp://example.org", "Unsupported URL protocol"),
        ("https:///x", "URL host is empty"),
    ],
)
def test_a_link_is_kept_or_refused_as_telegram_does(url, kept):
    try:
        assert checked_link(url) == kept
    except ValueError as error:
        assert str(error) == kept


def test_commands_and_mentions_are_marked_only_between_non_letters():
    assert found_entities("😀 /ask@wenbao_bot 谁 @ann.") == [
        {"type": "bot_command", "offset": 3, "length": 15},
        {"type": "mention", "offset": 21, "length": 4},
    ]
    assert found_entities("/ask谁 请问@wenbao_bot 好吗 a/b <c/d> x@y") == []


# --- Messages


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
    answers = [HTTP.post(url, content=body, headers=form).json()["description"] for body in (
        "chat_id=1&text=%ff", "chat_id=1&text=x&reply_markup={"
    )]  # fmt: skip
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
        errors = []
        for attempt in (
            lambda: bot.edit_message_text("one", 1, sent.message_id, parse_mode="HTML", reply_markup=sent.reply_markup),
            lambda: bot.edit_message_text("one", 1, sent.message_id),
            lambda: bot.edit_message_text("one ", 1, sent.message_id),
            lambda: bot.edit_message_reply_markup(1, sent.message_id),
            lambda: bot.edit_message_text("two", 1, 999),
            lambda: bot.edit_message_text("two", 1, asked.id),
            lambda: bot.delete_message(1, sent.message_id),
            lambda: bot.edit_message_text("two", 1, sent.message_id),
            lambda: bot.delete_message(1, sent.message_id),
        ):  # fmt: skip
            try:
                await attempt()
                errors.append("")
            except BadRequest as error:
                errors.append(error.message)
        return errors

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


# --- Queries, commands, files


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
        errors = []
        await update.callback_query.answer("好")
        server.expire_queries()
        for identifier in identifiers:
            with pytest.raises(BadRequest) as caught:
                await bot.answer_callback_query(identifier)
            errors.append(caught.value.message)
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
        HTTP.get(f"{server.base_url}{path}") for path in ("123456:wrong/getMe", "nonsense/getMe", f"{TOKEN}/getCoffee")
    ]
    assert [(answer.status_code, answer.json()["description"]) for answer in answers] == [
        (401, "Unauthorized"),
        (404, "Not Found"),
        (404, "Not Found"),
    ]


# --- Updates


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


# --- Trouble


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


def test_chaos_hits_the_same_calls_in_every_run():
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
    with BotApiServer(TOKEN) as server, ThreadPoolExecutor(20) as pool:
        url = f"{server.base_url}{TOKEN}/getUpdates"

        def poll() -> int:
            return HTTP.get(url, params={"timeout": 1}).status_code

        statuses = [future.result() for future in [pool.submit(poll) for _ in range(20)]]
        assert sorted(statuses) == [200] + [409] * 19
    assert [thread for thread in threading.enumerate() if thread.name.startswith("bot-api")] == []


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
