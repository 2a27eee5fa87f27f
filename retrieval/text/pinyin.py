"""How Chinese names sound: they are found when written in Latin letters, or with other characters of the same sound.

    孙蕴华 -> sunyunhua, yunhua          "Yunhua Sun" -> yunhua, yunhuasun, sunyunhua          孙云华 -> sunyunhua

Common words that are no names have no sound here: 我们 would be found by "women".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from retrieval.text.characters import WORD_HAN
from retrieval.text.entities import SURNAMES
from retrieval.text.segmentation import jieba_tokenizer, tagger

COMMON_FROM = 1000
"""A word that jieba's dictionary counts this often is common."""
NAME_TAGS = ("nr", "ns", "nt", "nz")
LEAST_LETTERS = 4
"""A shorter Latin word is looked up only together with its neighbour: "he", "men", "can" sound Chinese too."""

_NAME = re.compile(f"[{WORD_HAN}]{{2,4}}")
_LATIN = re.compile(r"[a-z]+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")


def pinyin_of(words: Iterable[str]) -> list[str]:
    """Return the sounds of those words of a passage that may be names.

    Of a person's name of three characters there is also the sound of the last two, the given name.
    """
    return [sound for word in words if _may_be_name(word) for sound in _sounds(word)]


def pinyin_asked(question: str, words: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the sounds that a question (normalised) asks for.

    Latin words alone and joined with the next one in both orders, since given names stand first elsewhere; and the
    ``words`` that are neither ``known`` to the index nor ordinary Chinese: they may be a homophone's misspelling.
    """
    bare = "".join(c for c in unicodedata.normalize("NFD", question) if not unicodedata.combining(c))
    latin = _LATIN.findall(bare.translate(_APOSTROPHES))
    alone = [word for word in latin if len(word) >= LEAST_LETTERS]
    joined = [pair for a, b in zip(latin, latin[1:], strict=False) for pair in (a + b, b + a)]
    held = set(known)
    strange = (word for word in words if word not in held and not _is_ordinary(word))
    misspelt = [_sound(word) for word in strange if _NAME.fullmatch(word)]
    return list(dict.fromkeys([*alone, *joined, *misspelt]))


def _may_be_name(word: str) -> bool:
    is_common = jieba_tokenizer().FREQ.get(word, 0) >= COMMON_FROM
    return _NAME.fullmatch(word) is not None and not (is_common and _is_ordinary(word))


def _sounds(word: str) -> list[str]:
    whole = _sound(word)
    return [whole, _sound(word[1:])] if len(word) == 3 and word[0] in SURNAMES else [whole]


@cache
def _sound(word: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(word)).lower()


def _is_ordinary(word: str) -> bool:
    """Whether jieba's dictionary knows the word, and not as a name."""
    kind = tagger().word_tag_tab.get(word)
    return kind is not None and not kind.startswith(NAME_TAGS)
