"""A Telegram Bot API server for tests: real HTTP on loopback, strict like Telegram, able to play trouble.

    with BotApiServer("123:token") as server:
        ann = server.user(1, "Ann")
        asked = server.say(ann, "谁是院长?")                     # an update the bot will fetch
        [answer] = server.wait_for_messages(asked.chat_id, after=asked)
        server.press(ann, answer, "▶")                           # a callback query

The rules and error texts are those of Telegram's open server (github.com/tdlib/telegram-bot-api) and of TDLib below it.
Known differences: webhooks may be plain http, but only on loopback; only HTML is understood as `parse_mode`; links,
mentions and commands in the bot's own messages are not marked as entities; every group message reaches the bot (as if
its privacy mode were off); there are no rate limits except those played with `fail` and `chaos`.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import select
import socket
import socketserver
import threading
import time
import traceback
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

JSON = dict[str, Any]
T = TypeVar("T")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAX_TEXT = 4096
MAX_CAPTION = 1024
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_CONFLICT = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
NOT_MODIFIED = (
    "Message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "Query is too old and response timeout expired or query ID is invalid"
BAD_GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)
CHAT_ACTIONS = _words(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note"
)


# --- Errors -------------------------------------------------------------------------------------------------


class ApiError(Exception):
    """What Telegram answers instead of a result: HTTP status, its own words, and response parameters."""

    def __init__(self, status: int, text: str, parameters: JSON | None = None) -> None:
        """Keep `text` as TDLib says it; `description` is how the Bot API passes it on."""
        super().__init__(text)
        self.status, self.text, self.parameters = status, text, parameters

    @property
    def description(self) -> str:
        """The words with their prefix; as in Telegram a sentence loses its capital, a CONSTANT does not."""
        prefix = {400: "Bad Request: ", 403: "Forbidden: "}.get(self.status, "")
        if not prefix or re.match(r".[A-Z_]", self.text):
            return prefix + self.text
        return prefix + self.text[0].lower() + self.text[1:]


def bad_request(text: str) -> ApiError:
    """Status 400 with TDLib's words."""
    return ApiError(400, text)


def forbidden(text: str) -> ApiError:
    """Status 403 with TDLib's words."""
    return ApiError(403, text)


class Dropped(Exception):
    """The connection is to be closed without an answer."""


# --- Text and HTML ------------------------------------------------------------------------------------------

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
_ENTITY_TYPES = set(_SIMPLE_TAGS.values()) | _words(
    "mention hashtag cashtag bot_command url email phone_number code pre text_link text_mention custom_emoji "
    "blockquote expandable_blockquote"
)
# Control characters become spaces; line separators, bidi overrides and stacking lines vanish, as in TDLib.
_CLEANED: dict[int, str | None] = {
    **{code: " " for code in range(32) if code != 10},
    **dict.fromkeys([13, *range(0x2028, 0x202F), 0x0333, 0x033F, 0x030A]),
}


@dataclass(frozen=True, slots=True)
class FormattedText:
    """Plain text and its entities; offsets and lengths count UTF-16 code units."""

    text: str
    entities: tuple[JSON, ...] = ()


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of `text` that an entity covers."""
    return text.encode("utf-16-le", "surrogatepass")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


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


def checked_link(url: str) -> str:
    """Return the URL as Telegram stores it; ValueError says why it refuses the link."""
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", url)
    scheme = match[1].lower() if match else "http"
    if scheme in ("tg", "ton", "tonsite"):
        return url
    if scheme not in ("http", "https"):
        raise ValueError("Unsupported URL protocol")
    rest = url[match.end() :] if match else url
    address = re.split("[/?#]", rest, maxsplit=1)[0]
    host = re.sub(r":\d*$", "", address.rpartition("@")[2])
    if not host:
        raise ValueError("URL host is empty")
    if "." not in host and not host.startswith("["):
        raise ValueError("Wrong HTTP URL")
    path = rest[len(address) :]
    return f"{scheme}://{address.lower()}{path if path.startswith('/') else '/' + path}"


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
        text = unescape(source).translate(_CLEANED)
        if _has_surrogates(text):
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


def parse_html(source: str) -> FormattedText:
    """Parse `parse_mode=HTML`; ApiError with Telegram's words when it would refuse the markup."""
    if "\0" in source:
        raise bad_request("Can't parse entities: Text must not contain null bytes")
    return _HtmlParser(source).parse()


def trimmed(formatted: FormattedText) -> FormattedText:
    """Strip white space around the text (not before an entity) and drop entities left without a visible character."""
    text = formatted.text.rstrip(" \n")
    first = min((entity["offset"] for entity in formatted.entities), default=len(text))
    start = min(len(text) - len(text.lstrip(" \n")), first)
    end = utf16_length(text)
    entities = []
    for entity in formatted.entities:
        length = min(entity["offset"] + entity["length"], end) - entity["offset"]
        if length > 0 and utf16_slice(text, entity["offset"], length).strip():
            entities.append({**entity, "offset": entity["offset"] - start, "length": length})
    return FormattedText(text[start:], tuple(entities))


def _is_blank(text: str) -> bool:
    invisible = ("Cc", "Cf", "Zs", "Zl", "Zp")
    return all(unicodedata.category(c) in invisible or c in "\u034f\u115f\u1160\u2800\u3164\uffa0" for c in text)


def _checked_entities(text: str, entities: Iterable[JSON]) -> Iterator[JSON]:
    end = utf16_length(text)
    for entity in entities:
        if entity.get("type") not in _ENTITY_TYPES:
            raise bad_request("Can't parse MessageEntity: Unsupported type specified")
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        if start > end:
            raise bad_request(f"Entity begins after the end of the text at UTF-16 offset {start}")
        if stop > end:
            raise bad_request(
                f"Entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {stop}"
            )
        yield entity


def read_text(text: str, parse_mode: str = "", entities: Sequence[JSON] = (), limit: int = MAX_TEXT) -> FormattedText:
    """Check a message text (or a caption, with its limit) and parse its markup, as sendMessage does."""
    if not text:
        raise bad_request("Message text is empty")
    if parse_mode.lower() == "html":
        formatted = parse_html(text)
    elif parse_mode.lower() in ("", "none"):
        cleaned = text.translate(_CLEANED)
        formatted = FormattedText(cleaned, tuple(_checked_entities(cleaned, entities)))
    else:
        raise bad_request("Unsupported parse_mode")
    formatted = trimmed(formatted)
    if _is_blank(formatted.text):
        raise bad_request("Text must be non-empty")
    if utf16_length(formatted.text) > limit:
        raise bad_request("Message is too long" if limit == MAX_TEXT else "Message caption is too long")
    return formatted


def found_entities(text: str) -> list[JSON]:
    """Mark /commands and @mentions in what a user types, by Telegram's rules: `谁@bot` and `/ask谁` are neither."""
    command = r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])"
    pattern = re.compile(rf"(?P<bot_command>{command})|(?P<mention>(?<!\w)@[A-Za-z0-9_]{{2,32}}(?!\w))")
    return [
        {"type": match.lastgroup, "offset": utf16_length(text[: match.start()]), "length": len(match[0])}
        for match in pattern.finditer(text)
    ]


