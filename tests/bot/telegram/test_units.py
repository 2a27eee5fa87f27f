"""The parts of the Telegram face by themselves: texts, keyboards, the gate, turns, memory, patience."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest
from bot_api import MAX_TEXT, check_inline_results, checked_keyboard, parse_html, trimmed, utf16_length
from handmade import FULL
from nasty import nasty_text
from telegram import CallbackQuery, Chat, Message, Update, User
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.service.service import Service
from bot.settings import Settings, TelegramSettings
from bot.telegram.application import TelegramBot
from bot.telegram.gate import MOST_WAITING, Gate, Turnstile
from bot.telegram.rate_limit import PatientRateLimiter
from bot.telegram.richtext import LIMIT, Rich, Run, in_one, plain, rich, split, to_html, width
from bot.telegram.sent_answers import Memory, Shown
from bot.telegram.views import (
    Places,
    answer_keyboard,
    answer_view,
    documents_keyboard,
    documents_view,
    examples_keyboard,
    inline_article,
    paragraph_keyboard,
    paragraph_view,
    start_payload,
    why_view,
)
from retrieval.types import Answer, AnswerText, AppliedFilter, Citation, Document, Paragraph

PLACES = Places("https://ask.example.org", "wenbao_bot")


@pytest.fixture(autouse=True)
def library_of_tomorrow(monkeypatch):
    """RetryAfter warns until it is told that its `retry_after` may be a timedelta."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


# --- Formatted text


def test_every_character_of_the_words_and_of_links_is_escaped():
    text = rich("a<b>&amp;", Run('"x" & <y>', bold=True, italic=True, link='https://a.example/?q="1"&r=<2>'))
    assert to_html(text) == (
        "a&lt;b&gt;&amp;amp;"
        '<a href="https://a.example/?q=&quot;1&quot;&amp;r=&lt;2&gt;"><b><i>"x" &amp; &lt;y&gt;</i></b></a>'
    )
    assert parse_html(to_html(text)).text == plain(text)


def test_what_telegram_cannot_show_is_taken_out():
    assert plain(rich("a\ud800b\x00c\x1fd\u202ee\r\nf\tg", "", Run("\udfff", bold=True))) == "abcde\nf\tg"


def test_width_counts_utf16_units():
    assert [width(text) for text in ("", "a字", "😀", "\ud800")] == [0, 2, 2, 1]


def test_a_long_text_is_split_between_sentences_and_keeps_its_styles():
    text = rich("第一句。第二句。", Run("第三句。第四句。", bold=True), "完")
    assert split(text, limit=8) == [(Run("第一句。第二句。"),), (Run("第三句。第四句。", bold=True),), (Run("完"),)]
    assert split(text, limit=13) == [
        (Run("第一句。第二句。"), Run("第三句。", bold=True)),
        (Run("第四句。", bold=True), Run("完")),
    ]


def test_a_sentence_beyond_the_limit_is_cut_at_any_character_but_never_inside_one():
    parts = split(rich("😀" * 11), limit=5)
    assert [plain(part) for part in parts] == ["😀😀"] * 5 + ["😀"]


def test_messages_in_which_nothing_can_be_seen_are_not_sent():
    assert split(rich(" \n\u200f\u3164")) == []
    assert split(rich("完。", "\n" * 10, "字" * 6), limit=6) == [(Run("完。\n\n\n"),), (Run("字" * 6),)]


def test_an_edited_message_is_cut_with_an_ellipsis():
    assert in_one(rich("一句。"), limit=6) == (Run("一句。"),)
    assert in_one(rich("第一句。第二句。"), limit=6) == (Run("第一句。"), Run("…"))
    assert in_one(rich("\u200f")) == (Run("\u200f"),)


def test_sentences_of_one_style_become_one_mark():
    sentences = rich(Run("一句话。" * 300, bold=True))
    assert to_html(split(sentences)[0]) == f"<b>{'一句话。' * 300}</b>"


