"""End to end: the real ``wenbao`` as a Telegram bot, over HTTP, against a strict Bot API server of our own.

One process has the real encoder; the others have the stub encoder in its place, and start in a second.
"""

from __future__ import annotations

import http.client
import itertools
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from bot_api import MAX_TEXT, MEDIA, BotApiServer, User, utf16_length
from nasty import nasty_text
from processes import SEEDS
from stub_encoder import StubEncoder
from telegram_process import (
    EXAMPLES,
    PUBLIC_URL,
    STUB,
    bot_environment,
    free_port,
    running_bot,
    write_telegram_config,
)
from telegram_room import (
    CALLS,
    HOURS,
    LONG_REPORT,
    NASTY_REPORT,
    PATIENCE,
    PLACES,
    REPORTS,
    STEW,
    Room,
    identifiers,
    reference,
    room,
    words_of,
)

from bot.feedback.store import FeedbackStore
from bot.links import paragraph_url
from bot.telegram.richtext import plain
from bot.telegram.sent_answers import Shown
from bot.telegram.views import (
    inline_article,
    paragraph_keyboard,
    paragraph_view,
    start_payload,
    why_view,
)
from bot.texts import Language, text
from retrieval.text.sentences import sentences_of


@pytest.fixture(scope="module")
def real(real_encoder, tmp_path_factory) -> Iterator[Room]:
    """A bot with the real encoder on the seed reports."""
    with room(tmp_path_factory.mktemp("real"), real_encoder) as running:
        yield running


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """The seed reports, twenty small ones, one with an endless paragraph, and one full of markup."""
    folder = tmp_path_factory.mktemp("corpus")
    for seed in SEEDS.glob("*.txt"):
        shutil.copy(seed, folder)
    for number in range(20):
        (folder / f"小{number:02}.md").write_text(f"# 第{number}号简报\n\n第{number}号简报说一切正常。\n", "utf-8")
    long = "大坝的水位每个小时都有人记录下来。" * 500
    (folder / f"{LONG_REPORT}.md").write_text(f"# 大坝日志\n\n{long}\n\n大坝日志到此为止。\n", "utf-8")
    nasty = "公式写作 a<b && c>d，标签写作 <b>粗体</a> 与 &lt;i&gt;，\u202e倒过来\u200f。"
    (folder / f"{NASTY_REPORT}.txt").write_text(f"标签 <b>&amp; 公式\n\n{nasty}\n\n第二段写着 </b>。\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def stub(corpus, tmp_path_factory) -> Iterator[Room]:
    """A bot with the stub encoder that answers everybody as often as they like."""
    with room(
        tmp_path_factory.mktemp("stub"), StubEncoder(), corpus, telegram={"questions_per_minute": 1000}
    ) as running:
        yield running


# --- Asking, with the real encoder


def test_any_text_in_a_private_chat_is_a_question(real):
    answer = real.answer(HOURS)
    message = real.ask(real.person(), HOURS)
    assert message.text == f"{answer.answer.text}\n\n{reference(answer.citations[0])}"
    assert "一站就是18个小时" in message.text
    assert message.marked("text_link") == (f"《{answer.citations[0].title}》",)
    [link] = [entity for entity in message.entities if entity["type"] == "text_link"]
    assert link["url"] == PUBLIC_URL + paragraph_url(answer.citations[0].document_id, answer.citations[0].paragraph)
    assert message.marked("bold") == (answer.answer.span,)
    assert message.buttons == ("◀", "1/5", "▶", "整段", "👍", "👎")
    assert message.reply_to is None


def test_typing_is_shown_before_the_answer(real):
    person = real.person()
    real.ask(person, "温海波那天站了几个小时？")  # an answer that is remembered comes at once
    calls = [(call.method, call.error) for call in real.server.sent if call.parameters.get("chat_id") == person.id]
    assert calls == [("sendChatAction", None), ("sendMessage", None)]


def test_the_pager_leafs_through_the_citations_in_a_circle(real):
    person, answer = real.person(), real.answer(HOURS)
    message = real.ask(person, HOURS)
    shown = []
    for _ in range(5):
        assert real.press(person, message, "▶") == ""
        current = real.now(message)
        shown.append((current.text, current.buttons[1]))
    pages = [(f"“{c.quote}”\n\n{reference(c)}", f"{c.number}/5") for c in answer.citations[1:]]
    assert shown == [*pages, (f"{answer.answer.text}\n\n{reference(answer.citations[0])}", "1/5")]
    real.press(person, message, "◀")
    assert real.now(message).buttons[1] == "5/5"
    assert real.press(person, message, "5/5") == ""


def test_the_whole_paragraph_comes_with_its_neighbours_and_can_be_leafed_through(real):
    person, citation = real.person(), real.answer(HOURS).citations[0]
    document, number = real.document(citation), citation.paragraph
    message = real.ask(person, HOURS)
    assert real.press(person, message, "整段") == ""
    paragraphs = real.next_message(person, message)
    texts = {p.number: document.text[p.start : p.end] for p in document.paragraphs}
    around = "\n\n".join(f"¶{n} {texts[n]}" for n in (number - 1, number, number + 1))
    assert paragraphs.text == f"《{document.title}》\n\n{around}"
    assert paragraphs.marked("bold") == (f"《{document.title}》\n", citation.quote)
    assert paragraphs.buttons == ("◀", f"{number}/{len(texts)}", "▶")
    real.press(person, paragraphs, "▶")
    assert real.now(paragraphs).text == plain(paragraph_view(document, number + 1)).strip()
    assert real.now(paragraphs).buttons[1] == f"{number + 1}/{len(texts)}"


def test_a_short_question_follows_up_on_the_last_answer(real):
    person = real.person()
    real.ask(person, CALLS)
    shown = real.ask(person, "那她是哪个部门的?").text
    assert shown == words_of("那她是哪个部门的?", real.follow_up("那她是哪个部门的?", CALLS))
    assert shown.startswith("理解为：孙蕴华是哪个部门的?\n\n")
    assert real.ask(person, "/why").text.startswith("问题理解为：孙蕴华是哪个部门的?\n词：")


def test_an_english_follow_up_names_whom_the_answer_named(real):
    person = real.person("en")
    first = real.ask(person, CALLS)
    assert first.buttons[-3:] == ("Whole paragraph", "👍", "👎")
    real.ask(person, "and in which hospital?")
    assert real.ask(person, "/why").text.startswith("Understood as: 孙蕴华 in which hospital?\n")


def test_a_reply_to_an_older_answer_follows_up_on_that_one(real):
    person = real.person()
    calls = real.ask(person, CALLS)
    real.ask(person, HOURS)
    shown = real.ask(person, "在哪家医院?", reply_to=calls).text
    assert shown == words_of("在哪家医院?", real.follow_up("在哪家医院?", CALLS, is_reply=True))
    assert shown.startswith("理解为：孙蕴华 在哪家医院?\n\n")


def test_a_reply_that_stands_alone_is_asked_as_it_is(real):
    person = real.person()
    calls = real.ask(person, CALLS)
    assert real.ask(person, HOURS, reply_to=calls).text == real.expected(HOURS)


def test_questions_in_english_find_the_chinese_passage(real):
    question = EXAMPLES["en"][0]
    message = real.ask(real.person("en"), question)
    assert message.text == real.expected(question, "en")
    assert "口罩" in message.text


def test_a_question_the_reports_do_not_answer_is_said_and_recorded_without_the_user(real):
    person = real.person()
    message = real.ask(person, STEW)
    assert (message.text, message.keyboard) == (text("zh", "tg_not_found"), ())
    store = FeedbackStore(real.bot.folder / "index", True)
    [entry] = real.server.wait_for(lambda: [e for e in store.entries(["unanswered"]) if e.question == STEW])
    assert (entry.face, entry.status, entry.citations) == ("telegram", "not_found", ())
    assert entry.user is not None
    assert (len(entry.user), str(person.id) in entry.user) == (64, False)


def test_votes_are_kept_once_per_person_with_question_generation_and_citations(real):
    ann, ben, question = real.person(), real.person(), "谁带队把生活用品送到留观点？"
    message = real.ask(ann, question)
    assert real.press(ann, message, "👍") == text("zh", "tg_thanks")
    assert real.now(message).buttons[-2:] == ("👍 ✓", "👎")
    assert real.press(ann, message, "👎") == text("zh", "tg_thanks")
    assert real.now(message).buttons[-2:] == ("👍", "👎 ✓")
    assert real.press(ben, message, "👍") == text("zh", "tg_thanks")
    store = FeedbackStore(real.bot.folder / "index", True)
    kept = [entry for entry in store.entries(["up", "down"]) if entry.question == question]
    answer = real.answer(question)
    assert [entry.kind for entry in kept] == ["down", "up"]
    assert len({entry.user for entry in kept}) == 2
    assert {entry.generation for entry in kept} == {answer.generation}
    assert [cited.quote for cited in kept[0].citations] == [citation.quote for citation in answer.citations]
    assert str(ann.id) not in (real.bot.folder / "index" / "feedback.sqlite").read_bytes().decode("latin-1")


def test_inline_mode_offers_up_to_five_passages_with_their_citation(real):
    query = real.server.inline(real.person(), "李阿婆")
    offered = real.server.wait_for_answer(query, PATIENCE)
    citations = real.answer("李阿婆").citations
    assert offered["results"] == [inline_article(c, c.number, PLACES).to_dict() for c in citations]
    assert (1 <= len(citations) <= 5, offered["is_personal"]) == (True, True)
    assert f"¶{citations[0].paragraph}" in offered["results"][0]["input_message_content"]["message_text"]
    empty = real.server.inline(real.person(), "  ")
    assert real.server.wait_for_answer(empty, PATIENCE)["results"] == []


def test_start_greets_says_how_many_reports_there_are_and_offers_examples(real):
    person = real.person()
    greeting = real.ask(person, "/start")
    assert greeting.text == text("zh", "tg_start", count=5)
    assert greeting.buttons == tuple(EXAMPLES["zh"])
    assert real.press(person, greeting, EXAMPLES["zh"][0]) == ""
    answer = real.next_message(person, greeting)
    assert answer.text == f"{HOURS}\n\n{real.expected(HOURS)}"
    assert answer.marked("italic")[0].strip() == HOURS
    real.press(person, answer, "▶")
    assert real.now(answer).text == f"{HOURS}\n\n{real.expected(HOURS, index=1)}"


# --- Groups


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
    assert (answer.text, answer.reply_to) == (stub.expected(HOURS), asked.id)


def test_every_word_of_a_question_after_a_line_break_counts(stub):
    person, group = stub.person("en"), stub.group()
    stub.ask(person, "/ask\nhow many masks came", group)
    assert stub.ask(person, "/why", group).text.startswith("Understood as: how many masks came\n")


def test_a_reply_to_the_bot_in_a_group_is_a_question(stub):
    ann, ben, group = stub.person(), stub.person(), stub.group()
    first = stub.ask(ann, f"/ask {HOURS}", group)
    assert stub.ask(
        ben, "孙蕴华一共接听了多少个求助电话呢，有没有人统计？", group, reply_to=first
    ).text == stub.expected("孙蕴华一共接听了多少个求助电话呢，有没有人统计？")


def test_a_bare_ask_in_reply_to_somebody_asks_what_they_wrote(stub):
    ann, ben, group = stub.person(), stub.person(), stub.group()
    wondering = stub.server.say(ann, HOURS, group)
    assert stub.ask(ben, "/ask", group, reply_to=wondering).text == stub.expected(HOURS)
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
    assert answer.text == stub.expected(HOURS)


def test_answers_and_typing_stay_in_their_forum_topic(stub):
    person, forum, question = stub.person(), stub.group(forum=True), "温海波在论坛里站了几个小时？"  # not remembered
    answer = stub.ask(person, f"/ask {question}", forum, thread=42)
    assert (answer.text, answer.thread) == (stub.expected(question), 42)
    stub.press(person, answer, "整段")
    assert stub.next_message(forum, answer).thread == 42
    threads = {
        c.parameters.get("message_thread_id") for c in stub.server.sent if c.parameters.get("chat_id") == forum.id
    }
    assert threads - {None} == {42}
    assert [c.error for c in stub.server.calls("sendChatAction") if c.parameters["chat_id"] == forum.id] == [None]


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


# --- Commands


def test_help_unknown_commands_and_languages(stub):
    english, chinese, unknown = stub.person("en-GB"), stub.person("zh-hant"), stub.person(None)
    assert stub.ask(english, "/help").text == text("en", "tg_help", bot="wenbao_bot")
    assert stub.ask(chinese, "/help").text == text("zh", "tg_help", bot="wenbao_bot")
    assert stub.ask(unknown, "/nonsense").text == text("zh", "tg_unknown_command")


def test_the_reports_are_listed_in_pages_and_each_opens_by_its_link(stub):
    person, documents = stub.person(), stub.answerer.snapshot.documents
    listed = stub.ask(person, "/documents")
    titles: list[str] = []
    for page in range(1, 5):
        current = stub.now(listed)
        assert current.buttons == ("◀", f"{page}/4", "▶")
        titles += current.marked("text_link")
        stub.press(person, listed, "▶")
    assert titles == [f"《{document.title}》" for document in documents]
    assert stub.now(listed).text.startswith(f"收录的报道（{REPORTS} 篇）\n\n1. ")
    link = stub.now(listed).entities[-1]["url"]
    opened = stub.ask(person, f"/start {link.partition('?start=')[2]}")
    assert opened.text == plain(paragraph_view(documents[7], 1)).strip()


def test_a_deep_link_opens_its_paragraph_and_a_dead_one_is_said(stub):
    person, document = stub.person(), stub.answerer.snapshot.documents[0]
    opened = stub.ask(person, f"/start {start_payload(document.document_id, 3)}")
    assert opened.text == plain(paragraph_view(document, 3)).strip()
    assert opened.buttons == ("◀", f"3/{len(document.paragraphs)}", "▶")
    for payload in (start_payload("no such report", 1), start_payload(document.document_id, 999), "nonsense"):
        said = stub.server.say(person, f"/start {payload}")
        gone, greeting = stub.server.wait_for_messages(person, 2, after=said)
        assert (gone.text, greeting.text) == (text("zh", "tg_gone"), text("zh", "tg_start", count=REPORTS))


def test_status_says_what_is_indexed(stub):
    manifest = stub.answerer.snapshot.manifest
    values = {"passages": manifest.passages, "generation": manifest.generation, "encoder": "stub"}
    assert stub.ask(stub.person("en"), "/status").text == text("en", "tg_status", documents=REPORTS, **values)


def test_why_tells_how_the_last_answer_or_the_one_replied_to_was_found(stub):
    person = stub.person()
    assert stub.ask(person, "/why").text == text("zh", "tg_why_nothing")
    hours = stub.ask(person, HOURS)
    stub.ask(person, CALLS)
    explained = [plain(why_view(Shown(q, stub.answer(q), "zh", ""))) for q in (CALLS, HOURS)]
    assert [stub.ask(person, "/why").text, stub.ask(person, "/why", reply_to=hours).text] == explained
    assert all(word in explained[0] for word in ("整段语义", "词语", "把握"))


def test_the_language_of_the_bots_own_words_can_be_chosen(stub):
    person = stub.person("en")
    offer = stub.ask(person, "/lang")
    assert (offer.text, offer.buttons) == (text("en", "tg_language"), ("中文", "English"))
    assert stub.press(person, offer, "中文") == text("zh", "tg_language_chosen")
    assert stub.ask(person, "/help").text == text("zh", "tg_help", bot="wenbao_bot")


def test_commands_are_registered_by_scope_and_language(stub):
    in_private = ["ask", "documents", "status", "why", "lang", "help", "start"]
    in_groups = ["ask", "documents", "status", "why", "help"]

    def listed(names: list[str], language: Language) -> list[dict[str, str]]:
        return [{"command": name, "description": text(language, f"tg_command_{name}")} for name in names]

    assert stub.server.commands == {
        (scope, code): listed(names, language)
        for scope, names in (("all_private_chats", in_private), ("all_group_chats", in_groups))
        for code, language in (("", "en"), ("en", "en"), ("zh", "zh"))
    }


@pytest.mark.parametrize("kind", MEDIA)
def test_what_is_no_text_gets_a_friendly_line_in_private(stub, kind):
    person = stub.person()
    stub.server.send(person, MEDIA[kind])
    assert stub.next_message(person).text == text("zh", "tg_not_text")


# --- Buttons


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


# --- Long and nasty texts


def test_a_long_paragraph_comes_in_several_messages_and_the_keyboard_under_the_last(stub):
    person = stub.person()
    document = stub.answerer.snapshot.by_id[LONG_REPORT]
    said = stub.server.say(person, f"/start {start_payload(LONG_REPORT, 1)}")
    parts = stub.server.wait_for_messages(person, 3, after=said)
    assert [bool(part.keyboard) for part in parts] == [False, False, True]
    assert max(utf16_length(part.text) for part in parts) <= MAX_TEXT
    assert all(part.text.endswith("。") for part in parts)
    assert "".join(part.text for part in parts).replace("\n", "") == plain(paragraph_view(document, 1)).replace(
        "\n", ""
    )
    stub.press(person, parts[-1], data=str(paragraph_keyboard(document, 2).inline_keyboard[0][0].callback_data))
    turned = stub.now(parts[-1])
    assert turned.text.startswith("《大坝日志》\n\n¶1 大坝的水位")
    assert (turned.text.endswith("…"), utf16_length(turned.text) <= MAX_TEXT) == (True, True)


def test_markup_in_a_report_is_shown_as_it_stands(stub):
    person = stub.person()
    opened = stub.ask(person, f"/start {start_payload(NASTY_REPORT, 1)}")
    document = stub.answerer.snapshot.by_id[NASTY_REPORT]
    assert "a<b && c>d，标签写作 <b>粗体</a> 与 &lt;i&gt;" in opened.text
    assert opened.text == plain(paragraph_view(document, 1)).strip()


def test_a_question_that_is_too_long_is_refused_in_the_persons_language(stub):
    chinese = text("zh", "question_too_long", count=1200, limit=1000, excess=200)
    assert stub.ask(stub.person(), "长" * 1200).text == chinese
    english = text("en", "question_too_long", count=1200, limit=1000, excess=200)
    assert stub.ask(stub.person("en"), "w" * 1200).text == english
    assert stub.ask(stub.person(), "？！").text == text("zh", "tg_not_found")


def test_nasty_questions_are_all_answered_without_a_refusal_or_a_traceback(stub):
    dice, before = random.Random(5), len(stub.bot.complaints)
    questions = [nasty_text(dice)[:MAX_TEXT] for _ in range(40)]
    people = [stub.person(dice.choice(["zh", "en"])) for _ in questions]
    for person, question in zip(people, questions, strict=True):
        stub.server.say(person, question if question.strip() else "？")
    answers = [stub.next_message(person) for person in people]
    assert all(0 < utf16_length(answer.text) <= MAX_TEXT for answer in answers)
    assert stub.complaints_since(before) == []


REFUSED = {
    "status": 400,
    "description": 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0',
}


def test_refused_markup_is_sent_once_more_as_plain_text(stub):
    person, before = stub.person(), len(stub.bot.complaints)
    stub.server.fail("sendMessage", **REFUSED)
    message = stub.ask(person, HOURS)
    assert (message.text, message.entities, len(message.buttons)) == (stub.expected(HOURS), (), 6)
    stub.server.fail("editMessageText", **REFUSED)
    stub.press(person, message, "▶")
    assert (stub.now(message).text, stub.now(message).entities) == (stub.expected(HOURS, index=1), ())
    stub.server.fail("answerInlineQuery", **REFUSED)
    offered = stub.server.wait_for_answer(stub.server.inline(person, HOURS), PATIENCE)["results"]
    citation = stub.answer(HOURS).citations[0]
    content = {"message_text": f"“{citation.quote}”\n\n{reference(citation)}"}
    assert offered[0]["input_message_content"] == content
    assert len(stub.complaints_since(before)) == 3


# --- Trouble


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
    assert [m.text[:3] for m in stub.server.messages(person)] == [stub.expected(HOURS)[:3], "报道："]
    lines = retried(stub.complaints_since(before))
    assert [line.startswith(f"sendMessage to chat {person.id} failed ({reason}") for line in lines] == [True] * 2


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


# --- Many people at once


def questions_for(room_: Room, number: int, count: int) -> list[str]:
    """Long sentences of the reports, so that no question leans on another."""
    sentences = [
        document.text[start:end].strip()[:60]
        for document in room_.answerer.snapshot.documents
        for start, end in sentences_of(document.text)
        if end - start > 30 and document.document_id != LONG_REPORT
    ]
    return [sentences[(number * 7 + step * 3) % len(sentences)] for step in range(count)]


def ask_all_at_once(room_: Room, people: int, count: int) -> dict[User, list[str]]:
    """Let 20 people ask 10 questions each, all mixed; return the answers that they should get, in order."""
    asked = {room_.person(): questions_for(room_, number, count) for number in range(people)}
    for step in range(count):
        for person, questions in asked.items():
            room_.server.say(person, questions[step])
    return {person: [room_.expected(question) for question in questions] for person, questions in asked.items()}


STATUS_LINE = "报道："


def answered(room_: Room, expected: dict[User, list[str]]) -> dict[User, list[str]]:
    """Let everybody ask for the status too, wait until they have it, for nothing follows it, and return the rest."""
    for person in expected:
        room_.server.say(person, "/status")

    def texts_of(person: User) -> list[str]:
        return [message.text for message in room_.server.messages(person)]

    def all_there() -> bool:
        return all(any(t.startswith(STATUS_LINE) for t in texts_of(person)) for person in expected)

    room_.server.wait_for(all_there, 120, "all answers")
    return {person: [t for t in texts_of(person) if not t.startswith(STATUS_LINE)] for person in expected}


def test_200_questions_of_20_people_at_once_are_all_answered_once_and_in_order(stub):
    before = len(stub.bot.complaints)
    expected = ask_all_at_once(stub, people=20, count=10)
    assert answered(stub, expected) == expected
    sent = [call for call in stub.server.calls("sendMessage") if call.result]
    assert max(utf16_length(call.result["text"]) for call in sent) <= MAX_TEXT
    assert stub.complaints_since(before) == []


def test_with_429s_and_dropped_connections_for_a_tenth_of_the_calls_all_are_answered_once_and_in_order(stub):
    before, faults = len(stub.bot.complaints), len(stub.server.faults)
    stub.server.chaos(0.1, seed=11)
    try:
        expected = ask_all_at_once(stub, people=20, count=10)
        assert answered(stub, expected) == expected
    finally:
        stub.server.chaos(0, seed=0)
    played = [call for call in stub.server.faults[faults:] if call.method == "sendMessage"]
    assert len(played) > 10
    stub.server.wait_for(lambda: len(stub.complaints_since(before)) == len(played), what="a line for each fault")


def once_each(texts: dict[User, list[str]]) -> dict[User, list[str]]:
    return {person: [each for each, _ in itertools.groupby(found)] for person, found in texts.items()}


def test_an_answer_is_posted_twice_only_where_telegrams_reply_was_lost_and_the_log_says_so(stub):
    before, faults = len(stub.bot.complaints), len(stub.server.faults)
    stub.server.chaos(0.1, seed=13, methods=["sendMessage"], kinds=["502", "drop after"])
    try:
        expected = ask_all_at_once(stub, people=10, count=10)
        found = answered(stub, expected)
    finally:
        stub.server.chaos(0, seed=0)
    assert once_each(found) == once_each(expected)
    played = stub.server.faults[faults:]
    lost = [
        call for call in played if call.fault == "drop after" and not call.parameters["text"].startswith(STATUS_LINE)
    ]
    assert sum(map(len, found.values())) == 100 + len(lost)
    assert lost
    stub.server.wait_for(lambda: len(stub.complaints_since(before)) == len(played), what="a line for each fault")


def test_a_flood_of_one_person_does_not_starve_another(stub):
    flooder, other = stub.person(), stub.person()
    for question in questions_for(stub, 1, 45):
        stub.server.say(flooder, question)
    stub.ask(other, HOURS)
    stub.server.wait_for_messages(flooder, 45, timeout=PATIENCE)
    order = [call.parameters["chat_id"] for call in stub.server.calls("sendMessage")]
    after = order[order.index(other.id) :].count(flooder.id)
    assert after > 20


def test_a_429_in_one_chat_does_not_hold_up_another(stub):
    slow, other = stub.person(), stub.person()
    stub.server.fail("sendMessage", status=429, retry_after=3)
    stub.server.say(slow, HOURS)
    stub.server.wait_for(lambda: [c for c in stub.server.faults if c.parameters.get("chat_id") == slow.id])
    stub.ask(other, HOURS)
    assert stub.server.messages(slow) == []
    stub.next_message(slow)


# --- Who may use it: serve, with an allowlist, a rate limit, short conversations, and nothing kept

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
    assert not (office.bot.folder / "index" / "feedback.sqlite").exists()


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


# --- Webhook


def test_a_webhook_is_called_with_its_secret_answered_and_repeats_are_dropped(tmp_path):
    port = free_port()
    own = {"port": port, "public_url": f"http://127.0.0.1:{port}"}
    sections = {"server": own, "telegram": {"mode": "webhook"}}
    with room(tmp_path, StubEncoder(), **sections) as here:
        person = here.person()
        here.ask(person, "/help")
        here.server.repeat()
        here.ask(person, "/status")
        assert len(here.server.messages(person)) == 2
        here.server.wait_for(lambda: len(here.server.deliveries) >= 3)  # replies may come after messages
        assert [status for _, status in here.server.deliveries] == [200] * 3
        address = f"http://127.0.0.1:{port}/telegram/webhook"
        update = {**here.server.updates[0], "update_id": 1}
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
            refused = httpx.post(address, json=update, headers=headers, trust_env=False)
            assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")
        assert httpx.post(address, content=b"[", trust_env=False).status_code == 403
        here.ask(person, "/lang")
        assert len(here.server.messages(person)) == 3
        here.server.fail("sendMessage", delay=0.5)
        here.server.say(person, HOURS)
        here.server.wait_for(lambda: here.server.calls("sendChatAction"))
        assert here.bot.end() == 0
        assert here.server.messages(person)[-1].text.startswith("温海波在接到任务后")
        assert here.bot.complaints == [f"Wenbao 问报: http://127.0.0.1:{port}/"]


def test_a_webhook_without_a_public_address_is_a_mistake_in_the_configuration(tmp_path):
    with BotApiServer() as server:
        sections = {"server": {"public_url": None}, "telegram": {"mode": "webhook"}}
        ended = run_to_the_end(write_telegram_config(tmp_path, server, **sections), server.token)
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (
        1,
        "wenbao: telegram.mode webhook needs server.public_url, the https address of this server",
    )


# --- Starting and stopping


def run_to_the_end(config: Path, token: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*STUB, "telegram", "--config", config],
        env=bot_environment(token),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("token", "line"),
    [
        ("", "no bot token: get one from @BotFather in Telegram (/newbot) and set TELEGRAM_BOT_TOKEN to it"),
        (
            "123456:wrong",
            "Telegram refuses the token in TELEGRAM_BOT_TOKEN: copy it again from @BotFather (/mybots)",
        ),
        ("nonsense", "Telegram refuses the token in TELEGRAM_BOT_TOKEN: copy it again from @BotFather (/mybots)"),
    ],
    ids=["none", "wrong", "malformed"],
)
def test_a_missing_or_wrong_token_is_one_line_with_the_remedy(tmp_path, token, line):
    with BotApiServer() as server:
        ended = run_to_the_end(write_telegram_config(tmp_path, server), token)
    lines = [each for each in ended.stderr.splitlines() if not each.endswith(" …")]
    assert (ended.returncode, lines) == (1, [f"wenbao: {line}"])


