"""What the first question would otherwise wait for, beside the encoder."""

from __future__ import annotations

from retrieval.text.pinyin import pinyin_of
from retrieval.text.segmentation import jieba_tokenizer, tagger
from retrieval.text.words import words_of


def load_words() -> None:
    """Load the dictionary that every question is cut with."""
    jieba_tokenizer()


def load_kinds() -> None:
    """Load the dictionaries that only some questions need: the kinds of words and their sounds."""
    words = words_of("热身")
    tagger().lcut("热身")
    pinyin_of(words)