# --- Views


def a_citation(number: int = 1, quote: str = "引文。", title: str = "题目", date: dt.date | None = None) -> Citation:
    return Citation(number, "某/报告", title, date, None, 3, 0, len(quote), quote, 0.9)


def an_answer(status: str = "answered", *citations: Citation, answer: AnswerText | None = None) -> Answer:
    return Answer(status, 0.9, answer, citations, "g1", {})  # type: ignore[arg-type]


def a_shown(answer: Answer, *, echo: bool = False, question: str = "谁?", language: str = "zh") -> Shown:
    return Shown(question, answer, language, "r1", echo)  # type: ignore[arg-type]


def a_document(title: str, *texts: str, identifier: str = "某/报告", source: str | None = None) -> Document:
    paragraphs, start = [], 0
    for number, text in enumerate(texts, start=1):
        paragraphs.append(Paragraph(number, start, start + len(text), None))
        start += len(text) + 1
    whole = "\n".join(texts)
    return Document(identifier, "x.txt", "d", title, False, None, source, whole, tuple(paragraphs))


def test_an_answer_is_the_sentence_with_its_span_in_bold_then_the_source():
    citation = a_citation(date=dt.date(2020, 2, 1))
    shown = a_shown(an_answer("answered", citation, answer=AnswerText("李阿婆住在三楼。", "三楼", 1)), echo=True)
    assert to_html(answer_view(shown, 0, PLACES)) == (
        "<i>谁?\n\n</i>李阿婆住在<b>三楼</b>。\n\n"
        '<a href="https://ask.example.org/documents/%E6%9F%90/%E6%8A%A5%E5%91%8A/view#p3">《题目》</a>'
        " · 2020-02-01 · ¶3"
    )


@pytest.mark.parametrize(
    ("public_url", "link"),
    [
        (None, None),
        ("https://a.example", "https://a.example/documents/%E6%9F%90/%E6%8A%A5%E5%91%8A/view#p3"),
        ("https://a.example/wenbao/", "https://a.example/wenbao/documents/%E6%9F%90/%E6%8A%A5%E5%91%8A/view#p3"),
    ],
)
def test_a_source_is_linked_where_a_public_address_is_configured(public_url, link):
    assert Places(public_url, "b").page_of(a_citation()) == link


def test_related_passages_and_nothing_found_are_said():
    related = a_shown(an_answer("related", a_citation(1), a_citation(2, "第二。")))
    bare = Places(None, "b")
    first, second = (plain(answer_view(related, index, bare)) for index in (0, 1))
    assert first == "报道没有直接回答，这一段可能有关：\n\n“引文。”\n\n《题目》 · ¶3"
    assert second == "“第二。”\n\n《题目》 · ¶3"
    nothing = a_shown(an_answer("not_found"), language="en")
    assert plain(answer_view(nothing, 0, bare)).startswith("The reports do not say.")
    assert answer_keyboard(nothing, 0) is None


def data_of(keyboard: object) -> list[list[tuple[str, object]]]:
    return [[(button.text, button.callback_data) for button in row] for row in keyboard.inline_keyboard]  # type: ignore[attr-defined]


def test_the_keyboard_leads_round_in_a_circle_and_marks_the_vote():
    shown = a_shown(an_answer("related", a_citation(1), a_citation(2), a_citation(3)))
    assert data_of(answer_keyboard(shown, 0, vote="down")) == [
        [("◀", "c:2"), ("1/3", "-"), ("▶", "c:1")],
        [("整段", "p:0"), ("👍", "v:up:0"), ("👎 ✓", "v:down:0")],
    ]
    alone = a_shown(an_answer("related", a_citation(1)))
    assert data_of(answer_keyboard(alone, 0, votes=False)) == [[("整段", "p:0")]]