# --- Keyboards, inline results, commands --------------------------------------------------------------------


def checked_keyboard(markup: object) -> JSON | None:
    """Check a `reply_markup`; the inline keyboard as Telegram keeps it, or None when there is no button."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad_request("Object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list):
        raise bad_request('Field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request('Field "inline_keyboard" must be an Array of Arrays')
    keyboard = [[_checked_button(button) for button in row] for row in rows if row]
    if sum(map(len, keyboard)) > 100:
        raise bad_request("Reply markup is too long")
    return {"inline_keyboard": keyboard} if keyboard else None


def _checked_button(button: object) -> JSON:
    problem = "Can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(problem + "InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise bad_request(problem + 'Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise bad_request(problem + 'Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("Inline keyboard button text must be non-empty")
    kinds = [kind for kind in ("url", "callback_data", "web_app", "copy_text", "login_url") if button.get(kind)]
    kinds += [kind for kind in button if kind.startswith("switch_inline_query")]
    if not kinds:
        raise bad_request(problem + "Text buttons are unallowed in the inline keyboard")
    _check_button_content(kinds[0], button[kinds[0]])
    return {"text": button["text"], kinds[0]: button[kinds[0]]}


def _check_button_content(kind: str, content: Any) -> None:  # noqa: ANN401
    if kind == "callback_data" and len(content.encode()) > 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if kind == "web_app" and not content.get("url", "").startswith("https://"):
        url = content.get("url", "")
        raise bad_request(f"Inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    if kind == "url":
        try:
            checked_link(content)
        except ValueError as error:
            raise bad_request(f"Inline keyboard button URL '{content}' is invalid: {error}") from None


def check_inline_results(results: object) -> None:
    """Check the results of answerInlineQuery: at most 50, ids of 1-64 bytes and unique, each article complete."""
    if not isinstance(results, list):
        raise bad_request("Can't parse inline query results JSON object")
    if len(results) > 50:
        raise bad_request("RESULTS_TOO_MUCH")
    for result in results:
        try:
            _check_inline_result(result)
        except ApiError as error:
            raise bad_request(f"Can't parse inline query result: {error.text}") from None
    identifiers = [result["id"] for result in results]
    if not all(1 <= len(identifier.encode()) <= 64 for identifier in identifiers):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(identifiers)) < len(identifiers):
        raise bad_request("RESULT_ID_DUPLICATE")


def _check_inline_result(result: object) -> None:
    if not isinstance(result, dict):
        raise bad_request("Inline query result must be an object")
    if result.get("type") != "article":
        raise bad_request(f'Type "{result.get("type", "")}" is unsupported for the inline query result')
    for name in ("id", "title", "input_message_content"):
        if name not in result:
            raise bad_request(f'Can\'t find field "{name}"')
    if not result["title"].strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    content = result["input_message_content"]
    read_text(content.get("message_text", ""), content.get("parse_mode", ""), content.get("entities", ()))
    checked_keyboard(result.get("reply_markup"))


def check_commands(commands: object) -> None:
    """Check the list of setMyCommands."""
    if not isinstance(commands, list):
        raise bad_request("Can't parse commands JSON object")
    for command in commands:
        name, description = (str(command.get(key, "")).strip() for key in ("command", "description"))
        name = name.removeprefix("/")
        if not name or not description:
            raise bad_request(f"Command {'' if not name else 'description '}must be non-empty")
        if len(name) > 32 or len(description) > 256:
            long, limit = (" description", 256) if len(name) <= 32 else ("", 32)
            raise bad_request(f"Command{long} length must not exceed {limit}")
        if not re.fullmatch("[a-z0-9_]+", name):
            raise bad_request("BOT_COMMAND_INVALID")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")


# --- What tests handle --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who talks to the bot."""

    id: int
    first_name: str
    language_code: str | None = "zh-hans"
    username: str | None = None

    @property
    def json(self) -> JSON:
        """The user as the Bot API shows it."""
        optional = {"username": self.username, "language_code": self.language_code}
        known = {key: value for key, value in optional.items() if value}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, **known}


@dataclass(frozen=True, slots=True)
class Chat:
    """A private chat, a supergroup (perhaps with topics) or a channel."""

    id: int
    type: str
    title: str
    username: str | None = None
    is_forum: bool = False

    @property
    def json(self) -> JSON:
        """The chat as the Bot API shows it."""
        name = "first_name" if self.type == "private" else "title"
        optional = {"username": self.username, "is_forum": self.is_forum}
        return {"id": self.id, "type": self.type, name: self.title, **{k: v for k, v in optional.items() if v}}


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands in a chat; `raw` is what the Bot API shows."""

    raw: JSON

    @property
    def id(self) -> int:
        """`message_id`, unique within its chat only (supergroups count for themselves)."""
        return int(self.raw["message_id"])

    @property
    def chat_id(self) -> int:
        """Where it stands."""
        return int(self.raw["chat"]["id"])

    @property
    def text(self) -> str:
        """Plain text (or caption), markup parsed away."""
        return str(self.raw.get("text", self.raw.get("caption", "")))

    @property
    def entities(self) -> tuple[JSON, ...]:
        """The entities, ordered; offsets in UTF-16 code units."""
        entities: list[JSON] = self.raw.get("entities") or self.raw.get("caption_entities") or []
        return tuple(entities)

    @property
    def keyboard(self) -> tuple[tuple[JSON, ...], ...]:
        """The rows of the inline keyboard."""
        return tuple(tuple(row) for row in self.raw.get("reply_markup", {}).get("inline_keyboard", ()))

    @property
    def buttons(self) -> tuple[str, ...]:
        """The texts on all buttons."""
        return tuple(button["text"] for row in self.keyboard for button in row)

    @property
    def reply_to(self) -> int | None:
        """The `message_id` it answers."""
        answered: int | None = self.raw.get("reply_to_message", {}).get("message_id")
        return answered

    @property
    def thread(self) -> int | None:
        """The forum topic."""
        return self.raw.get("message_thread_id")

    @property
    def edited(self) -> bool:
        """Whether its text or keyboard was changed."""
        return "edit_date" in self.raw

    def marked(self, kind: str) -> tuple[str, ...]:
        """The parts of the text under entities of one kind, such as "bold" or "text_link"."""
        found = (entity for entity in self.entities if entity["type"] == kind)
        return tuple(utf16_slice(self.text, entity["offset"], entity["length"]) for entity in found)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file the bot sent."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot: the result, or status and error; `fault` names the trouble played on it."""

    method: str
    parameters: JSON
    result: Any = None
    status: int = 200
    error: str | None = None
    fault: str | None = None
    time: float = 0.0

    def __str__(self) -> str:
        """One short line for assertion messages."""
        outcome = f"{self.status} {self.error}" if self.error else "ok"
        trouble = f" [{self.fault}]" if self.fault else ""
        return f"{self.method}({str(self.parameters)[:300]}) -> {outcome}{trouble}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble to play on a call: an error, a dropped connection, broken JSON, a delay."""

    name: str
    status: int | None = None
    description: str = ""
    retry_after: int | None = None
    broken_json: bool = False
    drop: bool = False
    after: bool = False
    delay: float = 0.0

    @property
    def replaces_answer(self) -> bool:
        """Whether the bot does not get the real answer."""
        return self.drop or self.broken_json or self.status is not None

    def reply(self) -> Reply:
        """What goes over the wire; Dropped when nothing does."""
        if self.drop:
            raise Dropped
        if self.broken_json:
            return Reply(200, b'{"ok":true,"result":{"message_id":1,')
        status = self.status or 500
        if status >= 500 and not self.description:
            return Reply(status, BAD_GATEWAY.replace(b"502 Bad Gateway", _status_line(status)), "text/html")
        return error_reply(status, self.description or _default_description(status, self.retry_after), self.retry_after)