def test_serve_with_a_wrong_token_says_so_and_serves_http(tmp_path):
    with BotApiServer() as known, BotApiServer("654321:other") as server:
        config = write_telegram_config(tmp_path, server)
        with running_bot(known, tmp_path, config, command="serve", is_up=False) as bot:
            known.wait_for(lambda: " ERROR wenbao: Telegram refuses the token" in bot.log, PATIENCE)
            address = bot.log.partition("http://")[2].partition("/")[0]
            assert httpx.get(f"http://{address}/readyz", trust_env=False).status_code == 200


def test_a_token_that_is_revoked_while_polling_ends_the_bot_with_the_reason(tmp_path):
    with room(tmp_path, StubEncoder()) as here:
        here.server.fail("getUpdates", status=401, times=3)
        here.server.say(here.person(), "/help")  # ends the poll that is under way
        assert here.bot.process.wait(60) == 1
        assert "wenbao: Telegram refuses the token" in here.bot.complaints[-1]
        assert here.server.token not in here.bot.log


def test_an_answer_in_hand_is_finished_after_sigterm_and_what_came_before_a_restart_is_seen_to(tmp_path):
    with BotApiServer() as server:
        config = write_telegram_config(tmp_path, server)
        person, stranger = server.user(1, "A"), server.user(2, "B")
        with running_bot(server, tmp_path, config) as bot:
            server.fail("sendMessage", delay=1.0)
            server.say(person, HOURS)
            server.wait_for(lambda: server.calls("sendChatAction"))
            assert bot.end() == 0
            [old] = server.messages(person)
            assert old.text.startswith("温海波在接到任务后")
            assert server.pending == 0
        server.say(stranger, HOURS, date=int(time.time()) - 3600)
        server.say(stranger, "/help", date=int(time.time()) - 60)
        server.fail("getMe", drop=True)
        server.fail("getMe", status=429, retry_after=1)
        server.fail("deleteWebhook", drop=True)
        with running_bot(server, tmp_path, config) as bot:
            assert server.wait_for_messages(stranger)[0].text == text("zh", "tg_help", bot="wenbao_bot")
            for button in ("▶", "整段", "👍"):
                query = server.press(person, old, button)
                assert server.wait_for_answer(query)["text"] == text("zh", "tg_gone")
            assert len(server.messages(stranger)) == 1
            assert bot.log.count("Telegram cannot be reached to start") == 2
            assert "Traceback" not in bot.log
            assert bot.end() == 0


