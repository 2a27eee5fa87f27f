"""Texts -> what they are looked up by, leg by leg; the same for every store."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.text.dictionary import stems_of
from retrieval.text.pinyin import pinyin_of
from retrieval.text.words import bigrams_of, words_of
from retrieval.types import LegName


def cut_texts(texts: Sequence[str]) -> dict[LegName, list[list[str]]]:
    """Return the terms of each text, as often as they stand there, by leg."""
    words = [words_of(text) for text in texts]
    return {
        "words": words,
        "bigrams": [bigrams_of(text) for text in texts],
        "pinyin": [pinyin_of(cut) for cut in words],
        "dictionary": stems_of(words),
    }
