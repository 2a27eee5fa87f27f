"""Characters: which are Chinese, and how width, case and script are folded."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Every Chinese character, to stand between the brackets of a regular expression."""
WORD_HAN = "\u3400-\u9fff"
"""Those that words and pairs of characters are cut out of, likewise: rarer ones are words of their own."""
ASKED = 64
"""Texts whose folded form is kept: a question is folded in several places."""

_WORD_HAN = re.compile(f"[{WORD_HAN}]")


@lru_cache(maxsize=ASKED)
def normalise(text: str) -> str:
    """Fold width, case and script: NFKC, lower case, Traditional to Simplified."""
    return _to_simplified().convert(unicodedata.normalize("NFKC", text).lower())  # type: ignore[no-any-return]


def fold(text: str) -> str:
    """Fold width, case and script character by character, so that offsets stay those of ``text``."""
    return "".join(map(_fold_character, text))


def has_han(text: str) -> bool:
    """Whether ``text`` holds a Chinese character that words are cut out of."""
    return _WORD_HAN.search(text) is not None


@cache
def _fold_character(character: str) -> str:
    folded = normalise(character)
    return folded if len(folded) == 1 else character


@cache
def _to_simplified() -> Any:  # noqa: ANN401 - untyped library
    import opencc

    return opencc.OpenCC("t2s")
