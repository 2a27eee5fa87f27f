"""Entities that a bot gives instead of HTML: what people see of them, and what Telegram refuses."""

from __future__ import annotations

import pytest
from bot_api import ApiError, FormattedText, inline_message, read_text
from bot_api_client import outcome, post, refusal, with_bot
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, InlineQueryResultArticle, InputTextMessageContent, MessageEntity

URL = "https://ask.example.org/documents/%E9%99%A2/view#p3"


def mark(kind: str, offset: int, length: int, **details: object) -> dict[str, object]:
    return {"type": kind, "offset": offset, "length": length, **details}


def shown(text: str, *entities: dict[str, object]) -> list[tuple[str, int, int]]:
    return [(e["type"], e["offset"], e["length"]) for e in read_text(text, entities=list(entities)).entities]


# --- Through the server


def test_people_see_a_text_with_the_entities_that_were_given(server):
    ann = server.user(1, "Ann")
    server.private_chat(ann)
    text = "😀 张三\n《院》 · ¶3"
    entities = [
        MessageEntity("bold", 3, 2),
        MessageEntity("blockquote", 0, 5),
        MessageEntity("text_link", 6, 3, url="https://ASK.example.org"),
    ]
    returned = with_bot(server, lambda bot: bot.send_message(1, text, entities=entities))
    [message] = server.messages(ann)
    assert (message.text, message.entities) == (
        text,
        (
            mark("blockquote", 0, 5),
            mark("bold", 3, 2),
            mark("text_link", 6, 3, url="https://ask.example.org/"),
        ),
    )
    assert [message.marked(kind) for kind in ("bold", "blockquote", "text_link")] == [
        ("张三",),
        ("😀 张三",),
        ("《院》",),
    ]
    assert returned.parse_entities(["bold"]) == {returned.entities[1]: "张三"}


def test_an_edit_with_other_entities_changes_a_message_and_with_the_same_does_not(server):
    server.private_chat(server.user(1, "Ann"))

    async def edit(bot: Bot) -> list[str]:
        sent = await bot.send_message(1, "one", entities=[MessageEntity("bold", 0, 3)])
        attempts = (
            bot.edit_message_text("one", 1, sent.message_id, entities=[MessageEntity("bold", 0, 3)]),
            bot.edit_message_text("<b>one</b>", 1, sent.message_id, parse_mode="HTML"),
            bot.edit_message_text("one", 1, sent.message_id, entities=[MessageEntity("italic", 0, 3)]),
            bot.edit_message_text("one", 1, sent.message_id, entities=[MessageEntity("italic", 0, 4)]),
        )
        return [(await outcome(attempt)).lower()[:40] for attempt in attempts]

    unchanged = "message is not modified: specified new m"
    assert with_bot(server, edit) == [unchanged, unchanged, "", "entity beginning at utf-16 offset 0 ends"]
    [message] = server.messages(1)
    assert (message.text, message.entities, message.edited) == ("one", (mark("italic", 0, 3),), True)


def test_an_inline_result_posts_its_text_with_the_entities_that_were_given(server):
    query = server.inline(server.user(1, "Ann"), "院长")
    content = InputTextMessageContent("“张三”\n\n《院》 ", entities=[MessageEntity("text_link", 6, 3, url=URL)])
    results = [InlineQueryResultArticle("1", "张三", content)]
    with_bot(server, lambda bot: bot.answer_inline_query(query, results))
    [offered] = server.wait_for_answer(query, timeout=1)["results"]
    posted = inline_message(offered)
    assert (posted.text, posted.entities) == ("“张三”\n\n《院》", (mark("text_link", 6, 3, url=URL),))


def test_an_inline_result_is_refused_for_what_either_server_finds_wrong_with_its_entities(server):
    query = server.inline(server.user(1, "Ann"), "x")

    def said(*entities: dict[str, object]) -> str:
        content = {"message_text": "x", "entities": entities}
        result = {"type": "article", "id": "1", "title": "t", "input_message_content": content}
        return refusal(server, "answerInlineQuery", inline_query_id=query, results=[result])

    assert [said(mark("glow", 0, 1)), said(mark("bold", 0, 2))] == [
        "can't parse inline query result: Can't parse MessageEntity: Unsupported type specified",
        "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
    ]


def test_a_caption_may_have_entities_too(server):
    server.private_chat(server.user(1, "Ann"))
    entities = [MessageEntity("bold", 2, 1)]
    with_bot(server, lambda bot: bot.send_document(1, b"x", caption="😀好", filename="x", caption_entities=entities))
    [document] = server.messages(1)
    assert (document.text, document.entities) == ("😀好", (mark("bold", 2, 1),))


def test_a_parse_mode_wins_over_entities_unless_it_is_none(server):
    server.private_chat(server.user(1, "Ann"))
    for mode in ("HTML", "None", ""):
        post(server, "sendMessage", chat_id=1, text="<i>x</i>", parse_mode=mode, entities=[mark("bold", 0, 8)])
    assert [(message.text, message.entities) for message in server.messages(1)] == [
        ("x", (mark("italic", 0, 1),)),
        ("<i>x</i>", (mark("bold", 0, 8),)),
        ("<i>x</i>", (mark("bold", 0, 8),)),
    ]