def _status_line(status: int) -> bytes:
    return f"{status} {http.client.responses.get(status, 'Error')}".encode()


def _default_description(status: int, retry_after: int | None) -> str:
    known = {409: CONFLICT, 429: f"Too Many Requests: retry after {retry_after}", 401: "Unauthorized"}
    return known.get(status, http.client.responses.get(status, "Error"))


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response."""

    status: int
    body: bytes
    content_type: str = "application/json"


def error_reply(status: int, description: str, retry_after: int | None = None) -> Reply:
    """The JSON Telegram answers when a call fails."""
    body: JSON = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return Reply(status, json.dumps(body).encode())


# --- Reading requests ---------------------------------------------------------------------------------------

_INTEGERS = _words("message_id message_thread_id offset limit timeout user_id cache_time max_connections")
_BOOLEANS = {"drop_pending_updates", "show_alert", "is_personal", "disable_notification", "protect_content"}
_OBJECTS = {
    "reply_markup": "reply keyboard markup",
    "reply_parameters": "reply parameters",
    "link_preview_options": "link preview options",
    "entities": "message entities",
    "caption_entities": "message entities",
    "allowed_updates": "allowed updates",
    "results": "inline query results",
    "commands": "commands",
    "scope": "bot command scope",
    "button": "inline query results button",
}


def read_parameters(content_type: str, query: str, body: bytes) -> JSON:
    """Parameters of a call from the query, a form, multipart or JSON, each with its proper type."""
    raw: JSON = dict(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
    if content_type.startswith("application/json"):
        raw |= _read_json(body)
    elif content_type.startswith("multipart/form-data"):
        raw |= _read_multipart(content_type, body)
    else:
        text = body.decode("utf-8", "surrogateescape")
        raw |= parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    parameters = {name: _typed(name, value) for name, value in raw.items()}
    _check_unicode(parameters)
    return parameters


def _read_json(body: bytes) -> JSON:
    try:
        return dict(json.loads(body.decode("utf-8", "surrogateescape") or "{}"))
    except (TypeError, ValueError):
        raise bad_request("Can't parse request body as a JSON object") from None


def _read_multipart(content_type: str, body: bytes) -> JSON:
    boundary = content_type.partition("boundary=")[2].split(";")[0].strip('"')
    found: JSON = {}
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        header = head.decode("utf-8", "surrogateescape")
        name, filename = (re.search(rf'\b{key}="([^"]*)"', header) for key in ("name", "filename"))
        if name and filename:
            found[name[1]] = Upload(unquote(filename[1]), content)
        elif name:
            found[name[1]] = content.decode("utf-8", "surrogateescape")
    return found


def _typed(name: str, value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, str):
        return value
    if name in _OBJECTS and value:
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"Can't parse {_OBJECTS[name]} JSON object") from None
    if name in _INTEGERS or (name == "chat_id" and re.fullmatch(r"-?\d+", value)):
        return int(value) if re.fullmatch(r"-?\d+", value) else 0
    return value.lower() in ("true", "yes", "1") if name in _BOOLEANS else value


def _check_unicode(value: object) -> None:
    if isinstance(value, str):
        if _has_surrogates(value):
            raise bad_request("Strings must be encoded in UTF-8")
    elif isinstance(value, dict):
        if "callback_data" in value and _has_surrogates(str(value.get("text"))):
            raise bad_request("Inline keyboard button text must be encoded in UTF-8")
        _check_unicode(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            _check_unicode(item)


# --- Telegram's side: chats, messages, updates, and the methods of the API ----------------------------------


@dataclass(slots=True)
class _Query:
    """A callback or inline query waiting for its answer."""

    created: float
    answer: JSON | None = None


@dataclass(slots=True)
class _Pending:
    """An update to hand out; a repeated one is handed out once more, confirmed or not."""

    update: JSON
    repeated: bool = False


@dataclass(slots=True)
class _Webhook:
    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error: str = ""
    last_error_date: int = 0


class _Telegram:
    """The state of a small Telegram; the caller holds the lock `changed`."""

    def __init__(self, me: JSON, query_lifetime: float) -> None:
        self.me, self.query_lifetime = me, query_lifetime
        self.changed = threading.Condition(threading.RLock())
        self.closed = False
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.started: set[int] = set()
        self.blocked: set[int] = set()
        self.left: set[int] = set()
        self.threads: dict[int, set[int]] = {}
        self.members: dict[int, dict[int, str]] = {}
        self.history: dict[tuple[int, int], JSON] = {}
        self.queries: dict[str, _Query] = {}
        self.files: dict[str, Upload] = {}
        self.commands: dict[tuple[str, str], list[JSON]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.updates: list[JSON] = []
        self.pending: list[_Pending] = []
        self.allowed: list[str] = []
        self.webhook = _Webhook()
        self.poller = 0  # the newest one's number; an older one ends
        self.waiting = 0
        self._counters: Counter[int] = Counter({0: 100})
        self.methods: dict[str, Callable[[JSON], Any]] = {
            name: getattr(self, re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), name)) for name in METHODS
        }

    # Messages

    def new_message(self, chat: Chat, sender: JSON | None, content: JSON, date: int | None = None) -> JSON:
        """Put a message into a chat. Private chats share one counter, every other chat has its own."""
        counter = 0 if chat.type == "private" else chat.id
        self._counters[counter] += 1
        message = {
            "message_id": self._counters[counter],
            **({"from": sender} if sender else {}),
            "chat": chat.json,
            "date": int(time.time()) if date is None else date,
            **content,
        }
        self.history[chat.id, message["message_id"]] = message
        return message

    def enqueue(self, kind: str, content: JSON) -> JSON:
        """Make an update; it is not handed out when the bot did not ask for its kind."""
        self._counters[-1] += 1
        update = {"update_id": 900_000 + self._counters[-1], kind: content}
        self.updates.append(update)
        if not self.allowed or kind in self.allowed:
            self.pending.append(_Pending(update))
        self.changed.notify_all()
        return update

    def unique(self, prefix: str) -> str:
        """A fresh identifier."""
        self._counters[-2] += 1
        return f"{prefix}{self._counters[-2]}"

    def chat(self, parameters: JSON) -> Chat:
        chat_id = parameters.get("chat_id", "")
        if chat_id == "":
            raise bad_request("Chat_id is empty")
        named = (chat for chat in self.chats.values() if chat.username and chat_id == f"@{chat.username}")
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else next(named, None)
        if chat is None:
            raise bad_request("Chat not found")
        return chat

    def writable_chat(self, parameters: JSON) -> Chat:
        chat = self.chat(parameters)
        if chat.id in self.blocked:
            raise forbidden("bot was blocked by the user")
        if chat.type == "private" and chat.id not in self.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.id in self.left:
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def _place(self, chat: Chat, parameters: JSON) -> JSON:
        """The topic and the message answered, as fields of the new message."""
        content: JSON = {}
        if thread := parameters.get("message_thread_id"):
            if thread not in self.threads.get(chat.id, ()):
                raise bad_request("Message thread not found")
            content |= {"message_thread_id": thread, "is_topic_message": True}
        if reply := parameters.get("reply_parameters"):
            if "message_id" not in reply:
                raise bad_request('Can\'t find field "message_id"')
            answered = self.history.get((reply.get("chat_id", chat.id), reply["message_id"]))
            if answered:
                content["reply_to_message"] = {k: v for k, v in answered.items() if k != "reply_to_message"}
            elif not reply.get("allow_sending_without_reply"):
                raise bad_request("Message to be replied not found")
        return content

    def _send(self, parameters: JSON, content: JSON) -> JSON:
        chat = self.writable_chat(parameters)
        keyboard = checked_keyboard(parameters.get("reply_markup"))
        markup = {"reply_markup": keyboard} if keyboard else {}
        return self.new_message(chat, self.own_user, {**self._place(chat, parameters), **content, **markup})

    @property
    def own_user(self) -> JSON:
        """The bot as a user."""
        return {key: self.me[key] for key in ("id", "is_bot", "first_name", "username")}

    def is_own(self, message: JSON) -> bool:
        """Whether the bot wrote it."""
        return bool(message.get("from", {}).get("id") == self.me["id"])

    def _own_message(self, parameters: JSON) -> JSON:
        """The message of the bot that an edit means."""
        if "inline_message_id" in parameters:
            raise bad_request("MESSAGE_ID_INVALID")
        if not parameters.get("message_id"):
            raise bad_request("Message identifier is not specified")
        message = self.history.get((self.writable_chat(parameters).id, parameters["message_id"]))
        if message is None:
            raise bad_request("Message to edit not found")
        if not self.is_own(message):
            raise bad_request("Message can't be edited")
        return message

    def _edit(self, message: JSON, content: JSON, keyboard: JSON | None) -> JSON:
        names = ("text", "entities", "reply_markup")
        new = {**{key: value for key, value in message.items() if key not in names}, **content}
        if keyboard:
            new["reply_markup"] = keyboard
        if all(new.get(name) == message.get(name) for name in names):
            raise bad_request(NOT_MODIFIED)
        new["edit_date"] = int(time.time())
        self.history[message["chat"]["id"], message["message_id"]] = new
        return new

    # Methods of the Bot API, each taking the parameters and returning the result

    def get_me(self, parameters: JSON) -> JSON:
        return self.me

    def send_message(self, parameters: JSON) -> JSON:
        return self._send(parameters, _text_content(parameters))

    def send_document(self, parameters: JSON) -> JSON:
        document = parameters.get("document")
        if isinstance(document, str) and document.startswith("attach://"):
            document = parameters.get(document.removeprefix("attach://"))
        if isinstance(document, str):
            document = self.files.get(document)
        if not isinstance(document, Upload):
            raise bad_request("There is no document in the request")
        if not document.content:
            raise bad_request("File must be non-empty")
        content: JSON = {"document": self.store_file(document)}
        if caption := parameters.get("caption"):
            formatted = read_text(caption, parameters.get("parse_mode", ""), limit=MAX_CAPTION)
            content |= {"caption": formatted.text, "caption_entities": list(formatted.entities)}
        return self._send(parameters, content)

    def store_file(self, upload: Upload) -> JSON:
        """Keep a file and describe it as the Bot API does."""
        identifier = self.unique("FILE")
        self.files[identifier] = upload
        description = {"file_id": identifier, "file_unique_id": f"U{identifier}", "file_name": upload.filename}
        return {**description, "file_size": len(upload.content), "mime_type": "application/octet-stream"}

    def edit_message_text(self, parameters: JSON) -> JSON:
        content = _text_content(parameters)
        message = self._own_message(parameters)
        if "text" not in message:
            raise bad_request("There is no text in the message to edit")
        return self._edit(message, content, checked_keyboard(parameters.get("reply_markup")))

    def edit_message_reply_markup(self, parameters: JSON) -> JSON:
        message = self._own_message(parameters)
        content: JSON = {key: message[key] for key in ("text", "entities") if key in message}
        return self._edit(message, content, checked_keyboard(parameters.get("reply_markup")))

    def delete_message(self, parameters: JSON) -> bool:
        chat = self.writable_chat(parameters)
        message = self.history.get((chat.id, parameters.get("message_id", 0)))
        if message is None:
            raise bad_request("Message to delete not found")
        is_admin = self.members.get(chat.id, {}).get(self.me["id"]) == "administrator"
        if not self.is_own(message) and chat.type != "private" and not is_admin:
            raise bad_request("Message can't be deleted")
        del self.history[chat.id, message["message_id"]]
        return True

    def _answer_query(self, identifier: str, answer: JSON) -> bool:
        query = self.queries.get(identifier)
        if query is None or query.answer is not None or time.monotonic() - query.created > self.query_lifetime:
            raise bad_request(TOO_OLD)
        query.answer = answer
        return True

    def answer_callback_query(self, parameters: JSON) -> bool:
        if utf16_length(parameters.get("text", "")) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        answer = {"text": parameters.get("text", ""), "show_alert": parameters.get("show_alert", False)}
        return self._answer_query(parameters.get("callback_query_id", ""), answer)

    def answer_inline_query(self, parameters: JSON) -> bool:
        check_inline_results(parameters.get("results"))
        if len(parameters.get("next_offset", "").encode()) > 64:
            raise bad_request("NEXT_OFFSET_INVALID")
        answer = {key: value for key, value in parameters.items() if key != "inline_query_id"}
        return self._answer_query(parameters.get("inline_query_id", ""), answer)

    def send_chat_action(self, parameters: JSON) -> bool:
        chat = self.writable_chat(parameters)
        if parameters.get("action") not in CHAT_ACTIONS:
            raise bad_request("Wrong parameter action in request")
        self._place(chat, {"message_thread_id": parameters.get("message_thread_id")})
        return True

    def set_my_commands(self, parameters: JSON) -> bool:
        check_commands(parameters.get("commands"))
        self.commands[_scope_and_language(parameters)] = parameters["commands"]
        return True

    def delete_my_commands(self, parameters: JSON) -> bool:
        self.commands.pop(_scope_and_language(parameters), None)
        return True

    def get_my_commands(self, parameters: JSON) -> list[JSON]:
        return self.commands.get(_scope_and_language(parameters), [])

    def set_my_description(self, parameters: JSON) -> bool:
        return self._describe("description", parameters, 512)

    def set_my_short_description(self, parameters: JSON) -> bool:
        return self._describe("short_description", parameters, 120)

    def get_my_description(self, parameters: JSON) -> JSON:
        key = ("description", parameters.get("language_code", ""))
        return {"description": self.descriptions.get(key, "")}

    def get_my_short_description(self, parameters: JSON) -> JSON:
        key = ("short_description", parameters.get("language_code", ""))
        return {"short_description": self.descriptions.get(key, "")}

    def _describe(self, kind: str, parameters: JSON, limit: int) -> bool:
        if len(parameters.get(kind, "")) > limit:
            raise bad_request(f"Bot {kind.replace('_', ' ')} is too long")
        self.descriptions[kind, _scope_and_language(parameters)[1]] = parameters.get(kind, "")
        return True

    def get_file(self, parameters: JSON) -> JSON:
        identifier = parameters.get("file_id", "")
        upload = self.files.get(identifier)
        if upload is None:
            raise bad_request("Wrong file_id or the file is temporarily unavailable")
        if len(upload.content) > 20 << 20:
            raise bad_request("File is too big")
        path = f"documents/{identifier}"
        return {
            "file_id": identifier,
            "file_unique_id": f"U{identifier}",
            "file_size": len(upload.content),
            "file_path": path,
        }

    def get_chat(self, parameters: JSON) -> JSON:
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        fixed = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
        return {**self.chat(parameters).json, **fixed}

    def get_chat_member(self, parameters: JSON) -> JSON:
        chat, user_id = self.chat(parameters), parameters.get("user_id", 0)
        people = {self.me["id"]: self.own_user, **{user.id: user.json for user in self.users.values()}}
        if user_id not in people:
            raise bad_request("Member not found")
        status = self.members.get(chat.id, {}).get(user_id, "member" if chat.type == "private" else "left")
        return chat_member(people[user_id], status)

    def leave_chat(self, parameters: JSON) -> bool:
        chat = self.writable_chat(parameters)
        if chat.type == "private":
            raise bad_request("Chat member status can't be changed in private chats")
        self.left.add(chat.id)
        return True

    def set_webhook(self, parameters: JSON) -> bool:
        url, secret = parameters.get("url", ""), parameters.get("secret_token", "")
        if not url:
            return self.delete_webhook(parameters)
        if urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
            raise bad_request("bad webhook: only loopback addresses are allowed by this test server")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad_request("Secret token contains unallowed characters")
        self.webhook = _Webhook(url, secret, parameters.get("max_connections") or 40)
        self._use(parameters)
        self.poller += 1
        return True

    def delete_webhook(self, parameters: JSON) -> bool:
        self.webhook = _Webhook()
        self._use(parameters)
        return True

    def get_webhook_info(self, parameters: JSON) -> JSON:
        info: JSON = {"url": self.webhook.url, "has_custom_certificate": False}
        info["pending_update_count"] = len(self.pending)
        if self.webhook.url:
            info["max_connections"] = self.webhook.max_connections
        if self.webhook.last_error:
            info |= {"last_error_message": self.webhook.last_error, "last_error_date": self.webhook.last_error_date}
        return info if not self.allowed else {**info, "allowed_updates": self.allowed}

    def _use(self, parameters: JSON) -> None:
        if "allowed_updates" in parameters:
            self.allowed = parameters["allowed_updates"] or []
        if parameters.get("drop_pending_updates"):
            self.pending.clear()

    def get_updates(self, parameters: JSON, is_alive: Callable[[], bool] = lambda: True) -> list[JSON]:
        """Long poll: `offset` confirms what came before; a newer poller (or a webhook) ends an older one with 409."""
        if self.webhook.url:
            raise ApiError(409, WEBHOOK_CONFLICT)
        self._use(parameters)
        self._confirm(parameters.get("offset", 0))
        self.poller += 1
        self.changed.notify_all()
        self.waiting += 1
        try:
            self._wait_for_update(parameters.get("timeout", 0), is_alive)
        finally:
            self.waiting -= 1
        limit = parameters.get("limit", 100)
        return self._handed_out(limit if 1 <= limit <= 100 else 100)

    def _wait_for_update(self, timeout: int, is_alive: Callable[[], bool]) -> None:
        poller = self.poller
        deadline = time.monotonic() + min(timeout, 50)
        while not self.pending and (left := deadline - time.monotonic()) > 0:
            self.changed.wait(min(left, 0.5))
            if self.closed or not is_alive():
                raise Dropped
            if poller != self.poller:
                raise ApiError(409, "Conflict: terminated by setWebhook request" if self.webhook.url else CONFLICT)

    def _confirm(self, offset: int) -> None:
        if offset > 0:
            self.pending = [p for p in self.pending if p.repeated or p.update["update_id"] >= offset]
        elif offset < 0:
            self.pending = self.pending[offset:]

    def _handed_out(self, limit: int) -> list[JSON]:
        """Repeated updates first, so that the last one handed out is the newest."""
        ordered = sorted(self.pending, key=lambda pending: not pending.repeated)
        given = ordered[:limit]
        self.pending = [pending for pending in self.pending if not (pending.repeated and pending in given)]
        return [pending.update for pending in given]


METHODS = _words(
    "getMe getUpdates sendMessage sendDocument editMessageText editMessageReplyMarkup deleteMessage "
    "answerCallbackQuery answerInlineQuery sendChatAction setMyCommands deleteMyCommands getMyCommands "
    "setMyDescription getMyDescription setMyShortDescription getMyShortDescription getFile getChat "
    "getChatMember leaveChat setWebhook deleteWebhook getWebhookInfo"
)


def _text_content(parameters: JSON) -> JSON:
    formatted = read_text(
        parameters.get("text", ""), parameters.get("parse_mode", ""), parameters.get("entities") or ()
    )
    entities = {"entities": list(formatted.entities)} if formatted.entities else {}
    return {"text": formatted.text, **entities}


def _scope_and_language(parameters: JSON) -> tuple[str, str]:
    scope = parameters.get("scope") or {"type": "default"}
    kinds = "default all_private_chats all_group_chats all_chat_administrators chat chat_administrators chat_member"
    if scope.get("type") not in kinds.split():
        raise bad_request("Can't parse BotCommandScope: Unsupported type specified")
    language = parameters.get("language_code", "")
    if not re.fullmatch("([a-z]{2})?", language):
        raise bad_request("Invalid language code specified")
    return ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope), language


def chat_member(user: JSON, status: str) -> JSON:
    """A ChatMember of that status, with the fields a client library insists on."""
    rights = (
        "be_edited manage_chat delete_messages manage_video_chats restrict_members promote_members change_info "
        "invite_users post_stories edit_stories delete_stories"
    )
    extras: dict[str, JSON] = {
        "administrator": {"is_anonymous": False, **{f"can_{right}": True for right in rights.split()}},
        "creator": {"is_anonymous": False},
        "kicked": {"until_date": 0},
    }
    return {"status": status, "user": user, **extras.get(status, {})}


# --- HTTP ---------------------------------------------------------------------------------------------------


class _HttpServer(socketserver.ThreadingTCPServer):
    """One thread per connection; `server_close` ends and joins them all."""

    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, answer: Callable[[_Handler, bytes], Reply]) -> None:
        self.answer = answer
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """The bot went away in the middle; nothing to tell (errors of our own are kept by `BotApiServer`)."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _HttpServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            reply = self.server.answer(self, body)
        except Dropped:
            self.close_connection = True
            return
        head = (
            f"HTTP/1.1 {_status_line(reply.status).decode()}\r\nServer: nginx/1.18.0\r\n"
            f"Content-Type: {reply.content_type}\r\nContent-Length: {len(reply.body)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + reply.body)

    do_GET = do_POST  # noqa: N815

    def is_alive(self) -> bool:
        """Whether the other side still listens for the answer."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return not readable or bool(self.connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


# --- Trouble ------------------------------------------------------------------------------------------------

NO_FAULT = Fault("")
CHAOS: dict[str, Fault] = {
    "429": Fault("429", status=429, retry_after=1),
    "502": Fault("502", status=502),
    "drop": Fault("drop", drop=True),
    "drop after": Fault("drop after", drop=True, after=True),
}


@dataclass(slots=True)
class _Chaos:
    rate: float
    seed: int
    methods: frozenset[str]
    faults: tuple[Fault, ...]
    calls: Counter[str] = field(default_factory=Counter)

    def draw(self, method: str) -> Fault:
        """Decided by seed, method and how many calls of it came before: the same in every run."""
        if method not in self.methods:
            return NO_FAULT
        self.calls[method] += 1
        dice = random.Random(f"{self.seed}/{method}/{self.calls[method]}")
        return dice.choice(self.faults) if dice.random() < self.rate else NO_FAULT


# --- The server ---------------------------------------------------------------------------------------------


class BotApiServer:
    """The Bot API on 127.0.0.1, in threads of this process; a context manager.

    Every method may be called from any thread. `sent` holds the bot's calls in order, except getUpdates calls that
    went well (`polls` counts all of them).
    """

    def __init__(
        self, token: str = "123456:test-token", username: str = "wenbao_bot", *, query_lifetime: float = 30.0
    ) -> None:
        """Accept one bot; callback and inline queries must be answered within `query_lifetime` seconds."""
        flags = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True}
        bot_id = int(token.partition(":")[0])
        me = {"id": bot_id, "is_bot": True, "first_name": "Wenbao 问报", "username": username, **flags}
        self.token, self.username, self.id = token, username, bot_id
        self.polls = 0
        self.deliveries: list[tuple[int, int]] = []
        self._telegram = _Telegram(me, query_lifetime)
        self._changed = self._telegram.changed
        self._sent: list[Call] = []
        self._faults: list[tuple[str, Fault]] = []
        self._chaos: _Chaos | None = None
        self._crashes: list[str] = []
        self._http = _HttpServer(self._answer)
        self._threads = (
            threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="bot-api"),
            threading.Thread(target=self._deliver, name="bot-api-webhook"),
        )

    def __enter__(self) -> Self:
        """Start serving."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """Stop, end every connection and thread; an error inside the server itself is raised here."""
        with self._changed:
            self._telegram.closed = True
            self._changed.notify_all()
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join()
        if self._crashes and kind is None:
            raise AssertionError("the Bot API server failed:\n" + "\n".join(self._crashes))

    @property
    def base_url(self) -> str:
        """For python-telegram-bot's `base_url`: the token is appended."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/bot"

    @property
    def base_file_url(self) -> str:
        """For python-telegram-bot's `base_file_url`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/file/bot"

    # What the bot did

    @property
    def sent(self) -> list[Call]:
        """The bot's calls so far, oldest first."""
        with self._changed:
            return list(self._sent)

    def calls(self, method: str) -> list[Call]:
        """The bot's calls of one method."""
        return [call for call in self.sent if call.method == method]

    @property
    def faults(self) -> list[Call]:
        """The calls on which trouble was played."""
        return [call for call in self.sent if call.fault]

    @property
    def updates(self) -> list[JSON]:
        """All updates made so far, oldest first."""
        with self._changed:
            return list(self._telegram.updates)

    @property
    def polling(self) -> bool:
        """Whether a long poll of the bot is waiting for updates."""
        with self._changed:
            return self._telegram.waiting > 0

    @property
    def pending(self) -> int:
        """How many updates the bot has not confirmed yet."""
        with self._changed:
            return len(self._telegram.pending)

    @property
    def commands(self) -> dict[tuple[str, str], list[JSON]]:
        """The command lists by scope (`"default"`, `"all_group_chats"`, `"chat:-5"`) and language code."""
        with self._changed:
            return dict(self._telegram.commands)

    def messages(self, chat: Chat | User | int) -> list[Message]:
        """The bot's messages in a chat as they stand now (edited, not deleted), oldest first."""
        chat_id = chat if isinstance(chat, int) else chat.id
        with self._changed:
            history = self._telegram.history.items()
            own = [raw for (place, _), raw in history if place == chat_id and self._telegram.is_own(raw)]
        return [Message(raw) for raw in sorted(own, key=lambda raw: raw["message_id"])]

    def message(self, message: Message) -> Message | None:
        """The message as it stands now, None once it is deleted."""
        with self._changed:
            raw = self._telegram.history.get((message.chat_id, message.id))
        return None if raw is None else Message(raw)

    def query_answer(self, query_id: str) -> JSON | None:
        """What the bot answered to a callback query (text, show_alert) or inline query (results, …), if it did."""
        with self._changed:
            return self._telegram.queries[query_id].answer

    def wait_for(self, predicate: Callable[[], T], timeout: float = 10.0, what: str = "") -> T:
        """Wait until `predicate()` is true and return its value; the AssertionError lists what the bot did."""
        deadline = time.monotonic() + timeout
        while not (value := predicate()):  # without the lock: it may well wait for the bot itself
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(self._report(what or "the condition", timeout))
            with self._changed:
                self._changed.wait(min(left, 0.05))
        return value

    def wait_for_messages(
        self, chat: Chat | User | int, count: int = 1, *, after: Message | None = None, timeout: float = 10.0
    ) -> list[Message]:
        """Wait until the bot has `count` messages in the chat (newer than `after`) and return all of them."""

        def enough() -> list[Message] | None:
            found = [message for message in self.messages(chat) if after is None or message.id > after.id]
            return found if len(found) >= count else None

        found = self.wait_for(enough, timeout, f"{count} message(s) in chat {chat}")
        assert found is not None
        return found

    def wait_for_answer(self, query_id: str, timeout: float = 10.0) -> JSON:
        """Wait until the bot has answered a callback or inline query."""
        answer = self.wait_for(lambda: self.query_answer(query_id), timeout, f"an answer to query {query_id}")
        assert answer is not None
        return answer

    def _report(self, what: str, timeout: float) -> str:
        sent = self.sent
        recent = "\n".join(f"  {call}" for call in sent[-25:]) or "  nothing"
        counts = f"{len(sent)} calls, {self.polls} polls, {self.pending} updates unconfirmed"
        return f"waited {timeout:g} s in vain for {what} ({counts}). Last calls of the bot:\n{recent}"

    # Trouble

    def fail(
        self,
        method: str,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        description: str = "",
        broken_json: bool = False,
        drop: bool = False,
        after: bool = False,
        delay: float = 0.0,
        times: int = 1,
    ) -> None:
        """Play trouble on the next calls of a method ("*": of any method but getUpdates).

        `status` answers an error (429 with `retry_after`, 5xx as nginx's HTML page, others as JSON with
        `description`); `broken_json` answers 200 with half a JSON; `drop` closes the connection without an answer.
        With `after` the call is performed first, so only the answer is lost. `delay` waits before the call is
        performed; alone it changes nothing else.
        """
        retry_after = (retry_after or 1) if status == 429 else retry_after
        names = {"drop": drop, "broken json": broken_json, str(status): status is not None, "delay": delay > 0}
        name = next(name for name, wanted in names.items() if wanted) + (" after" if after else "")
        fault = Fault(name, status, description, retry_after, broken_json, drop, after, delay)
        with self._changed:
            self._faults += [(method, fault)] * times

    def chaos(
        self, rate: float, seed: int, methods: Iterable[str] = (), kinds: Iterable[str] = ("429", "drop")
    ) -> None:
        """Play trouble of these kinds (keys of CHAOS) on a part of all calls, the same in every run; rate 0 ends it.

        Without `methods`: on all but getUpdates. "drop after" performs the call and loses the answer.
        """
        chosen = frozenset(methods) or METHODS - {"getUpdates"}
        with self._changed:
            self._chaos = _Chaos(rate, seed, chosen, tuple(CHAOS[kind] for kind in kinds)) if rate else None

    def expire_queries(self) -> None:
        """Make every unanswered callback and inline query too old to answer."""
        with self._changed:
            for query in self._telegram.queries.values():
                query.created = float("-inf")

    # People, chats, updates

    def user(
        self, id: int, first_name: str, language_code: str | None = "zh-hans", username: str | None = None
    ) -> User:
        """Register a user. The bot may write to them once they wrote to it (or `private_chat` was called)."""
        user = User(id, first_name, language_code, username)
        with self._changed:
            self._telegram.users[id] = user
            self._telegram.chats.setdefault(id, Chat(id, "private", first_name, username))
        return user

    def private_chat(self, user: User) -> Chat:
        """The chat of the bot with a user, open from now on."""
        with self._changed:
            self._telegram.started.add(user.id)
            return self._telegram.chats[user.id]

    def group(self, id: int, title: str, forum: bool = False, admins: Iterable[User] = ()) -> Chat:
        """Register a supergroup (negative id) in which the bot is a member."""
        roles = {self.id: "member", **{user.id: "administrator" for user in admins}}
        return self._add_chat(Chat(id, "supergroup", title, is_forum=forum), roles)

    def channel(self, id: int, title: str, username: str | None = None) -> Chat:
        """Register a channel (negative id) that the bot administers."""
        return self._add_chat(Chat(id, "channel", title, username), {self.id: "administrator"})

    def _add_chat(self, chat: Chat, roles: dict[int, str]) -> Chat:
        with self._changed:
            self._telegram.chats[chat.id] = chat
            self._telegram.members[chat.id] = roles
            return chat

    def say(
        self,
        user: User,
        text: str,
        chat: Chat | None = None,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        date: int | None = None,
        entities: list[JSON] | None = None,
        **extra: Any,  # noqa: ANN401
    ) -> Message:
        """A user writes a text, in private or into `chat`; commands and mentions get their entities unless given.

        `date` is in Unix seconds; `extra` are further fields of the Bot API's Message (`via_bot`, `forward_origin`, …).
        """
        marks = found_entities(text) if entities is None else entities
        content = {"text": text, **({"entities": marks} if marks else {}), **extra}
        return self.send(user, content, chat, reply_to=reply_to, thread=thread, date=date)

    def send(
        self,
        user: User,
        content: JSON,
        chat: Chat | None = None,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        date: int | None = None,
    ) -> Message:
        """A user sends a message with any content, such as `MEDIA["sticker"]`."""
        with self._changed:
            if chat is None:
                chat = self.private_chat(user)
            if thread is not None:
                self._telegram.threads.setdefault(chat.id, set()).add(thread)
                content = {"message_thread_id": thread, "is_topic_message": True, **content}
            if reply_to is not None:
                current = self.message(reply_to) or reply_to
                content = {"reply_to_message": current.raw, **content}
            self._telegram.members.get(chat.id, {}).setdefault(user.id, "member")
            message = self._telegram.new_message(chat, user.json, content, date)
            self._telegram.enqueue("message", message)
            return Message(message)

    def send_document(
        self, user: User, filename: str, content: bytes, chat: Chat | None = None, caption: str | None = None
    ) -> Message:
        """A user sends a file; the bot can fetch it with getFile."""
        with self._changed:
            document = self._telegram.store_file(Upload(filename, content))
            return self.send(user, {"document": document, **({"caption": caption} if caption else {})}, chat)

    def edit(self, message: Message, text: str) -> Message:
        """A user (or channel) edits a text; makes `edited_message` or `edited_channel_post`."""
        marks = found_entities(text)
        old = {key: value for key, value in message.raw.items() if key != "entities"}
        new = {**old, "text": text, "edit_date": int(time.time()), **({"entities": marks} if marks else {})}
        kind = "edited_channel_post" if message.raw["chat"]["type"] == "channel" else "edited_message"
        with self._changed:
            self._telegram.history[message.chat_id, message.id] = new
            self._telegram.enqueue(kind, new)
        return Message(new)

    def channel_post(self, channel: Chat, text: str) -> Message:
        """A channel publishes a text."""
        with self._changed:
            post = self._telegram.new_message(channel, None, {"sender_chat": channel.json, "text": text})
            self._telegram.enqueue("channel_post", post)
            return Message(post)

    def forward(self, post: Message, group: Chat, user: User | None = None) -> Message:
        """A channel post appears in a group: forwarded by a user, or by Telegram itself (a linked channel)."""
        channel = post.raw["chat"]
        origin = {"type": "channel", "chat": channel, "message_id": post.id, "date": post.raw["date"]}
        if user is None:
            telegram = User(777000, "Telegram", None)
            automatic = {"sender_chat": channel, "is_automatic_forward": True}
            return self.say(telegram, post.text, group, forward_origin=origin, **automatic)
        return self.say(user, post.text, group, forward_origin=origin)

    def press(self, user: User, message: Message, button: str = "", *, data: str | None = None) -> str:
        """A user presses a button, named by its text, a part of it, or its data; returns the callback query's id.

        `data` sends a query no button offers (any more).
        """
        with self._changed:
            current = self.message(message)
            payload = _button_data(current or message, button) if data is None else data
            gone = {"chat": message.raw["chat"], "message_id": message.id, "date": 0}
            shown = gone if current is None else current.raw
            query: JSON = {"from": user.json, "message": shown, "chat_instance": str(message.chat_id), "data": payload}
            return self._ask("callback_query", query)

    def inline(self, user: User, query: str, offset: str = "") -> str:
        """A user types `@bot query` somewhere; returns the inline query's id."""
        return self._ask("inline_query", {"from": user.json, "query": query, "offset": offset, "chat_type": "sender"})

    def _ask(self, kind: str, content: JSON) -> str:
        with self._changed:
            identifier = self._telegram.unique("4382")
            self._telegram.queries[identifier] = _Query(time.monotonic())
            self._telegram.enqueue(kind, {"id": identifier, **content})
            return identifier

    def block(self, user: User) -> None:
        """A user blocks the bot: a `my_chat_member` update, and 403 from now on."""
        with self._changed:
            self._telegram.blocked.add(user.id)
            self._change_membership(self._telegram.chats[user.id], user, "member", "kicked")

    def unblock(self, user: User) -> None:
        """A user lets the bot in again."""
        with self._changed:
            self._telegram.blocked.discard(user.id)
            self._change_membership(self._telegram.chats[user.id], user, "kicked", "member")

    def remove_bot(self, chat: Chat, user: User) -> None:
        """A user puts the bot out of a group."""
        with self._changed:
            self._telegram.left.add(chat.id)
            self._change_membership(chat, user, "member", "left")

    def _change_membership(self, chat: Chat, user: User, old: str, new: str) -> None:
        bot = self._telegram.own_user
        change: JSON = {"chat": chat.json, "from": user.json, "date": int(time.time())}
        change |= {"old_chat_member": chat_member(bot, old), "new_chat_member": chat_member(bot, new)}
        self._telegram.enqueue("my_chat_member", change)

    def repeat(self, update: JSON | None = None) -> JSON:
        """Hand out an update (the newest) a second time with the same update_id, even if the bot confirmed it."""
        with self._changed:
            update = self._telegram.updates[-1] if update is None else update
            self._telegram.pending.append(_Pending(update, repeated=True))
            self._changed.notify_all()
            return update

    def raw_update(self, update: JSON) -> None:
        """Hand out any JSON as an update; give it an `update_id` (see `updates` for the last one)."""
        with self._changed:
            self._telegram.updates.append(update)
            self._telegram.pending.append(_Pending(update))
            self._changed.notify_all()

    # Serving

    def _answer(self, handler: _Handler, body: bytes) -> Reply:
        path, _, query = handler.path.partition("?")
        try:
            if match := re.fullmatch(r"/file/bot([^/]+)/documents/(\w+)", path):
                return self._download(unquote(match[1]), match[2])
            match = re.fullmatch(r"/bot([^/]+)/(\w+)", path)
            if match is None or not re.fullmatch(r"\d+:[\w-]+", unquote(match[1])):
                return error_reply(404, "Not Found")
            if unquote(match[1]) != self.token:
                return error_reply(401, "Unauthorized")
            return self._call(match[2], (handler.headers.get("Content-Type", ""), query, body), handler.is_alive)
        except Dropped:
            raise
        except Exception:
            self._crashes.append(traceback.format_exc())
            return error_reply(500, "Internal Server Error")

    def _download(self, token: str, identifier: str) -> Reply:
        upload = self._telegram.files.get(identifier) if token == self.token else None
        return Reply(200, upload.content, "application/octet-stream") if upload else error_reply(404, "Not Found")

    def _call(self, name: str, request: tuple[str, str, bytes], is_alive: Callable[[], bool]) -> Reply:
        method = next((known for known in METHODS if known.lower() == name.lower()), None)
        if method is None:
            return error_reply(404, "Not Found")
        with self._changed:
            fault = self._next_fault(method)
            if fault.delay:
                self._changed.wait_for(lambda: self._telegram.closed, fault.delay)
            if fault.replaces_answer and not fault.after:
                call, reply = self._refused(method, request, fault), None
            else:
                call, reply = self._performed(method, request, is_alive)
            self._record(replace(call, fault=fault.name or None, time=time.time()))
        return fault.reply() if reply is None or fault.replaces_answer else reply

    def _refused(self, method: str, request: tuple[str, str, bytes], fault: Fault) -> Call:
        try:
            parameters = read_parameters(*request)
        except ApiError:
            parameters = {}
        return Call(method, parameters, status=fault.status or 0, error=fault.name)

    def _performed(
        self, method: str, request: tuple[str, str, bytes], is_alive: Callable[[], bool]
    ) -> tuple[Call, Reply]:
        parameters: JSON = {}
        try:
            parameters = read_parameters(*request)
            if method == "getUpdates":
                result: Any = self._telegram.get_updates(parameters, is_alive)
            else:
                result = self._telegram.methods[method](parameters)
        except ApiError as error:
            call = Call(method, parameters, status=error.status, error=error.description)
            return call, error_reply(error.status, error.description)
        return Call(method, parameters, result), Reply(200, json.dumps({"ok": True, "result": result}).encode())

    def _record(self, call: Call) -> None:
        self.polls += call.method == "getUpdates"
        if call.method != "getUpdates" or call.error or call.fault:
            self._sent.append(call)
        self._changed.notify_all()

    def _next_fault(self, method: str) -> Fault:
        for index, (wanted, fault) in enumerate(self._faults):
            if wanted == method or (wanted == "*" and method != "getUpdates"):
                del self._faults[index]
                return fault
        return self._chaos.draw(method) if self._chaos else NO_FAULT

    def _deliver(self) -> None:
        """Post pending updates to the webhook one by one, each until it is accepted."""
        state = self._telegram
        while True:
            with self._changed:
                self._changed.wait_for(lambda: state.closed or (state.webhook.url and state.pending))
                if state.closed:
                    return
                webhook, pending = state.webhook, state.pending[0]
            error = self._post(webhook, pending.update)
            with self._changed:
                if error is None:
                    state.pending = [other for other in state.pending if other is not pending]
                    self._changed.notify_all()
                else:
                    webhook.last_error, webhook.last_error_date = error, int(time.time())
                    self._changed.wait_for(lambda: state.closed, 0.2)

    def _post(self, webhook: _Webhook, update: JSON) -> str | None:
        address = urlsplit(webhook.url)
        secret = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=10)
        try:
            target = address.path + (f"?{address.query}" if address.query else "")
            headers = {"Content-Type": "application/json", **secret}
            connection.request("POST", target or "/", json.dumps(update).encode(), headers)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            return f"Connection failed: {error}"
        finally:
            connection.close()
        self.deliveries.append((update["update_id"], response.status))
        if 200 <= response.status < 300:
            return None
        return f"Wrong response from the webhook: {response.status} {response.reason}"


def _button_data(message: Message, wanted: str) -> str:
    buttons = [button for row in message.keyboard for button in row]
    exact = [button for button in buttons if wanted in (button["text"], button.get("callback_data"))]
    found = exact or [button for button in buttons if wanted and wanted in button["text"]]
    if not found or "callback_data" not in found[0]:
        raise AssertionError(f"no button {wanted!r} to press; there are {buttons}")
    return str(found[0]["callback_data"])


_FILE = {"file_id": "X", "file_unique_id": "Y"}
_STICKER = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular", "emoji": "🙂"}
_POLL_KIND = {"type": "regular", "is_closed": False, "is_anonymous": True}
_POLL = {**_POLL_KIND, "allows_multiple_answers": False, "allows_revoting": True, "members_only": False}
MEDIA: dict[str, JSON] = {
    "photo": {"photo": [{**_FILE, "width": 90, "height": 60}]},
    "sticker": {"sticker": {**_FILE, **_STICKER}},
    "voice": {"voice": {**_FILE, "duration": 3}},
    "video": {"video": {**_FILE, "width": 90, "height": 60, "duration": 3}},
    "location": {"location": {"latitude": 39.9, "longitude": 116.4}},
    "poll": {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, **_POLL}},
}
