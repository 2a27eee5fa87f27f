"""Bytes -> text, in UTF-8, UTF-16, GB18030 or Big5, and clear words for what is in none of them."""

from __future__ import annotations

import codecs
import os
import re
import string
from pathlib import Path

from retrieval.errors import ReportUnreadable

BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LEGACY_ENCODINGS = ("gb18030", "big5", "utf-16-le", "utf-16-be")
COMMONEST = frozenset("的一是不了人在有我他这這个個上来來们們到时時大为為国國和,。，、的 \n")
PLAUSIBLE = 0.9
SAMPLE = 20_000
"""Characters looked at when guessing an encoding."""
SAVE_AS_UTF8 = "save it again as UTF-8"
VISIBLE = re.compile(r"[^\s\ufeff\u200b]")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b]")


def decode(data: bytes) -> str:
    """Decode a report's bytes; ReportUnreadable says why where they are no text in a known encoding."""
    if not data.strip((string.whitespace + "\0").encode()):
        raise ReportUnreadable("the file is empty")
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _checked(_strict(data, encoding))
    if b"\0" in data:  # half of the bytes of Latin letters in UTF-16, none in UTF-8
        return _checked(_legacy(data))
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        if _mostly_utf8(data[: 4 * SAMPLE]):
            raise ReportUnreadable(f"damaged UTF-8 at byte {error.start}: {SAVE_AS_UTF8}") from error
    return _checked(_legacy(data))


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        mark = len(data) - len(error.object)  # the decoder took it off
        raise ReportUnreadable(f"damaged {name} at byte {mark + error.start}: {SAVE_AS_UTF8}") from error


def _mostly_utf8(data: bytes) -> bool:
    """Whether only a few bytes are wrong: multi-byte UTF-8 does not come about by chance."""
    decoded = data.decode("utf-8", "replace")
    multibyte = sum(character > "\x7f" and character != "\ufffd" for character in decoded)
    return multibyte > 10 * decoded.count("\ufffd")


def _legacy(data: bytes) -> str:
    texts = [text for encoding in LEGACY_ENCODINGS if (text := decoded_as(data, encoding)) is not None]
    best = max(texts, key=plausibility, default="")
    if plausibility(best) < PLAUSIBLE:
        raise ReportUnreadable(f"no text in UTF-8, UTF-16 or GB18030: {SAVE_AS_UTF8}")
    return best


def decoded_as(data: bytes, encoding: str) -> str | None:
    """Return the text that ``data`` is in this encoding, None if it is none."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def plausibility(text: str) -> float:
    """How much like Chinese or Latin prose a decoded text looks: about 1 or more if right, below 0.8 if not.

    It is the share of characters in GB 2312 or Big5, the two sets that ordinary text keeps to, plus the share of the
    very commonest characters. That chooses right more often than charset-normalizer's statistics.
    """
    sample = text[:SAMPLE]
    if not sample:
        return 0.0
    known = max(len(sample.encode(charset, "ignore").decode(charset)) for charset in ("gb2312", "big5"))
    return (known + sum(character in COMMONEST for character in sample)) / len(sample)


def _checked(text: str) -> str:
    """Refuse binary files that happen to decode."""
    controls = len(CONTROL.findall(text))
    if "\0" in text or controls > len(text) * 0.02:
        raise ReportUnreadable("not a text file (it holds binary data)")
    text = text.removeprefix("\ufeff")
    if not VISIBLE.search(text):
        raise ReportUnreadable("the file is empty")
    return text


def printable(path: Path) -> str:
    """Return the path as text that can be printed and sent: U+FFFD for what is no UTF-8 in its name."""
    return os.fsencode(path).decode("utf-8", "replace")
