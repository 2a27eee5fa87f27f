"""One analysis for passages and questions: words and pairs of characters are cut the same way."""

from __future__ import annotations

import subprocess
import sys

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text import words as analysis
from retrieval.text.characters import normalise
from retrieval.text.dates import DATE_PREFIX
from retrieval.text.numerals import fold_numerals
from retrieval.text.words import analysis_fingerprint, bigrams_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("志愿者在送菜。", ["志愿", "愿者", "志愿者", "在", "送菜"]),
        ("突击队分为14个小组", ["突击", "突击队", "分为", "14", "个", "小组"]),
        ("How many masks?", ["how", "many", "masks"]),
        ("，。！？ \n…", []),
        ("", []),
    ],
)
def test_text_is_cut_into_words_in_reading_order(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("靜安區突擊隊分為多少個支援小組", "静安区突击队分为多少个支援小组"),
        ("ＡＰＰ 下載", "app 下载"),
        ("Ｍａｓｋ", "mask"),
        ("⻓⻢镇⺠⽤⻛⼒发电", "长马镇民用风力发电"),
        ("⾺⻑", "马长"),
        ("三月十二日有二十七人", "3月12日有27人"),
        ("二〇二〇年二月捐了一万一千元", "2020年2月捐了11000元"),
    ],
)
def test_radicals_traditional_wide_upper_case_and_chinese_numerals_give_the_same_words_and_pairs(one, other):
    assert words_of(one) == words_of(other)
    assert bigrams_of(one) == bigrams_of(other)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("3月12日", ["date:03-12", "date:03"]),
        ("三月十二日", ["date:03-12", "date:03"]),
        ("2020年3月12日", ["date:2020-03-12", "date:03-12", "date:2020-03", "date:03", "date:2020"]),
        ("on March 12", ["date:03-12", "date:03"]),
        ("12个小组", []),
    ],
)
def test_dates_are_words_of_their_own_whatever_they_are_written_like(text, terms):
    assert [word for word in words_of(text) if word.startswith(DATE_PREFIX)] == terms


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("志愿者在送菜。", ["志愿", "愿者", "者在", "在送", "送菜"]),
        ("靜安區", ["静安", "安区"]),
        ("菜", ["菜"]),
        ("共14个小组,APP", ["共", "14", "个小", "小组", "app"]),
        ("How many masks?", ["how", "many", "masks"]),
        ("，。！？ \n…", []),
        ("", []),
    ],
)
def test_neighbouring_chinese_characters_are_pairs_and_other_words_are_whole(text, pairs):
    assert bigrams_of(text) == pairs


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_can_be_cut_and_every_word_stands_in_the_folded_text(text):
    folded = fold_numerals(normalise(text))
    words = [word for word in words_of(text) if not word.startswith(DATE_PREFIX)]
    assert [word for word in [*words, *bigrams_of(text)] if word not in folded] == []
    assert [word for word in [*words, *bigrams_of(text)] if not word.strip()] == []


def test_the_fingerprint_is_the_same_in_another_process():
    code = "from retrieval.text.words import analysis_fingerprint; import sys; sys.stdout.write(analysis_fingerprint())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other == analysis_fingerprint()


@pytest.mark.parametrize("changed", ["version", "dictionary", "library"])
def test_the_fingerprint_changes_with_whatever_decides_the_words(changed, monkeypatch, tmp_path):
    before = analysis_fingerprint()
    if changed == "version":
        monkeypatch.setattr(analysis, "ANALYSIS_VERSION", analysis.ANALYSIS_VERSION + 1)
    elif changed == "dictionary":
        (tmp_path / "dict.txt").write_text("志愿者 3 n\n")
        monkeypatch.setattr(jieba, "__file__", str(tmp_path / "__init__.py"))
    else:
        monkeypatch.setattr(analysis.importlib.metadata, "version", lambda name: f"{name} 99")
    assert analysis_fingerprint.__wrapped__() != before
