"""Commands, and what is no text."""

from __future__ import annotations

import pytest
from bot_api import MEDIA
from telegram_room import CALLS, HOURS, REPORTS
from telegram_samples import shown

from bot.telegram.links import start_payload
from bot.telegram.sent_answers import SentAnswer
from bot.telegram.views import paragraph_view, why_view
from bot.texts import Language, text


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
    assert opened.shown == shown(paragraph_view(documents[7], 1))


def test_a_deep_link_opens_its_paragraph_and_a_dead_one_is_said(stub):
    person, document = stub.person(), stub.answerer.snapshot.documents[0]
    opened = stub.ask(person, f"/start {start_payload(document.document_id, 3)}")
    assert opened.shown == shown(paragraph_view(document, 3))
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
    explained = [shown(why_view(SentAnswer(stub.reply(question), "zh"))).text for question in (CALLS, HOURS)]
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
