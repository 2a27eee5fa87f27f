"""What the bot says: texts and keyboards."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

from bot_api import (
    MAX_TEXT,
    FormattedText,
    check_inline_results,
    checked_keyboard,
    inline_message,
    utf16_length,
)
from handmade import FULL, GREETED, OF_A_TABLE, OF_ANOTHER, OF_TWO, OVERVIEW, an_answer_text
from nasty import nasty_text, seen
from telegram_samples import BARE, LINKS, a_citation, a_document, a_sent, an_answer, shown, tagged

from bot.telegram.links import start_payload
from bot.telegram.richtext import Rich, in_one, plain, split
from bot.telegram.views import (
    answer_keyboard,
    answer_view,
    documents_keyboard,
    documents_view,
    examples_keyboard,
    inline_article,
    paragraph_keyboard,
    paragraph_view,
    why_view,
)
from bot.texts import LANGUAGES, Language
from retrieval.types import AnswerText, AppliedFilter


def test_an_answer_is_the_sentence_with_its_span_in_bold_then_the_source():
    quote = "李阿婆住在三楼。"
    citation = a_citation(quote=quote, date=dt.date(2020, 2, 1))
    sent = a_sent(an_answer("answered", citation, answer=an_answer_text(quote, quote, "三楼", 1)), echo=True)
    assert tagged(answer_view(sent, 0, LINKS)) == (
        "<i>谁?\n\n</i>李阿婆住在<b>三楼</b>。\n\n"
        '<a href="https://ask.example.org/documents/%E6%9F%90/%E6%8A%A5%E5%91%8A/view?mark=0-8&quote=AIuXRggUj7Hd5K5K#p3">《题目》</a>'
        " · 2020-02-01 · ¶3"
    )


def test_the_span_is_marked_where_it_stands_though_its_words_stand_before_it_too():
    quote = "先说一句。3日到4日，她4日到岗。"
    sentence = AnswerText("3日到4日，她4日到岗。", "4日", 1, 5, len(quote), 12, 14)
    sent = a_sent(an_answer("answered", a_citation(quote=quote), answer=sentence))
    assert tagged(answer_view(sent, 0, BARE)) == "3日到4日，她<b>4日</b>到岗。\n\n《题目》 · ¶3"


def test_a_row_of_a_table_is_shown_in_fixed_width_under_the_cell_that_answers():
    assert tagged(answer_view(a_sent(OF_A_TABLE), 0, BARE)) == (
        "<b>60</b>\n\n<pre>片区\u3000\u3000\u3000城东\n接种点\u3000\u3000铁牛巷卫生站\n周末名额\u300060</pre>\n\n"
        "《接种点》 · 2020-02-01 · ¶5"
    )


def test_what_the_reports_speak_of_instead_and_small_talk_are_said_first():
    shown = tagged(answer_view(a_sent(OF_ANOTHER), 0, BARE))
    assert shown.startswith("报道里没有提到“孙蕴芳”，说的是“孙蕴华”。\n\n“支部发出倡议书。")
    assert tagged(answer_view(a_sent(GREETED), 0, BARE)).startswith("您好！")


def test_an_overview_links_each_report():
    assert tagged(answer_view(a_sent(OVERVIEW), 0, LINKS)) == (
        "共收录 5 篇报道，102 段。\n日期从 2020-02-01 到 2024-05-06。\n"
        "提到最多的人：陈丽敏、孙蕴华\n提到最多的地方：株洲\n来源：株洲日报\n"
        '\n<a href="https://ask.example.org/documents/reports/a/view">《筑牢战“疫”堡垒》</a> · 2020-02-01'
        '\n<a href="https://ask.example.org/documents/reports/d/view">《无日期的》</a>'
    )


def test_each_of_several_answers_is_shown_with_its_citation_and_what_was_not_found():
    shown = tagged(answer_view(a_sent(OF_TWO), 0, BARE))
    assert shown.endswith("到2月3日,支部筹得善款<b>2310元</b>。 [3]\n\n<i>没有找到回答：火锅怎么做？</i>")


def test_a_caption_is_cited_as_one():
    assert tagged(answer_view(a_sent(OF_A_TABLE), 1, BARE)) == "“▲居民在排队。”\n\n《接种点》 · 2020-02-02 · 图片说明"


def test_recognised_text_is_named_as_such_with_its_page():
    citation = replace(a_citation(), recognised_page=3)
    sent = a_sent(an_answer("answered", citation, answer=an_answer_text("引文。", "引文。", None, 1)))
    assert tagged(answer_view(sent, 0, BARE)) == "引文。\n\n《题目》 · ¶3 · 识别文字，第 3 页"
    posted = inline_article(citation, BARE, "en").to_dict()["input_message_content"]["message_text"]
    assert posted == "“引文。”\n\n《题目》 · ¶3 · recognised text, page 3"


def test_an_answer_without_a_span_has_no_mark():
    sent = a_sent(an_answer("answered", a_citation(), answer=an_answer_text("引文。", "引文。", None, 1)))
    assert tagged(answer_view(sent, 0, BARE)) == "引文。\n\n《题目》 · ¶3"


def test_related_passages_and_nothing_found_are_said():
    related = a_sent(an_answer("related", a_citation(1), a_citation(2, "第二。")))
    first, second = (plain(answer_view(related, index, BARE)) for index in (0, 1))
    assert first == "报道没有直接回答，这一段可能有关：\n\n“引文。”\n\n《题目》 · ¶3"
    assert second == "“第二。”\n\n《题目》 · ¶3"
    nothing = a_sent(an_answer("not_found"), language="en")
    assert plain(answer_view(nothing, 0, BARE)).startswith("The reports do not say.")
    assert answer_keyboard(nothing, 0) is None


def data_of(keyboard: object) -> list[list[tuple[str, object]]]:
    return [[(button.text, button.callback_data) for button in row] for row in keyboard.inline_keyboard]  # type: ignore[attr-defined]


def test_the_keyboard_leads_round_in_a_circle_and_marks_the_vote():
    sent = a_sent(an_answer("related", a_citation(1), a_citation(2), a_citation(3)))
    assert data_of(answer_keyboard(sent, 0, vote="down")) == [
        [("◀", "c:2"), ("1/3", "-"), ("▶", "c:1")],
        [("整段", "p:0"), ("👍", "v:up:0"), ("👎 ✓", "v:down:0")],
    ]
    alone = a_sent(an_answer("related", a_citation(1)))
    assert data_of(answer_keyboard(alone, 0, votes=False)) == [[("整段", "p:0")]]


def test_a_paragraph_is_shown_with_its_neighbours_and_the_quote_in_bold():
    document = a_document("题目", "一。", "二甲。二乙。", "三。", "四。")
    start = document.paragraphs[1].start
    view = paragraph_view(document, 2, (start + 3, start + 6))
    assert tagged(view) == "<b>《题目》\n</b>\n¶1 一。\n\n¶2 二甲。<b>二乙。</b>\n\n¶3 三。"
    assert plain(paragraph_view(document, 1)) == "《题目》\n\n¶1 一。\n\n¶2 二甲。二乙。\n"
    assert plain(paragraph_view(document, 2, neighbours=0)) == "《题目》\n\n¶2 二甲。二乙。\n"


def test_the_list_of_reports_is_paged_and_each_is_a_deep_link():
    documents = [a_document(f"第{n}篇", "一。", identifier=f"d{n}", source="日报") for n in range(1, 20)]
    view = documents_view(documents, 2, "zh", LINKS)
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
        answer_keyboard(a_sent(an_answer("related", *map(a_citation, range(1, 21)))), 19, vote="up"),
    ]
    for keyboard in keyboards:
        assert checked_keyboard(keyboard.to_dict())
    payload = start_payload(document.document_id, 999_999)
    assert len(payload) <= 64
    assert payload.replace("-", "").isalnum()


def test_why_is_told_even_when_little_is_known():
    sent = a_sent(an_answer("not_found"))
    assert plain(why_view(sent)) == "问题理解为：谁?"


def test_why_tells_the_words_the_weights_the_signals_and_what_each_leg_found():
    assert plain(why_view(a_sent(FULL))) == (
        "问题理解为：2020年2月支部筹得多少善款?\n词：支部 善款\n各路权重：整段语义 1 · 词语 0.42\n"
        "信号：邻段词语 0.75 · 领先其他段落 0.1\n把握约 87%\n\n"
        "[1] reports/a ¶3 · 0.93\n    整段语义 第 1（0.88） · 词语 第 2（7.50）\n    共有的词：善款\n"
        "    相近：善款 ↔ 善款 0.97\n\n[2] reports/b ¶1 · 0.50"
    )


def test_what_was_understood_stands_above_the_answer_and_what_else_is_said_below_it():
    assert tagged(answer_view(a_sent(FULL), 0, BARE)) == (
        "<i>理解为：2020年2月支部筹得多少善款?\n\n</i>截止到2月1日,支部共筹得善款<b>2307元</b>,用于购置牙膏、牙刷。\n\n"
        "《筑牢战“疫”堡垒》 · 2020-02-01 · ¶3\n\n另见： 据统计,善款共<b>2307元</b>。 [2]\n\n"
        "另有不同的数字： 到2月3日,支部筹得善款<b>2310元</b>。 [3]"
    )
    assert plain(answer_view(a_sent(FULL, language="en"), 1, BARE)) == (
        "Understood as: 2020年2月支部筹得多少善款?\n\n“据统计,善款共2307元。”\n\n《爱心汇总》 · 2020-02-02 · ¶1"
    )


def test_a_time_that_decided_is_a_button_that_asks_again_without_it():
    assert data_of(answer_keyboard(a_sent(FULL), 0, votes=False))[-1] == [("🕒 2020年2月 ✕", "d")]
    nothing = replace(FULL, status="not_found", answer=None, citations=())
    assert data_of(answer_keyboard(a_sent(nothing), 0)) == [[("🕒 2020年2月 ✕", "d")]]
    endless = replace(FULL, filters_applied=(AppliedFilter("去年" * 300, None, None),))
    assert checked_keyboard(answer_keyboard(a_sent(endless), 0).to_dict())


def test_tapping_an_inline_result_posts_the_quote_with_its_linked_source():
    article = inline_article(a_citation(2, "引<文>。", "题😀目"), LINKS, "zh").to_dict()
    posted = inline_message(article)
    url = "https://ask.example.org/documents/%E6%9F%90/%E6%8A%A5%E5%91%8A/view?mark=0-5&quote=AFPUY4ISiPxW5K5K#p3"
    link = {"type": "text_link", "offset": 9, "length": 6, "url": url}
    assert posted.shown == FormattedText("“引<文>。”\n\n《题😀目》 · ¶3", (link,))
    assert (article["id"], article["title"], article["description"]) == ("2", "《题😀目》 ¶3", "引<文>。")
    assert "parse_mode" not in article["input_message_content"]


# --- Fuzz: whatever people ask and reports say


def nasty_views(dice: random.Random) -> list[Rich]:
    texts = [nasty_text(dice) for _ in range(dice.randint(1, 4))]
    document = a_document(nasty_text(dice), *texts, identifier=nasty_text(dice), source=nasty_text(dice))
    number = dice.randint(1, len(texts))
    paragraph = document.paragraphs[number - 1]
    quote = document.text[paragraph.start : paragraph.end][:400]
    found = a_citation(1, quote, nasty_text(dice), dt.date(2020, 2, 1))
    span = sorted(dice.randint(0, len(quote)) for _ in range(2))
    sentence = AnswerText(quote, quote[slice(*span)], 1, 0, len(quote), *span)
    language: Language = dice.choice(LANGUAGES)
    answers = [an_answer("answered", found, answer=sentence), an_answer("related", found), an_answer("not_found")]
    sent = [a_sent(answer, echo=True, question=nasty_text(dice), language=language) for answer in answers]
    views = [answer_view(each, 0, LINKS) for each in sent] + [why_view(sent[0])]
    marked = (paragraph.start, paragraph.start + len(quote))
    return [*views, paragraph_view(document, number, marked), documents_view([document] * 3, 0, "zh", LINKS)]


def test_no_text_of_2000_nasty_questions_and_reports_is_refused_and_no_word_is_lost():
    dice = random.Random(3)
    for _ in range(2000):
        for view in nasty_views(dice):
            parts = split(view)
            messages = [shown(part) for part in parts]
            assert all(0 < utf16_length(message.text) <= MAX_TEXT for message in messages)
            assert [seen(message.text) for message in messages] == [seen(plain(part)) for part in parts]
            assert seen("".join(message.text for message in messages)) == seen(plain(view))
            assert utf16_length(plain(in_one(view))) <= MAX_TEXT


def test_inline_articles_of_nasty_reports_are_accepted():
    dice = random.Random(4)
    for _ in range(300):
        found = a_citation(1, nasty_text(dice), nasty_text(dice))
        check_inline_results([inline_article(found, LINKS, "zh").to_dict()])
