"""``telegram.documents``: people in Telegram see some reports, and find nothing of the others by any way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from stub_encoder import StubEncoder
from telegram_room import PATIENCE, Room, room
from two_shelves import PATTERN, PUBLIC, QUESTIONS, SECRET, TELLTALES

from bot.telegram.links import short_id, start_payload
from bot.texts import text

HIDDEN = ("secret/银杏", "secret/补贴", "secret/转载")
NEVER = "secret/never"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Iterator[Room]:
    """A bot that shows the public reports; no examples are written, so that it makes them of the reports."""
    corpus = tmp_path_factory.mktemp("corpus")
    for name, words in (PUBLIC | SECRET).items():
        (corpus / name).parent.mkdir(exist_ok=True)
        (corpus / name).write_text(words, "utf-8")
    sections = {"telegram": {"documents": PATTERN, "questions_per_minute": 1000}, "web": {"examples": None}}
    with room(tmp_path_factory.mktemp("shelf"), StubEncoder(), corpus, **sections) as running:
        yield running


def traces_in(said: object, asked: str = "") -> list[str]:
    return [word for word in TELLTALES if word in f"{said}" and word not in asked]


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_answer_button_or_explanation_tells_of_the_others(shelf, question):
    person = shelf.person()
    message = shelf.ask(person, question)
    seen = [repr(message)]
    for index in range(5):
        for kind in ("c", "p"):
            before = len(shelf.server.messages(person))
            note = shelf.press(person, message, data=f"{kind}:{index}")
            seen += [note, *map(repr, shelf.server.messages(person)[before:]), repr(shelf.now(message))]
    seen.append(repr(shelf.ask(person, "/why")))
    assert traces_in(seen, question) == []


@pytest.mark.parametrize("question", QUESTIONS[:10])
def test_inline_offers_nothing_of_the_others(shelf, question):
    query = shelf.server.inline(shelf.person(), question)
    offered = shelf.server.wait_for_answer(query, PATIENCE)["results"]
    assert traces_in(json.dumps(offered, ensure_ascii=False), question) == []


def test_lists_and_counts_are_of_what_is_seen(shelf):
    person = shelf.person()
    listed = shelf.ask(person, "/documents")
    assert "图书馆新馆开馆" in listed.text and "高龄老人补贴办法" in listed.text
    status = shelf.ask(person, "/status")
    greeting = shelf.ask(person, "/start")
    assert text("zh", "tg_start", count=2) == greeting.text
    said = [listed, status, greeting, *(shelf.press(person, listed, data=f"l:{page}") for page in (0, 1, 9))]
    assert traces_in([repr(one) for one in (*said, shelf.now(listed))]) == []
    assert status.text.startswith("报道：2 篇\n段落：13 段\n")


@pytest.mark.parametrize("identifier", [*HIDDEN, NEVER])
def test_a_deep_link_or_a_button_to_a_hidden_report_is_one_to_a_report_that_never_was(shelf, identifier):
    person = shelf.person()
    gone = shelf.ask(person, f"/start {start_payload(identifier, 1)}")
    assert gone.text == text("zh", "tg_gone")
    assert shelf.press(person, gone, data=f"o:{short_id(identifier)}:0") == text("zh", "tg_gone")
    assert traces_in([repr(one) for one in shelf.server.messages(person) if "/start" not in repr(one)]) == []


def test_what_may_be_seen_is_opened(shelf):
    person = shelf.person()
    opened = shelf.ask(person, f"/start {start_payload('public/开馆', 1)}")
    assert "三千二百人次" in opened.text
    assert shelf.press(person, opened, data=f"o:{short_id('public/开馆')}:1") == ""
    assert "滨河路" in shelf.now(opened).text


def test_a_follow_up_finds_nothing_of_the_others_either(shelf):
    person = shelf.person()
    for question in ("银杏计划由谁负责？", "那它的预算呢？", "图书馆新馆首日接待多少读者？", "那它的转载呢？"):
        assert traces_in(repr(shelf.ask(person, question)), "银杏计划由谁负责？那它的转载呢？") == []
