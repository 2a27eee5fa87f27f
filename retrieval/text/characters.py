"""Characters: which are Chinese, and how look-alikes, width, case and script are folded."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Every Chinese character, to stand between the brackets of a regular expression."""
WORD_HAN = "\u3400-\u9fff"
"""Those that words and pairs of characters are cut out of, likewise: rarer ones are words of their own."""
RADICALS = (
    (0x2E81, "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵"),
    (0x2E9B, "旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷"),
    (0x2ECB, "车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"),
    (0x31C6, "𠃌"),
    (0x31CF, "乀一丨丿丿丶𠃍乛𠃊𠃎𠄌亅𡿨𠃋乀𠃑乚乙𠄎"),
)
"""What the radicals supplement and the strokes stand for, each from a first code point on, because NFKC knows only two
of them: Unicode 14's EquivalentUnifiedIdeograph. U+2E80 and the other strokes stand for nothing."""
SIMPLIFIED_RADICALS = {"\u2f3e": "户", "\u2fad": "青"}
"""Radicals whose sign in Simplified fonts is that of another character than NFKC's, 戶 and 靑."""
MOST_TRADITIONAL = 0.03
"""Share of the Chinese characters of a Simplified text that the folding of script changes (乾, 著 …)."""
ASKED = 64
"""Texts whose folded form is kept: a question is folded in several places."""

_WORD_HAN = re.compile(f"[{WORD_HAN}]")
_LOOK_ALIKE = re.compile("[\u2e80-\u2fd5\u31c0-\u31e3\uf900-\ufaff\U0002f800-\U0002fa1f]")


@lru_cache(maxsize=ASKED)
def normalise(text: str) -> str:
    """Fold look-alikes, width, case and script: radicals, NFKC, lower case, Traditional to Simplified."""
    same = unicodedata.normalize("NFKC", unify(text)).lower()
    return _to_simplified().convert(same)  # type: ignore[no-any-return]


def fold(text: str) -> str:
    """Fold width, case and script character by character, so that offsets stay those of ``text``."""
    return "".join(map(_fold_character, text))


def fold_width(text: str) -> str:
    """Fold look-alikes, width and case, but no script, character by character, so that offsets stay as they are."""
    return "".join(map(_fold_width, text))


def unify(text: str, simplified: bool = False) -> str:
    """Put Chinese characters in the place of what only looks like them, one for one: 长 for the radical ⻓.

    These are radicals, strokes and compatibility ideographs. ``simplified`` says that the text is, so that ⼾ is 户.
    """
    return _LOOK_ALIKE.sub(lambda found: _unified(found[0], simplified), text)


def is_traditional(text: str) -> bool:
    """Whether ``text`` is written in Traditional characters, look-alikes aside."""
    plain = "".join(_WORD_HAN.findall(text))
    changed = sum(one != other for one, other in zip(plain, fold(plain), strict=True))
    return changed > MOST_TRADITIONAL * len(plain)


def has_han(text: str) -> bool:
    """Whether ``text`` holds a Chinese character that words are cut out of."""
    return _WORD_HAN.search(text) is not None


@cache
def _unified(character: str, simplified: bool) -> str:
    if simplified and character in SIMPLIFIED_RADICALS:
        return SIMPLIFIED_RADICALS[character]
    for start, meant in RADICALS:
        if start <= ord(character) < start + len(meant):
            return meant[ord(character) - start]
    same = unicodedata.normalize("NFKC", character)
    return same if len(same) == 1 else character


@cache
def _fold_character(character: str) -> str:
    folded = normalise(character)
    return folded if len(folded) == 1 else character


@cache
def _fold_width(character: str) -> str:
    folded = unicodedata.normalize("NFKC", _unified(character, False) if _LOOK_ALIKE.match(character) else character)
    return folded.lower() if len(folded.lower()) == 1 else character


@cache
def _to_simplified() -> Any:  # noqa: ANN401 - untyped library
    import opencc

    return opencc.OpenCC("t2s")
