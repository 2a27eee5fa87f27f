"""Subtitles: numbers, times and marks stand beside the text, and a sentence over several cues is one sentence."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from torn_text import document_of

from retrieval.corpus.documents import make_document
from retrieval.corpus.formats.registry import READERS


def srt(cues):
    return "\n".join(
        f"{number}\n00:00:{number * 2:02d},000 --> 00:00:{number * 2 + 1:02d},900\n{cue}\n"
        for number, cue in enumerate(cues, 1)
    )


def read(text, suffix):
    return make_document(READERS[suffix](text.encode()), "talk", f"talk{suffix}", b"")


def test_a_sentence_over_three_cues_is_one():
    cues = ["白泥乡供水工程总投资", "是三百六十万元，由段文彬", "负责。", "八月十八日通水。"]
    document = read(srt(cues), ".srt")
    assert document.text == "白泥乡供水工程总投资是三百六十万元，由段文彬负责。八月十八日通水。"
    assert document.furniture[:2] == ("1", "00:00:02,000 --> 00:00:03,900")


def test_cues_without_full_stops_are_joined_with_a_space():
    cues = ["总造价是六十八万元", "政府补贴二十万", "一楼住户不出钱"]
    assert document_of(srt(cues)).text == "总造价是六十八万元 政府补贴二十万 一楼住户不出钱"


def test_a_number_that_is_said_is_no_cue_number():
    assert document_of(srt(["水位涨到了", "28", "米，仍在上涨。", "完。"])).text == "水位涨到了28米，仍在上涨。完。"


def test_voices_of_webvtt_are_speakers_and_its_blocks_are_no_text():
    text = (
        "WEBVTT\nKind: captions\n\nNOTE 录音于七月\n第二行\n\nintro\n00:03.200 --> 00:06.900 align:start\n"
        "<v 李伟>今天讨论菜市场</v>\n\n00:07.000 --> 00:09.000\n<v 李伟>改造，预算二百八十\n\n"
        "00:09.000 --> 00:12.000\n<v 李伟>万元。\n\n00:12.000 --> 00:14.000\n<v 王芳>什么时候<c.red>开工</c>？\n"
    )
    assert read(text, ".vtt").text == "李伟 今天讨论菜市场改造，预算二百八十万元。\n王芳 什么时候开工？"


def test_names_that_come_again_before_a_colon_are_speakers():
    cues = ["李伟：预算是", "李伟：二百八十万元。", "王芳：几月开工？", "李伟：九月。"]
    assert document_of(srt(cues)).text == "李伟：预算是二百八十万元。\n王芳：几月开工？\n李伟：九月。"


def test_rolling_captions_say_a_line_once():
    cues = ["今天讲供水。", "今天讲供水。\n一共三千户。", "一共三千户。\n明年开工。"]
    assert document_of(srt(cues)).text == "今天讲供水。一共三千户。明年开工。"


def test_a_title_above_the_first_cue_is_the_title():
    assert document_of("社区议事会\n\n" + srt(["今天讲供水。", "完。"])).title == "社区议事会"


def test_subtitles_with_nothing_said_are_refused_or_kept_as_text():
    assert read("只有一行话，没有时间。", ".srt").text == "只有一行话，没有时间。"


def visible(text):
    return Counter("".join(text.split()))


@given(st.lists(st.text("今天讲供水三千户8。，：AB李伟<>v-", min_size=1, max_size=12), min_size=2, max_size=8))
def test_nothing_of_a_file_of_cues_is_lost_or_invented(cues):
    text = srt(cues)
    document = document_of(text)
    kept = "".join([document.text, "" if document.title_derived else document.title, *document.furniture])
    assert visible(kept) == visible(text)
    rest = iter("".join(text.split()))
    assert all(character in rest for character in "".join(document.text.split()))
