"""A text is cut into tagged words that leave no character out."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.segmentation import Token, jieba_tokenizer, tagger, tokens_of


def test_words_have_their_tag_and_their_place():
    assert tokens_of("孙蕴华在上海") == [Token("孙蕴华", "nr", 0), Token("在", "p", 3), Token("上海", "ns", 4)]
    assert tokens_of("上海")[0].end == 2


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_words_stand_in_the_text_one_after_another_without_gaps(text):
    tokens = tokens_of(text)
    assert "".join(token.word for token in tokens) == text
    assert [token for token in tokens if text[token.start : token.end] != token.word] == []


def test_the_tagger_shares_the_words_of_the_dictionary():
    words = {word: word for word in jieba_tokenizer().FREQ}
    tagged = {word: word for word in tagger().word_tag_tab}
    assert [word for word in ("上海", "志愿者", "孙") if tagged[word] is not words[word]] == []


@pytest.mark.parametrize("module", ["retrieval.text.segmentation", "retrieval.text.words", "retrieval.text.pinyin"])
def test_importing_loads_no_dictionary(module):
    heavy = "{'jieba', 'opencc', 'pypinyin', 'Stemmer'}"
    code = f"import sys, {module}; sys.stdout.write(' '.join({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
