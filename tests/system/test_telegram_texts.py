"""Long and nasty texts, of reports and of people."""

from __future__ import annotations

import random

from bot_api import MAX_TEXT, utf16_length
from nasty import nasty_text
from telegram_room import HOURS, LONG_REPORT, NASTY_REPORT, PATIENCE
from telegram_samples import shown

from bot.telegram.links import start_payload
from bot.telegram.richtext import plain
from bot.telegram.views import paragraph_keyboard, paragraph_view
from bot.texts import text


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
    assert opened.shown == shown(paragraph_view(document, 1))


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


def test_nothing_is_sent_as_markup_that_telegram_would_have_to_parse(stub):
    person = stub.person()
    message = stub.ask(person, HOURS)
    stub.press(person, message, "▶")
    stub.server.wait_for_answer(stub.server.inline(person, HOURS), PATIENCE)
    results = [result for call in stub.server.calls("answerInlineQuery") for result in call.parameters["results"]]
    sent = [*stub.server.calls("sendMessage"), *stub.server.calls("editMessageText")]
    contents = [*(call.parameters for call in sent), *(result["input_message_content"] for result in results)]
    assert any(content.get("entities") for content in contents)
    assert [content for content in contents if "parse_mode" in content] == []
