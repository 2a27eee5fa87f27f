"""Asking the bot with the real encoder: answers, their buttons, follow-ups, votes, inline mode."""

from __future__ import annotations

from bot_api import inline_message
from telegram_process import EXAMPLES, PUBLIC_URL
from telegram_room import CALLS, HOURS, LINKS, PATIENCE, STEW, reference
from telegram_samples import shown

from bot.links import citation_url
from bot.state import SqliteState
from bot.telegram.richtext import rich
from bot.telegram.views import inline_article, paragraph_view, source
from bot.texts import text


def test_any_text_in_a_private_chat_is_a_question(real):
    answer = real.answer(HOURS)
    message = real.ask(real.person(), HOURS)
    assert message.shown == real.expected(HOURS)
    assert message.text == f"{answer.answer.text}\n\n{reference(answer.citations[0])}"
    assert "一站就是18个小时" in message.text
    assert message.marked("text_link") == (f"《{answer.citations[0].title}》",)
    [link] = [entity for entity in message.entities if entity["type"] == "text_link"]
    assert link["url"] == PUBLIC_URL + citation_url(answer.citations[0], answer.answer)
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
    pages = []
    for _ in range(5):
        assert real.press(person, message, "▶") == ""
        current = real.now(message)
        pages.append((current.shown, current.buttons[1]))
    assert pages == [(real.expected(HOURS, index=index), f"{index + 1}/5") for index in (1, 2, 3, 4, 0)]
    words = [f"“{c.quote}”\n\n{reference(c)}" for c in answer.citations[1:]]
    assert [page.text for page, _ in pages[:4]] == words
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
    assert real.now(paragraphs).shown == shown(paragraph_view(document, number + 1))
    assert real.now(paragraphs).buttons[1] == f"{number + 1}/{len(texts)}"


def test_a_short_question_follows_up_on_the_last_answer(real):
    person = real.person()
    real.ask(person, CALLS)
    answer = real.ask(person, "那她是哪个部门的?")
    assert answer.shown == real.expected_after("那她是哪个部门的?", CALLS)
    assert answer.text.startswith("理解为：孙蕴华是哪个部门的?\n\n")
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
    answer = real.ask(person, "在哪家医院?", reply_to=calls)
    assert answer.shown == real.expected_after("在哪家医院?", CALLS, is_reply=True)
    assert answer.text.startswith("理解为：孙蕴华 在哪家医院?\n\n")


def test_a_reply_that_stands_alone_is_asked_as_it_is(real):
    person = real.person()
    calls = real.ask(person, CALLS)
    assert real.ask(person, HOURS, reply_to=calls).shown == real.expected(HOURS)


def test_questions_in_english_find_the_chinese_passage(real):
    question = EXAMPLES["en"][0]
    message = real.ask(real.person("en"), question)
    assert message.shown == real.expected(question, "en")
    assert "口罩" in message.text


def test_a_question_the_reports_do_not_answer_is_said_and_recorded_without_the_user(real):
    person = real.person()
    message = real.ask(person, STEW)
    assert (message.text, message.keyboard) == (text("zh", "tg_not_found"), ())
    store = SqliteState(real.bot.folder / "index")
    [entry] = real.server.wait_for(lambda: [e for e in store.feedback(["unanswered"]) if e.question == STEW])
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
    store = SqliteState(real.bot.folder / "index")
    kept = [entry for entry in store.feedback(["up", "down"]) if entry.question == question]
    answer = real.answer(question)
    assert [entry.kind for entry in kept] == ["down", "up"]
    assert len({entry.user for entry in kept}) == 2
    assert {entry.generation for entry in kept} == {answer.generation}
    assert [cited.quote for cited in kept[0].citations] == [citation.quote for citation in answer.citations]
    assert str(ann.id) not in (real.bot.folder / "index" / "state.sqlite").read_bytes().decode("latin-1")


def test_inline_mode_offers_up_to_five_passages_with_their_citation(real):
    query = real.server.inline(real.person(), "李阿婆")
    offered = real.server.wait_for_answer(query, PATIENCE)
    citations = real.answer("李阿婆").citations
    assert offered["results"] == [inline_article(c, LINKS, "zh").to_dict() for c in citations]
    assert (1 <= len(citations) <= 5, offered["is_personal"]) == (True, True)
    for citation, result in zip(citations, offered["results"], strict=True):
        quoted = rich(f"“{citation.quote}”\n\n", *source(citation, LINKS, "zh"))
        assert inline_message(result).shown == shown(quoted)
    empty = real.server.inline(real.person(), "  ")
    assert real.server.wait_for_answer(empty, PATIENCE)["results"] == []


def test_start_greets_says_how_many_reports_there_are_and_offers_examples(real):
    person = real.person()
    greeting = real.ask(person, "/start")
    assert greeting.text == text("zh", "tg_start", count=5)
    assert greeting.buttons == tuple(EXAMPLES["zh"])
    assert real.press(person, greeting, EXAMPLES["zh"][0]) == ""
    answer = real.next_message(person, greeting)
    assert answer.shown == real.expected(HOURS, echo=True)
    assert answer.text == f"{HOURS}\n\n{real.expected(HOURS).text}"
    assert answer.marked("italic")[0].strip() == HOURS
    real.press(person, answer, "▶")
    assert real.now(answer).shown == real.expected(HOURS, index=1, echo=True)