def test_a_paragraph_is_shown_with_its_neighbours_and_the_quote_in_bold():
    document = a_document("题目", "一。", "二甲。二乙。", "三。", "四。")
    start = document.paragraphs[1].start
    view = paragraph_view(document, 2, (start + 3, start + 6))
    assert to_html(view) == "<b>《题目》\n</b>\n¶1 一。\n\n¶2 二甲。<b>二乙。</b>\n\n¶3 三。\n"
    assert plain(paragraph_view(document, 1)) == "《题目》\n\n¶1 一。\n\n¶2 二甲。二乙。\n"
    assert plain(paragraph_view(document, 2, neighbours=0)) == "《题目》\n\n¶2 二甲。二乙。\n"


def test_the_list_of_reports_is_paged_and_each_is_a_deep_link():
    documents = [a_document(f"第{n}篇", "一。", identifier=f"d{n}", source="日报") for n in range(1, 20)]
    view = documents_view(documents, 2, "zh", PLACES)
    assert plain(view) == "收录的报道（19 篇）\n\n" + "\n".join(f"{n}. 《第{n}篇》 · 日报 · 1 ¶" for n in (17, 18, 19))
    links = [run.link for run in view if run.link]
    assert links == [f"https://t.me/wenbao_bot?start={start_payload(f'd{n}', 1)}" for n in (17, 18, 19)]
    assert data_of(documents_keyboard(19, 2)) == [[("◀", "l:1"), ("3/3", "-"), ("▶", "l:0")]]
    assert documents_keyboard(8, 0) is None


def test_callback_data_and_deep_links_stay_within_telegrams_limits_for_any_document_id():
    document = a_document("题", *["一。"] * 3, identifier="很长的文件夹/" * 100)
    keyboards = [
        paragraph_keyboard(document, 2),
        examples_keyboard(["问" * 200]),
        answer_keyboard(a_shown(an_answer("related", *map(a_citation, range(1, 21)))), 19, vote="up"),
    ]
    for keyboard in keyboards:
        assert checked_keyboard(keyboard.to_dict())
    payload = start_payload(document.document_id, 999_999)
    assert len(payload) <= 64
    assert payload.replace("-", "").isalnum()


def test_why_is_told_even_when_little_is_known():
    shown = a_shown(an_answer("not_found"))
    assert plain(why_view(shown)) == "问题理解为：谁?"


def test_why_tells_the_words_the_weights_the_signals_and_what_each_leg_found():
    assert plain(why_view(a_shown(FULL))) == (
        "问题理解为：2020年2月支部筹得多少善款?\n词：支部 善款\n各路权重：整段语义 1 · 词语 0.42\n"
        "信号：邻段词语 0.75 · 领先其他段落 0.1\n把握约 87%\n\n"
        "[1] reports/a ¶3 · 0.93\n    整段语义 第 1（0.88） · 词语 第 2（7.50）\n    共有的词：善款\n"
        "    相近：善款 ↔ 善款 0.97\n\n[2] reports/b ¶1 · 0.50"
    )


def test_what_was_understood_stands_above_the_answer_and_what_else_is_said_below_it():
    assert to_html(answer_view(a_shown(FULL), 0, Places(None, "b"))) == (
        "<i>理解为：2020年2月支部筹得多少善款?\n\n</i>截止到2月1日,支部共筹得善款<b>2307元</b>,用于购置牙膏、牙刷。\n\n"
        "《筑牢战“疫”堡垒》 · 2020-02-01 · ¶3\n\n另见： 据统计,善款共<b>2307元</b>。 [2]\n\n"
        "另有不同的数字： 到2月3日,支部筹得善款<b>2310元</b>。 [3]"
    )
    assert plain(answer_view(a_shown(FULL, language="en"), 1, Places(None, "b"))) == (
        "Understood as: 2020年2月支部筹得多少善款?\n\n“据统计,善款共2307元。”\n\n《爱心汇总》 · 2020-02-02 · ¶1"
    )