# --- Reading


@pytest.mark.parametrize(
    ("entity", "error"),
    [
        ("bold", "expected an Object"),
        ({"type": "bold", "length": 1}, 'Can\'t find field "offset"'),
        ({"type": "bold", "offset": 0, "length": None}, 'Can\'t find field "length"'),
        ({"type": "bold", "offset": [], "length": 1}, 'Field "offset" must be of type Number'),
        ({"type": "bold", "offset": 0.5, "length": 1}, 'Field "offset" must be a valid Number'),
        ({"offset": 0, "length": 1}, 'Can\'t find field "type"'),
        (mark("", 0, 1), "Type is not specified"),
        (mark("glow", 0, 1), "Unsupported type specified"),
        ({**mark("bold", 0, 1), "type": []}, 'Field "type" must be of type String'),
        (mark("text_link", 0, 1), 'Can\'t find field "url"'),
        (mark("text_mention", 0, 1, user=7), 'Field "user" must be of type Object'),
        (mark("custom_emoji", 0, 1, custom_emoji_id="x"), 'Field "custom_emoji_id" must be a valid Number'),
    ],
)
def test_an_entity_that_cannot_be_read_is_refused_in_telegrams_words(entity, error):
    with pytest.raises(ApiError) as caught:
        read_text("x", entities=[entity])
    assert caught.value.description == f"Bad Request: can't parse MessageEntity: {error}"


@pytest.mark.parametrize(
    ("entities", "error"),
    [
        ([mark("bold", -1, 1)], "receive an entity with incorrect offset -1"),
        ([mark("bold", 0, -1)], "receive an entity with incorrect length -1"),
        ([mark("bold", 0, 1_000_001)], "receive an entity with incorrect length 1000001"),
        ([mark("bold", 0, 6), mark("italic", 7, 1)], "entity begins after the end of the text at UTF-16 offset 7"),
        (
            [mark("bold", 6, 1)],
            "entity beginning at UTF-16 offset 6 ends after the end of the text at UTF-16 offset 7",
        ),
        (
            [mark("blockquote", 0, 9), mark("bold", 4, 4)],
            "entity beginning at UTF-16 offset 4 ends after the end of the text at UTF-16 offset 8",
        ),
        ([mark("bold", 3, 1)], "entity begins in a middle of a UTF-16 symbol at byte offset 6"),
        (
            [mark("bold", 0, 3)],
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 6",
        ),
        (
            [mark("code", 0, 5), mark("code", 5, 2)],
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 10",
        ),
        (
            [mark("text_link", 0, 1, url="http://localhost:8000/x")],
            "entity URL 'http://localhost:8000/x' is invalid: Wrong HTTP URL",
        ),
        ([mark("text_link", 0, 1, url="")], "entity URL '' is invalid: URL host is empty"),
        ([mark("text_link", 0, 0, url="ftp://a.b")], "entity URL 'ftp://a.b' is invalid: Unsupported URL protocol"),
        ([mark("custom_emoji", 0, 1, custom_emoji_id="0")], "invalid custom emoji identifier specified"),
    ],
)
def test_an_entity_that_does_not_fit_the_text_is_refused_in_telegrams_words(entities, error):
    with pytest.raises(ApiError) as caught:
        read_text("ab😀😀", entities=entities)
    assert caught.value.description == f"Bad Request: {error}"


def test_each_entity_keeps_the_fields_of_its_type_alone():
    given = [
        mark("bold", 0, 1, url=URL, language="c"),
        mark("pre", 1, 1, language="c"),
        mark("pre", 2, 1, language=""),
        mark("code", 3, 1, language="c"),
        mark("custom_emoji", 4, 1, custom_emoji_id=7),
        mark("text_mention", 5, 1, user={"id": "8", "first_name": "Bo"}),
    ]
    assert read_text("abcdef", entities=given).entities == (
        mark("bold", 0, 1),
        mark("pre", 1, 1, language="c"),
        mark("pre", 2, 1),
        mark("code", 3, 1),
        mark("custom_emoji", 4, 1, custom_emoji_id="7"),
        mark("text_mention", 5, 1, user={"id": 8, "first_name": "Bo"}),
    )


def test_kinds_that_telegram_finds_by_itself_and_empty_entities_are_passed_over():
    found = ("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number")
    assert shown("@ann", *(mark(kind, 0, 99) for kind in found), mark("bold", 2, 0)) == []
    assert read_text("x", entities={"type": "bold"}) == FormattedText("x")


# --- Cleaning and trimming


