"""Telegram's HTML subset, parsed as TDLib does, with its words for what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot_api.errors import ApiError, bad_request
from bot_api.links import checked_link
from bot_api.text import FormattedText, cleaned_text, has_surrogates, utf16_length, utf16_slice
from bot_api.types import JSON

_CHARACTER_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|(lt|gt|amp|quot)(?![A-Za-z]));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACES = re.compile(r"[ \t\r\n\v]*")
_TAG_NAME = re.compile(r"[^ \t\r\n\v>]*")
_ATTRIBUTE_NAME = re.compile(r"[^ \t\r\n\v=>/\"']*")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_SIMPLE_TAGS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("span", "tg-spoiler"), "spoiler"),
}
_TAGS = frozenset(_SIMPLE_TAGS) | {"a", "code", "pre", "blockquote", "tg-emoji"}


def unescape(text: str) -> str:
    """Decode the character references Telegram knows; any other stays as it is."""

    def decoded(match: re.Match[str]) -> str:
        hexadecimal, decimal, name = match.groups()
        if name:
            return _NAMED[name]
        code = int(hexadecimal or decimal or "0", 16 if hexadecimal else 10)
        fits = 0 < code < 0x10FFFF and len(match[0].rstrip(";")) < 10
        return chr(code) if fits else match[0]

    return _CHARACTER_REFERENCE.sub(decoded, text)


def parse_html(source: str) -> FormattedText:
    """Parse `parse_mode=HTML`; ApiError with Telegram's words when it would refuse the markup."""
    if "\0" in source:
        raise bad_request("Can't parse entities: Text must not contain null bytes")
    return _HtmlParser(source).parse()


@dataclass(frozen=True, slots=True)
class _OpenTag:
    name: str
    argument: str
    offset: int


class _HtmlParser:
    """One pass over Telegram's HTML subset; offsets in errors count UTF-8 bytes."""

    def __init__(self, source: str) -> None:
        self.source, self.position = source, 0
        self.parts: list[str] = []
        self.offset = 0
        self.open: list[_OpenTag] = []
        self.entities: list[JSON] = []

    def parse(self) -> FormattedText:
        while self.position < len(self.source):
            start = self.source.find("<", self.position)
            start = len(self.source) if start < 0 else start
            self._add_text(self.source[self.position : start])
            self.position = start
            if start < len(self.source):
                self._tag()
        if self.open:
            raise self._error(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        ordered = sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return FormattedText("".join(self.parts), tuple(ordered))

    def _add_text(self, source: str) -> None:
        text = cleaned_text(unescape(source))
        if has_surrogates(text):
            raise self._error(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        self.parts.append(text)
        self.offset += utf16_length(text)

    def _tag(self) -> None:
        begin = self.position
        self.position += 1
        if self._next() == "/":
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _start_tag(self, begin: int) -> None:
        name = self._take(_TAG_NAME).lower()
        if not self._next():
            raise self._error("Unclosed start tag", begin)
        if name not in _TAGS:
            raise self._error(f'Unsupported start tag "{name}"', begin)
        attributes = self._attributes(name, begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', begin)
        self.open.append(_OpenTag(name, _argument(name, attributes), self.offset))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self._take(_SPACES)
            if self._next() == ">":
                self.position += 1
                return found
            name = self._take(_ATTRIBUTE_NAME)
            if not name:
                raise self._error(f'Empty attribute name in the tag "{tag}"', begin)
            found[name] = self._attribute_value(tag, begin)
            if not self._next():
                raise self._error("Unclosed start tag", begin)

    def _attribute_value(self, tag: str, begin: int) -> str:
        self._take(_SPACES)
        if self._next() == "=":
            self.position += 1
            self._take(_SPACES)
        elif self._next():
            return ""
        if not self._next():
            raise self._error(f'Unclosed start tag "{tag}"', begin)
        return self._quoted() if self._next() in "'\"" else self._name_token()

    def _quoted(self) -> str:
        stop = self.source.find(self.source[self.position], self.position + 1)
        value = self.source[self.position + 1 : stop]
        self.position = len(self.source) if stop < 0 else stop + 1
        return unescape(value)

    def _name_token(self) -> str:
        begin = self.position
        token = self._take(_NAME_TOKEN).lower()
        if self._next() not in ("", ">", " ", "\t", "\r", "\n", "\v"):
            raise self._error("Unexpected end of name token", begin)
        return token

    def _end_tag(self, begin: int) -> None:
        if not self.open:
            raise self._error("Unexpected end tag", begin)
        self.position += 1
        name = self._take(_TAG_NAME).lower()
        self._take(_SPACES)
        if self._next() != ">":
            raise self._error("Unclosed end tag", begin)
        self.position += 1
        tag = self.open.pop()
        if name and name != tag.name:
            found = f', expected "</{tag.name}>", found "</{name}>"'
            raise self._error("Unmatched end tag", begin, found)
        if self.offset > tag.offset:
            self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        place = {"offset": tag.offset, "length": self.offset - tag.offset}
        if tag.name in _SIMPLE_TAGS:
            self.entities.append({"type": _SIMPLE_TAGS[tag.name], **place})
        elif tag.name == "blockquote":
            self.entities.append({"type": "expandable_blockquote" if tag.argument else "blockquote", **place})
        elif tag.name == "a":
            self._close_link(tag, place)
        elif tag.name == "tg-emoji":
            if not re.fullmatch(r"-?\d{1,18}|[1-8]\d{18}", tag.argument) or not int(tag.argument):
                raise self._error("Invalid custom emoji identifier specified")
            self.entities.append({"type": "custom_emoji", **place, "custom_emoji_id": tag.argument})
        else:
            self._close_code(tag, place)

    def _close_link(self, tag: _OpenTag, place: JSON) -> None:
        url = tag.argument or utf16_slice("".join(self.parts), **place)
        with suppress(ValueError):  # Telegram shows a bad link as plain text, without a word
            self.entities.append({"type": "text_link", **place, "url": checked_link(url)})

    def _close_code(self, tag: _OpenTag, place: JSON) -> None:
        """`<pre><code class="language-x">` (either way round) makes one block with a language."""
        last = self.entities[-1] if self.entities else {}
        same_place = {key: last.get(key) for key in place} == place
        if tag.name == "pre" and same_place and last.get("type") == "code" and last.get("language"):
            last["type"] = "pre"
        elif tag.name == "code" and same_place and last.get("type") == "pre" and tag.argument:
            last["language"] = tag.argument
        else:
            language = {"language": tag.argument} if tag.argument else {}
            self.entities.append({"type": tag.name, **place, **language})

    def _next(self) -> str:
        return self.source[self.position : self.position + 1]

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.position)
        assert match is not None  # every pattern used here may match nothing at all
        self.position = match.end()
        return match[0]

    def _error(self, text: str, begin: int | None = None, suffix: str = "") -> ApiError:
        place = "" if begin is None else f" at byte offset {len(self.source[:begin].encode())}"
        return bad_request(f"Can't parse entities: {text}{place}{suffix}")


def _argument(tag: str, attributes: Mapping[str, str]) -> str:
    if tag == "a":
        return attributes.get("href", "")
    if tag == "code":
        language = attributes.get("class", "")
        return language.removeprefix("language-") if language.startswith("language-") else ""
    if tag == "tg-emoji":
        return attributes.get("emoji-id", "")
    return "yes" if tag == "blockquote" and "expandable" in attributes else ""