def test_a_time_that_decided_is_a_button_that_asks_again_without_it():
    assert data_of(answer_keyboard(a_shown(FULL), 0, votes=False))[-1] == [("🕒 2020年2月 ✕", "d")]
    nothing = replace(FULL, status="not_found", answer=None, citations=())
    assert data_of(answer_keyboard(a_shown(nothing), 0)) == [[("🕒 2020年2月 ✕", "d")]]
    endless = replace(FULL, filters_applied=(AppliedFilter("去年" * 300, None, None),))
    assert checked_keyboard(answer_keyboard(a_shown(endless), 0).to_dict())


# --- Fuzz: whatever people ask and reports say

NOT_SEEN = re.compile(r"[\s\x00-\x1f\x7f\u202a-\u202e\u0333\u033f\u030a\ud800-\udfff]+")


def seen(text: str) -> str:
    """What Telegram keeps of a text, but for white space: no controls, no half characters, no bidi overrides."""
    return NOT_SEEN.sub("", text)


def nasty_views(dice: random.Random) -> list[Rich]:
    texts = [nasty_text(dice) for _ in range(dice.randint(1, 4))]
    document = a_document(nasty_text(dice), *texts, identifier=nasty_text(dice), source=nasty_text(dice))
    number = dice.randint(1, len(texts))
    paragraph = document.paragraphs[number - 1]
    quote = document.text[paragraph.start : paragraph.end][:400]
    found = a_citation(1, quote, nasty_text(dice), dt.date(2020, 2, 1))
    sentence = AnswerText(quote, quote[: dice.randint(0, len(quote))] or None, 1)
    language = dice.choice(["zh", "en"])
    answers = [an_answer("answered", found, answer=sentence), an_answer("related", found), an_answer("not_found")]
    shown = [a_shown(answer, echo=True, question=nasty_text(dice), language=language) for answer in answers]
    views = [answer_view(each, 0, PLACES) for each in shown] + [why_view(shown[0])]
    marked = (paragraph.start, paragraph.start + len(quote))
    return [*views, paragraph_view(document, number, marked), documents_view([document] * 3, 0, "zh", PLACES)]


def test_no_markup_of_2000_nasty_questions_and_reports_is_refused_and_no_word_is_lost():
    dice = random.Random(3)
    for _ in range(2000):
        for view in nasty_views(dice):
            parts = split(view)
            parsed = [trimmed(parse_html(to_html(part))) for part in parts]
            assert all(0 < utf16_length(part.text) <= MAX_TEXT for part in parsed)
            assert [seen(part.text) for part in parsed] == [seen(plain(part)) for part in parts]
            assert seen("".join(part.text for part in parsed)) == seen(plain(view))
            assert utf16_length(parse_html(to_html(in_one(view))).text) <= MAX_TEXT


def test_inline_articles_of_nasty_reports_are_accepted():
    dice = random.Random(4)
    for number in range(300):
        found = a_citation(1, nasty_text(dice), nasty_text(dice))
        check_inline_results([inline_article(found, 1, PLACES, marked=bool(number % 2)).to_dict()])


# --- Gate


def a_message(update_id: int = 1, user_id: int = 7, chat_id: int = 7, date: float | None = None) -> Update:
    moment = dt.datetime.fromtimestamp(time.time() if date is None else date, dt.UTC)
    chat, user = Chat(chat_id, "private"), User(user_id, "A", False)
    return Update(update_id, message=Message(1, moment, chat, from_user=user, text="?"))


def a_gate(**settings: object) -> Gate:
    return Gate(TelegramSettings(**settings), time.time())  # type: ignore[arg-type]


def test_a_repeated_update_and_one_from_long_before_the_start_are_no_news():
    gate = a_gate(skip_older_than_seconds=600)
    long_ago, shortly_before = time.time() - 700, time.time() - 500
    updates = [a_message(1), a_message(1), a_message(2, date=long_ago), a_message(3, date=shortly_before)]
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


