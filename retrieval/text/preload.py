"""What the first question would otherwise wait for, beside the encoder."""

from __future__ import annotations

from retrieval.text.pinyin import pinyin_of
from retrieval.text.segmentation import tagger
from retrieval.text.words import words_of


def load_words() -> None:
    """Load the dictionaries of words, then of their kinds and their sounds: 1 s and 170 MB, whoever asks first."""
    words = words_of("热身")
    tagger().lcut("热身")
    pinyin_of(words)