@pytest.mark.parametrize(
    ("text", "entity", "seen"),
    [
        (" \n 院长 \n", mark("bold", 3, 2), FormattedText("院长", (mark("bold", 0, 2),))),
        (" \n 院长 \n", mark("bold", 1, 6), FormattedText("\n 院长", (mark("bold", 0, 4),))),
        ("院长 \n ", mark("bold", 3, 2), FormattedText("院长")),
        ("a\r\n\u202eb\tc", mark("bold", 2, 3), FormattedText("a\nb c", (mark("bold", 1, 2),))),
        ("a\u2028\r😀", mark("code", 1, 2), FormattedText("a😀")),
        ("\r\r😀x", mark("code", 2, 2), FormattedText("😀x", (mark("code", 0, 2),))),
    ],
)
def test_entities_move_with_the_text_that_is_cleaned_and_trimmed(text, entity, seen):
    assert read_text(text, entities=[entity]) == seen


# --- Order


def test_a_link_and_bold_in_a_quote_come_out_nested_however_they_were_ordered():
    marks = [mark("bold", 2, 3), mark("text_link", 2, 3, url=URL), mark("blockquote", 0, 9), mark("italic", 6, 2)]
    expected = (marks[2], marks[1], marks[0], marks[3])
    assert read_text("0123456789", entities=marks).entities == expected
    assert read_text("0123456789", entities=marks[::-1]).entities == expected


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ([("bold", 0, 5), ("text_link", 2, 2)], [("bold", 0, 2), ("text_link", 2, 2), ("bold", 2, 2), ("bold", 4, 1)]),
        ([("bold", 0, 4), ("italic", 2, 4)], [("bold", 0, 2), ("italic", 2, 4), ("bold", 2, 2)]),
        ([("bold", 0, 3), ("bold", 3, 2), ("bold", 4, 4)], [("bold", 0, 8)]),
        ([("bold", 0, 5), ("code", 1, 2)], [("bold", 0, 1), ("code", 1, 2), ("bold", 3, 2)]),
        ([("italic", 0, 3), ("bold", 0, 3)], [("bold", 0, 3), ("italic", 0, 3)]),
        ([("text_link", 0, 4), ("text_link", 2, 4)], [("text_link", 0, 4)]),
        ([("text_link", 2, 2), ("code", 2, 2)], [("code", 2, 2)]),
        ([("text_link", 0, 4), ("blockquote", 2, 4)], [("blockquote", 2, 4)]),
        ([("text_link", 0, 6), ("blockquote", 2, 2)], [("blockquote", 2, 2)]),
        ([("blockquote", 0, 4), ("expandable_blockquote", 2, 4)], [("blockquote", 0, 4)]),
        (
            [("bold", 0, 6), ("blockquote", 2, 2)],
            [("bold", 0, 2), ("blockquote", 2, 2), ("bold", 2, 2), ("bold", 4, 2)],
        ),
    ],
)
def test_of_entities_that_cross_styles_are_cut_and_the_rest_gives_way(given, seen):
    entities = [mark(*place, **({"url": URL} if place[0] == "text_link" else {})) for place in given]
    assert shown("0123456789", *entities) == seen


def test_a_hundred_entities_are_kept_links_before_styles():
    styles = [mark("bold", 2 * number, 1) for number in range(80)]
    links = [mark("text_link", 2 * number, 1, url=URL) for number in range(30, 90)]
    seen = shown("x." * 100, *styles, *links)
    assert [sum(kind == wanted for kind, _, _ in seen) for wanted in ("text_link", "bold")] == [60, 40]
    assert max(offset for kind, offset, _ in seen if kind == "bold") == 2 * 39


KINDS = st.sampled_from(("bold", "italic", "code", "text_link", "blockquote"))


@given(st.lists(st.tuples(KINDS, st.integers(0, 8), st.integers(1, 6)), max_size=8))
def test_entities_never_cross_and_no_character_loses_its_style_except_in_code(places):
    links = {"text_link": {"url": URL}}
    entities = [mark(kind, 2 * at, 2 * long, **links.get(kind, {})) for kind, at, long in places]
    seen = shown("😀" * 14, *entities)
    spans = [(start, start + length) for _, start, length in seen]
    assert [(a, b) for a in spans for b in spans if a[0] < b[0] < a[1] < b[1]] == []
    for unit in range(0, 28, 2):
        before = {kind for kind, at, long in places if 2 * at <= unit < 2 * (at + long)}
        after = {kind for kind, start, length in seen if start <= unit < start + length}
        assert after & {"bold", "italic"} == (set() if "code" in after else before & {"bold", "italic"})


def test_html_and_entities_that_say_the_same_are_seen_the_same():
    source = f'<blockquote>甲<a href="{URL}"><b>乙</b>丙</a></blockquote> <b>丁<i>戊</i></b>'
    entities = [
        mark("blockquote", 0, 3),
        mark("text_link", 1, 2, url=URL),
        mark("bold", 1, 1),
        mark("bold", 4, 2),
        mark("italic", 5, 1),
    ]
    assert read_text(source, "HTML") == read_text("甲乙丙 丁戊", entities=entities)