def turnstile_log(updates: Sequence[Update], pause: Callable[[Update], Awaitable[None]]) -> list[int]:
    """Process updates at once; return the update ids in the order in which they were finished."""
    finished = []

    async def work(update: Update) -> None:
        await pause(update)
        finished.append(update.update_id)

    async def run() -> None:
        turnstile = Turnstile()
        await asyncio.gather(*(turnstile.process_update(update, work(update)) for update in updates))

    asyncio.run(run())
    return finished


def test_updates_of_one_person_keep_their_order_and_hold_up_nobody_else():
    gate = asyncio.Event()

    async def pause(update: Update) -> None:
        if update.effective_user and update.effective_user.id == 2:
            gate.set()
        elif update.update_id == 1:
            await gate.wait()  # the first person's first question ends after the second person's only one

    updates = [a_message(1, 1), a_message(2, 1), a_message(3, 1), a_message(4, 2)]
    assert turnstile_log(updates, pause) == [4, 1, 2, 3]


def test_beyond_fifty_waiting_updates_of_one_person_further_ones_are_dropped_with_a_word(caplog):
    async def pause(_: Update) -> None:
        await asyncio.sleep(0)

    updates = [a_message(number, 1) for number in range(MOST_WAITING + 2)]
    assert turnstile_log([*updates, a_message(99, 2)], pause)[-1] == MOST_WAITING - 1
    assert [record.getMessage() for record in caplog.records] == [
        f"dropped an update of user 1: {MOST_WAITING} are waiting already"
    ] * 2


def test_a_failure_in_one_update_does_not_block_the_next():
    async def run() -> list[str]:
        turnstile, done = Turnstile(), []

        async def fail() -> None:
            raise ValueError

        async def succeed() -> None:
            done.append("next")

        updates = (turnstile.process_update(a_message(1), fail()), turnstile.process_update(a_message(2), succeed()))
        await asyncio.gather(*updates, return_exceptions=True)
        return done

    assert asyncio.run(run()) == ["next"]


def test_a_button_waits_for_its_person_too():
    user = User(1, "A", False)
    press = Update(2, callback_query=CallbackQuery("1", user, "1", data="-"))

    async def pause(update: Update) -> None:
        for _ in range(3 - update.update_id):
            await asyncio.sleep(0)

    assert turnstile_log([a_message(1, 1), press], pause) == [1, 2]


# --- Memory


def test_answers_are_known_by_message_and_conversations_by_chat_and_person():
    memory, shown = Memory(60), a_shown(an_answer("not_found"))
    memory.keep(-5, 1, [10, 11], shown)
    assert [memory.of_message(-5, 10), memory.of_message(-5, 11), memory.of_message(-6, 10)] == [shown, shown, None]
    assert [memory.last(-5, 1), memory.last(-5, 2), memory.last(1, 1)] == [shown, None, None]


def test_a_conversation_expires_while_its_buttons_still_work():
    memory, shown = Memory(0.01), a_shown(an_answer("not_found"))
    memory.keep(1, 1, [10], shown)
    time.sleep(0.02)
    assert (memory.last(1, 1), memory.of_message(1, 10)) == (None, shown)


# --- Patience


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


# --- Wiring


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_the_proxy_serves_messages_and_polling_alike(proxy, tmp_path):
    async def pools() -> list[str]:
        settings = Settings(index={"path": tmp_path}, telegram={"proxy": proxy})
        application = TelegramBot(Service(settings), "1:token").application
        requests = [application.bot.request, application.bot._request[0]]
        return [type(request._client._mounts.popitem()[1]._pool).__name__ for request in requests]

    kind = "AsyncHTTPProxy" if proxy.startswith("http") else "AsyncSOCKSProxy"
    assert asyncio.run(pools()) == [kind, kind]


def test_the_limit_is_telegrams():
    assert LIMIT == MAX_TEXT
    assert logging.getLogger("wenbao.telegram").name == "wenbao.telegram"
