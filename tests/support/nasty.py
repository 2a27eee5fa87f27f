"""Texts that break markup, limits and character counts."""

from __future__ import annotations

import random
import re

NASTY = (
    "<",
    "&",
    ">",
    '"',
    "'",
    "<b>",
    "</a>",
    "&lt;",
    "&#0;",
    "\ud800",
    "\udc00",
    "\u200f",
    "\u200e",
    "\u202e",
    "\u2066",
    "\x00",
    "\x07",
    "\r\n",
    "\n\n\n",
    "\t",
    " ",
    "\u3164",
    "😀",
    "👩‍👩‍👧",
    "e\u0301",
    "\u0333",
    "מה",
    "שלום.",
    "谁？",
    "李阿婆住在三楼。",
    "…",
    "”",
    "@wenbao_bot",
    "/ask",
    "https://a.example/?a=1&b=<2>",
    "字" * 500,
    "w" * 900,
    "😀" * 700,
)


def nasty_text(dice: random.Random, most: int = 14) -> str:
    return "".join(dice.choices(NASTY, k=dice.randint(1, most)))


NOT_SEEN = re.compile(r"[\s\x00-\x1f\x7f\u202a-\u202e\u0333\u033f\u030a\ud800-\udfff]+")


def seen(text: str) -> str:
    """Return what Telegram keeps of a text, without white space: no controls, half characters or bidi overrides."""
    return NOT_SEEN.sub("", text)