def test_sigterm_ends_a_bot_that_never_reached_telegram(tmp_path):
    with BotApiServer() as server:
        server.fail("getMe", drop=True, times=1000)
        config = write_telegram_config(tmp_path, server)
        with running_bot(server, tmp_path, config, is_up=False) as bot:
            server.wait_for(lambda: server.calls("getMe"), PATIENCE)
            assert bot.end() == 0
            assert "Traceback" not in bot.log


# --- A living index


def test_a_paragraph_that_has_changed_since_the_answer_is_no_longer_known(tmp_path):
    folder = Path(shutil.copytree(SEEDS, tmp_path / "reports"))
    (folder / "003_45bc61790dac3a67.txt").unlink()  # the seed that answers
    report = folder / "000.txt"
    report.write_text("通告\n\n温海波站了十八个小时。\n", "utf-8")
    with room(tmp_path, StubEncoder(), folder, corpus={"watch": True}) as here:
        person = here.person()
        message = here.ask(person, "温海波站了十八个小时？")
        assert "温海波站了十八个小时。" in message.text
        assert here.press(person, message, "整段") == ""
        report.write_text("通告\n\n这一段完全换了内容。\n", "utf-8")
        here.server.wait_for(lambda: "the corpus changed" in here.bot.log, PATIENCE)
        assert here.press(person, message, "整段") == text("zh", "tg_gone")
        assert "1. 《通告》 · 1 ¶" in here.ask(person, "/documents").text


# --- Proxy


class _Forwarder(BaseHTTPRequestHandler):
    """A plain HTTP proxy that notes what goes through it."""

    protocol_version = "HTTP/1.1"
    seen: set[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        self.seen.add(address.path.rpartition("/")[2])
        connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=60)
        try:
            connection.request("POST", address.path, body, {"Content-Type": self.headers["Content-Type"] or ""})
            reply = connection.getresponse()
            content = reply.read()
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (OSError, http.client.HTTPException):  # one side went away
            self.close_connection = True
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@contextmanager
def proxy() -> Iterator[tuple[str, set[str]]]:
    seen: set[str] = set()
    handler: Callable[..., Any] = type("Forwarder", (_Forwarder,), {"seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_with_a_proxy_messages_and_polling_go_through_it(tmp_path):
    with proxy() as (address, seen), room(tmp_path, StubEncoder(), telegram={"proxy": address}) as here:
        here.ask(here.person(), HOURS)
        assert here.bot.end() == 0
        assert {"getMe", "getUpdates", "sendChatAction", "sendMessage", "setMyCommands"} <= seen
